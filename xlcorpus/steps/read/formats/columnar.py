"""Parquet and Arrow IPC (Feather) files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from xlcorpus import places
from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.packed import suffix_of
from xlcorpus.steps.read.reading import FRAME_ROWS, Reading

JSON = "arrow.json"
"""Extension type whose values are JSON as text; `datasets` makes one of rows whose types differ."""
DAMAGE = (
    *(pa.ArrowException, OSError, ValueError, KeyError, EOFError, MemoryError, OverflowError),
    SystemError,  # pyarrow 26, for some damaged dictionaries
)
"""What pyarrow raises for damaged files."""
NOT_READ = (pa.lib.Type_DENSE_UNION, pa.lib.Type_SPARSE_UNION, pa.lib.Type_INTERVAL_MONTH_DAY_NANO)


def parquet(reading: Reading) -> Iterator[Found]:
    """The rows of a Parquet file.

    Raises:
        UserError: the file is cut off, damaged or no Parquet.
    """
    with _opened(reading, "Parquet") as file, pq.ParquetFile(file) as table:
        yield from found(reading, (pa.Table.from_batches([b]) for b in table.iter_batches(FRAME_ROWS)))


def arrow(reading: Reading) -> Iterator[Found]:
    """The rows of an Arrow IPC file or stream (`.arrow`, `.feather` of version 2, the cache of `datasets`).

    Raises:
        UserError: the file is cut off, damaged or no Arrow.
    """
    with _opened(reading, "Arrow") as file:
        yield from found(reading, _ipc(file))


def _ipc(file: IO[bytes]) -> Iterator[pa.Table]:
    magic = file.read(6)
    file.seek(0)
    if magic == b"ARROW1":
        whole = pa.ipc.open_file(file)
        batches = (whole.get_batch(i) for i in range(whole.num_record_batches))
    else:
        batches = iter(pa.ipc.open_stream(file))
    for batch in batches:
        for start in range(0, batch.num_rows, FRAME_ROWS):
            yield pa.Table.from_batches([batch.slice(start, FRAME_ROWS)])


@contextmanager
def _opened(reading: Reading, what: str) -> Iterator[IO[bytes]]:
    if packed := suffix_of(reading.name):
        raise reading.wrong(f"{what} is compressed inside; unpack the {packed} first")
    with places.open_file(reading.place) as file:
        try:
            yield file
        except DAMAGE as problem:
            text = str(problem).partition("\n")[0]
            raise reading.wrong(f"not a whole {what} file ({text}); fetch or write it again") from problem


def found(reading: Reading, tables: Iterator[pa.Table]) -> Iterator[Found]:
    """The rows of some tables with the same columns, up to the limit of the reading."""
    seen = 0
    for table in tables:
        if not table.num_rows:
            continue
        if reading.limit is not None:
            table = table.slice(0, reading.limit - seen)
        numbers = pl.Series("row", range(seen + 1, seen + 1 + table.num_rows), dtype=pl.Int64)
        seen += table.num_rows
        columns: dict[str, pl.Series | list[Any]] = {}
        broken = pl.Series([False]).new_from_index(0, table.num_rows)
        for name, column in zip(table.column_names, table.columns, strict=True):
            if name in columns:
                raise reading.wrong(f"two columns are named {name!r}")
            try:
                column.validate(full=True)
            except pa.ArrowInvalid:
                column, bad = _decoded(column)
                broken |= pl.Series(bad)
            values = _values(column)
            if values is None:
                reading.tell(f"{reading.name}: the column {name!r} is left out, its type {column.type} is not read")
            else:
                columns[name] = values
        if broken.any():
            lines = numbers.filter(broken).to_list()
            reading.reject(lines, [""] * len(lines), "not_utf8", [f"row {n}" for n in lines])
            keep = ~broken
            columns = {
                n: c.filter(keep) if isinstance(c, pl.Series) else [v for v, k in zip(c, keep, strict=True) if k]
                for n, c in columns.items()
            }
            numbers = numbers.filter(keep)
        if len(numbers):
            yield Found(numbers, columns)
        if reading.limit is not None and seen >= reading.limit:
            return


def _decoded(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, list[bool]]:
    """A string column some of whose values are no UTF-8, with null for those; and which they are.

    Raises:
        ArrowInvalid: the column is wrong in another way.
    """
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        column.validate(full=True)
    texts: list[str | None] = []
    bad: list[bool] = []
    kind = pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary()
    for raw in column.cast(kind).to_pylist():
        try:
            texts.append(None if raw is None else raw.decode("utf-8"))
            bad.append(False)
        except UnicodeDecodeError:
            texts.append(None)
            bad.append(True)
    return pa.chunked_array([pa.array(texts, pa.large_string())]), bad


def _values(column: pa.ChunkedArray) -> pl.Series | list[Any] | None:
    """The values in types that polars has; JSON decoded; None for a type that is not read."""
    if _holds_json(column.type):
        return [_with_json(value, column.type) for value in column.to_pylist()]
    plain = _plain(column.type)
    if plain is None:
        return None
    if plain != column.type:
        column = _cast(column, plain)
    series = pl.from_arrow(column)
    assert isinstance(series, pl.Series)
    if series.dtype == pl.Binary:  # old writers leave strings without the mark of text
        try:
            return series.cast(pl.String)
        except pl.exceptions.ComputeError:
            return None
    return series.cast(pl.String) if isinstance(series.dtype, pl.Categorical | pl.Enum) else series


def _is_json(kind: pa.DataType) -> bool:
    return isinstance(kind, pa.BaseExtensionType) and kind.extension_name == JSON


def _holds_json(kind: pa.DataType) -> bool:
    return _is_json(kind) or any(_holds_json(kind.field(i).type) for i in range(kind.num_fields))


def _with_json(value: Any, kind: pa.DataType) -> Any:
    """A Python value of an Arrow type with its JSON texts decoded; what is no JSON stays text."""
    if value is None:
        return None
    if _is_json(kind):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    if pa.types.is_struct(kind):
        return {
            kind.field(i).name: _with_json(value[kind.field(i).name], kind.field(i).type)
            for i in range(kind.num_fields)
        }
    if isinstance(value, list) and not pa.types.is_map(kind):
        return [_with_json(v, kind.field(0).type) for v in value]
    return value


def _plain(kind: pa.DataType) -> pa.DataType | None:
    """The type without extensions, dictionaries and maps; None if there is none."""
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(kind.storage_type)
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if kind.id in NOT_READ:
        return None
    if pa.types.is_map(kind):
        sides = _plain(kind.key_type), _plain(kind.item_type)
        return None if None in sides else pa.list_(pa.struct([("key", sides[0]), ("value", sides[1])]))
    if pa.types.is_fixed_size_list(kind):
        inner = _plain(kind.value_type)
        return None if inner is None else pa.list_(inner, kind.list_size)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        inner = _plain(kind.value_type)
        return None if inner is None else pa.large_list(inner)
    if pa.types.is_struct(kind):
        fields = [(f.name, _plain(f.type)) for f in kind]
        return None if any(t is None for _, t in fields) else pa.struct(fields)
    return kind


def _cast(column: pa.ChunkedArray, plain: pa.DataType) -> pa.ChunkedArray:
    if isinstance(column.type, pa.BaseExtensionType):
        stored = pa.chunked_array([c.storage for c in column.chunks], column.type.storage_type)
        return stored if stored.type == plain else _cast(stored, plain)
    try:
        return column.cast(plain)
    except pa.ArrowNotImplementedError:  # a map, or an extension inside a list
        return pa.chunked_array([pa.array(column.to_pylist(), plain)])
