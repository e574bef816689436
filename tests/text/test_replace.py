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
    assert carry_case(Word(0, word, initial), "straße", lang, "deu_Latn") == result


@pytest.mark.parametrize(
    ("word", "lang", "replacement", "into", "result"),
    [
        ("Warm", "eng_Latn", "ılık", "tur_Latn", "Ilık"),
        ("Marrow", "eng_Latn", "ilik", "tur_Latn", "İlik"),
        ("DISH", "eng_Latn", "yemişi", "azj_Latn", "YEMİŞİ"),
        ("İlik", "tur_Latn", "iliği", "eng_Latn", "Iliği"),
        ("ISPARTA", "tur_Latn", "iris", "eng_Latn", "IRIS"),
        ("Iceland", "eng_Latn", "ijsland", "nld_Latn", "IJsland"),
        ("STREET", "eng_Latn", "δρόμος", "ell_Grek", "ΔΡΟΜΟΣ"),
        ("New", "eng_Latn", "ახალი", "kat_Geor", "ახალი"),
        ("NEW", "eng_Latn", "ახალი", "kat_Geor", "ᲐᲮᲐᲚᲘ"),
        ("ᲐᲮᲐᲚᲘ", "kat_Geor", "new", "eng_Latn", "NEW"),
        ("ᏣᎳᎩ", "chr_Cher", "cherokee", "eng_Latn", "cherokee"),
        ("Ꮳꮃꭹ", "chr_Cher", "cherokee", "eng_Latn", "Cherokee"),
        ("Dog", "eng_Latn", "ꭹꮅ", "chr_Cher", "Ꭹꮅ"),
        ("\U00010d50\U00010d71", "wol_Gara", "dog", "eng_Latn", "Dog"),
        ("Dog", "eng_Latn", "\U00010d70\U00010d71", "wol_Gara", "\U00010d50\U00010d71"),
        ("𞤀𞤣𞤤𞤢𞤥", "fuf_Adlm", "adlam", "fuf_Latn", "Adlam"),
        ("ʻOkina", "haw_Latn", "ʻukulele", "smo_Latn", "ʻUkulele"),
        ("Dog", "eng_Latn", "कुत्ता", "hin_Deva", "कुत्ता"),
        ("कुत्ता", "hin_Deva", "dog", "eng_Latn", "dog"),
    ],
)
def test_capitals_are_those_of_the_language_of_the_replacement(
    word: str, lang: str, replacement: str, into: str, result: str
) -> None:
    assert carry_case(Word(0, word, False), replacement, lang, into) == result


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
