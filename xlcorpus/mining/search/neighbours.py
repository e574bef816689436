"""Lists of nearest neighbours, and how those of parts of a corpus become those of the whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Floats32, Ints64


@dataclass(frozen=True)
class Neighbours:
    """The nearest rows of the other side for every row of both sides, nearest first.

    Equal similarities stand in order of index. Where a row has fewer than k neighbours the rest is index -1,
    similarity 0.
    """

    fwd_sim: Floats32
    """(n, k) float32: cosines of source rows to their nearest target rows"""
    fwd_index: Ints64
    """(n, k) int64: those target rows"""
    bwd_sim: Floats32
    """(m, k) float32: cosines of target rows to their nearest source rows"""
    bwd_index: Ints64
    """(m, k) int64: those source rows"""

    def nearest(self, k: int) -> Neighbours:
        """The first k of each row."""
        return Neighbours(self.fwd_sim[:, :k], self.fwd_index[:, :k], self.bwd_sim[:, :k], self.bwd_index[:, :k])


def join_shards(shards: Iterable[tuple[int, int, Neighbours]], n: int, m: int, k: int) -> Neighbours:
    """Neighbours in n x m rows from those of every pair of a source shard and a target shard.

    The same bits however the two sides are cut and in whatever order the shard pairs come, since every list is exact
    and similarities do not depend on the cut; and so are the margins, whose means must be over all shards.

        join_shards(((i, j, knn(x[i : i + 1000], y[j : j + 1000], k)) for i in ... for j in ...), len(x), len(y), k)

    Args:
        shards: (first source row, first target row, neighbours with at least k columns and indices from 0); each is
            taken up as it comes and not kept.
        n, m: source and target rows of the whole.
        k: neighbours per row.
    """
    whole = Neighbours(*_none(n, k), *_none(m, k))
    for i, j, part in shards:
        _take_up(whole.fwd_sim, whole.fwd_index, i, part.fwd_sim, part.fwd_index, j)
        _take_up(whole.bwd_sim, whole.bwd_index, j, part.bwd_sim, part.bwd_index, i)
    return whole


def nearest_of(sim: Floats32, index: Ints64, k: int) -> tuple[Floats32, Ints64]:
    """The k best of each row's candidates: higher similarity first, then lower index.

    Args:
        sim, index: (n, c) candidates, no row naming an index twice; -1 where there is none.
        k: columns of the result, at most c.
    """
    order = np.lexsort((index, -sim, index < 0), axis=1)[:, :k]
    return np.take_along_axis(sim, order, axis=1), np.take_along_axis(index, order, axis=1)


def _none(n: int, k: int) -> tuple[Floats32, Ints64]:
    return np.zeros((n, k), dtype=np.float32), np.full((n, k), -1, dtype=np.int64)


def _take_up(sim: Floats32, index: Ints64, at: int, new_sim: Floats32, new_index: Ints64, offset: int) -> None:
    rows, k = slice(at, at + len(new_sim)), sim.shape[1]
    new_index = np.where(new_index >= 0, new_index + np.int64(offset), -1)
    if (index[rows, 0] < 0).all():
        sim[rows], index[rows] = new_sim[:, :k], new_index[:, :k]
        return
    sim[rows], index[rows] = nearest_of(np.hstack([sim[rows], new_sim]), np.hstack([index[rows], new_index]), k)
