"""Approximate nearest neighbours in both directions at once, by inverted lists that both sides share.

An inverted file (Jégou et al. 2011, DOI 10.1109/TPAMI.2010.57) is searched query by query: a few lists are read for
each, and mining does so twice. Here both sides are known beforehand. One set of centroids is trained on both, every
row of either side enters its `probes` nearest lists, and the rows of X and of Y that meet in a list are compared by
one small matrix product, which gives candidates to both. A pair is found when the two rows share any of their lists,
so `probes` p computes p^2 / lists of the similarity matrix.

The products only propose candidates, which are re-scored as exact search does (see `twoway`), so similarities have one
scale, and the result does not depend on the number of threads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import log2, sqrt

import numpy as np

from xlcorpus.arrays import Bools, Floats32, Ints32, Ints64
from xlcorpus.compiled import compiled
from xlcorpus.mining.search.faiss_backend import faiss_module
from xlcorpus.mining.search.neighbours import Neighbours, nearest_of
from xlcorpus.mining.search.threads import single_threaded_blas
from xlcorpus.mining.search.twoway import BLOCK, exact_cosines, scan
from xlcorpus.mining.search.unit import UnitRows

TRAINING_ROWS_PER_LIST = 24
TRAINING_ROUNDS = 6
"""With 40 rows and 8 rounds 0.2 points more pairs are found on Multi30k, and training takes three times as long."""

_EMPTY = np.float32(-4)
"""Similarity of a place not filled yet; below every cosine."""


def lists_for(rows: float) -> int:
    """How many lists for that many rows a side: the power of two nearest to 4 sqrt(rows), at least 1."""
    return 1 << max(0, round(log2(max(4 * sqrt(rows), 1))))


def bytes_per_row(probes: int, kept: int) -> int:
    """Working memory of `search_shared` for each row of either side, beside the vectors."""
    return probes * (8 * kept + 12) + 40 * kept


def train_centroids(sides: tuple[UnitRows, UnitRows], lists: int, seed: int) -> Floats32:
    """(lists, dim) unit centroids from a seeded sample of both sides, by spherical k-means."""
    faiss = faiss_module()
    rng = np.random.default_rng(seed)
    half = -(-lists * TRAINING_ROWS_PER_LIST // 2)
    parts = [side.at(np.sort(rng.permutation(len(side))[:half])) for side in sides]
    rows = np.concatenate(parts)
    rows = rows[rows.any(axis=1)]
    kmeans = faiss.Kmeans(
        rows.shape[1],
        min(lists, len(rows)),
        niter=TRAINING_ROUNDS,
        spherical=True,
        seed=seed,
        min_points_per_centroid=1,
        max_points_per_centroid=2 * TRAINING_ROWS_PER_LIST,
    )
    kmeans.train(rows)
    return np.asarray(kmeans.centroids, dtype=np.float32)


def nearest_lists(rows: Floats32, centroids: Floats32, probes: int, threads: int) -> Ints32:
    """(n, probes) int32 lists of each row, nearest first; -1 throughout for a zero row."""
    out = np.full((len(rows), probes), -1, dtype=np.int32)

    def assign(first: int) -> None:
        block = rows[first : first + BLOCK[0]]
        _highest(block @ centroids.T, out[first : first + BLOCK[0]], np.empty(probes, dtype=np.float32))
        out[first : first + BLOCK[0]][~block.any(axis=1)] = -1

    with single_threaded_blas(), ThreadPoolExecutor(threads) as pool:
        _each(pool, assign, range(0, len(rows), BLOCK[0]))
    return out


def shares_a_list(a: Ints32, b: Ints32) -> Bools:
    """(probes, n): whether row i of `a` and of `b`, (n, probes) lists nearest first, meet when p + 1 are taken."""
    meet = (a[:, :, None] == b[:, None, :]) & (a[:, :, None] >= 0)
    return np.stack([meet[:, : p + 1, : p + 1].any(axis=(1, 2)) for p in range(a.shape[1])])


def search_shared(
    x: Floats32, y: Floats32, x_lists: Ints32, y_lists: Ints32, lists: int, k: int, kept: int, threads: int
) -> Neighbours:
    """The k nearest rows by cosine among those that share a list, in both directions.

    Args:
        x, y: (n, dim), (m, dim) float32 unit rows, C order.
        x_lists, y_lists: (n, probes), (m, probes) as `nearest_lists` gives them.
        lists: how many lists there are.
        k: neighbours per row.
        kept: candidates kept for each row in each list, at least k; those beyond k make up for the rounding of
            products.
        threads: lists worked on at once.
    """
    sides = _ListedRows(x, x_lists, lists, kept), _ListedRows(y, y_lists, lists, kept)
    size = np.diff(sides[0].starts) * np.diff(sides[1].starts)
    # The largest first, so that no thread is left with one at the end.
    order = np.argsort(-size, kind="stable")
    with single_threaded_blas(), ThreadPoolExecutor(threads) as pool:
        deque(pool.map(lambda c: _meet(*sides, c), order[: np.count_nonzero(size)]), maxlen=0)
        fwd = _settled(sides[0], y, k, pool)
        bwd = _settled(sides[1], x, k, pool)
    return Neighbours(*fwd, *bwd)


class _ListedRows:
    """The rows of one side, list by list, and the candidates that each row found in each of its lists."""

    def __init__(self, rows: Floats32, lists_of: Ints32, lists: int, kept: int) -> None:
        self.rows = rows
        self.probes = lists_of.shape[1]
        self.slots = np.argsort(lists_of.ravel(), kind="stable")  # slot = row * probes + rank of the list
        self.starts = np.searchsorted(lists_of.ravel()[self.slots], np.arange(lists + 1))
        self.sim = np.full((lists_of.size, kept), _EMPTY, dtype=np.float32)
        self.index = np.full((lists_of.size, kept), -1, dtype=np.int32)

    def members(self, c: int) -> tuple[Ints64, Ints64]:
        slots = self.slots[self.starts[c] : self.starts[c + 1]]
        return slots, slots // self.probes


def _meet(x: _ListedRows, y: _ListedRows, c: int) -> None:
    """Compare the rows of both sides in list c."""
    (x_slots, x_rows), (y_slots, y_rows) = x.members(c), y.members(c)
    kept = x.sim.shape[1]
    a, b = x.rows[x_rows], y.rows[y_rows]
    found = [
        (np.full((len(r), kept), _EMPTY, dtype=np.float32), np.full((len(r), kept), -1, dtype=np.int32)) for r in (a, b)
    ]
    floor = np.full(len(b), _EMPTY, dtype=np.float32)
    for i in range(0, len(a), BLOCK[0]):
        for j in range(0, len(b), BLOCK[1]):
            scan(a[i : i + BLOCK[0]] @ b[j : j + BLOCK[1]].T, i, j, *found[0], *found[1], floor)
    for side, slots, others, (sim, local) in ((x, x_slots, y_rows, found[0]), (y, y_slots, x_rows, found[1])):
        side.sim[slots] = sim
        side.index[slots] = np.where(local >= 0, others[local], -1)


def _settled(side: _ListedRows, others: Floats32, k: int, pool: ThreadPoolExecutor) -> tuple[Floats32, Ints64]:
    """The k best of the distinct candidates of every row, by exact cosine."""
    kept, n = side.sim.shape[1], len(side.rows)
    near = side.sim.reshape(n, -1), side.index.reshape(n, -1)
    found = np.full((n, kept), -1, dtype=np.int64)
    sim, index = np.zeros((n, k), dtype=np.float32), np.full((n, k), -1, dtype=np.int64)

    def settle(first: int) -> None:
        part = slice(first, first + 4096)
        _distinct(near[0][part], near[1][part], np.full(kept, _EMPTY, dtype=np.float32), found[part])
        exact = exact_cosines(side.rows[part], others, found[part])
        sim[part], index[part] = nearest_of(exact, found[part], k)

    _each(pool, settle, range(0, n, 4096))
    return sim, index


def _each(pool: ThreadPoolExecutor, function: Callable[[int], None], over: range) -> None:
    deque(pool.map(function, over), maxlen=0)


@compiled
def _highest(s: Floats32, columns: Ints32, best: Floats32) -> None:
    """The columns of the highest values of each row of `s`, highest first; `best` is room for one row."""
    last = columns.shape[1] - 1
    for i in range(s.shape[0]):
        best[:] = _EMPTY
        for j in range(s.shape[1]):
            value = s[i, j]
            if value > best[last]:
                at = last
                while at > 0 and best[at - 1] < value:
                    best[at] = best[at - 1]
                    columns[i, at] = columns[i, at - 1]
                    at -= 1
                best[at] = value
                columns[i, at] = j


@compiled
def _distinct(sim: Floats32, index: Ints32, best: Floats32, found: Ints64) -> None:
    """Of each row's candidates, some named several times, the best ones, once each; `best` is room for one row."""
    last = found.shape[1] - 1
    for i in range(sim.shape[0]):
        best[:] = _EMPTY
        for c in range(sim.shape[1]):
            value, j = sim[i, c], index[i, c]
            if j < 0 or not value > best[last]:
                continue
            known = False
            for at in range(last + 1):
                known |= found[i, at] == j
            if known:
                continue
            at = last
            while at > 0 and best[at - 1] < value:
                best[at] = best[at - 1]
                found[i, at] = found[i, at - 1]
                at -= 1
            best[at] = value
            found[i, at] = j
