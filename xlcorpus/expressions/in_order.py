"""Parquet shards as a table of DuckDB, the rows in the order of their ids.

DuckDB sorts some 120,000 rows at a time in memory, which long texts do not fit into. A table that is large is cut into
ranges of ids first, each of which is sorted by itself: the order is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from xlcorpus.expressions.connection import Connection, quoted

SORTED_BYTES = 150 * 2**20
"""Size of rows that are sorted at a time, about."""
SAMPLE = 100_000
"""Ids of a table, about, by which ranges are made."""

_PLACE = ("file_index", "file_row_number")
"""Columns that `read_parquet` gives on demand: where a row stands. They order rows of the same id."""


def load(
    own: Connection, name: str, columns: Sequence[str], shards: Sequence[Path], arrays: Mapping[str, str], scratch: Path
) -> None:
    """Make a table of the shards; rows of the same id stand as in the shards.

    Args:
        columns: of the table, `id` among them; a shard may lack some.
        shards: at least one.
        arrays: columns that are arrays of a fixed length, with their type in SQL.
        scratch: folder for what is sorted.
    """
    typed = [f"CAST({quoted(c)} AS {arrays[c]}) AS {quoted(c)}" if c in arrays else quoted(c) for c in columns]
    chosen = ", ".join(typed) or "0 AS one"
    ranges = _ranges(columns, shards) if "id" in columns else 1
    if ranges == 1:
        order = ", ".join(("id", *_PLACE) if "id" in columns else _PLACE)
        own.duck.execute(f"CREATE TABLE {quoted(name)} AS SELECT {chosen} FROM {_read(shards)} ORDER BY {order}")
        return
    for number, path in enumerate(_divided(columns, shards, ranges, scratch / f"{len(list(scratch.iterdir()))}-ids")):
        into = f"INSERT INTO {quoted(name)}" if number else f"CREATE TABLE {quoted(name)} AS"
        own.duck.execute(f"{into} SELECT {chosen} FROM {_read([path])} ORDER BY id, file_row_number")
        path.unlink()


def _ranges(columns: Sequence[str], shards: Sequence[Path]) -> int:
    """How many ranges of ids the rows are cut into."""
    size = sum(int(_shard(path, columns).estimated_size()) for path in shards)
    return max(1, -(-size // SORTED_BYTES))


def _divided(columns: Sequence[str], shards: Sequence[Path], ranges: int, folder: Path) -> Iterator[Path]:
    """A file for each range of ids that has rows, ascending; its rows stand as in the shards."""
    folder.mkdir(parents=True)
    rows = sum(pq.read_metadata(path).num_rows for path in shards)
    ids = pl.concat([_shard(path, ["id"])["id"].gather_every(-(-rows // SAMPLE)) for path in shards])
    ids = ids.sort()
    borders = pl.Series([ids[len(ids) * n // ranges] for n in range(1, ranges)], dtype=pl.String).unique().sort()
    types = pl.concat([pl.scan_parquet(path, glob=False) for path in shards], how="diagonal_relaxed").collect_schema()
    schema = pl.DataFrame(schema={column: types[column] for column in columns}).to_arrow().schema
    with ExitStack() as stack:
        writers: dict[int, pq.ParquetWriter] = {}
        for path in shards:
            frame = _shard(path, columns)
            lacking = [pl.lit(None, dtype=types[c]).alias(c) for c in columns if c not in frame.columns]
            frame = frame.with_columns(lacking).select(pl.col(c).cast(types[c]) for c in columns)
            place = borders.search_sorted(frame["id"], side="right").alias("")
            for (number,), part in frame.with_columns(place).group_by("", maintain_order=True):
                if number not in writers:
                    writer = pq.ParquetWriter(folder / f"{number:05d}.parquet", schema, compression="lz4")
                    writers[int(str(number))] = stack.enter_context(writer)
                writers[int(str(number))].write_table(part.drop("").to_arrow().cast(schema))
    yield from (folder / f"{number:05d}.parquet" for number in sorted(writers))


def _shard(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    there = pq.read_schema(path).names
    return pl.read_parquet(path, columns=[column for column in columns if column in there], glob=False)


def _read(shards: Sequence[Path]) -> str:
    files = ", ".join(_literal(path) for path in shards)
    return f"read_parquet([{files}], union_by_name = true, file_row_number = true, hive_partitioning = false)"


def _literal(path: Path) -> str:
    """A path in SQL; what would stand for several files stands for itself."""
    single = re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", str(path))
    return "'" + single.replace("'", "''") + "'"
