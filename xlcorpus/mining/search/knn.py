"""Exact nearest neighbours by cosine, in both directions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.device import Device
from xlcorpus.errors import MissingExtra, UserError
from xlcorpus.mining.search.faiss_backend import faiss_module, flat_index, resolve_device
from xlcorpus.mining.search.neighbours import Neighbours, join_shards, nearest_of
from xlcorpus.mining.search.threads import blas_threads
from xlcorpus.mining.search.unit import CHUNK_VALUES, UnitRows, unit_rows

__all__ = ["MEMORY_MB", "Neighbours", "UnitRows", "knn", "unit_rows"]

MEMORY_MB = 1024
"""Working memory of a search by default, in MiB."""

GPU_BLOCK_ROWS = 16_384
"""Rows sent to the GPU and re-scored at once."""

_LEAST_TILE = 64


def knn(
    x: npt.ArrayLike | UnitRows,
    y: npt.ArrayLike | UnitRows,
    k: int,
    device: Device = "auto",
    memory_mb: int = MEMORY_MB,
    threads: int | None = None,
) -> Neighbours:
    """The k nearest rows by cosine in both directions, exact.

        neighbours = knn(np.load("de.npy", mmap_mode="r"), np.load("en.npy", mmap_mode="r"), k=4)

    On the CPU one pass over the similarity matrix serves both directions (see `twoway`), and the result is the same,
    bit by bit, for any memory and number of threads. A zero vector is no one's neighbour and has none. The arrays
    given are not changed, and copied only in tiles, and only where they are not float32 rows of length 1 already.

    Args:
        x: (n, dim) source embeddings of any real dtype, in memory or memory-mapped, not necessarily of unit length.
        y: (m, dim) target embeddings.
        k: neighbours per row; rows have fewer where the other side is smaller.
        device: cpu, cuda (FAISS on the first GPU, which must hold all vectors) or auto: a GPU where FAISS has one.
        memory_mb: working memory on the CPU in MiB beside the arrays and the result, 12 k (n + m) bytes.
        threads: how many work at once; None: as many as BLAS would use (OMP_NUM_THREADS).

    Raises:
        UserError: not two-dimensional, unequal dimensions, NaN or infinity, k below 1, no GPU for `cuda`, too little
            memory for the smallest tile.
        MissingExtra: `cuda`, and FAISS is not installed.
    """
    if k < 1:
        raise UserError(f"k must be at least 1, not {k}")
    threads = threads or blas_threads()
    src, tgt = (
        side if isinstance(side, UnitRows) else UnitRows(side, name, threads)
        for side, name in ((x, "source"), (y, "target"))
    )
    if src.dim != tgt.dim:
        raise UserError(
            f"source embeddings have {src.dim} dimensions, target embeddings {tgt.dim}: "
            "both sides must come from one encoder"
        )
    if _on_gpu(device):
        one, other = src.block(0, len(src)), tgt.block(0, len(tgt))
        return Neighbours(*_nearest_on_gpu(one, other, k), *_nearest_on_gpu(other, one, k))
    height, width = _tile(src, tgt, k, threads, memory_mb)
    return join_shards(_tiles(src, tgt, k, threads, height, width), len(src), len(tgt), k)


def _tiles(
    src: UnitRows, tgt: UnitRows, k: int, threads: int, height: int, width: int
) -> Iterator[tuple[int, int, Neighbours]]:
    from xlcorpus.mining.search.twoway import two_way

    for j in range(0, len(tgt), width):
        columns = tgt.block(j, j + width)
        for i in range(0, len(src), height):
            fwd, bwd = two_way(src.block(i, i + height), columns, k, threads)
            yield i, j, Neighbours(fwd.sim, fwd.index.astype(np.int64), bwd.sim, bwd.index.astype(np.int64))


def _tile(src: UnitRows, tgt: UnitRows, k: int, threads: int, memory_mb: int) -> tuple[int, int]:
    """Rows of both sides to work on at once within the memory."""
    from xlcorpus.mining.search.twoway import working_bytes

    fixed = working_bytes(0, 0, k, threads) + 3 * 8 * CHUNK_VALUES * threads
    # A column of a tile costs as much as a row at most; 72 k: its lists as int64, and merged with those so far.
    lists = working_bytes(1000, 1000, k, threads) - working_bytes(0, 0, k, threads)
    cost = [lists / 2000 + 72 * k + (0 if side.ready else 4 * side.dim) for side in (src, tgt)]
    room = memory_mb * 2**20 - fixed
    if room < _LEAST_TILE * sum(cost):
        least = int((fixed + _LEAST_TILE * sum(cost)) / 2**20) + 1
        raise UserError(
            f"memory_mb: {memory_mb} is too little for {src.dim} dimensions, k {k} and {threads} threads; "
            f"at least {least}"
        )
    height = max(1, int(max(room / 2, room - len(tgt) * cost[1]) / cost[0]))
    width = max(1, int((room - min(height, len(src)) * cost[0]) / cost[1]))
    return _even(len(src), height), _even(len(tgt), width)


def _even(n: int, most: int) -> int:
    """Length of the fewest equal parts of n of at most `most`."""
    return max(1, -(-n // max(1, -(-n // most))))


def _on_gpu(device: Device) -> bool:
    if device == "cpu":
        return False
    try:
        return resolve_device(device, faiss_module()) == "cuda"
    except MissingExtra:
        if device == "auto":
            return False
        raise


def _nearest_on_gpu(queries: Floats32, rows: Floats32, k: int) -> tuple[Floats32, Ints64]:
    """(n, k) similarities and indices of the rows nearest to each query."""
    from xlcorpus.mining.search.twoway import EXTRA_CANDIDATES, exact_cosines

    sim = np.zeros((len(queries), k), dtype=np.float32)
    index = np.full((len(queries), k), -1, dtype=np.int64)
    asking, present = (np.flatnonzero(side.any(axis=1)) for side in (queries, rows))
    found_k, kept = min(k + EXTRA_CANDIDATES, len(present)), min(k, len(present))
    if not kept or not len(asking):
        return sim, index
    searcher = flat_index(rows if len(present) == len(rows) else rows[present], "cuda", faiss_module())
    for start in range(0, len(asking), GPU_BLOCK_ROWS):
        ask = asking[start : start + GPU_BLOCK_ROWS]
        block = queries[ask]
        found = present[searcher.search(block, found_k)[1]]
        sim[ask, :kept], index[ask, :kept] = nearest_of(exact_cosines(block, rows, found), found, kept)
    return sim, index
