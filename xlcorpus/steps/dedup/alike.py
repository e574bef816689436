"""Rows with nearly equal texts: tasks over shards that leave band keys and sets of shingles in files."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from xlcorpus.arrays import Bools, Ints32, Ints64, UInts64
from xlcorpus.mining.near_duplicates.bands import ALONE, band_keys, bands_for, buckets
from xlcorpus.mining.near_duplicates.clusters import Sets
from xlcorpus.mining.near_duplicates.shingles import Shingles, Unit, shingles
from xlcorpus.mining.near_duplicates.signatures import signatures
from xlcorpus.mining.near_duplicates.verify import sets
from xlcorpus.steps.dedup.fields import Field, Sides, Within, fields, group, views
from xlcorpus.steps.dedup.shards import Shard, names
from xlcorpus.whole_files import whole_file

TASK_ROWS = 50_000
"""Rows of a task, or one shard: what starting a task on the cluster is worth."""

T = TypeVar("T")

_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Likeness:
    """What makes two rows nearly equal: the options of the step."""

    kind: str
    threshold: float
    unit: Unit
    ignore_numbers: bool
    pairs: Sides
    within: Within

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of the rows."""
        return fields(self.kind, self.pairs)

    @property
    def views(self) -> tuple[tuple[int, ...], ...]:
        """As `fields.views`."""
        return views(self.kind, self.pairs)

    @property
    def view_of(self) -> list[int]:
        """(all bands,) the view of each band."""
        return [view for view in range(len(self.views)) for _ in range(bands_for(self.threshold)[0])]

    def columns(self) -> list[str]:
        """Columns that are read."""
        texts = [expr for field in self.fields for expr in (field.text, field.lang)]
        return names([*texts, group(self.kind, self.within)])

    def shingles(self, rows: pl.DataFrame, field: Field) -> Shingles:
        """The shingles of one field."""
        told = rows.select(text=field.text, lang=field.lang)
        return shingles(told["text"], told["lang"], self.unit, self.ignore_numbers)


@dataclass(frozen=True)
class SignTask:
    """Shards of which the band keys are wanted."""

    shards: tuple[Shard, ...]
    likeness: Likeness
    scratch: Path

    def out(self, shard: Shard) -> Path:
        """(all bands, n) uint64: the keys of its rows."""
        return self.scratch / f"bands-{shard.start:010d}.npy"


@dataclass(frozen=True)
class SetsTask:
    """Shards of which the sets of the rows that have candidates are wanted."""

    shards: tuple[Shard, ...]
    likeness: Likeness
    scratch: Path
    wanted: Path
    """(all rows,) bool"""

    def out(self, shard: Shard) -> tuple[Path, Path]:
        """(n * fields,) int64: the sizes of the sets, 0 of rows without candidates; (m,) uint64: the shingles."""
        name = f"{shard.start:010d}.npy"
        return self.scratch / f"sizes-{name}", self.scratch / f"sets-{name}"


def tasks(shards: Sequence[Shard]) -> list[tuple[Shard, ...]]:
    """The shards in runs of about `TASK_ROWS` rows."""
    found: list[list[Shard]] = []
    for shard in shards:
        if not found or sum(other.rows for other in found[-1]) >= TASK_ROWS:
            found.append([])
        found[-1].append(shard)
    return [tuple(run) for run in found]


def sign(task: SignTask) -> None:
    """Leave the band keys of the shards in their files."""
    for shard in task.shards:
        if not (out := task.out(shard)).exists():
            bands = len(task.likeness.view_of)
            keys = [np.empty((0, bands), np.uint64), *_in_threads(lambda rows: _keys(rows, task.likeness), shard, task)]
            _save(out, np.ascontiguousarray(np.concatenate(keys).T))


def _keys(rows: pl.DataFrame, likeness: Likeness) -> UInts64:
    """(n, all bands): candidates have equal ones; they hold the group and the numbers of a row beside its texts."""
    count, length = bands_for(likeness.threshold)
    together = rows.select(group(likeness.kind, likeness.within).hash()).to_series().to_numpy()
    found: list[UInts64] = []
    for view in likeness.views:
        beside = together * _ODD
        signed = []
        for place in view:
            told = likeness.shingles(rows, likeness.fields[place])
            # The same words on another side are other shingles.
            salt = np.uint64(place) << np.uint64(61)
            signed.append(signatures(told.hashes ^ salt, told.offsets, count * length))
            beside = (beside ^ told.numbers) * _ODD
        found.append(band_keys(np.minimum.reduce(signed), count) ^ beside[:, None])
    return np.concatenate(found, 1)


def leave_sets(task: SetsTask) -> None:
    """Leave the sets of the shards in their files."""
    wanted = np.load(task.wanted, mmap_mode="r")
    for shard in task.shards:
        sizes_out, sets_out = task.out(shard)
        if sets_out.exists():
            continue
        asked = np.array(wanted[shard.start : shard.stop])
        parts = [*_in_threads(lambda rows: _sets(rows, task.likeness), shard, task, asked)]
        sizes = np.zeros((shard.rows, len(task.likeness.fields)), np.int64)
        sizes[asked] = np.concatenate([sizes[:0], *(size for size, _ in parts)])
        _save(sizes_out, sizes.ravel())
        _save(sets_out, np.concatenate([np.empty(0, np.uint64), *(held for _, held in parts)]))


def _sets(rows: pl.DataFrame, likeness: Likeness) -> tuple[Ints64, UInts64]:
    """(n, fields) sizes of the sets, and the sets, row after row."""
    each = [sets(told.hashes, told.offsets) for told in (likeness.shingles(rows, f) for f in likeness.fields)]
    if len(each) == 1:
        return np.diff(each[0][1])[:, None], each[0][0]
    sizes = np.stack([np.diff(offsets) for _, offsets in each], 1)
    begins = np.concatenate([[0], np.cumsum(sizes.ravel())[:-1]]).reshape(sizes.shape)
    held = np.empty(int(sizes.sum()), np.uint64)
    for place, (hashes, offsets) in enumerate(each):
        shift = np.repeat(begins[:, place] - offsets[:-1], sizes[:, place])
        held[np.arange(len(hashes)) + shift] = hashes
    return sizes, held


def _in_threads(
    work: Callable[[pl.DataFrame], T], shard: Shard, task: SignTask | SetsTask, asked: Bools | None = None
) -> Iterator[T]:
    """Results over the rows of a shard in order, on all cores; `asked`: over those rows alone."""
    workers = pl.thread_pool_size()
    start = 0
    with ThreadPoolExecutor(workers) as pool:
        for batch in shard.batches(task.likeness.kind, task.likeness.columns()):
            stop = start + batch.height
            rows = batch if asked is None else batch.filter(pl.Series(asked[start:stop]))
            start = stop
            if rows.height:
                yield from pool.map(work, rows.iter_slices(-(-rows.height // workers)))


def _save(path: Path, array: npt.NDArray[Any]) -> None:
    with whole_file(path) as unfinished, unfinished.open("wb") as file:
        np.save(file, array)


def candidates(paths: Sequence[Path], bands: int, rows: int) -> Ints32:
    """(bands, rows) int32: `buckets` of all rows in each band; one band's keys are in memory at a time.

    Args:
        paths: files of `sign`, in the order of the rows.
        bands: all bands.
        rows: all rows.
    """
    found = np.full((bands, rows), ALONE, np.int32)
    for band in range(bands):
        parts = [np.array(np.load(path, mmap_mode="r")[band]) for path in paths]
        found[band] = buckets(np.concatenate([np.empty(0, np.uint64), *parts]))
    return found


def held_sets(paths: Sequence[tuple[Path, Path]], likeness: Likeness, joined: Path) -> Sets:
    """The sets of all rows, mapped from one file: what was read counts as nobody's memory after `forget`.

    Args:
        paths: files of `leave_sets`, in the order of the rows.
        likeness: of the rows.
        joined: the file to make.
    """
    with joined.open("wb") as file:
        for _, held in paths:
            np.load(held, mmap_mode="r").tofile(file)
    offsets = np.cumsum(np.concatenate([np.zeros(1, np.int64), *(np.load(size) for size, _ in paths)]))
    if not offsets[-1]:
        return Sets(np.empty(0, np.uint64), offsets, likeness.threshold, likeness.views)
    with joined.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    hashes = np.frombuffer(mapped, np.uint64)
    return Sets(hashes, offsets, likeness.threshold, likeness.views, lambda: mapped.madvise(mmap.MADV_DONTNEED))
