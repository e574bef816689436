"""What of a release is exported: a config, its splits, their files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from xlcorpus import records
from xlcorpus.errors import UserError, XlcorpusError, nearest
from xlcorpus.release.columns import read_schema
from xlcorpus.release.header import read_header
from xlcorpus.release.shards import KIND_KEY

BATCH_ROWS = 10_000
"""Rows that are in memory at a time."""

_SHARD = re.compile(r"(?P<split>.+)-(?P<number>\d{5,})-of-(?P<total>\d{5,})\.parquet")
_FIRST = ("train", "validation", "test")


@dataclass(frozen=True)
class Source:
    """A config of a release."""

    release: Path
    config: str
    kind: str
    """record kind of its rows"""
    splits: dict[str, tuple[Path, ...]]
    """the files of each split; train, validation and test first, others by name"""

    def batches(self, split: str) -> Iterator[pl.DataFrame]:
        """The rows of a split in order, first a frame without any, for the columns."""
        yield records.from_arrow(read_schema(self.splits[split][0]).empty_table())
        for path in self.splits[split]:
            try:
                with pq.ParquetFile(path) as parquet:
                    for batch in parquet.iter_batches(batch_size=BATCH_ROWS):
                        yield records.from_arrow(pa.Table.from_batches([batch]))
            except (pa.ArrowException, OSError) as problem:
                raise XlcorpusError(f"{path}: not a whole Parquet file: {problem}") from None

    def says(self, field: str) -> bool:
        """Whether any turn of any row has a value in a field (`tool_calls`, `reasoning`)."""
        columns = records.message_columns(self.kind)
        turns = pl.element().struct.field(field)
        wanted = [pl.col(c).list.eval(turns.is_not_null()).list.any().any().alias(c) for c in columns]
        return bool(columns) and any(pl.scan_parquet(self._paths()).select(wanted).collect().row(0))

    def has(self, column: str) -> bool:
        """Whether any row has a value in a column."""
        if column not in records.polars_schema(self.kind):
            return False
        return bool(pl.scan_parquet(self._paths()).select(pl.col(column).is_not_null().any()).collect().item())

    def _paths(self) -> list[Path]:
        return [path for paths in self.splits.values() for path in paths]


def find_source(release: Path, config: str | None, splits: Sequence[str], kinds: Collection[str], form: str) -> Source:
    """The config that is meant.

    Args:
        release: folder of a release.
        config: its name; None: the only one whose kind the form holds.
        splits: names of the splits; empty: all.
        kinds: record kinds that the form holds.
        form: its name, for messages.

    Raises:
        UserError: no such config or split, several configs that may be meant, or none of a kind that the form holds.
        XlcorpusError: no release, or one that is not whole.
    """
    if not release.is_dir():
        raise UserError(f"no folder {release}")
    read_header(release)
    data = release / "data"
    there = {p.name: _kind(p) for p in sorted(data.iterdir()) if p.is_dir()} if data.is_dir() else {}
    if not there:
        raise XlcorpusError(f"{release} holds no rows: no folder in {data}")
    if config is not None and config not in there:
        raise UserError(f"{release} has no config {config!r}; {nearest(config, there)}")
    fitting = [name for name, kind in there.items() if kind in kinds and name == (config or name)]
    if not fitting:
        said = ", ".join(f"{name} ({kind})" for name, kind in there.items() if name == (config or name))
        raise UserError(f"{form} holds rows of kind {', '.join(sorted(kinds))}; {release} has {said}")
    if len(fitting) > 1:
        raise UserError(f"{release} has several configs that {form} can hold; give one: --config {'|'.join(fitting)}")
    files = _splits(data / fitting[0])
    for split in splits:
        if split not in files:
            raise UserError(f"config {fitting[0]!r} has no split {split!r}; {nearest(split, files)}")
    wanted = {name: paths for name, paths in files.items() if not splits or name in splits}
    return Source(release, fitting[0], there[fitting[0]], wanted)


def _kind(folder: Path) -> str:
    """Record kind of a config's rows."""
    path = next(iter(sorted(folder.glob("*.parquet"))), None)
    if path is None:
        raise XlcorpusError(f"{folder} holds no Parquet file")
    name = str((read_schema(path).metadata or {}).get(KIND_KEY, b""), "utf8")
    if name not in records.kinds():
        raise XlcorpusError(f"{path}: metadata {KIND_KEY.decode()} is {name!r}; {nearest(name, records.kinds())}")
    return name


def _splits(folder: Path) -> dict[str, tuple[Path, ...]]:
    """The files of each split of a config, in order."""
    found: dict[str, dict[int, Path]] = {}
    totals: dict[str, int] = {}
    for path in sorted(folder.glob("*.parquet")):
        match = _SHARD.fullmatch(path.name)
        if match is None:
            raise XlcorpusError(f"{path} is not named <split>-<number>-of-<total>.parquet")
        found.setdefault(match["split"], {})[int(match["number"])] = path
        totals[match["split"]] = max(int(match["total"]), totals.get(match["split"], 1))
    for split, total in totals.items():
        for number in sorted({*range(total)} - {*found[split]}):
            raise XlcorpusError(f"{folder}/{split}-{number:05d}-of-{total:05d}.parquet is missing")
    order = sorted(found, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))
    return {name: tuple(path for _, path in sorted(found[name].items())) for name in order}
