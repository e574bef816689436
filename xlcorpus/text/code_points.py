"""Texts as arrays of code points, and classes of characters as tables over all code points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from xlcorpus.arrays import Bools, Ints64

Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class CodePoints:
    """Many texts, one after the other; text i is `codes[bounds[i]:bounds[i + 1]]`."""

    codes: Codes
    """(characters,) code points"""
    bounds: Ints64
    """(texts + 1,)"""

    @staticmethod
    def of(texts: pl.Series) -> CodePoints:
        """Those of (texts,) String; a null is an empty text."""
        texts = texts.fill_null("")
        bounds = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum(texts.str.len_chars().to_numpy(), out=bounds[1:])
        return CodePoints(codes("".join(texts)), bounds)


def codes(text: str) -> Codes:
    """(characters,) code points of a text."""
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


_SPARSE = ((0x50000, 0x40000, 0xE0000), (0xE2000, 0xE1000, 0xF0000), (0xF0000, 0xF0000, 0x110000))
"""(one, first, end): ranges whose code points are all alike, unassigned or private, but for two at the end of each
plane that are no characters."""


@cache
def _distinct() -> tuple[Ints64, pl.Series]:
    """(n,) code points that Unicode tells apart, and the text of them; no surrogates."""
    ranges = [(0, 0xD800), (0xE000, 0x40000), (0xE0000, 0xE1000), *((one, one + 1) for one, _, _ in _SPARSE)]
    ends = [plane + end for plane in range(0x40000, 0x110000, 0x10000) for end in (0xFFFE, 0xFFFF)]
    points = np.concatenate([*(np.arange(*r) for r in ranges), np.array(ends)])
    return points, pl.Series([points.astype("<u4").tobytes().decode("utf-32-le")])


@cache
def members(pattern: str) -> Bools:
    """(0x110000,) whether each code point matches a Rust regex of one character; False for surrogates.

    Ranges in the pattern do not begin or end inside `_SPARSE`.
    """
    points, every = _distinct()
    # The other characters become one that the pattern does not know.
    left = codes(every.str.replace_all(pattern, "\0").item())
    found = np.zeros(0x110000, dtype=bool)
    there = left != points
    found[points] = there
    for one, first, end in _SPARSE:
        found[first:end] = found[one]
    found[points] = there
    return found


@cache
def small_letters() -> Codes:
    """(0x110000,) the small letter of each code point where it is one character, else the code point itself."""
    table = np.arange(0x110000, dtype=np.uint32)
    for code in np.flatnonzero(members(r"[\p{Lu}\p{Lt}]")).tolist():
        small = chr(code).lower()
        if len(small) == 1:
            table[code] = ord(small)
    return table


def flags(classes: Sequence[str]) -> npt.NDArray[np.uint16]:
    """(0x110000,) bit i is set where a code point matches the i-th of some patterns of one character (16 at most)."""
    table = np.zeros(0x110000, dtype=np.uint16)
    for bit, pattern in enumerate(classes):
        table |= members(pattern).astype(np.uint16) << np.uint16(bit)
    return table
