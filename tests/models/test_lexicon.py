"""The lexicon in memory."""

import polars as pl

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
