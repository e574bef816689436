"""Replacing words: places, and the case of what is put in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.text.replace import Word, carry_case, free_words, known_words, replace


@given(st.text(), st.integers(0, 3))
def test_places_are_exact_and_undoing_them_gives_the_text(text: str, every: int) -> None:
    [words] = free_words([text])
    new, places = replace(text, [(w, w.text * 2) for w in words[:: every + 1]])
    for place in reversed(places):
        assert new[place.start : place.end] == place.replacement
        new = new[: place.start] + place.original + new[place.end :]
    assert new == text


def test_words_in_code_are_not_free() -> None:
    [words] = free_words(["see `the code` at https://a.b/c, 7 times"])
    assert [(w.start, w.text) for w in words] == [(0, "see"), (15, "at"), (33, "7"), (35, "times")]


def test_words_that_begin_a_sentence() -> None:
    [words] = free_words(["Ja. „Nein“, sagt er!\nGut: 好。好"])
    assert [w.text for w in words if w.initial] == ["Ja", "Nein", "Gut", "好", "好"]


@pytest.mark.parametrize(
    ("word", "initial", "lang", "result"),
    [
        ("dog", True, "eng_Latn", "straße"),
        ("Dog", True, "eng_Latn", "Straße"),
        ("Dog", False, "eng_Latn", "Straße"),
        ("DOG", False, "eng_Latn", "STRASSE"),
        ("I", False, "eng_Latn", "Straße"),
        ("Hund", False, "deu_Latn", "straße"),
        ("Hund", True, "deu_Latn", "Straße"),
        ("犬", True, "jpn_Jpan", "straße"),
    ],
)
def test_carry_case(word: str, initial: bool, lang: str, result: str) -> None:
    assert carry_case(Word(0, word, initial), "straße", lang) == result


@pytest.mark.parametrize(
    ("text", "lang", "found"),
    [
        ("Guten Morgen, Hund!", "deu_Latn", ["Guten Morgen", "Hund"]),
        ("guten-Morgen-Hund", "deu_Latn", ["guten-Morgen", "Hund"]),
        ("Guten. Morgen hund", "deu_Latn", ["Morgen hund"]),
        ("guten\nMorgen", "deu_Latn", []),
        ("IŞIK VAR", "tur_Latn", ["IŞIK"]),
        ("你好，狗", "zho_Hans", ["你好", "狗"]),
        ("`guten Morgen`", "deu_Latn", []),
    ],
)
def test_the_longest_entry_is_found_where_its_words_stand_together(text: str, lang: str, found: list[str]) -> None:
    entries = {"guten morgen", "guten morgen alle", "hund", "ışık", "你 好", "狗", "morgen hund"}
    [words] = free_words([text])
    known = known_words(text, words, lang, entries, 3)
    assert [k.word.text for k in known] == found
    assert all(text[k.word.start :].startswith(k.word.text) for k in known)
