"""The lexicon in memory."""

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.models.translators.lexicon import Lexicon

FRAME = pl.DataFrame(
    [
        ("deu_Latn", "eng_Latn", "bank", "bank", 0.4, 4),
        ("deu_Latn", "eng_Latn", "bank", "bench", 0.6, 6),
        ("deu_Latn", "eng_Latn", "bank", "pew", 0.4, 4),
        ("deu_Latn", "eng_Latn", "bank", "bench", 0.1, 1),
        ("deu_Latn", "spa_Latn", "bank", "banco", 0.9, 9),
    ],
    schema=["src_lang", "tgt_lang", "src_word", "tgt_word", "probability", "count"],
    orient="row",
)


def test_translations_come_best_first_each_once() -> None:
    entries = Lexicon(FRAME).entries("deu_Latn", "eng_Latn")
    assert entries == {"bank": [("bench", 0.6), ("bank", 0.4), ("pew", 0.4)]}


def test_improbable_entries_are_left_out() -> None:
    assert Lexicon(FRAME, min_probability=0.5).entries("deu_Latn", "eng_Latn") == {"bank": [("bench", 0.6)]}


def test_pairs_of_languages() -> None:
    lexicon = Lexicon(FRAME.reverse())
    assert lexicon.pairs() == [("deu_Latn", "eng_Latn"), ("deu_Latn", "spa_Latn")]
    assert lexicon.entries("eng_Latn", "deu_Latn") == {}


def of(*entries: tuple[str, str], src: str = "deu_Latn", tgt: str = "eng_Latn") -> Lexicon:
    rows = [(src, tgt, one, two, 1.0, 5) for one, two in entries]
    return Lexicon(pl.DataFrame(rows, schema=FRAME.schema, orient="row"))


@pytest.mark.parametrize(
    ("src", "entry", "key"),
    [
        ("deu_Latn", "Hund", "hund"),
        ("deu_Latn", "MILCH", "milch"),
        ("deu_Latn", "Hund!", "hund"),
        ("deu_Latn", "»Hund«,", "hund"),
        ("deu_Latn", "Hund {m} [Zool.]", "hund"),
        ("deu_Latn", "Guten  Morgen", "guten morgen"),
        ("eng_Latn", "(to) go", "go"),
        ("eng_Latn", "(to)", "to"),
        ("fra_Latn", "l'eau", "l'eau"),
        ("tur_Latn", "IŞIK", "ışık"),
        ("tur_Latn", "İstanbul", "istanbul"),
        ("ell_Grek", "ΔΡΟΜΟΣ", "δρομος"),
        ("zho_Hans", "狗。", "狗"),
        ("zho_Hans", "你好", "你 好"),
        ("vie_Latn", "cho\u0301", "chó"),
        ("arb_Arab", "كلب،", "كلب"),
    ],
)
def test_entries_are_found_whatever_is_around_them(src: str, entry: str, key: str) -> None:
    assert list(of((entry, "x"), src=src).entries(src, "eng_Latn")) == [key]


@pytest.mark.parametrize(("entry", "word"), [("dog,", "dog"), ("(to) go", "go"), ("Berlin.", "Berlin"), ("(x)", "x")])
def test_translations_keep_their_case_and_lose_what_is_around_them(entry: str, word: str) -> None:
    assert of(("hund", entry)).entries("deu_Latn", "eng_Latn") == {"hund": [(word, 1.0)]}


def test_entries_that_differ_in_case_alone_are_one() -> None:
    lexicon = of(("Hund", "dog"), ("hund", "hound"), ("HUND", "dog"))
    assert lexicon.entries("deu_Latn", "eng_Latn") == {"hund": [("dog", 1.0), ("hound", 1.0)]}


def test_the_longest_entry_is_known() -> None:
    lexicon = of(("guten Morgen", "good morning"), ("Hund", "dog"))
    assert (lexicon.longest("deu_Latn", "eng_Latn"), lexicon.longest("eng_Latn", "deu_Latn")) == (2, 0)


def test_entries_without_a_word_are_left_out_and_a_lexicon_of_such_is_refused() -> None:
    assert list(of(("---", "dog"), ("Hund", "?"), ("Katze", "cat")).entries("deu_Latn", "eng_Latn")) == ["katze"]
    with pytest.raises(UserError, match="none of the 2 entries of the lexicon has a word on both sides"):
        of(("---", "dog"), ("Hund", "?"))
