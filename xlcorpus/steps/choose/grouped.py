"""Rows brought together by key, on disk, so that a step sees each group whole wherever its rows lie.

Hashes of the keys say which rows belong together, and nothing else is in memory for all rows (24 bytes each). A group
belongs to the row that it first appears in; groups are dealt to parts by that row's number, so the output has them in
the order of the table, for any number of shards, parts and workers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from xxhash import xxh3_64_intdigest

from xlcorpus import records
from xlcorpus.arrays import Ints64, UInts64
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.whole_files import whole_file, whole_folder

PART_BYTES, PART_ROWS = 64 << 20, 50_000
"""Bytes (Parquet's, uncompressed) and rows of a part, about: a part is in memory at once. Texts that repeat are stored
once in Parquet, so that bytes alone say too little."""
MOST_PARTS, MOST_RUNS = 250, 16
"""Files that one task has open, and tasks that read the table."""
BATCH_ROWS = 4096
GROUP = "_group"
"""Column of the group's number within a part, ascending in the order of the table."""

T = TypeVar("T")


class Choice(NamedTuple):
    """What becomes of some rows."""

    kept: pl.DataFrame
    rejected: Sequence[tuple[str, pl.DataFrame]] = ()
    """(rule, rows); column `_value` (String) is the measured value"""


class Chooser(Protocol):
    """What a step must have to work on groups."""

    def group_keys(self, kind: str) -> list[pl.Expr]:
        """String expressions, equal for rows of one group."""
        ...

    def choose(self, rows: pl.DataFrame, kind: str) -> Iterator[Choice]:
        """Work on whole groups: rows in the order of their groups and, within one, of the table, with `_group`."""
        ...


def group_key(columns: Sequence[str]) -> list[pl.Expr]:
    """String expressions of columns; a row without `group_id` is an item of its own."""
    keys = [records.item() if c == "group_id" else pl.col(c) for c in columns]
    return [key.cast(pl.String).fill_null("").alias(f"_key{n}") for n, key in enumerate(keys)]


def by_group(step: Chooser, table: Table, env: CorpusEnv) -> Iterator[pl.DataFrame]:
    """What a step keeps of a table, in the order in which the groups first appear; the others go to `env.reject`.

    Args:
        step: picklable.
        table: all rows.
        env: its `scratch` holds the rows by parts, its `map` does the work.
    """
    parts = _parts(table)
    if parts == 1:
        frame = table.frame()
        first = _first_rows([_hashes(frame, step, table.kind)])
        rows = frame.with_columns(_first=pl.Series(first), _row=pl.int_range(pl.len(), dtype=pl.Int64))
        for choice in step.choose(_numbered(rows, step, table.kind), table.kind):
            yield from _handed(choice.kept, choice.rejected, env)
        return
    runs = _runs(table, step, env.scratch)
    _all(_leave_hashes, runs, env)
    first = _first_rows([np.load(run.hashes) for run in runs])
    with whole_file(env.scratch / "first.npy") as unfinished, unfinished.open("wb") as file:
        np.save(file, first)
    borders = _borders(first, parts)
    _all(_deal, [_Deal(run, tuple(borders)) for run in runs], env)
    work = [_Part(n, step, table.kind, env.scratch, len(runs)) for n in range(parts)]
    for made in env.map(_leave_choices, work):
        for number in range(made.count):
            rejected = pl.read_parquet(made.rejected(number))
            rules = rejected["_rule"].unique(maintain_order=True).to_list() if rejected.height else []
            yield from _handed(
                pl.read_parquet(made.kept(number)),
                [(rule, rejected.filter(pl.col("_rule") == rule).drop("_rule")) for rule in rules],
                env,
            )


def _handed(kept: pl.DataFrame, rejected: Sequence[tuple[str, pl.DataFrame]], env: CorpusEnv) -> Iterator[pl.DataFrame]:
    for rule, rows in rejected:
        if rows.height:
            env.reject(rows, rule, pl.col("_value"))
    yield kept


@dataclass(frozen=True)
class _Run:
    """Shards that one task reads."""

    number: int
    shards: tuple[Path, ...]
    start: int
    """number of its first row"""
    step: Chooser
    kind: str
    schema: pl.Schema
    scratch: Path

    @property
    def hashes(self) -> Path:
        """(rows,) uint64: hashes of the keys."""
        return self.scratch / f"hashes-{self.number:03d}.npy"

    @property
    def dealt(self) -> Path:
        """Folder with a file for each part."""
        return self.scratch / f"dealt-{self.number:03d}"

    def batches(self) -> Iterator[pl.DataFrame]:
        """The rows in order, with the columns of the table."""
        nothing = self.schema.to_frame()
        for path in self.shards:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(BATCH_ROWS, use_threads=False):
                    frame = records.from_arrow(pa.Table.from_batches([batch]))
                    yield pl.concat([nothing, frame], how="diagonal_relaxed")


@dataclass(frozen=True)
class _Deal:
    """A run whose rows are dealt to parts."""

    run: _Run
    borders: tuple[int, ...]
    """first row of each part but the first"""


@dataclass(frozen=True)
class _Part:
    """Groups that one task works on."""

    number: int
    step: Chooser
    kind: str
    scratch: Path
    runs: int
    count: int = 0
    """choices that were left in files"""

    def kept(self, number: int) -> Path:
        return self.scratch / f"kept-{self.number:05d}-{number:05d}.parquet"

    def rejected(self, number: int) -> Path:
        return self.scratch / f"rejected-{self.number:05d}-{number:05d}.parquet"

    def rows(self) -> pl.DataFrame:
        """All rows of the part, in the order of the table."""
        held = [self.scratch / f"dealt-{run:03d}" / f"{self.number:05d}.arrow" for run in range(self.runs)]
        return pl.concat([_read(path) for path in held if path.exists()], rechunk=True)


def _runs(table: Table, step: Chooser, scratch: Path) -> list[_Run]:
    size = -(-len(table.shards) // MOST_RUNS)
    schema = table.scan().collect_schema()
    runs, start = [], 0
    for number, at in enumerate(range(0, len(table.shards), size)):
        shards = table.shards[at : at + size]
        runs.append(_Run(number, shards, start, step, table.kind, schema, scratch))
        start += sum(pq.read_metadata(path).num_rows for path in shards)
    return runs


def _leave_hashes(run: _Run) -> None:
    if not run.hashes.exists():
        found = [_hashes(rows, run.step, run.kind) for rows in run.batches()]
        with whole_file(run.hashes) as unfinished, unfinished.open("wb") as file:
            np.save(file, np.concatenate([np.empty(0, np.uint64), *found]))


def _deal(deal: _Deal) -> None:
    """Leave the rows of a run in a file for each part."""
    run = deal.run
    if run.dealt.exists():
        return
    first = np.load(run.scratch / "first.npy", mmap_mode="r")
    at = run.start
    writers: dict[int, pa.RecordBatchStreamWriter] = {}
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with whole_folder(run.dealt) as folder:
        try:
            for batch in run.batches():
                own = np.array(first[at : at + batch.height])
                numbers = pl.Series(np.arange(at, at + batch.height))
                rows = batch.with_columns(_first=pl.Series(own), _row=numbers)
                part = np.searchsorted(np.array(deal.borders, np.int64), own, side="right")
                for number in np.unique(part).tolist():
                    told = rows.filter(pl.Series(part == number)).to_arrow()
                    if number not in writers:
                        path = str(folder / f"{number:05d}.arrow")
                        writers[number] = pa.ipc.new_stream(path, told.schema, options=options)
                    writers[number].write_table(told)
                at += batch.height
        finally:
            for writer in writers.values():
                writer.close()


def _leave_choices(part: _Part) -> _Part:
    """Leave what the step chooses in files; the part, with their number."""
    done = part.scratch / f"count-{part.number:05d}"
    if not done.exists():
        number = 0
        rows = _numbered(part.rows(), part.step, part.kind)
        for choice in part.step.choose(rows, part.kind):
            refused = [rows.with_columns(_rule=pl.lit(rule)) for rule, rows in choice.rejected if rows.height]
            frame = pl.concat(refused, how="diagonal_relaxed") if refused else pl.DataFrame()
            for path, told in ((part.kept(number), choice.kept), (part.rejected(number), frame)):
                with whole_file(path) as unfinished:
                    told.write_parquet(unfinished)
            number += 1
        with whole_file(done) as unfinished:
            unfinished.write_text(str(number), "utf8")
    return _Part(part.number, part.step, part.kind, part.scratch, part.runs, int(done.read_text("utf8")))


def _hashes(rows: pl.DataFrame, step: Chooser, kind: str) -> UInts64:
    """(rows,) uint64: one hash a row, the same on machines of all kinds, which those of polars are not."""
    keys = rows.select(pl.concat_str(step.group_keys(kind), separator="\x1d")).to_series()
    return np.fromiter((xxh3_64_intdigest(key) for key in keys.cast(pl.Binary)), np.uint64, len(keys))


def _first_rows(hashes: Sequence[UInts64]) -> Ints64:
    """(rows,) int64: for each row the number of the first row with the same hash."""
    _, first, group = np.unique(np.concatenate(hashes), return_index=True, return_inverse=True)
    return first[group].astype(np.int64)


def _borders(first: Ints64, parts: int) -> list[int]:
    """(parts - 1,) first rows at which parts begin, so that they have about as many rows."""
    ranked = np.sort(first)
    return [int(ranked[len(ranked) * part // parts]) for part in range(1, parts)]


def _numbered(rows: pl.DataFrame, step: Chooser, kind: str) -> pl.DataFrame:
    """Whole groups one after the other, with `_group`; two keys with one hash are two groups."""
    keys = step.group_keys(kind)
    rows = rows.with_columns(keys)
    names = [key.meta.output_name() for key in keys]
    rows = rows.with_columns(_begin=pl.col("_row").min().over("_first", *names)).sort("_begin", "_row")
    return rows.with_columns(pl.col("_begin").rank("dense").cast(pl.UInt32).alias(GROUP)).drop(
        "_begin", "_first", *names
    )


def _read(path: Path) -> pl.DataFrame:
    with pa.memory_map(str(path)) as file:
        return records.from_arrow(pa.ipc.open_stream(file).read_all())


def _parts(table: Table) -> int:
    """In how many parts a table is worked on."""
    rows = size = 0
    for path in table.shards:
        metadata = pq.read_metadata(path)
        rows += metadata.num_rows
        size += sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    return min(MOST_PARTS, 1 + max(size // PART_BYTES, rows // PART_ROWS))


def _all(work: Callable[[T], None], items: Sequence[T], env: CorpusEnv) -> None:
    for _ in env.map(work, items):
        pass
