"""Places of rows within groups, by score; computed by DuckDB, which spills what does not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from xlcorpus.arrays import Ints64
from xlcorpus.expressions.query import query

_COLUMNS = ("place", "scored", "least")


@dataclass(frozen=True)
class Places:
    """Where each row stands; all arrays (rows,)."""

    place: Ints64
    """1: the best of its group (and value of balance); 0: without score"""
    scored: Ints64
    """rows of its group (and value of balance) that have a score"""
    least: Ints64
    """the smallest `scored` of the values of balance in its group"""

    def of(self, rows: slice) -> Places:
        """The places of some of the rows."""
        return Places(self.place[rows], self.scored[rows], self.least[rows])


def places(frames: Iterator[pl.DataFrame], by: int, balanced: bool, scratch: Path) -> Places:
    """The places of rows in their groups: the highest score first, equal scores by id, then as they stand.

    Args:
        frames: rows with `number` (ascending), `id`, `score` (Float64, null: none), `by_0`, `by_1`, ... and
            `value`, what is balanced.
        by: number of the columns `by_...`; rows that agree in all are a group, nulls too.
        balanced: whether rows of a group with another `value` are ranked apart.
        scratch: an empty folder.
    """
    shards, schema, rows = [], None, 0
    for number, frame in enumerate(frames):
        shards.append(scratch / f"keys-{number:05d}.parquet")
        frame.write_parquet(shards[-1])
        schema, rows = frame.schema, rows + frame.height
    found = {column: np.zeros(rows, np.int64) for column in _COLUMNS}
    if schema is not None:
        ranked = query(_sql([f"by_{i}" for i in range(by)], balanced), {"keys": schema})
        at = 0
        for frame in ranked.run({"keys": shards}, scratch / "spill"):
            for column in _COLUMNS:
                found[column][at : at + frame.height] = frame[column].fill_null(0).to_numpy()
            at += frame.height
    for path in shards:
        path.unlink()
    return Places(found["place"], found["scored"], found["least"])


def _sql(group: Sequence[str], balanced: bool) -> str:
    ranked = ", ".join([*group, "value"] if balanced else group)
    whole = f"PARTITION BY {', '.join(group)}" if group else ""
    part = f"PARTITION BY {ranked}" if ranked else ""
    scored = f"PARTITION BY {', '.join(filter(None, (ranked, 'score IS NULL')))}"
    return f"""
        SELECT place, scored, min(scored) FILTER (WHERE score IS NOT NULL) OVER ({whole}) AS least FROM (
            SELECT *, count(score) OVER ({part}) AS scored,
                CASE WHEN score IS NULL THEN 0
                ELSE row_number() OVER ({scored} ORDER BY score DESC, id, number) END AS place
            FROM keys
        ) ORDER BY number
    """
