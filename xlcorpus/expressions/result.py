"""What DuckDB gives as columns of a table: plain numbers, texts, lists and structs."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from xlcorpus.errors import UserError


def plain(table: pa.Table) -> pl.DataFrame:
    """The rows as a frame; decimals (literals such as 0.5) are Float64, sums of integers Int64, enums String.

    Raises:
        UserError: a column is of a type that a table of a release cannot hold (an interval, a time with zone).
    """
    columns: dict[str, pl.Series] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            series = pl.Series(pl.from_arrow(column))
        except (pl.exceptions.PolarsError, pa.ArrowException, NotImplementedError, ValueError, TypeError) as problem:
            raise _no_such_type(name, str(column.type)) from problem
        columns[name] = series.cast(_dtype(name, series.dtype))
    return pl.DataFrame(columns)


def _dtype(name: str, dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.List):
        return pl.List(_dtype(name, dtype.inner))  # type: ignore[arg-type]
    if isinstance(dtype, pl.Array):
        return pl.Array(_dtype(name, dtype.inner), dtype.size)  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct):
        return pl.Struct([pl.Field(f.name, _dtype(name, f.dtype)) for f in dtype.fields])  # type: ignore[arg-type]
    if isinstance(dtype, pl.Decimal):
        return pl.Float64() if dtype.scale else pl.Int64()
    if isinstance(dtype, pl.Int128 | pl.UInt128):
        return pl.Int64()
    if isinstance(dtype, pl.Enum | pl.Categorical):
        return pl.String()
    if isinstance(dtype, pl.Duration | pl.Time | pl.Binary | pl.Object | pl.Map):
        raise _no_such_type(name, str(dtype))
    return dtype


def _no_such_type(name: str, dtype: str) -> UserError:
    return UserError(f"the column {name!r} is of type {dtype}, which a table cannot hold; CAST it to VARCHAR or BIGINT")
