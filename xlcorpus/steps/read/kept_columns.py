"""Columns of a file that are kept beside those of the record kind: labels, scores, whatever the user names."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.registry import registry
from xlcorpus.step import SourceStep
from xlcorpus.steps.read.column_types import Values, as_json

EMBEDDING = "embedding"


def check_names(keep: Sequence[str], kind: str, forms: Sequence[str]) -> None:
    """Refuse names of `keep` that the toolkit gives a meaning.

    Args:
        keep: the names.
        kind: record kind of the rows.
        forms: columns that become others (`prompt`).

    Raises:
        UserError: such a name, with how to keep the column under another.
    """
    if not keep:  # looking at all steps takes a second
        return
    own = {*records.kind(kind).schema.names, *forms, EMBEDDING}
    measuring = [name for name, step in registry().items() if not issubclass(step, SourceStep)]
    for name in keep:
        taken = next((step for step in measuring if name.startswith(f"{step}_")), None)
        if name not in own and taken is None and name.strip("_ ") and not name.startswith("_"):
            continue
        why = f"columns of that name are what the step {taken!r} measures" if taken else "that name is ours"
        if name.startswith("_") or not name.strip():
            why = "names of columns begin with a letter"
        better = f"file_{name.strip('_ ')}"
        raise UserError(f"keep: {name!r}: {why}; keep it as keep: [{better}], columns: {{{better}: {name}}}")


def kept(values: Values | None, name: str, rows: int) -> tuple[pl.Series, pl.Series]:
    """A column as it is kept, and each value as text for the row's id.

    Texts, truth values, dates and numbers keep their type (numbers of both sorts are Float64), lists and objects are
    JSON text. Values of several types are texts, all but texts as JSON. A column without values has the dtype Null,
    which goes with any type that another file gives it.
    """
    if values is None:
        nothing = pl.Series(name, [None] * rows, dtype=pl.Null)
        return nothing, nothing.cast(pl.String)
    if isinstance(values, pl.Series) and not values.dtype.is_nested() and values.dtype != pl.Object:
        return _plain(values).alias(name), values.cast(pl.String, strict=False).alias(name)
    given = values.to_list() if isinstance(values, pl.Series) else values
    texts = pl.Series(name, [_as_text(value) for value in given], dtype=pl.String)
    return _scalars(given, name, texts), texts


def _plain(values: pl.Series) -> pl.Series:
    """A scalar column in a type that every reader of a release knows."""
    if values.dtype.is_float():
        return values.cast(pl.Float64)
    if values.dtype.is_integer() and values.dtype not in (pl.UInt64, pl.Int128):
        return values.cast(pl.Int64)
    return values.cast(pl.String) if values.dtype in (pl.Categorical, pl.Enum, pl.Int128) else values


def _as_text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else as_json(value)


def _scalars(given: list[object], name: str, texts: pl.Series) -> pl.Series:
    """Values of JSON in the one type they all have, else as texts."""
    sorts = {type(value) for value in given if value is not None}
    types: list[tuple[set[type], pl.DataType]] = [
        (set(), pl.Null()),
        ({bool}, pl.Boolean()),
        ({int}, pl.Int64()),
        ({int, float}, pl.Float64()),
    ]
    for fit, dtype in types:
        if sorts <= fit:
            try:
                return pl.Series(name, given, dtype=dtype, strict=dtype != pl.Float64)
            except (TypeError, OverflowError):  # an integer of more than 64 bits
                return texts
    return texts
