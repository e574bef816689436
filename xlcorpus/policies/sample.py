"""A random sample of each language of a corpus that is read once."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
from xxhash import xxh64_intdigest

from xlcorpus import records
from xlcorpus.arrays import UInts64

LANGUAGE = "_language"
"""Column with the language, or pair of languages, under which a row is counted."""
_DRAW = "_draw"
"""Column with the random number of a row."""
_PENDING = 20_000
"""Rows that wait before the sample is cut to its size again."""


class Sample:
    """At most `size` rows of each language: those with the smallest hashes of id and seed.

    The same rows are drawn whatever order the files are read in. Rows with one id count once.

    Args:
        kind: record kind of the rows.
        size: rows of each language, at most.
        seed: other seeds draw other rows.
    """

    def __init__(self, kind: str, size: int, seed: int) -> None:
        self._kind, self._size, self._seed = records.kind(kind), size, seed
        self._drawn: list[pl.DataFrame] = []
        self._pending = 0
        self.counts: Counter[str] = Counter()
        """rows read, by language"""

    def add(self, rows: pl.DataFrame) -> None:
        """Add rows of the corpus (columns of the kind) to those that are drawn from."""
        draw = pl.Series(_DRAW, draws(rows["id"], self._seed))
        drawn = rows.with_columns(self._kind.lang_expr().alias(LANGUAGE), draw)
        self.counts.update(dict(drawn[LANGUAGE].value_counts().iter_rows()))
        self._drawn.append(drawn)
        self._pending += drawn.height
        if self._pending > _PENDING:
            self._cut()

    def rows(self) -> pl.DataFrame:
        """The rows drawn, sorted by language, in random order within one; without any an empty frame of the kind."""
        self._cut()
        if not self._drawn:
            return pl.DataFrame(schema=records.polars_schema(self._kind.name))
        return self._drawn[0].drop(LANGUAGE, _DRAW)

    def _cut(self) -> None:
        """Drop the rows that can no longer be among the `size` of their language."""
        if self._drawn:
            there = pl.concat(self._drawn, how="diagonal_relaxed").unique("id", keep="first", maintain_order=True)
            smallest = there.sort(LANGUAGE, _DRAW, "id").group_by(LANGUAGE, maintain_order=True).head(self._size)
            self._drawn = [smallest.select(there.columns)]
        self._pending = 0


def draws(ids: pl.Series, seed: int) -> UInts64:
    """(rows,) a random number for each id (rows,) String; the same on every machine."""
    return np.fromiter((xxh64_intdigest(row.encode(), seed) for row in ids), dtype=np.uint64, count=len(ids))
