"""Nearest neighbours in both directions from one pass over the similarity matrix, exact and repeatable.

Margin scoring needs the neighbours of X in Y and of Y in X. Each block S = X_i Y_j^T is computed once, and while it
is in the processor's cache the best of its rows and of its columns are taken from it.

The sums of a float32 matrix product depend on block size, thread count and library. So the product only proposes a
few candidates more than asked for, whose cosines are then summed again in float64, in one fixed order. A row whose
k-th cosine is not above everything left out by more than the product's worst rounding error is searched again in
full. The result is the exact one, the same bits for any number of blocks and threads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from xlcorpus.arrays import Bools, Floats32, Ints32
from xlcorpus.compiled import compiled
from xlcorpus.mining.search.rescore import exact_cosines, settle, settle_all
from xlcorpus.mining.search.threads import blas_threads, single_threaded_blas

__all__ = ["BLOCK", "EXTRA_CANDIDATES", "Nearest", "exact_cosines", "two_way", "working_bytes"]

EXTRA_CANDIDATES = 3
"""Candidates kept beyond k: with fewer, more rows are searched again; with more, more cosines are re-scored."""

BLOCK = (1024, 1024)
"""Rows and columns of S at once: 4 MiB, small enough to be in the processor's cache still when it is scanned."""

_EMPTY = np.float32(-4)
"""Similarity of a place not filled yet; below every cosine."""

_ABSENT = np.float32(-8)
"""Similarity to a zero vector; never enters a list."""


@dataclass(frozen=True)
class Nearest:
    """Neighbours of some rows: best first, equal similarities in order of index; (0, -1) where there is none."""

    sim: Floats32
    """(n, k) float32"""
    index: Ints32
    """(n, k) int32"""


def two_way(
    x: Floats32, y: Floats32, k: int, threads: int | None = None, block: tuple[int, int] = BLOCK
) -> tuple[Nearest, Nearest]:
    """The k nearest rows of `y` for every row of `x`, and of `x` for every row of `y`, by inner product.

    Args:
        x: (n, dim) float32, C order, each row of length 1 or 0. A zero row is nobody's neighbour and has none.
        y: (m, dim) float32, the same.
        k: neighbours per row, at least 1.
        threads: how many work at once, each with a BLAS of one thread; None: as many as BLAS would use.
        block: rows and columns of the similarity matrix computed at once.

    Memory beside the result: `working_bytes`.
    """
    if len(x) < len(y):
        # Rows are shared out among the threads and every thread has its own lists of all columns.
        bwd, fwd = two_way(y, x, k, threads, block)
        return fwd, bwd
    threads = threads or blas_threads()
    with single_threaded_blas(), ThreadPoolExecutor(threads) as pool:
        return _Search(x, y, k, block, pool, threads).run()


def working_bytes(n: int, m: int, k: int, threads: int) -> int:
    """Memory that `two_way` takes beside its two arguments, its result included."""
    lists = 8 * (k + EXTRA_CANDIDATES) * (max(n, m) + (threads + 1) * min(n, m)) + 4 * threads * min(n, m)
    return lists + 8 * k * (n + m) + 4 * threads * BLOCK[0] * BLOCK[1]


@dataclass(frozen=True)
class _Search:
    x: Floats32
    y: Floats32
    k: int
    block: tuple[int, int]
    pool: ThreadPoolExecutor
    threads: int

    def run(self) -> tuple[Nearest, Nearest]:
        x, y, k = self.x, self.y, self.k
        x_zero, y_zero = self._zero(x), self._zero(y)
        rows = _lists(len(x), min(k + EXTRA_CANDIDATES, max(len(y), 1)))
        # Several blocks per thread, so that all end at about the same time; low ones multiply slowly.
        height = min(self.block[0], max(64, len(x) // (4 * self.threads)))
        starts = deque(range(0, len(x), height))

        def work(_: int) -> tuple[Floats32, Ints32]:
            columns = _lists(len(y), min(k + EXTRA_CANDIDATES, max(len(x), 1)))
            floor = np.full(len(y), _EMPTY, dtype=np.float32)
            room = np.empty((height, self.block[1]), dtype=np.float32)
            while True:
                try:
                    i = starts.popleft()
                except IndexError:
                    return columns
                for j in range(0, len(y), self.block[1]):
                    part = slice(i, i + height), slice(j, j + self.block[1])
                    s = _products(x[part[0]], y[part[1]], x_zero[part[0]], y_zero[part[1]], room)
                    scan(s, i, j, *rows, *columns, floor)

        columns = self._merged(list(self.pool.map(work, range(self.threads))))
        # A zero row has no candidates, which says nothing about how many the others left out.
        return self._settled(x, y, x_zero, y_zero, rows), self._settled(y, x, y_zero, x_zero, columns)

    def _merged(self, parts: list[tuple[Floats32, Ints32]]) -> tuple[Floats32, Ints32]:
        """Column lists of all threads as one; the first thread's arrays are reused."""
        sim, index = parts[0]
        for other_sim, other_index in parts[1:]:
            self._share(len(sim), partial(_merge, sim, index, other_sim, other_index))
        return sim, index

    def _settled(
        self, q: Floats32, rows: Floats32, q_zero: Bools, rows_zero: Bools, lists: tuple[Floats32, Ints32]
    ) -> Nearest:
        """The exact k nearest of each query, from its candidates or, where these do not suffice, from all rows."""
        sim = np.zeros((len(q), self.k), dtype=np.float32)
        index = np.full((len(q), self.k), -1, dtype=np.int32)
        doubtful = np.zeros(len(q), dtype=np.bool_)
        error = _worst_error(q.shape[1])
        if lists[0].shape[1] >= len(rows):
            error = np.float32(-np.inf)  # nothing was left out
        self._share(len(q), partial(settle, q, rows, *lists, error, sim, index, doubtful))
        again = np.flatnonzero(doubtful)
        step = max(1, min(self.block[0], -(-len(again) // self.threads)))

        def search(first: int) -> None:
            which = again[first : first + step]
            floor = sim[which, self.k - 1] - error
            sim[which], index[which] = 0, -1
            room = np.empty((step, self.block[1]), dtype=np.float32)
            asking, no = q[which], q_zero[which]
            for j in range(0, len(rows), self.block[1]):
                part = slice(j, j + self.block[1])
                settle_all(
                    _products(asking, rows[part], no, rows_zero[part], room), j, which, q, rows, floor, sim, index
                )

        deque(self.pool.map(search, range(0, len(again), step)), maxlen=0)
        return Nearest(sim, index)

    def _zero(self, rows: Floats32) -> Bools:
        zero = np.zeros(len(rows), dtype=np.bool_)

        def mark(first: int, last: int) -> None:
            # A unit vector has a value of 1/sqrt(dim) or more, seldom far from its start.
            zero[first:last] = ~rows[first:last, :16].any(axis=1)
            left = first + np.flatnonzero(zero[first:last])
            zero[left] = ~rows[left].any(axis=1)

        self._share(len(rows), mark)
        return zero

    def _share(self, n: int, function: Callable[[int, int], Any]) -> None:
        """Run `function(first, last)` over ranges that cover n."""
        cuts = [n * t // (8 * self.threads) for t in range(8 * self.threads + 1)]
        deque(self.pool.map(function, cuts[:-1], cuts[1:]), maxlen=0)


def _worst_error(dim: int) -> np.float32:
    """How far a float32 product of two unit vectors can be from its true value, in whatever order it is summed.

    The bound of standard error analysis (Higham 2002, section 3.1), n u |x|.|y|, with |x|.|y| <= 1, a twentieth more
    for the rounding of the vectors and of the result.
    """
    return np.float32(1.05 * (dim + 8) * 2.0**-24)


def _lists(n: int, k: int) -> tuple[Floats32, Ints32]:
    return np.full((n, k), _EMPTY, dtype=np.float32), np.full((n, k), -1, dtype=np.int32)


def _products(x: Floats32, y: Floats32, x_zero: Bools, y_zero: Bools, room: Floats32) -> Floats32:
    """x y^T in `room`, with `_ABSENT` where a zero row takes part."""
    s = room[: len(x), : len(y)]
    np.matmul(x, y.T, out=s)
    if x_zero.any():
        s[x_zero] = _ABSENT
    if y_zero.any():
        s[:, y_zero] = _ABSENT
    return s


@compiled
def scan(
    s: Floats32,
    i0: int,
    j0: int,
    row_sim: Floats32,
    row_index: Ints32,
    col_sim: Floats32,
    col_index: Ints32,
    floor: Floats32,
) -> None:
    """Enter block `s`, whose corner is (i0, j0), into the lists of its rows and columns.

    floor: (m,) the last similarity in each column's list, apart for contiguous reading.
    """
    height, width = s.shape
    row_last, col_last = row_sim.shape[1] - 1, col_sim.shape[1] - 1
    chunk = 32
    for i in range(height):
        gi = i0 + i
        least = row_sim[gi, row_last]
        for c in range(0, width, chunk):
            stop = min(c + chunk, width)
            # Nearly all chunks hold nothing new; counted without a branch this is a few vector instructions.
            values, floors = s[i, c:stop], floor[j0 + c : j0 + stop]
            new = np.int32(0)
            for j in range(len(values)):
                new += np.int32(values[j] > least) + np.int32(values[j] > floors[j])
            if not new:
                continue
            for j in range(c, stop):
                value = s[i, j]
                if value > least:
                    at = row_last
                    while at > 0 and row_sim[gi, at - 1] < value:
                        row_sim[gi, at] = row_sim[gi, at - 1]
                        row_index[gi, at] = row_index[gi, at - 1]
                        at -= 1
                    row_sim[gi, at] = value
                    row_index[gi, at] = j0 + j
                    least = row_sim[gi, row_last]
                gj = j0 + j
                if value > floor[gj]:
                    at = col_last
                    while at > 0 and col_sim[gj, at - 1] < value:
                        col_sim[gj, at] = col_sim[gj, at - 1]
                        col_index[gj, at] = col_index[gj, at - 1]
                        at -= 1
                    col_sim[gj, at] = value
                    col_index[gj, at] = gi
                    floor[gj] = col_sim[gj, col_last]


@compiled
def _merge(sim: Floats32, index: Ints32, other_sim: Floats32, other_index: Ints32, first: int, last: int) -> None:
    """Enter the lists `other_*` of rows first..last into `sim`, `index`."""
    end = sim.shape[1] - 1
    for i in range(first, last):
        for c in range(other_sim.shape[1]):
            value = other_sim[i, c]
            if not value > sim[i, end]:
                break
            at = end
            while at > 0 and sim[i, at - 1] < value:
                sim[i, at] = sim[i, at - 1]
                index[i, at] = index[i, at - 1]
                at -= 1
            sim[i, at] = value
            index[i, at] = other_index[i, c]
