"""Texts in NFC; those that are so already are not touched, which is several times as fast."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain, starmap

import numpy as np
import polars as pl

_DECOMPOSED = ((0xC0, 0x3400), (0xA000, 0xAC00), (0xF900, 0x20000), (0x2F800, 0x2FA20))
"""Ranges outside which no code point is decomposed or moved, but for Hangul."""


def composed(texts: pl.Series) -> pl.Series:
    """(n,) String in NFC: `texts.str.normalize("NFC")`, in a sixth of the time where most texts are so already."""
    return changed(texts, texts.str.contains(_composable()), lambda some: some.str.normalize("NFC"))


def changed(texts: pl.Series, where: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """(n,) String with what `change` makes of the texts where `where`, (n,) Boolean, is true; others cost nothing."""
    rows = where.arg_true()
    return texts.clone().scatter(rows, change(texts.gather(rows))) if len(rows) else texts


@cache
def _composable() -> str:
    """A Rust regex of what every text has that is not in NFC: the quick check of UAX 15, section 9.

    A character that is never in NFC or may be composed with the one before, or two marks that may stand in the wrong
    order. What is younger than Python's Unicode may be any of these.
    """
    apart, marks = {*map(chr, range(0x1161, 0x1176)), *map(chr, range(0x11A8, 0x11C3))}, set()
    for c in map(chr, chain.from_iterable(starmap(range, _DECOMPOSED))):
        if unicodedata.combining(c):
            marks.add(c)
        elif unicodedata.category(c) == "Cn":
            apart.add(c)
        parts = unicodedata.decomposition(c)
        if parts and parts[0] != "<":
            stays = unicodedata.is_normalized("NFC", c)
            apart.add(chr(int(parts.split()[-1], 16)) if stays else c)
    return f"{_class(apart)}|{_class(marks)}{{2}}"


def _class(characters: Iterable[str]) -> str:
    """A class of characters, as ranges."""
    points = np.array(sorted(map(ord, characters)))
    runs = np.split(points, np.flatnonzero(np.diff(points) > 1) + 1)
    return "[" + "".join(rf"\x{{{run[0]:X}}}-\x{{{run[-1]:X}}}" for run in runs) + "]"
