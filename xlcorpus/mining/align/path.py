"""The cheapest path through a band of alignment costs, and the band around a coarser path.

At position (i, j), i source and j target sentences are aligned. A path leads from (0, 0) to (n, m); each of its
moves aligns the next `rows` source sentences with the next `columns` target sentences, or leaves one sentence out. The
band holds for every i the positions that may be visited; everything here takes time and memory in proportion to them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Floats32, Floats64, Ints8, Ints64
from xlcorpus.compiled import compiled

DELETED_SRC, DELETED_TGT, UNREACHED = -1, -2, -3
"""Moves that are no entry of the table of moves."""


@dataclass(frozen=True)
class Band:
    """Positions first[i] <= j <= last[i] for each i of 0..n; both ends rise with i."""

    first: Ints64
    """(n + 1,) int64"""
    last: Ints64
    """(n + 1,) int64"""

    @property
    def starts(self) -> Ints64:
        """(n + 2,) int64: where the cells of each i begin in an array of all cells."""
        return np.concatenate([[0], np.cumsum(self.last - self.first + 1)]).astype(np.int64)


def whole_band(n: int, m: int) -> Band:
    """Every position of n x m sentences."""
    return Band(np.zeros(n + 1, dtype=np.int64), np.full(n + 1, m, dtype=np.int64))


def refined_band(path: Ints64, n: int, m: int, radius: int) -> Band:
    """The positions near a path found at half the resolution (Salvador & Chan 2007, FastDTW).

    Args:
        path: (p, 2) int64, positions from (0, 0) to (ceil(n / 2), ceil(m / 2)).
        n, m: sentences at this resolution.
        radius: positions added on every side.
    """
    fine = np.minimum(2 * path, [n, m])
    first, last = np.full(n + 1, m, dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
    _cover(fine, first, last)
    rows = np.arange(n + 1)
    return Band(
        np.maximum(first[np.maximum(rows - radius, 0)] - radius, 0),
        np.minimum(last[np.minimum(rows + radius, n)] + radius, m),
    )


@compiled
def _cover(fine: Ints64, first: Ints64, last: Ints64) -> None:
    """Widen the band to the boxes between consecutive positions."""
    for p in range(len(fine) - 1):
        for i in range(fine[p, 0], fine[p + 1, 0] + 1):
            first[i] = min(first[i], fine[p, 1])
            last[i] = max(last[i], fine[p + 1, 1])


def cheapest_path(band: Band, moves: Ints64, costs: Floats32, deletion: float) -> tuple[Ints64, float]:
    """The path of least cost through a band.

    Of paths of the same cost, the one with the earlier entry of `moves` at their last difference wins; leaving a
    sentence out comes after all of them, of the source first.

    Args:
        band: of n + 1 rows; must hold (0, 0) and (n, m).
        moves: (t, 2) int64: source and target sentences of each kind of alignment, at least 1 each.
        costs: (t, cells) float32: cost of the alignment of that kind that ends in the cell; infinite where none can.
        deletion: cost of a sentence left out.

    Returns:
        (p, 2) int64 positions from (0, 0) to (n, m), and their cost.
    """
    starts = band.starts
    total = np.empty(starts[-1])
    taken = np.empty(starts[-1], dtype=np.int8)
    _fill(band.first, band.last, starts, moves, costs, deletion, total, taken)
    path = _trace(band.first, starts, moves, taken, int(band.last[-1]))
    return path, float(total[-1])


@compiled
def _fill(
    first: Ints64,
    last: Ints64,
    starts: Ints64,
    moves: Ints64,
    costs: Floats32,
    deletion: float,
    total: Floats64,
    taken: Ints8,
) -> None:
    """Least cost of every cell, and the move that led there."""
    for i in range(len(first)):
        for j in range(first[i], last[i] + 1):
            cell = starts[i] + j - first[i]
            best, move = np.inf, UNREACHED
            if i == 0 and j == 0:
                best = 0.0
            for t in range(len(moves)):
                before, column = i - moves[t, 0], j - moves[t, 1]
                if before >= 0 and first[before] <= column <= last[before]:
                    cost = total[starts[before] + column - first[before]] + costs[t, cell]
                    if cost < best:
                        best, move = cost, t
            if i > 0 and j <= last[i - 1]:
                cost = total[starts[i - 1] + j - first[i - 1]] + deletion
                if cost < best:
                    best, move = cost, DELETED_SRC
            if j > first[i] and total[cell - 1] + deletion < best:
                best, move = total[cell - 1] + deletion, DELETED_TGT
            total[cell] = best
            taken[cell] = move


@compiled
def _trace(first: Ints64, starts: Ints64, moves: Ints64, taken: Ints8, m: int) -> Ints64:
    """The positions from the last cell back to the first, put in order."""
    n = len(first) - 1
    path = np.empty((n + m + 1, 2), dtype=np.int64)
    i, j, p = n, m, n + m
    path[p, 0], path[p, 1] = i, j
    while i > 0 or j > 0:
        move = taken[starts[i] + j - first[i]]
        if move == DELETED_SRC:
            i -= 1
        elif move == DELETED_TGT:
            j -= 1
        else:
            i -= moves[move, 0]
            j -= moves[move, 1]
        p -= 1
        path[p, 0], path[p, 1] = i, j
    return path[p:].copy()
