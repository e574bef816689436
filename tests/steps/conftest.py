"""Rows of foreign data, brought into the form of a record kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.step import SourceEnv, Unit
from xlcorpus.steps import Read
from xlcorpus.steps.read.conform import to_records
from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.row_ids import Seen

Conform = Callable[..., tuple[pl.DataFrame, list[tuple[str, str]]]]


@pytest.fixture
def conform() -> Conform:
    """conform(rows, file, **options of `read`) -> records, (rule, value) of each rejected row.

    Rows are dicts, as JSON Lines give them, or a frame, as Parquet does.
    """
    return _conform


def _conform(
    rows: list[dict[str, Any]] | pl.DataFrame, file: str = "a.jsonl", **options: Any
) -> tuple[pl.DataFrame, list[tuple[str, str]]]:
    """(records, [(rule, value) of each rejected row]) of rows of JSON, or of a typed table (Parquet)."""
    step = Read(**{"paths": {"de": file}, **options})
    lang = None if isinstance(step.paths, str) else "-".join(step._lang(key) for key in step.paths)
    if isinstance(rows, pl.DataFrame):
        found = Found(pl.Series(range(1, rows.height + 1), dtype=pl.Int64), {n: rows[n] for n in rows.columns})
    else:
        names = dict.fromkeys(name for row in rows for name in row)
        columns = {name: [row.get(name) for row in rows] for name in names}
        found = Found(pl.Series(range(1, len(rows) + 1), dtype=pl.Int64), columns)
    rejected: list[tuple[str, str]] = []

    def reject(frame: pl.DataFrame, rule: str, measure: pl.Expr) -> None:
        rejected.extend((rule, value) for value in frame.select(measure).to_series())

    made = to_records(found, step, Unit(Path(file), file, lang), SourceEnv(kind=step.kind, reject=reject), Seen())
    return records.finish(made, step.kind, "read", "demo"), rejected
