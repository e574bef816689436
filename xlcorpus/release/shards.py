"""Parquet files of a release: `data/<config>/<split>-00000-of-000NN.parquet`.

Rows are streamed: what is in memory is one row group, and the ids' 64-bit hashes. Files are cut by their
compressed size, so the same rows give the same files.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from xlcorpus import records
from xlcorpus.outcomes import reject_rows
from xlcorpus.release.columns import Rows, config_schema, fit
from xlcorpus.release.content_rules import broken_rule
from xlcorpus.release.splits import SPLIT_LEAK, order
from xlcorpus.release_spec import TRAIN, ReleaseSpec

KIND_KEY = b"xlcorpus.kind"
"""Key in a file's schema metadata under which the record kind of its rows stands."""


RELEASE = "release"
"""Name of the release in the ledger and in `rejects/`, beside the steps."""
REPEATED_ID = "repeated_id"
"""Rule that leaves out a row because an earlier one of its config has the same id."""

PART_ROWS = 5_000
"""Rows that are measured at a time."""


@dataclass(frozen=True)
class Split:
    """The files of one split of a config."""

    name: str
    shards: tuple[Path, ...]
    rows: int
    arrow_bytes: int
    """size of the rows in memory, as Arrow counts it"""


@dataclass(frozen=True)
class Written:
    """The files of one config."""

    config: str
    kind: str
    schema: pa.Schema
    splits: tuple[Split, ...]
    """`train` first; those that hold rows"""
    left_out: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """rows that are not in the files, by rule and language"""

    @property
    def shards(self) -> tuple[Path, ...]:
        """The files of all splits."""
        return tuple(path for split in self.splits for path in split.shards)

    @property
    def rows(self) -> int:
        """Rows of all splits."""
        return sum(split.rows for split in self.splits)

    @property
    def arrow_bytes(self) -> int:
        """Size of the rows in memory, as Arrow counts it."""
        return sum(split.arrow_bytes for split in self.splits)

    @property
    def repeated(self) -> int:
        """Rows left out because an earlier row of the config has their id."""
        return sum(self.left_out.get(REPEATED_ID, {}).values())

    @property
    def bytes(self) -> int:
        """Size of the files."""
        return sum(p.stat().st_size for p in self.shards)

    def scan(self) -> pl.LazyFrame:
        """Lazy frame over all rows, in order."""
        return pl.scan_parquet(list(self.shards))

    def parts(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Some columns of all rows in order, at most `PART_ROWS` at a time.

        A scan may hold the texts of a whole file. So may batches that go over the row groups of a file: pyarrow keeps
        a decompressor of each.
        """
        for path in self.shards:
            with pq.ParquetFile(path) as file:
                for number in range(file.num_row_groups):
                    rows = records.from_arrow(file.read_row_group(number, columns=list(columns), use_threads=False))
                    yield from rows.iter_slices(PART_ROWS)


def write_config(
    folder: Path,
    config: str,
    tables: Sequence[Rows],
    spec: ReleaseSpec,
    kept: Collection[str] = (),
    split: pl.Series | None = None,
    rejects: Path | None = None,
) -> Written:
    """Write the rows of some tables of one kind as `folder/data/<config>/<split>-*.parquet`.

    Rows are left out whose id an earlier row has (`repeated_id`), that break a rule on their content, or that would
    give away a row of another split.

    Args:
        folder: of the release.
        config: name of the config.
        tables: its tables.
        spec: columns, sizes and rules.
        kept: columns that come from source files.
        split: the split of each row, in the order of the tables, null for a leak; None: all is `train`.
        rejects: folder for the rows that are left out; None: they are counted only.

    Raises:
        XlcorpusError: the tables do not fit together or hold what their kind does not allow.
    """
    schema = config_schema(config, tables, spec.drop_columns, kept)
    kind = tables[0].kind
    target = folder / "data" / config
    target.mkdir(parents=True)
    metadata = schema.with_metadata({KIND_KEY: kind.encode()})
    names = [TRAIN, *order(spec.splits)]
    writers = {n: _Shards(target, n, metadata, spec.shard_mb * 1_000_000, spec.row_group_rows) for n in names}
    left_out = _LeftOut(records.kind(kind), config, rejects)
    unique = _Unique([p for t in tables for p in t.shards])
    rule = broken_rule(kind, spec.allow).alias("rule")
    start = 0
    for part in _parts(tables, schema, spec.row_group_rows):
        rows = records.from_arrow(part)
        belongs = pl.repeat(TRAIN, len(rows), eager=True) if split is None else split[start : start + len(rows)]
        start += len(rows)
        leak = pl.when(belongs.is_null()).then(pl.lit(SPLIT_LEAK))
        again = pl.when(pl.lit(~unique(rows["id"]))).then(pl.lit(REPEATED_ID))
        rules = rows.select(rule=pl.coalesce(again, rule, leak))["rule"]
        left_out.take(rows, rules)
        for name, writer in writers.items():
            writer.write(part.filter(((belongs == name) & rules.is_null()).fill_null(False).to_arrow()))
    closed = [writer.close() for writer in writers.values()]
    return Written(config, kind, schema, tuple(s for s in closed if s.rows), left_out.close())


class _LeftOut:
    """Rows that are left out: counted by rule and language, and written as they stand in `rejects/`."""

    def __init__(self, kind: records.Kind, config: str, folder: Path | None) -> None:
        self._kind, self._config, self._folder = kind, config, folder
        self._counts: dict[str, Counter[str]] = {}
        self._files = 0

    def take(self, rows: pl.DataFrame, rules: pl.Series) -> None:
        """Rows, and for each the rule that leaves it out, or null."""
        out = rows.with_columns(rules.alias("_rule"), self._kind.lang_expr().alias("_lang")).drop_nulls("_rule")
        for (rule,), group in out.group_by("_rule", maintain_order=True):
            self._counts.setdefault(str(rule), Counter()).update(group["_lang"].to_list())
            if self._folder is None:
                continue
            self._folder.mkdir(parents=True, exist_ok=True)
            shown = reject_rows(group, self._kind.name, RELEASE, str(rule), pl.lit(self._config))
            shown.write_parquet(self._folder / f"{self._config}-{self._files:05d}.parquet")
            self._files += 1

    def close(self) -> dict[str, dict[str, int]]:
        """Rows by rule and language."""
        return {rule: dict(counts) for rule, counts in sorted(self._counts.items())}


class _Unique:
    """Tells the first row of each id.

    Only ids whose 64-bit hash occurs twice are remembered; which hash it is does not change the result.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        hashes = np.empty(sum(pq.read_metadata(path).num_rows for path in paths), np.uint64)
        start = 0
        for path in paths:
            told = pl.read_parquet(path, columns=["id"])["id"].hash().to_numpy()
            hashes[start : start + len(told)] = told
            start += len(told)
        hashes.sort()  # in place: a table of hashes takes ten times the memory
        self._suspects = pl.Series(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]), dtype=pl.UInt64)
        self._seen: set[str] = set()

    def __call__(self, ids: pl.Series) -> pl.Series:
        """(n,) Boolean: whether the id was not seen before."""
        first = [True] * len(ids)
        if self._suspects.len():
            suspects = ids.to_frame("id").with_row_index().filter(pl.col("id").hash().is_in(self._suspects.implode()))
            for index, row_id in suspects.iter_rows():  # the few rows whose id may occur twice
                first[index] = row_id not in self._seen
                self._seen.add(row_id)
        return pl.Series("first", first, dtype=pl.Boolean)


def _parts(tables: Sequence[Rows], schema: pa.Schema, rows: int) -> Iterator[pa.Table]:
    """The rows of some tables in order, up to `rows` at a time."""
    for path in (p for t in tables for p in t.shards):
        with pq.ParquetFile(path) as file:
            columns = [n for n in schema.names if n in file.schema_arrow.names]
            for batch in file.iter_batches(batch_size=rows, columns=columns):
                yield fit(pa.Table.from_batches([batch]), schema, path)


class _Shards:
    """Writes the rows of a split into numbered files, in row groups of one size, however the rows come.

    The number of files goes into their names at the end.
    """

    def __init__(self, folder: Path, split: str, schema: pa.Schema, target_bytes: int, group_rows: int) -> None:
        self._folder, self._split, self._schema = folder, split, schema
        self._target_bytes, self._group_rows = target_bytes, group_rows
        self._waiting: list[pa.Table] = []
        self._parts: list[Path] = []
        self._writer: pq.ParquetWriter | None = None
        self._rows = self._arrow_bytes = 0

    def write(self, rows: pa.Table) -> None:
        """Add rows; row groups are written as they fill."""
        self._waiting.append(rows)
        while sum(t.num_rows for t in self._waiting) >= self._group_rows:
            whole = pa.concat_tables(self._waiting)
            self._write_group(whole[: self._group_rows].combine_chunks())
            self._waiting = [whole[self._group_rows :]]

    def _write_group(self, group: pa.Table) -> None:
        """Starts a new file when the one being written has its size."""
        self._arrow_bytes += group.nbytes
        if self._writer is None:
            self._parts.append(self._folder / f".{self._split}-{len(self._parts):05d}.tmp")
            # A file of Python's: a full disk is then an OSError with its errno.
            self._file = self._parts[-1].open("wb")
            self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd", write_page_index=True)
        self._writer.write_table(group.replace_schema_metadata(self._schema.metadata))
        self._rows += group.num_rows
        if self._file.tell() >= self._target_bytes:
            self._finish_file()

    def close(self) -> Split:
        """Finish the last file and give all their names."""
        rest = pa.concat_tables(self._waiting).combine_chunks() if self._waiting else None
        if rest is not None and rest.num_rows:
            self._write_group(rest)
        self._finish_file()
        total = len(self._parts)
        names = [p.with_name(f"{self._split}-{i:05d}-of-{total:05d}.parquet") for i, p in enumerate(self._parts)]
        for part, name in zip(self._parts, names, strict=True):
            part.rename(name)
        return Split(self._split, tuple(names), self._rows, self._arrow_bytes)

    def _finish_file(self) -> None:
        if self._writer is None:
            return
        self._writer.close()
        self._writer = None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
