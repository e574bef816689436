"""Rows that a source or corpus step rejects: written as they come, so that a task holds few of them at a time."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from xlcorpus.engine.store import Shard, write_shard
from xlcorpus.ledger import LedgerEntry, count, merge
from xlcorpus.outcomes import reject_rows

FILE_ROWS = 10_000
"""Rejected rows from which on a file of them is written."""
FILE_BYTES = 1 << 25
"""The same in bytes: rows may be long."""


class Rejects:
    """The rejected rows of one task, in files of `FILE_ROWS` and more; a few make one file."""

    def __init__(self, kind: str, step: str, folder: Path, task: str) -> None:
        """For one task.

        Args:
            kind: of the rows.
            step: name of the step that rejects them.
            folder: where the files go.
            task: name of the task.
        """
        self._kind, self._step, self._folder, self._task = kind, step, folder, task
        self._waiting: list[pl.DataFrame] = []
        self._rows = self._bytes = 0
        self._files: list[Shard] = []
        self._counts: list[LedgerEntry] = []

    def take(self, rows: pl.DataFrame, rule: str, measure: pl.Expr) -> None:
        """As `SourceEnv.reject`."""
        shown = reject_rows(rows, self._kind, self._step, rule, measure)
        self._waiting.append(shown)
        self._rows += shown.height
        self._bytes += int(shown.estimated_size())
        if self._rows >= FILE_ROWS or self._bytes >= FILE_BYTES:
            self._write()

    def close(self) -> tuple[list[Shard], list[LedgerEntry]]:
        """The files, and the rows of each language by rule."""
        if self._rows:
            self._write()
        return self._files, self._counts

    def _write(self) -> None:
        number = f"-{len(self._files):05d}" if self._files else ""
        rows = pl.concat(self._waiting)
        self._files.append(write_shard(rows, self._folder, f"rejects-{self._task}{number}.parquet"))
        none = rows["lang"].clear()
        self._counts = merge([*self._counts, *count(self._step, none, none, rows)])
        self._waiting.clear()
        self._rows = self._bytes = 0
