"""Pairs judged by models that were not trained on them.

A model that was trained on a wrong pair finds it again, with a high score: a loop that judges pairs by the model they
trained reinforces its errors unnoticed. So the sentences of the larger side are divided into folds, and the pairs of a
fold are mined with a model that was trained on the other folds only (cross-fitting; Chernozhukov et al. 2018,
arXiv 1608.00060).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.mining.select.calibration import Calibration, Curve, precision_curve, threshold_for
from xlcorpus.mining.select.margin import Margin, margins
from xlcorpus.mining.select.matching import greedy_matching
from xlcorpus.mining.select.removal import Removal, remove_partners
from xlcorpus.mining.select.selection import Pairs, select


@dataclass(frozen=True)
class Judged:
    """Pairs mined in two languages, and their estimated precision."""

    pairs: Pairs
    """all pairs on which both directions agree, best score first; one to one"""
    fold: Ints64
    """(pairs,) int64: which model found each"""
    curve: Curve
    """estimated precision by threshold"""

    @property
    def right(self) -> float:
        """Estimated number of right pairs among all."""
        return float(self.curve.pairs[0] * self.curve.precision[0]) if len(self.curve.pairs) else 0.0

    @property
    def gain(self) -> float:
        """Estimated right minus wrong pairs, at the threshold where that is highest: what the loop maximises."""
        return float(self._net().max(initial=0))

    @property
    def likely(self) -> float:
        """The threshold of `gain`: pairs below it are wrong more often than right. Infinite where there is none."""
        net = self._net()
        return float(self.curve.threshold[net.argmax()]) if net.max(initial=0) > 0 else np.inf

    def _net(self) -> Floats64:
        return np.asarray(self.curve.pairs * (2 * self.curve.precision - 1))

    def calibrated(self, precision: float) -> Calibration:
        """The threshold that reaches a precision."""
        return threshold_for(self.curve, precision)

    def above(self, threshold: float) -> tuple[Pairs, Ints64]:
        """Pairs of at least that score, and their folds."""
        kept = np.flatnonzero(self.pairs.score >= threshold)
        return self.pairs.take(kept), self.fold[kept]


def by_target(n: int, m: int) -> bool:
    """Whether the targets are the side that is divided into folds: the larger one, as in `remove_partners`."""
    return m > n


def judge(
    neighbours: Sequence[Neighbours], fold: Ints64, k: int = 4, margin: Margin = "ratio", seed: int = 0
) -> Judged:
    """Pairs of two languages from one model's neighbours for each fold.

    Args:
        neighbours: of each fold's model, the k + `SPARE_NEIGHBOURS` nearest rows.
        fold: (rows of the larger side,) int64: the fold of each; its pair counts as found by that fold's model.
        k, margin: as in `mine_pairs`.
        seed: of the estimate.

    Raises:
        UserError: see `remove_partners`.
    """
    found: list[Pairs] = []
    own, without = np.full((2, len(fold)), -np.inf)
    partner = np.full(len(fold), -1, dtype=np.int64)
    rows_are_targets = False
    for number, near in enumerate(neighbours):
        removal = remove_partners(near, k, margin, "intersect", seed=seed)
        mine = fold == number
        own[mine], without[mine], partner[mine] = removal.own[mine], removal.without[mine], removal.partner[mine]
        rows_are_targets = removal.by_target
        nearest = near.nearest(k)
        pairs = select(nearest, margins(nearest, margin), "intersect")
        found.append(pairs.take(np.flatnonzero(mine[pairs.tgt if rows_are_targets else pairs.src])))
    pairs, origin = _one_to_one(found)
    row = pairs.tgt if rows_are_targets else pairs.src
    lost = np.ones(len(fold), dtype=np.bool_)
    lost[row] = False
    own[lost], without[lost], partner[lost] = -np.inf, -np.inf, -1
    return Judged(pairs, origin, precision_curve(Removal(own, without, partner, rows_are_targets), seed=seed))


def _one_to_one(found: Sequence[Pairs]) -> tuple[Pairs, Ints64]:
    """All pairs, best first; where two models paired a sentence differently, the better pair."""
    columns = [[getattr(p, name) for p in found] for name in ("src", "tgt", "score", "cosine")]
    pairs = Pairs(*(np.concatenate(column) for column in columns))
    origin = np.repeat(np.arange(len(found)), [len(p) for p in found])
    order = np.lexsort((pairs.tgt, pairs.src, -pairs.score))
    pairs, origin = pairs.take(order), origin[order]
    kept = np.flatnonzero(greedy_matching(pairs.src, pairs.tgt))
    return pairs.take(kept), origin[kept]
