"""Verdicts of several judges on the same rows, as numbers; NaN where there is none."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Bools, Floats64

TIE = 0.5
"""Verdict on two texts of which neither is better."""


def scores(verdicts: Floats64, span: float) -> dict[str, Floats64]:
    """The columns that follow from the verdicts by one criterion, each (rows,) float64, by the end of its name.

    - "": the mean; NaN where a verdict is missing,
    - "_1", "_2", ...: the mean of each judge,
    - "_agreement": see `agreement`,
    - "_consistency": share of the comparisons in which both orders say the same.

    Args:
        verdicts: (rows, judges, samples, orders); of two orders the second is about the texts as they were shown.
        span: the greatest value of the scale minus the least.
    """
    found: dict[str, Floats64] = {}
    if verdicts.shape[3] == 2:
        of_both, same = of_both_orders(verdicts)
        found["_consistency"] = np.where(np.isnan(of_both), np.nan, same).mean(axis=(1, 2))
    else:
        of_both = verdicts[..., 0]
    rows, judges, samples = of_both.shape
    found[""] = of_both.mean(axis=(1, 2))
    found |= {f"_{judge + 1}": of_both[:, judge].mean(axis=1) for judge in range(judges)}
    found["_agreement"] = agreement(of_both.reshape(rows, judges * samples), span)
    return found


def of_both_orders(verdicts: Floats64) -> tuple[Floats64, Bools]:
    """Comparisons of two texts that were shown in both orders (Zheng et al. 2023, arXiv 2306.05685).

    Args:
        verdicts: (..., 2) how much better the text that was shown first is, from 0 to 1: the text a, then b.

    Returns:
        (...) how much better a is: the mean where both orders name the same winner, else a tie; and whether both say
        the same.
    """
    of_a = np.stack([verdicts[..., 0], 1 - verdicts[..., 1]], axis=-1)
    side = np.sign(of_a - TIE)
    same = side[..., 0] == side[..., 1]
    found = np.where(same, of_a.mean(axis=-1), TIE)
    return np.where(np.isnan(of_a).any(axis=-1), np.nan, found), same


def agreement(verdicts: Floats64, span: float) -> Floats64:
    """(rows,) mean agreement of every two verdicts on a row: 1 minus their distance in the span of the scale, the
    observed part of Cohen's kappa with linear weights (1968). NaN where a verdict is missing, or there is only one.

    Args:
        verdicts: (rows, verdicts).
        span: the greatest value of the scale minus the least.
    """
    n = verdicts.shape[1]
    if n < 2:
        return np.full(len(verdicts), np.nan)
    # Sorted, the k-th value is added to k of the distances and taken from n - 1 - k.
    weights = 2 * np.arange(n) - n + 1
    distances = np.sort(verdicts, axis=1) @ weights
    return np.asarray(1 - distances / (span * n * (n - 1) / 2))
