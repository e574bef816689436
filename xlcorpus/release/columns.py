"""The columns of a config: those of its record kind, then the scores, in types that every reader knows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from xlcorpus import records
from xlcorpus.errors import XlcorpusError


class Rows(Protocol):
    """A finished table: Parquet shards of one record kind, in order."""

    @property
    def kind(self) -> str:
        """Name of the record kind."""
        ...

    @property
    def shards(self) -> tuple[Path, ...]:
        """The files."""
        ...


def config_schema(
    config: str, tables: Sequence[Rows], drop: Sequence[str] = (), kept: Collection[str] = ()
) -> pa.Schema:
    """Arrow schema of a config: columns of the kind, the common ones, then further ones as they first come in.

    Embeddings (fixed-size lists), columns that start with `_` and those in `drop` are left out. All files of a
    config have this schema. A column without any value is of text: readers fail on columns without a type. Columns
    in `kept`, which come from source files, are of text where their types do not go together.

    Raises:
        XlcorpusError: tables of different kinds; a column that every row of the kind must have is missing; a
            column has types in two tables that do not go together.
    """
    kinds = sorted({t.kind for t in tables})
    if len(kinds) != 1:
        raise XlcorpusError(f"config {config!r} joins tables of different kinds: {', '.join(kinds)}")
    kind = records.kind(kinds[0])
    further: dict[str, pa.DataType] = {}
    for path in (p for t in tables for p in t.shards):
        found = read_schema(path)
        for field in kind.schema:
            if field.name not in found.names and not field.nullable:
                raise XlcorpusError(f"{path}: no column {field.name!r}, which every {kind.name} must have")
        for field in found:
            if field.name in kind.schema.names or field.name in drop or not _released(field):
                continue
            known = further.get(field.name, pa.null())
            both = (known, plain(field.type))
            further[field.name] = _joined(both, field.name) or _text(both, field.name, kept, config, path)
    return pa.schema([*kind.schema, *(pa.field(n, _with_type(t)) for n, t in further.items())])


def read_schema(path: Path) -> pa.Schema:
    """Arrow schema of a Parquet file.

    Raises:
        XlcorpusError: not a whole Parquet file.
    """
    try:
        return pq.read_schema(path)
    except pa.ArrowInvalid as problem:
        raise XlcorpusError(f"{path}: not a whole Parquet file: {problem}") from None


def plain(kind: pa.DataType) -> pa.DataType:
    """The type without Arrow's variants of it: large and dictionary-coded strings are `string`."""
    if pa.types.is_dictionary(kind):
        return plain(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return pa.binary()
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(plain(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(f.name, plain(f.type)) for f in kind])
    return kind


def fit(table: pa.Table, schema: pa.Schema, path: Path) -> pa.Table:
    """A table (rows of `path`) in the given columns and types, in that order; columns it lacks are null.

    Raises:
        XlcorpusError: a value does not fit, or null stands where the schema allows none (named by row id).
    """
    columns = []
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pa.nulls(table.num_rows, field.type))
            continue
        column = table[field.name]
        if column.null_count and not field.nullable:
            row = table["id"][column.is_null().to_pylist().index(True)]
            raise XlcorpusError(f"{path}, row {row}: the column {field.name!r} is null, but must have a value")
        try:
            columns.append(_decoded(column).cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as problem:
            raise XlcorpusError(f"{path}: the column {field.name!r} is no {field.type}: {problem}") from None
    return pa.Table.from_arrays(columns, schema=schema)


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _released(field: pa.Field) -> bool:
    return not field.name.startswith("_") and not pa.types.is_fixed_size_list(field.type)


def _joined(types: tuple[pa.DataType, pa.DataType], name: str) -> pa.DataType | None:
    """The type that holds the values of both; None if there is none."""
    try:
        schemas = [pa.schema([pa.field(name, t)]) for t in types]
        return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return None


def _text(
    types: tuple[pa.DataType, pa.DataType], name: str, kept: Collection[str], config: str, path: Path
) -> pa.DataType:
    """Text for a column of source files, whatever they hold."""
    if name in kept:
        return pa.string()
    raise XlcorpusError(
        f"config {config!r}: the column {name!r} is {types[0]} in one table and {types[1]} in {path}; "
        f"put it into drop_columns or give the tables configs of their own"
    )


def _with_type(kind: pa.DataType) -> pa.DataType:
    """Text in the place of a type that no value gave."""
    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_with_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(f.name, _with_type(f.type)) for f in kind])
    return kind
