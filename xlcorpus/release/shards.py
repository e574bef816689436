"""Parquet files of a release: `data/<config>/train-00000-of-000NN.parquet`.

Rows are streamed: what is in memory is one row group, and the ids' 64-bit hashes. Files are cut by their
compressed size, so the same rows give the same files.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from xlcorpus import records
from xlcorpus.release.columns import Rows, config_schema, fit
from xlcorpus.release_spec import ReleaseSpec

KIND_KEY = b"xlcorpus.kind"
"""Key in a file's schema metadata under which the record kind of its rows stands."""


@dataclass(frozen=True)
class Written:
    """The files of one config."""

    config: str
    kind: str
    schema: pa.Schema
    shards: tuple[Path, ...]
    rows: int
    arrow_bytes: int
    """size of the rows in memory, as Arrow counts it"""
    repeated_by_lang: Mapping[str, int]
    """rows left out because an earlier row of the config has their id, by language"""

    @property
    def repeated(self) -> int:
        """Rows left out because an earlier row of the config has their id."""
        return sum(self.repeated_by_lang.values())

    @property
    def bytes(self) -> int:
        """Size of the files."""
        return sum(p.stat().st_size for p in self.shards)

    def scan(self) -> pl.LazyFrame:
        """Lazy frame over all rows, in order."""
        return pl.scan_parquet(list(self.shards))


def write_config(
    folder: Path, config: str, tables: Sequence[Rows], spec: ReleaseSpec, kept: Collection[str] = ()
) -> Written:
    """Write the rows of some tables of one kind as `folder/data/<config>/train-*.parquet`.

    Of rows with the same id the first is kept; the others are counted in `repeated`. Columns in `kept` come from
    source files.

    Raises:
        XlcorpusError: the tables do not fit together or hold what their kind does not allow.
    """
    schema = config_schema(config, tables, spec.drop_columns, kept)
    kind = tables[0].kind
    target = folder / "data" / config
    target.mkdir(parents=True)
    writer = _Shards(target, schema.with_metadata({KIND_KEY: kind.encode()}), spec.shard_mb * 1_000_000)
    unique = _Unique([p for t in tables for p in t.shards], records.kind(kind))
    arrow_bytes = 0
    for group in _row_groups(tables, schema, unique, spec.row_group_rows):
        writer.write(group)
        arrow_bytes += group.nbytes
    shards = writer.close()
    return Written(config, kind, schema, shards, writer.rows, arrow_bytes, dict(unique.repeated))


class _Unique:
    """Lets the first row of each id through.

    Only ids whose 64-bit hash occurs twice are remembered; which hash it is does not change the result.
    """

    def __init__(self, paths: Sequence[Path], kind: records.Kind) -> None:
        self._kind = kind
        none = pl.Series("id", [], pl.UInt64)
        hashes = pl.concat([none, *(pl.read_parquet(p, columns=["id"])["id"].hash() for p in paths)])
        self._suspects = hashes.filter(hashes.is_duplicated()).unique()
        self._seen: set[str] = set()
        self.repeated: Counter[str] = Counter()
        """rows that did not get through, by language"""

    def __call__(self, rows: pa.Table) -> pa.Table:
        if not self._suspects.len():
            return rows
        ids = records.from_arrow(rows.select(["id"]))
        keep = [True] * rows.num_rows
        suspects = ids.with_row_index().filter(pl.col("id").hash().is_in(self._suspects.implode()))
        for index, row_id in suspects.iter_rows():  # the few rows whose id may occur twice
            keep[index] = row_id not in self._seen
            self._seen.add(row_id)
        if not all(keep):
            dropped = records.from_arrow(rows.filter(pa.array([not k for k in keep])))
            self.repeated.update(dropped.select(self._kind.lang_expr().alias("lang"))["lang"].to_list())
        return rows.filter(pa.array(keep))


def _row_groups(tables: Sequence[Rows], schema: pa.Schema, unique: _Unique, rows: int) -> Iterator[pa.Table]:
    """Tables of exactly `rows` rows (the last may be shorter), however the input is cut."""
    waiting: list[pa.Table] = []
    count = 0
    for path in (p for t in tables for p in t.shards):
        with pq.ParquetFile(path) as file:
            columns = [n for n in schema.names if n in file.schema_arrow.names]
            for batch in file.iter_batches(batch_size=rows, columns=columns):
                part = unique(fit(pa.Table.from_batches([batch]), schema, path))
                waiting.append(part)
                count += part.num_rows
                if count >= rows:
                    whole = pa.concat_tables(waiting)
                    yield whole[:rows].combine_chunks()
                    waiting, count = [whole[rows:]], count - rows
    if count:
        yield pa.concat_tables(waiting).combine_chunks()


class _Shards:
    """Writes row groups into numbered files; the total goes into their names at the end."""

    def __init__(self, folder: Path, schema: pa.Schema, target_bytes: int) -> None:
        self._folder = folder
        self._schema = schema
        self._target_bytes = target_bytes
        self._parts: list[Path] = []
        self._writer: pq.ParquetWriter | None = None
        self.rows = 0

    def write(self, group: pa.Table) -> None:
        """Add a row group; starts a new file when the one being written has its size."""
        if self._writer is None:
            self._parts.append(self._folder / f".part-{len(self._parts):05d}.tmp")
            # A file of Python's: a full disk is then an OSError with its errno.
            self._file = self._parts[-1].open("wb")
            self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd", write_page_index=True)
        self._writer.write_table(group.replace_schema_metadata(self._schema.metadata))
        self.rows += group.num_rows
        if self._file.tell() >= self._target_bytes:
            self._finish_file()

    def close(self) -> tuple[Path, ...]:
        """Finish the last file and give all their names; returns the paths in order."""
        self._finish_file()
        total = len(self._parts)
        names = [p.with_name(f"train-{i:05d}-of-{total:05d}.parquet") for i, p in enumerate(self._parts)]
        for part, name in zip(self._parts, names, strict=True):
            part.rename(name)
        return tuple(names)

    def _finish_file(self) -> None:
        if self._writer is None:
            return
        self._writer.close()
        self._writer = None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
