"""Rows in memory as a file that workers can read."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from xlcorpus.errors import UserError
from xlcorpus.steps.read.features import plain_columns, with_names


class Written(NamedTuple):
    """Rows in memory, written to a temporary file."""

    path: Path
    format: Literal["jsonl", "parquet"]
    rows: int


def written(rows: Any, asked: Collection[str]) -> Written:
    """Write rows to a file that goes with this process.

    Args:
        rows: polars or pandas DataFrame, Arrow table, `datasets.Dataset`, or list of dictionaries.
        asked: columns that are needed as text: what holds pictures or sound is refused there, else left out.

    Raises:
        UserError: it is no table, names two columns alike, or holds what no column can.
    """
    if isinstance(rows, list):
        return Written(_json_lines(rows), "jsonl", len(rows))
    table = _table(rows, asked)
    return Written(_parquet(table), "parquet", table.num_rows)


@cache
def _folder() -> Path:
    """A folder of this process, gone at its end."""
    folder = Path(tempfile.mkdtemp(prefix="xlcorpus-frames-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _free(ending: str) -> Path:
    return _folder() / f"{len(list(_folder().iterdir())):06d}{ending}"


def _parquet(table: pa.Table) -> Path:
    path = _free(".parquet")
    pq.write_table(table, path, compression="zstd")
    return path


def _json_lines(rows: Sequence[Any]) -> Path:
    """Dictionaries, which may have values of any type, as JSON Lines."""
    path = _free(".jsonl")
    with path.open("w", encoding="utf8") as file:
        for number, row in enumerate(rows):
            if not isinstance(row, dict):
                raise UserError(f"row {number} is a {type(row).__name__}, not a dictionary of columns")
            try:
                file.write(json.dumps(row) + "\n")
            except (TypeError, ValueError) as problem:
                raise UserError(f"row {number} holds what JSON does not know: {problem}") from None
    return path


def _table(rows: Any, asked: Collection[str]) -> pa.Table:
    """Anything that is a table, as an Arrow table.

    Raises:
        UserError: it is none, or names two columns alike.
    """
    if isinstance(rows, pl.LazyFrame):
        rows = rows.collect()
    if isinstance(rows, pl.DataFrame):
        return rows.to_arrow()
    module, name = type(rows).__module__.split(".")[0], type(rows).__name__
    if module == "datasets":
        return _of_dataset(rows, name, asked)
    if module == "pandas" and name == "DataFrame":
        _refuse_twice([str(column) for column in rows.columns])
        named = any(level is not None for level in rows.index.names)
        try:
            return pa.Table.from_pandas(rows.reset_index() if named else rows, preserve_index=False)
        except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError) as problem:
            raise UserError(f"a column of the frame mixes types: {problem}; give a list of dictionaries") from None
    if isinstance(rows, pa.Table):
        _refuse_twice(rows.column_names)
        return rows
    raise UserError(
        f"rows are a {type(rows).__name__}; give a polars or pandas DataFrame, an Arrow table, a datasets.Dataset, or "
        "a list of dictionaries"
    )


def _refuse_twice(names: Sequence[str]) -> None:
    twice = [name for name in dict.fromkeys(names) if list(names).count(name) > 1]
    if twice:
        raise UserError(f"the frame has several columns named {twice[0]!r}; rename them")


def _of_dataset(rows: Any, name: str, asked: Collection[str]) -> pa.Table:
    """A `datasets.Dataset`; pictures and sound are left out, labels are their names."""
    if name.endswith("Dict"):
        raise UserError(f"rows are a {name} with the splits {', '.join(rows)}; choose one: rows[{next(iter(rows))!r}]")
    if name == "IterableDataset":
        raise UserError("rows are a stream; take some of it: list(rows.take(1000)), or read it by name: Read(hub=...)")
    rows = rows.select_columns(plain_columns(rows.features, asked))
    table = with_names(rows.with_format("arrow")[:], rows.features)
    return table.replace_schema_metadata(None)
