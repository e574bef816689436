"""What the rows of a release become in a form, and which it cannot hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl
import pyarrow as pa

Reasoning = Literal["keep", "inline", "drop", "refuse"]
"""What becomes of a turn's reasoning.

`keep`: it goes to the form's own field, or into the text where a form of turns has none, and makes the row unfit in
forms of plain text; `inline`: into the text; `drop`: it is left out; `refuse`: it makes the row unfit.
"""


@dataclass(frozen=True)
class Settings:
    """What every row of one export is written with."""

    reasoning: Reasoning = "keep"
    calls: bool = False
    """some row calls a tool"""
    thoughts: bool = False
    """some turn has reasoning"""
    tools: bool = False
    """some row names tools"""


class Unfit(Exception):
    """A row that a form cannot hold: the column, and why."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column = column
        self.why = why


@dataclass(frozen=True)
class UnfitRow:
    """A row that a form cannot hold."""

    id: str
    column: str
    why: str
    """a reason that other rows may share"""


@dataclass(frozen=True)
class Made:
    """Some rows in a form."""

    rows: pa.Table
    """what is written; always the same columns and types, also without rows"""
    unfit: list[UnfitRow] = field(default_factory=list)
    changed: Mapping[str, int] = field(default_factory=dict)
    """rows whose text was changed, by what was done to them"""


Maker = Callable[[pl.DataFrame, Settings], Made]
"""Brings rows of one kind into a form."""

RowMaker = Callable[[Mapping[str, Any], Settings], Mapping[str, Any]]
"""Brings one row into a form.

Raises:
    Unfit: the form cannot hold it.
"""


def each_row(rows: pl.DataFrame, make: RowMaker, schema: pa.Schema, settings: Settings) -> Made:
    """Rows made one by one: calls of tools are JSON text, and what a turn may be hangs on the turn before it."""
    made: list[Mapping[str, Any]] = []
    unfit: list[UnfitRow] = []
    for row in rows.iter_rows(named=True):
        try:
            made.append(make(row, settings))
        except Unfit as problem:
            unfit.append(UnfitRow(row["id"], problem.column, problem.why))
    return Made(pa.Table.from_pylist(made, schema=schema), unfit)


def fitting(rows: pl.DataFrame, unfit: Mapping[tuple[str, str], pl.Expr]) -> tuple[pl.DataFrame, list[UnfitRow]]:
    """The rows that meet none of some conditions, and the others with the first that each meets.

    Args:
        rows: any rows.
        unfit: for a column and a reason, the expression (Boolean) of the rows that are unfit by it.
    """
    found: list[UnfitRow] = []
    for (column, why), condition in unfit.items():
        bad = rows.select(condition.fill_null(False).alias("bad"))["bad"]
        found += [UnfitRow(row, column, why) for row in rows.filter(bad)["id"]]
        rows = rows.filter(~bad)
    return rows, found
