"""Nearest neighbours over a cluster: the two sides in parts, one task for each pair of parts.

Every language is written once as a `.npy` file that tasks map into memory. Every task writes its neighbours to a file
of its own, so that a restarted run reuses it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from xlcorpus.device import Device
from xlcorpus.errors import XlcorpusError
from xlcorpus.mining.search.ann import ann_knn
from xlcorpus.mining.search.duplicates import distinct_rows
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.search.neighbours import Neighbours, join_shards
from xlcorpus.mining.search.unit import UnitRows
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.whole_files import whole_file

COLUMNS = ("id", "text", "lang", "source", "license", "group_id")


@dataclass(frozen=True)
class EmbeddedLanguage:
    """The sentences of one language with distinct vectors."""

    tag: str
    vectors: Path
    """`.npy`, (n, dim) float32"""
    records: Path
    """Parquet, the n rows with `COLUMNS`"""
    length: int

    def rows(self) -> pl.DataFrame:
        """The records, in the order of the vectors."""
        return pl.read_parquet(self.records)


@dataclass(frozen=True)
class SearchPart:
    """One task: a range of source rows against a range of target rows."""

    src: Path
    tgt: Path
    i: int
    j: int
    rows: int
    k: int
    device: Device
    memory_mb: int
    out: Path


def embedded_language(table: Table, tag: str, folder: Path) -> EmbeddedLanguage:
    """Write the vectors and records of one language, unless they are there."""
    vectors, rows = folder / f"{tag}.npy", folder / f"{tag}.parquet"
    if not rows.exists():
        of_tag = table.scan().filter(pl.col("lang") == tag)
        count = of_tag.select(pl.len()).collect().item()
        embedding = table.scan().collect_schema()["embedding"]
        assert isinstance(embedding, pl.Array)
        _check_room(folder, 2 * 4 * count * embedding.shape[0], tag)
        everything = folder / f".{tag}.npy"
        matrix = np.lib.format.open_memmap(everything, "w+", dtype=np.float32, shape=(count, embedding.shape[0]))
        start = 0
        for path in table.shards:
            part = pl.scan_parquet(path).filter(pl.col("lang") == tag).select("embedding").collect()
            matrix[start : start + part.height] = part["embedding"].to_numpy() if part.height else 0
            start += part.height
        first = distinct_rows(UnitRows(matrix, tag))
        if len(first) == count:
            matrix.flush()
            everything.replace(vectors)
        else:
            with whole_file(vectors) as unfinished, unfinished.open("wb") as file:
                np.save(file, matrix[first])
            everything.unlink()
        with whole_file(rows) as unfinished:
            of_tag.select(COLUMNS).collect()[first].write_parquet(unfinished)
    return EmbeddedLanguage(tag, vectors, rows, len(np.load(vectors, mmap_mode="r")))


def _check_room(folder: Path, needed: int, tag: str) -> None:
    """Refuse before the work, instead of failing after hours of it."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise XlcorpusError(
            f"mining {tag} needs {needed / 2**30:.1f} GiB of disk for its vectors, but {folder} has {free / 2**30:.1f} "
            "GiB left; make room, choose another --workdir, or an encoder of fewer dimensions"
        )


def search(
    src: EmbeddedLanguage, tgt: EmbeddedLanguage, k: int, device: Device, memory_mb: int, part_rows: int, env: CorpusEnv
) -> Neighbours:
    """The k nearest neighbours in both directions, part by part on the cluster; the same for any `part_rows`."""
    folder = src.vectors.parent
    parts = [
        SearchPart(
            src.vectors, tgt.vectors, i, j, part_rows, k, device, memory_mb, folder / f"{src.tag}-{tgt.tag}-{i}-{j}.npz"
        )
        for i in range(0, src.length, part_rows)
        for j in range(0, tgt.length, part_rows)
    ]
    return join_shards(_found(parts, env), src.length, tgt.length, k)


@dataclass(frozen=True)
class IndexSearch:
    """One task: all source rows against all target rows, through an index."""

    src: Path
    tgt: Path
    k: int
    index: str
    recall: float
    device: Device
    seed: int
    out: Path


def search_index(
    src: EmbeddedLanguage, tgt: EmbeddedLanguage, k: int, index: str, recall: float, device: Device, env: CorpusEnv
) -> tuple[Neighbours, str]:
    """Nearly all of the k nearest neighbours in both directions, and what was measured of the index.

    Trained indexes are kept beside the vectors until the step is whole.
    """
    folder = src.vectors.parent
    out = folder / f"{src.tag}-{tgt.tag}-index.npz"
    task = IndexSearch(src.vectors, tgt.vectors, k, index, recall, device, env.seed, out)
    if not task.out.exists():
        list(env.map(search_whole, [task]))
    with np.load(task.out) as file:
        return Neighbours(*(file[f"arr_{n}"] for n in range(4))), str(file["arr_4"])


def search_whole(task: IndexSearch) -> None:
    """Search through an index and leave neighbours and report in the task's file."""
    x, y = (np.load(path, mmap_mode="r") for path in (task.src, task.tgt))
    cache = task.out.parent / "index"
    found, report = ann_knn(
        x, y, task.k, task.index, recall=task.recall, device=task.device, seed=task.seed, cache=cache
    )
    probes = "" if report.probes is None else f", {report.probes} probes"
    # Without the seconds, which differ from run to run.
    recall = f"{report.recall:.3f} ({report.recall_low:.3f} to {report.recall_high:.3f})"
    text = f"index {report.index}{probes}, recall {recall}"
    _savez(task.out, found.fwd_sim, found.fwd_index, found.bwd_sim, found.bwd_index, np.array(text))


def _found(parts: list[SearchPart], env: CorpusEnv) -> Iterator[tuple[int, int, Neighbours]]:
    missing = [part for part in parts if not part.out.exists()]
    for _ in env.map(search_part, missing):
        pass  # the result is in the task's file
    for part in parts:
        with np.load(part.out) as file:
            yield part.i, part.j, Neighbours(*(file[f"arr_{n}"] for n in range(4)))


def search_part(part: SearchPart) -> None:
    """Search one part and leave the neighbours in its file."""
    x, y = (np.load(path, mmap_mode="r") for path in (part.src, part.tgt))
    rows, columns = x[part.i : part.i + part.rows], y[part.j : part.j + part.rows]
    found = knn(rows, columns, part.k, part.device, part.memory_mb)
    _savez(part.out, found.fwd_sim, found.fwd_index, found.bwd_sim, found.bwd_index)


def _savez(path: Path, *arrays: np.ndarray[Any, Any]) -> None:
    with whole_file(path) as unfinished, unfinished.open("wb") as file:
        np.savez(file, *arrays)
