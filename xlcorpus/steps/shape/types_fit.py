"""Whether the columns of a query can become those of a record kind."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from xlcorpus import records
from xlcorpus.errors import UserError, nearest

MADE = ("id", "parents", "step", "recipe", "origin")
"""Columns that a query need not give."""


def check_fits(columns: Mapping[str, pl.DataType], kind: str) -> None:
    """Check that there is a column for each that the kind needs, of its type.

    Raises:
        UserError: there is not.
    """
    for field in records.kind(kind).schema:
        if field.name not in columns and not field.nullable and field.name not in MADE:
            near = nearest(field.name, columns)
            raise UserError(f"rows of kind {kind} need a column {field.name!r}, which the query does not give; {near}")
    for name, want in records.polars_schema(kind).items():
        have = columns.get(name)
        if have is not None and not _becomes(have, want):
            raise UserError(f"the column {name!r} of kind {kind} is {want}, but the query gives {have}; CAST it")


def _becomes(have: pl.DataType, want: pl.DataType) -> bool:
    if isinstance(have, pl.Null) or have == want:
        return True
    if isinstance(have, pl.List) and isinstance(want, pl.List):
        return _becomes(have.inner, want.inner)  # type: ignore[arg-type]
    if isinstance(have, pl.Struct) and isinstance(want, pl.Struct):
        types = {field.name: field.dtype for field in want.fields}
        given = {field.name: field.dtype for field in have.fields}
        return given.keys() <= types.keys() and all(_becomes(t, types[n]) for n, t in given.items())  # type: ignore[arg-type]
    return have.is_numeric() and want.is_numeric() and not (have.is_float() and want.is_integer())
