"""The rows that a deduplication reads, as numbered Parquet files, a few megabytes at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from xlcorpus import records
from xlcorpus.arrays import Ints32
from xlcorpus.mining.near_duplicates.clusters import NO_SPLIT

BATCH_BYTES = 1 << 20
BATCH_ROWS = 4096


@dataclass(frozen=True)
class Shard:
    """A Parquet file of rows, and the number of its first."""

    path: Path
    start: int
    rows: int
    split: int = NO_SPLIT
    """number of the split of an earlier release"""

    @property
    def stop(self) -> int:
        """The number behind its last row."""
        return self.start + self.rows

    def batches(self, kind: str, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The rows in their order, with these columns of the kind; those that a file does not have are filled."""
        with pq.ParquetFile(self.path) as file:
            there = set(file.schema_arrow.names)
            size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups))
            rows = min(BATCH_ROWS, max(64, BATCH_BYTES * self.rows // max(size, 1)))
            whole = {*columns} <= there
            read = list(columns) if whole else [c for c in records.polars_schema(kind) if c in there]
            for batch in file.iter_batches(rows, columns=read, use_threads=False):
                frame = pl.from_arrow(batch)
                assert isinstance(frame, pl.DataFrame)
                yield (frame if whole else records.finish(frame, kind)).select(columns)


def numbered(files: Sequence[tuple[Path, int]], start: int = 0) -> list[Shard]:
    """Files and their splits as shards, the rows numbered from `start`; files without rows are left out."""
    found: list[Shard] = []
    for path, split in files:
        rows = pq.read_metadata(path).num_rows
        if rows:
            found.append(Shard(path, start, rows, split))
            start += rows
    return found


def names(exprs: Sequence[pl.Expr]) -> list[str]:
    """The columns that some expressions read."""
    return sorted({name for expr in exprs for name in expr.meta.root_names()})


def ids_of(shards: Sequence[Shard], kind: str, rows: Ints32) -> pl.Series:
    """(n,) String: the ids of rows.

    Args:
        shards: all of them, in order.
        kind: of the rows.
        rows: (n,) numbers, ascending.
    """
    found = [pl.Series("id", [], pl.String)]
    for shard in shards:
        begin, end = np.searchsorted(rows, (shard.start, shard.stop))
        if begin < end:
            ids = pl.concat([batch["id"] for batch in shard.batches(kind, ["id"])])
            found.append(ids.gather(rows[begin:end] - shard.start))
    return pl.concat(found)
