"""Rows near the cut of a rule, and the beginnings of their texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from icu4py.breakers import CharacterBreaker

from xlcorpus import records
from xlcorpus.arrays import Bools, Ints64
from xlcorpus.policies.verdicts import Judged, Verdict

CHARACTERS = 240
"""Characters of a text that are shown, at most."""
_CLUSTER = 40
"""Code points of a grapheme cluster, at most; the search for its border begins so far before the end."""
_PICTURES = {i: 0x2400 + i for i in range(32) if chr(i) not in "\n\t"} | dict.fromkeys(range(0x7F, 0xA0), 0xFFFD)
"""Control characters, which HTML may not hold, and visible signs for them."""


@dataclass(frozen=True)
class Sides:
    """Places of rows on both sides of a cut, the nearest to it first."""

    lost: Ints64
    kept: Ints64


@dataclass(frozen=True)
class Example:
    """A row as it is shown."""

    value: float | None
    """what the rule measured; None for a rule without a limit"""
    source: str
    """its `source_id`, or its `source`"""
    texts: Sequence[tuple[str, str]]
    """(language tag, beginning of the text) of each of its texts"""


class Examples:
    """Judged rows as they are shown, by their places."""

    def __init__(self, judged: Judged) -> None:
        fields = records.kind(judged.kind).texts
        # One character more than is shown tells which texts are cut.
        cut = {f.name: f.expr().fill_null("").str.slice(0, CHARACTERS + 1) for f in fields}
        self._texts = judged.rows.select(**cut)
        self._langs = [judged.rows[field.lang].fill_null("und") for field in fields]
        self._sources = judged.rows.select(pl.coalesce("source_id", "source").fill_null("").alias("source"))["source"]

    def __getitem__(self, place: int) -> Example:
        texts = zip(self._langs, self._texts, strict=True)
        shown = [(langs[place], excerpt(column[place])) for langs, column in texts]
        return Example(None, excerpt(self._sources[place], 80), shown)

    def of(self, places: Ints64, verdict: Verdict) -> list[Example]:
        """The rows at some places, with what a rule measured on them."""
        found = [self[int(place)] for place in places]
        if verdict.cut is None:
            return found
        values = verdict.cut.values[places].tolist()
        return [Example(v, e.source, e.texts) for v, e in zip(values, found, strict=True)]


def nearest(verdict: Verdict, places: Ints64, count: int) -> Sides:
    """The rows nearest to the cut of a rule on either side; of a rule without a limit the first rows that it rejects.

    Args:
        verdict: what the rule keeps.
        places: (n,) places of the rows to choose from.
        count: rows of each side, at most.
    """
    keep: Bools = verdict.keep[places]
    if verdict.cut is None:
        return Sides(places[~keep][:count], places[:0])
    away = np.abs(verdict.cut.values[places] - verdict.cut.limits[places])
    # Rows without a value or a limit are on no side.
    measured = np.flatnonzero(np.isfinite(away))
    order = measured[np.argsort(away[measured], kind="stable")]
    return Sides(places[order[~keep[order]]][:count], places[order[keep[order]]][:count])


def excerpt(text: str, characters: int = CHARACTERS) -> str:
    """The beginning of a text, cut between grapheme clusters, with visible signs for control characters."""
    if len(text) > characters:
        first = max(0, characters - _CLUSTER)
        ends = (first + end for _, end in CharacterBreaker(text[first : characters + 1], "root").segments())
        text = text[: max((end for end in ends if end <= characters), default=characters)] + "…"
    return text.translate(_PICTURES)
