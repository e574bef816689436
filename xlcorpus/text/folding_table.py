"""What each code point is to a folded text: letters it folds to, a border, or nothing; arrays for compiled loops.

The arrays say of one code point what `fold.folded_expr` says of a text, so that a loop over UTF-8 folds as it goes.
Rules of some letters together are not in them: Armenian եւ, Hebrew gershayim, the apostrophe that ends an Uzbek word.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from xlcorpus.text.fold import APOSTROPHES, IGNORED, folded_expr
from xlcorpus.text.word_units import UNSPACED

SIZE = 0x323B0
"""Code points in the arrays; behind them are no letters but private ones (a border) and plane 14 (ignored)."""

BORDER, LETTER, NOTHING, APOSTROPHE = 0, 1, 2, 3
"""Values of `role`: between words; part of a word; not there; part of a word where letters stand on both sides."""

NO_DIGIT = 255
BITS = 21
"""Bits of one code point in `folded`."""


@dataclass(frozen=True)
class FoldingTable:
    """Arrays over the code points below `SIZE`."""

    folded: npt.NDArray[np.uint64]
    """(SIZE,) the one to three code points that one folds to, the first in the lowest `BITS`"""
    role: npt.NDArray[np.uint8]
    """(SIZE,) BORDER, LETTER, NOTHING or APOSTROPHE"""
    digit: npt.NDArray[np.uint8]
    """(SIZE,) 0 to 9 of a decimal digit of any script, else `NO_DIGIT`"""
    unspaced: npt.NDArray[np.bool_]
    """(SIZE,) letters of scripts without spaces"""


@cache
def folding_table() -> FoldingTable:
    """The arrays, made once a process (half a second)."""
    places = np.array([c for c in range(1, SIZE) if not 0xD800 <= c < 0xE000])
    frame = pl.DataFrame({"c": [chr(c) for c in places]}).with_columns(lang=pl.lit("und"))
    told = frame.select(
        folded=folded_expr(pl.col("c"), pl.col("lang")),
        letter=pl.col("c").str.contains(r"[\p{L}\p{M}\p{N}]"),
        nothing=pl.col("c").str.contains(IGNORED),
        apostrophe=pl.col("c").str.contains(APOSTROPHES),
        digit=pl.col("c").str.contains(r"\p{Nd}"),
        unspaced=pl.col("c").str.contains(rf"[[{UNSPACED}]&&\p{{L}}]"),
    )
    folded = np.arange(SIZE, dtype=np.uint64)
    lengths = told["folded"].str.len_chars().to_numpy()
    changed = np.flatnonzero((told["folded"] != frame["c"]).to_numpy() & (lengths <= 3))
    for place, text in zip(places[changed], told["folded"].gather(changed), strict=True):
        folded[place] = sum(ord(c) << (BITS * i) for i, c in enumerate(text))
    role = np.zeros(SIZE, np.uint8)
    for name, value in (("letter", LETTER), ("nothing", NOTHING), ("apostrophe", APOSTROPHE)):
        role[places[told[name].to_numpy()]] = value
    digit = np.full(SIZE, NO_DIGIT, np.uint8)
    decimal = places[told["digit"].to_numpy()]
    # The digits of a script stand in a row from zero to nine; runs of several rows begin at a zero too.
    starts = np.concatenate([[True], np.diff(decimal) != 1])
    run = np.maximum.accumulate(np.where(starts, np.arange(len(decimal)), 0))
    digit[decimal] = (np.arange(len(decimal)) - run) % 10
    unspaced = np.zeros(SIZE, np.bool_)
    unspaced[places[told["unspaced"].to_numpy()]] = True
    return FoldingTable(folded, role, digit, unspaced)
