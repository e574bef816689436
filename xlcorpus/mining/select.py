"""From scored candidates to pairs: best target per source, the reverse, one to one, or both agreed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from xlcorpus.errors import UserError, nearest
from xlcorpus.mining.knn import Floats, Indices, Neighbours
from xlcorpus.mining.matching import greedy_matching

Retrieval = Literal["forward", "backward", "max", "intersect"]


@dataclass(frozen=True)
class Pairs:
    """Pairs of source and target rows, ordered by score (best first), then source, then target row."""

    src: Indices
    """(m,) int64"""
    tgt: Indices
    """(m,) int64"""
    score: Floats
    """(m,) float32: the margin"""
    cosine: Floats
    """(m,) float32"""

    def __len__(self) -> int:
        return len(self.src)

    def above(self, threshold: float) -> Pairs:
        """The pairs with at least that score: what mining with that threshold gives."""
        return self.take(np.flatnonzero(self.score >= threshold))

    def take(self, which: Indices) -> Pairs:
        """The pairs at these positions."""
        return Pairs(self.src[which], self.tgt[which], self.score[which], self.cosine[which])


def select(
    neighbours: Neighbours,
    scores: tuple[Floats, Floats],
    retrieval: Retrieval = "max",
    threshold: float = -np.inf,
    min_cosine: float = -1.0,
) -> Pairs:
    """Choose pairs among the candidates that reach both the threshold and the cosine floor.

    - `forward`: for every source row its best target; `backward`: for every target row its best source.
    - `max`: the best of both lists together, one to one, greedily by score.
    - `intersect`: those on which both lists agree.

    Among equal scores the lower row number wins, the source's first.

    Args:
        neighbours: the candidates.
        scores: their margins, (n, k) and (m, k) float32, as `margins` gives them.
        retrieval: which candidates become pairs.
        threshold: least score.
        min_cosine: least cosine. The ratio margin is high for a sentence that resembles nothing: 0.12 among
            neighbours at 0.10 scores 1.2.

    Raises:
        UserError: no such retrieval.
    """
    if retrieval not in get_args(Retrieval):
        raise UserError(f"no retrieval {retrieval!r}; {nearest(retrieval, get_args(Retrieval))}")
    nb = neighbours
    if retrieval == "backward":
        return _ordered(_best_backward(nb, scores[1], threshold, min_cosine))
    fwd = _best_forward(nb, scores[0], threshold, min_cosine)
    if retrieval == "forward":
        return _ordered(fwd)
    bwd = _best_backward(nb, scores[1], threshold, min_cosine)
    if retrieval == "intersect":
        src_of = np.full(len(nb.bwd_index), -1, dtype=np.int64)
        src_of[bwd.tgt] = bwd.src
        return _ordered(fwd.take(np.flatnonzero(src_of[fwd.tgt] == fwd.src)))
    both = _ordered(_joined(fwd, bwd))
    return both.take(np.flatnonzero(greedy_matching(both.src, both.tgt)))


def _best_forward(nb: Neighbours, score: Floats, threshold: float, min_cosine: float) -> Pairs:
    return _best(nb.fwd_sim, nb.fwd_index, score, threshold, min_cosine)


def _best_backward(nb: Neighbours, score: Floats, threshold: float, min_cosine: float) -> Pairs:
    turned = _best(nb.bwd_sim, nb.bwd_index, score, threshold, min_cosine)
    return Pairs(turned.tgt, turned.src, turned.score, turned.cosine)


def _best(sim: Floats, index: Indices, score: Floats, threshold: float, min_cosine: float) -> Pairs:
    """The best admitted candidate of every row that has one; rows are `src`."""
    admitted = (index >= 0) & (score >= threshold) & (sim >= min_cosine) & (score > -np.inf)
    value = np.where(admitted, score, -np.inf)
    best = value.max(axis=1, initial=-np.inf, keepdims=True)
    lowest = np.where(admitted & (value == best), index, np.iinfo(np.int64).max)
    rows = np.flatnonzero(admitted.any(axis=1))
    column = lowest[rows].argmin(axis=1) if len(rows) else rows
    return Pairs(rows, index[rows, column], score[rows, column], sim[rows, column])


def _joined(a: Pairs, b: Pairs) -> Pairs:
    return Pairs(
        np.concatenate([a.src, b.src]),
        np.concatenate([a.tgt, b.tgt]),
        np.concatenate([a.score, b.score]),
        np.concatenate([a.cosine, b.cosine]),
    )


def _ordered(pairs: Pairs) -> Pairs:
    return pairs.take(np.lexsort((pairs.tgt, pairs.src, -pairs.score)))
