"""The threshold that reaches a target precision, estimated without gold.

Each row has a mined score w, and the score z that it gets after its partner is removed (`removal`). Let F be the
distribution function of the best wrong score of a row.

- If the row is rightly paired, z is a draw from F truncated at w: had it been above w, the wrong pair would have been
  mined. If it is wrongly paired, w is the best wrong score and z the second best, which is also distributed like a
  draw from F truncated at w. So the product-limit estimate for truncated data (Lynden-Bell 1971, MNRAS 155) gives F,
  whether or not the pairs are right.
- w is the score of the true partner, or of a wrong one where there is no true partner or it scores lower. With W the
  distribution function of w and A = W / F (the probability that a true partner scores lower or does not exist), wrong
  pairs have density A dF: the mix-max estimate of target-decoy search (Keich, Kertesz-Farkas & Noble 2015, doi
  10.1021/acs.jproteome.5b00081).
- Sentences differ: one with many similar sentences has a high w and a high z. F should be that of sentences that have a
  translation, so each row is weighted by the probability that its pair is right, 1 - A dF / dW made monotone in w; F
  and these probabilities are computed in turn until they converge. Where nothing is above chance they converge to 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.errors import UserError
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.mining.select.margin import Margin
from xlcorpus.mining.select.removal import SPARE_NEIGHBOURS, Removal, remove_partners
from xlcorpus.mining.select.selection import Retrieval

__all__ = [
    "SPARE_NEIGHBOURS",
    "Calibration",
    "Curve",
    "best_threshold_f1",
    "calibrate",
    "precision_curve",
    "threshold_for",
]

LEAST_PAIRS = 50
"""Precision is not estimated from fewer pairs."""

BOOTSTRAPS = 60
CONFIDENCE = 0.8
"""Of the interval: its ends are the 10 % and 90 % quantiles of the estimates over resampled rows."""

UNSEEN = 2.3
"""Upper limit (90 %, Poisson) of the number of wrong scores where none was seen, which resampling cannot estimate."""

MOST_CELLS, ROWS_PER_CELL = 160, 10
"""Scores are counted in cells between quantiles."""

ROUNDS, SETTLED = 100, 1e-4
"""Iterations at most, and the mean change of the probabilities below which they have converged."""

SMALLEST = 1e-12
"""Keeps ratios of distribution functions finite."""


@dataclass(frozen=True)
class Curve:
    """Estimated precision of the pairs at and above each threshold; all (t,), thresholds ascending."""

    threshold: Floats64
    """float64: margins"""
    pairs: Ints64
    """int64: pairs with at least that margin"""
    precision: Floats64
    """float64, 0 to 1"""
    low: Floats64
    """float64: lower end of the interval (`CONFIDENCE`)"""
    high: Floats64
    """float64: upper end"""


@dataclass(frozen=True)
class Calibration:
    """A threshold and the estimated precision of the pairs above it."""

    target_precision: float
    """the precision asked for"""
    threshold: float
    """lowest margin that reaches it; infinite where none does"""
    precision: float
    """estimate for the pairs at and above the threshold; NaN where there are none"""
    low: float
    """lower end of its interval"""
    pairs: int
    """number of those pairs"""
    curve: Curve
    """the estimate for all thresholds"""
    refusal: str | None
    """why no threshold reaches it, and what to do; None where one does"""


def calibrate(
    neighbours: Neighbours,
    target_precision: float,
    k: int = 4,
    margin: Margin = "ratio",
    retrieval: Retrieval = "max",
    min_cosine: float = -1.0,
    known: tuple[Ints64, Ints64] | None = None,
    seed: int = 0,
) -> Calibration:
    """The lowest threshold at which the lower end of the estimated precision reaches the target precision.

        found = calibrate(knn(x, y, k=4 + SPARE_NEIGHBOURS), target_precision=0.95)
        pairs = select(...).above(found.threshold)

    Args:
        neighbours: the k + `SPARE_NEIGHBOURS` nearest rows.
        target_precision: least share of right pairs, above 0 and below 1.
        k, margin, retrieval, min_cosine: as in `mine_pairs`.
        known: (source rows, target rows), each (p,) int64, of pairs known to be right. With a few hundred, a threshold
            is found for weak encoders too, where the estimate alone refuses.
        seed: of folds and resampling.

    Raises:
        UserError: a target precision not between 0 and 1, known rows that do not exist; see `remove_partners`.

    For several target precisions on the same pairs call the parts: `remove_partners`, `precision_curve`,
    `threshold_for`.
    """
    removal = remove_partners(neighbours, k, margin, retrieval, min_cosine, seed)
    return threshold_for(precision_curve(removal, known, seed), target_precision)


def threshold_for(curve: Curve, target_precision: float) -> Calibration:
    """The lowest threshold of the curve that reaches the target precision, or why there is none.

    Raises:
        UserError: a target precision not between 0 and 1.
    """
    if not 0 < target_precision < 1:
        raise UserError(f"the target precision must lie between 0 and 1, not {target_precision}")
    keeps = np.flatnonzero(curve.low >= target_precision)
    if not len(keeps):
        return Calibration(target_precision, np.inf, np.nan, np.nan, 0, curve, _refusal(curve, target_precision))
    at = keeps[0]
    at_that = float(curve.precision[at]), float(curve.low[at]), int(curve.pairs[at])
    return Calibration(target_precision, float(curve.threshold[at]), *at_that, curve, None)


def precision_curve(removal: Removal, known: tuple[Ints64, Ints64] | None = None, seed: int = 0) -> Curve:
    """Estimated precision for all thresholds; see the module. Empty if there are fewer than `LEAST_PAIRS` pairs.

    Raises:
        UserError: known rows that do not exist.
    """
    own, without = removal.own, removal.without
    if np.isfinite(own).sum() < LEAST_PAIRS:
        nothing = np.zeros(0)
        return Curve(nothing, np.zeros(0, dtype=np.int64), nothing, nothing, nothing)
    edges = _edges(own, without)
    cells = len(edges) + 1
    own_cell, without_cell = (np.searchsorted(edges, v, side="right") for v in (own, without))
    rows = _counts(own_cell, without_cell, cells)
    wrong = None if known is None else _known_wrong(removal, known, own_cell, without_cell, cells)
    precision = _precision(rows, wrong, unseen=1)
    draw = np.random.default_rng(seed)
    drawn = [
        _precision(_redrawn(rows, draw), None if wrong is None else _redrawn(wrong, draw), UNSEEN)
        for _ in range(BOOTSTRAPS)
    ]
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    pairs = _from_above(rows.sum(axis=1))[1:]
    return Curve(edges, pairs.astype(np.int64), precision, np.minimum(low, precision), np.maximum(high, precision))


def best_threshold_f1(scores: npt.ArrayLike, is_right: npt.ArrayLike, n_gold: int) -> tuple[float, float]:
    """The threshold of the best F1 against gold pairs, and that F1 (as in BUCC: Zweigenbaum et al. 2017).

    It lies halfway between the last pair kept and the next lower score; where all are kept, at the lowest score.

    Args:
        scores: (m,) of the mined pairs, in any order.
        is_right: (m,) bool: whether the pair is gold.
        n_gold: number of gold pairs, found or not.

    Returns:
        (infinity, 0.0) if no pair is right.

    Raises:
        UserError: lengths differ, or more pairs are right than there is gold.
    """
    score, right = np.asarray(scores, dtype=np.float64), np.asarray(is_right, dtype=np.bool_)
    if score.shape != right.shape or score.ndim != 1:
        raise UserError(f"scores and is_right must be two lists of one length, not {score.shape} and {right.shape}")
    if right.sum() > n_gold:
        raise UserError(f"{right.sum()} pairs are right, but there are only {n_gold} gold pairs")
    if not right.any():
        return np.inf, 0.0
    order = np.argsort(-score, kind="stable")
    score, right = score[order], right[order]
    f1 = 2 * np.cumsum(right) / (np.arange(1, len(score) + 1) + n_gold)
    # A threshold cannot separate equal scores.
    cuts = np.flatnonzero(np.append(score[:-1] > score[1:], True))
    best = cuts[f1[cuts].argmax()]
    if best + 1 == len(score):
        return float(score[best]), float(f1[best])
    middle = (score[best] + score[best + 1]) / 2
    # Between neighbouring floats there is no middle: it may round to the lower one, which is out.
    return float(middle if middle > score[best + 1] else score[best]), float(f1[best])


def _edges(own: Floats64, without: Floats64) -> Floats64:
    """(cells - 1,) lower edges of the cells, each a score that occurs; below the first is what has no pair."""
    steps = np.linspace(0, 1, int(np.clip(len(own) // ROWS_PER_CELL, 20, MOST_CELLS)))
    found = [v[np.isfinite(v)] for v in (own, without)]
    quantiles = [np.quantile(v, steps, method="lower") for v in found if len(v)]
    return np.unique(np.concatenate(quantiles))


def _counts(own_cell: Ints64, without_cell: Ints64, cells: int) -> Floats64:
    """(cells, cells): rows by cell of their own score and of the one without the partner."""
    together = np.bincount(own_cell * cells + without_cell, minlength=cells * cells)
    return together.reshape(cells, cells).astype(np.float64)


def _known_wrong(
    removal: Removal, known: tuple[Ints64, Ints64], own_cell: Ints64, without_cell: Ints64, cells: int
) -> Floats64:
    """(cells,): best wrong scores of rows whose true partner is known: `own` where another was mined."""
    row, partner = (np.asarray(side, dtype=np.int64) for side in (known[::-1] if removal.by_target else known))
    if len(row) and not (row.min() >= 0 and row.max() < len(removal.own)):
        raise UserError(f"known pairs name row {row.max()} of {len(removal.own)} (counted from 0)")
    mined_right = removal.partner[row] == partner
    wrong = np.where(mined_right, without_cell[row], own_cell[row])
    return np.bincount(wrong, minlength=cells).astype(np.float64)


def _precision(rows: Floats64, known_wrong: Floats64 | None, unseen: float) -> Floats64:
    """(cells - 1,) estimated precision at and above each edge.

    `unseen` more wrong scores than were seen count as lying above all of them.
    """
    count = rows.sum(axis=1)
    total = count.sum()
    own_below = np.cumsum(count) / max(total, 1)
    right = np.ones(len(count))
    right[0] = 0
    weight = right
    for _ in range(ROUNDS):
        wrong_below = _best_wrong(weight[:, None] * rows) if known_wrong is None else _distribution(known_wrong)
        loses = np.maximum.accumulate(np.minimum(1, own_below / wrong_below))
        wrong = total * loses * np.diff(wrong_below, prepend=0)
        new = _falling_to_right(wrong, count)
        change = np.abs(new - right) @ count / max(total, 1)
        right, weight = new, (weight + new) / 2
        if change < SETTLED:
            break
    seen = weight @ count if known_wrong is None else known_wrong.sum()
    more = unseen * (total - right @ count) / max(seen, 1e-9)
    above = np.maximum(_from_above(count), 1)
    return np.asarray(np.clip(1 - (_from_above(wrong) + more) / above, 0, 1)[1:])


def _best_wrong(rows: Floats64) -> Floats64:
    """(cells,) F at the upper end of each cell, from weighted rows by cells of w and z; see the module."""
    # The margin of z is taken among other neighbours than that of w, and may be higher: such a z is not truncated.
    rows = np.tril(rows) + np.diag(np.triu(rows, 1).sum(axis=0))
    ends = rows.sum(axis=0)
    at_risk = np.diag(_from_above(np.cumsum(rows, axis=1)))
    hazard = np.divide(ends, at_risk, out=np.zeros_like(ends), where=at_risk > 0)
    hazard[0] = 0
    below = np.append(np.cumprod((1 - hazard)[:0:-1])[::-1], 1)
    return np.asarray(np.maximum(below, SMALLEST))


def _distribution(count: Floats64) -> Floats64:
    return np.asarray(np.maximum(np.cumsum(count) / max(count.sum(), 1), SMALLEST))


def _redrawn(count: Floats64, draw: np.random.Generator) -> Floats64:
    """Counts of a bootstrap sample, whose size varies too."""
    return draw.poisson(count).astype(np.float64)


def _falling_to_right(wrong: Floats64, count: Floats64) -> Floats64:
    """(cells,) probability that a pair of the cell is right, not falling with the score."""
    from scipy.optimize import isotonic_regression

    share = np.divide(wrong, count, out=np.ones_like(count), where=count > 0)
    fitted = isotonic_regression(share, weights=np.maximum(count, 1e-9), increasing=False).x
    right = 1 - np.clip(fitted, 0, 1)
    right[0] = 0
    return np.asarray(right)


def _from_above(count: Floats64) -> Floats64:
    """Sums from each cell to the last, along the first axis."""
    return np.asarray(np.cumsum(count[::-1], axis=0)[::-1])


def _refusal(curve: Curve, target_precision: float) -> str:
    advice = "Give a number as threshold, a lower precision, known pairs or a better encoder"
    if not len(curve.threshold):
        return f"fewer than {LEAST_PAIRS} pairs were mined, too few to estimate their precision. {advice}."
    best = int(curve.low.argmax())
    return (
        f"no threshold reaches a precision of {target_precision:g}: the best is {curve.threshold[best]:.4f} with "
        f"{curve.pairs[best]} pairs, estimated {curve.precision[best]:.2f} "
        f"({curve.low[best]:.2f} to {curve.high[best]:.2f}). {advice}."
    )
