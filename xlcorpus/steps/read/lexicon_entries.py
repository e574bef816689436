"""Entries of a lexicon that nothing can use, found when they are read."""

from __future__ import annotations

import polars as pl

from xlcorpus import languages
from xlcorpus.steps.read.column_types import Misfit
from xlcorpus.text.scripts import letters_of

NO_WORD, SWAPPED = "no_word", "swapped"

FILLED = {"probability": 1.0, "count": 1}
"""Columns that a word list may lack."""


def filled(rows: pl.DataFrame) -> pl.DataFrame:
    """Entries without a probability or a count have 1: a word list says that they are right."""
    return rows.with_columns(pl.col(name).fill_null(value) for name, value in FILLED.items())


def misfits(rows: pl.DataFrame) -> dict[int, Misfit]:
    """What is wrong with entries, by row: a side without a word, or both in the script of the other's language.

    Sides in each other's columns are told by their scripts, where the two languages are written in different ones.

    Args:
        rows: columns `src_word`, `tgt_word`, `src_lang`, `tgt_lang`; what is null is not judged.
    """
    wrong: dict[int, Misfit] = {}
    for side in ("src_word", "tgt_word"):
        wordless = (~rows[side].str.contains(r"[\p{L}\p{N}]")).fill_null(False)
        for row in wordless.arg_true().to_list():
            wrong.setdefault(row, Misfit(NO_WORD, f"{side} is {rows[side][row]!r}"))
    numbered = rows.with_row_index("row").drop_nulls(["src_lang", "tgt_lang", "src_word", "tgt_word"])
    for (src_lang, tgt_lang), entries in numbered.group_by("src_lang", "tgt_lang", maintain_order=True):
        src, tgt = (letters_of(languages.script(str(lang))) for lang in (src_lang, tgt_lang))
        if src is None or tgt is None or src == tgt:
            continue
        turned = _only("src_word", tgt, src) & _only("tgt_word", src, tgt)
        for row, one, other in entries.filter(turned).select("row", "src_word", "tgt_word").iter_rows():
            wrong.setdefault(row, Misfit(SWAPPED, f"{one!r} is written as {tgt_lang} is, {other!r} as {src_lang}"))
    return wrong


def _only(column: str, script: str, other: str) -> pl.Expr:
    """Words with letters of one script and none of another."""
    return pl.col(column).str.contains(script) & ~pl.col(column).str.contains(other)
