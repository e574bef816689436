"""The rows of tables divided into parts by a key, and a query of each part: both as tasks that leave files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from xlcorpus import records
from xlcorpus.errors import XlcorpusError
from xlcorpus.expressions.row_expression import RowExpression
from xlcorpus.row_random import first_draws
from xlcorpus.steps.shape.parents import WithParents

PART_ROWS = 200_000
"""Rows of all tables together in a part, about. How many parts there are depends on the rows alone."""
RUN_ROWS = 200_000
"""Rows that a task divides."""


@dataclass(frozen=True)
class Divide:
    """Neighbouring shards of a table whose rows go to parts."""

    table: str
    number: int
    shards: tuple[Path, ...]
    columns: pl.Schema
    """what is read of them"""
    key: RowExpression
    parts: int
    folder: Path

    def out(self, part: int) -> Path:
        """The file of a part's rows; only there if it has some."""
        return self.folder / f"{self.table}-{self.number:05d}-{part:05d}.parquet"


def divide(task: Divide) -> None:
    """Leave the rows of each part in a file."""
    done = task.folder / f"{task.table}-{task.number:05d}.done"
    if done.exists():
        return
    frames = []
    for path in task.shards:
        there = pl.read_parquet_schema(path)
        frame = pl.read_parquet(path, columns=[c for c in task.columns if c in there])
        frame = frame.with_columns(pl.lit(None, dtype=t).alias(c) for c, t in task.columns.items() if c not in there)
        frames.append(frame.select(pl.col(c).cast(t) for c, t in task.columns.items()))
    rows = pl.concat(frames)
    keys = task.key.evaluate(rows).cast(pl.String)
    part = (first_draws(keys.fill_null(""), 0, "part") * task.parts).astype(np.uint32)
    for (number,), own in rows.with_columns(_part=part).group_by("_part", maintain_order=True):
        own.drop("_part").write_parquet(task.out(int(str(number))))
    done.touch()


def dividing(
    table: str, shards: Sequence[Path], columns: pl.Schema, key: RowExpression, parts: int, folder: Path
) -> list[Divide]:
    """The tasks that divide a table."""
    runs: list[list[Path]] = [[]]
    rows = 0
    for path in shards:
        more = pq.read_metadata(path).num_rows
        if runs[-1] and rows + more > RUN_ROWS:
            runs.append([])
            rows = 0
        runs[-1].append(path)
        rows += more
    return [Divide(table, n, tuple(run), columns, key, parts, folder) for n, run in enumerate(runs) if run]


@dataclass(frozen=True)
class Ask:
    """A query over the shards of a part."""

    part: int
    shards: Mapping[str, tuple[Path, ...]]
    asked: WithParents
    kind: str
    step: str
    recipe: str | None
    seed: int
    folder: Path


def ask(task: Ask) -> list[Path]:
    """Leave the rows of the result, in the form of their kind, in files; these, in order.

    Raises:
        XlcorpusError: as `Query.run`.
    """
    done = task.folder / f"result-{task.part:05d}.done"
    if not done.exists():
        spill = task.folder / f"spill-{task.part:05d}"
        number = 0
        try:
            for frame in task.asked.query.run(task.shards, spill, task.seed):
                rows = task.asked.finished(frame).drop("id", "step", "recipe", strict=False)
                made = records.finish(rows, task.kind, task.step, task.recipe)
                made.write_parquet(task.folder / f"result-{task.part:05d}-{number:05d}.parquet")
                number += 1
        except XlcorpusError as problem:
            raise type(problem)(f"step {task.step!r}, sql: {problem}") from None
        done.write_text(str(number))
    return [task.folder / f"result-{task.part:05d}-{n:05d}.parquet" for n in range(int(done.read_text()))]
