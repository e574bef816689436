"""From scored candidates to pairs: one to one, the best of one side, where both agree, or several per source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from xlcorpus.arrays import Bools, Floats32, Ints64
from xlcorpus.errors import UserError, nearest
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.mining.select.matching import greedy_matching

Retrieval = Literal["forward", "backward", "max", "optimal", "intersect", "n_best"]


@dataclass(frozen=True)
class Pairs:
    """Pairs of source and target rows, ordered by score (best first), then source, then target row."""

    src: Ints64
    """(m,) int64"""
    tgt: Ints64
    """(m,) int64"""
    score: Floats32
    """(m,) float32: the margin"""
    cosine: Floats32
    """(m,) float32"""

    def __len__(self) -> int:
        return len(self.src)

    def above(self, threshold: float) -> Pairs:
        """The pairs with at least that score: but for `optimal`, what mining with that threshold gives."""
        return self.take(np.flatnonzero(self.score >= threshold))

    def take(self, which: Ints64) -> Pairs:
        """The pairs at these positions."""
        return Pairs(self.src[which], self.tgt[which], self.score[which], self.cosine[which])


def select(
    neighbours: Neighbours,
    scores: tuple[Floats32, Floats32],
    retrieval: Retrieval = "max",
    threshold: float = -np.inf,
    min_cosine: float = -1.0,
    min_count: int = 0,
    n_best: int = 4,
) -> Pairs:
    """Choose pairs among the candidates that reach both the threshold and the cosine floor.

    - `forward`: for every source row its best target; `backward`: for every target row its best source.
    - `max`: the best of both lists together, one to one, greedily by score.
    - `optimal`: of all candidates, one to one, those with the greatest sum of what they score above the threshold;
      without a threshold, of their scores. A strong pair outweighs two that just pass.
    - `intersect`: those on which both lists agree.
    - `n_best`: for every source row its `n_best` candidates of both lists. A target may stand in many pairs.

    Among equal scores the lower row number wins, the source's first.

    Args:
        neighbours: the candidates.
        scores: their margins, (n, k) and (m, k) float32, as `margins` gives them.
        retrieval: which candidates become pairs.
        threshold: least score.
        min_cosine: least cosine. The ratio margin is high for a sentence that resembles nothing: 0.12 among
            neighbours at 0.10 scores 1.2.
        min_count: where the threshold leaves fewer pairs, the best below it are added up to this count (as in CRISS,
            Tran et al. 2020, arXiv 2006.09526). The cosine floor holds for them too.
        n_best: pairs per source row in `n_best`.

    Raises:
        UserError: no such retrieval; `min_count` below 0 or `n_best` below 1.
    """
    if retrieval not in get_args(Retrieval):
        raise UserError(f"no retrieval {retrieval!r}; {nearest(retrieval, get_args(Retrieval))}")
    if min_count < 0 or n_best < 1:
        raise UserError(f"min_count must be at least 0 and n_best at least 1, not {min_count} and {n_best}")
    choose = _CHOOSE[retrieval]
    found = choose(_Candidates(neighbours, scores, threshold, min_cosine, n_best))
    if len(found) >= min_count:
        return _ordered(found)
    everything = _Candidates(neighbours, scores, -np.inf, min_cosine, n_best)
    if retrieval == "optimal":
        added = _ordered(_optimal(everything, without=found))
        return _ordered(_joined(found, added.take(np.arange(min(len(added), min_count - len(found))))))
    # All others choose by score alone: what passes the threshold is the beginning of what there is without one.
    found = _ordered(choose(everything))
    return found.take(np.arange(min(len(found), min_count)))


@dataclass(frozen=True)
class _Candidates:
    neighbours: Neighbours
    scores: tuple[Floats32, Floats32]
    threshold: float
    min_cosine: float
    n_best: int

    def admitted(self, sim: Floats32, index: Ints64, score: Floats32) -> Bools:
        return (index >= 0) & (score >= self.threshold) & (sim >= self.min_cosine) & (score > -np.inf)

    def all(self) -> Pairs:
        """Every admitted candidate of either list once, by source, then target."""
        nb = self.neighbours
        fwd = self._listed(nb.fwd_sim, nb.fwd_index, self.scores[0])
        bwd = _turned(self._listed(nb.bwd_sim, nb.bwd_index, self.scores[1]))
        both = _joined(fwd, bwd)
        return both.take(np.unique(both.src * max(len(nb.bwd_index), 1) + both.tgt, return_index=True)[1])

    def _listed(self, sim: Floats32, index: Ints64, score: Floats32) -> Pairs:
        rows, columns = np.nonzero(self.admitted(sim, index, score))
        return Pairs(rows, index[rows, columns], score[rows, columns], sim[rows, columns])


def _forward(candidates: _Candidates) -> Pairs:
    nb = candidates.neighbours
    return _best(nb.fwd_sim, nb.fwd_index, candidates.scores[0], candidates)


def _backward(candidates: _Candidates) -> Pairs:
    nb = candidates.neighbours
    return _turned(_best(nb.bwd_sim, nb.bwd_index, candidates.scores[1], candidates))


def _intersect(candidates: _Candidates) -> Pairs:
    fwd, bwd = _forward(candidates), _backward(candidates)
    src_of = np.full(len(candidates.neighbours.bwd_index), -1, dtype=np.int64)
    src_of[bwd.tgt] = bwd.src
    return fwd.take(np.flatnonzero(src_of[fwd.tgt] == fwd.src))


def _max(candidates: _Candidates) -> Pairs:
    both = _ordered(_joined(_forward(candidates), _backward(candidates)))
    return both.take(np.flatnonzero(greedy_matching(both.src, both.tgt)))


def _optimal(candidates: _Candidates, without: Pairs | None = None) -> Pairs:
    """The best matching, among the rows that do not stand in `without`."""
    from xlcorpus.mining.select.assignment import best_matching

    pairs = candidates.all()
    if without is not None:
        free = ~(np.isin(pairs.src, without.src) | np.isin(pairs.tgt, without.tgt))
        pairs = pairs.take(np.flatnonzero(free))
    weight = pairs.score.astype(np.float64)
    # Without a threshold the scores themselves, moved up where some are negative: those are admitted too.
    weight -= candidates.threshold if np.isfinite(candidates.threshold) else weight.min(initial=0.0)
    return pairs.take(np.flatnonzero(best_matching(pairs.src, pairs.tgt, weight.clip(min=0))))


def _n_best(candidates: _Candidates) -> Pairs:
    pairs = candidates.all()
    pairs = pairs.take(np.lexsort((pairs.tgt, -pairs.score, pairs.src)))
    first = np.searchsorted(pairs.src, pairs.src)
    return pairs.take(np.flatnonzero(np.arange(len(pairs)) - first < candidates.n_best))


_CHOOSE: dict[Retrieval, Callable[[_Candidates], Pairs]] = {
    "forward": _forward,
    "backward": _backward,
    "max": _max,
    "optimal": _optimal,
    "intersect": _intersect,
    "n_best": _n_best,
}


def _best(sim: Floats32, index: Ints64, score: Floats32, candidates: _Candidates) -> Pairs:
    """The best admitted candidate of every row that has one; rows are `src`."""
    admitted = candidates.admitted(sim, index, score)
    value = np.where(admitted, score, -np.inf)
    best = value.max(axis=1, initial=-np.inf, keepdims=True)
    lowest = np.where(admitted & (value == best), index, np.iinfo(np.int64).max)
    rows = np.flatnonzero(admitted.any(axis=1))
    column = lowest[rows].argmin(axis=1) if len(rows) else rows
    return Pairs(rows, index[rows, column], score[rows, column], sim[rows, column])


def _turned(pairs: Pairs) -> Pairs:
    return Pairs(pairs.tgt, pairs.src, pairs.score, pairs.cosine)


def _joined(a: Pairs, b: Pairs) -> Pairs:
    return Pairs(
        np.concatenate([a.src, b.src]),
        np.concatenate([a.tgt, b.tgt]),
        np.concatenate([a.score, b.score]),
        np.concatenate([a.cosine, b.cosine]),
    )


def _ordered(pairs: Pairs) -> Pairs:
    return pairs.take(np.lexsort((pairs.tgt, pairs.src, -pairs.score)))
