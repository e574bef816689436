"""What limits keep: shares of rows, words and bytes, as a limit moves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Bools, Floats64, Ints64
from xlcorpus.policies.axis import Axis
from xlcorpus.policies.verdicts import Cut

POINTS = 33
"""Limits at which a curve is computed."""


@dataclass(frozen=True)
class Curves:
    """What a limit keeps of each language, as it moves."""

    column: str
    """what the limit is set to"""
    least: bool
    """whether a value must be at least the limit, not at most"""
    axis: Axis
    """of the limits"""
    limits: Floats64
    """(POINTS,) at equal distances on the axis"""
    kept: Floats64
    """(languages, POINTS, 3) shares of `WEIGHTS`"""
    in_force: Floats64
    """(languages,) the limit now; NaN for a language whose rows have none, or several"""


def curves(cut: Cut, weights: Floats64, members: Sequence[Ints64]) -> Curves | None:
    """The curves of a rule; None where its column is NaN throughout.

    Args:
        cut: values and limits of all rows.
        weights: (rows, 3), see `WEIGHTS`.
        members: places of the rows of each language.
    """
    known = cut.values[np.isfinite(cut.values)]
    if not len(known):
        return None
    in_force = np.array([_only_one(cut.limits[places]) for places in members])
    axis = Axis.of(known, np.unique(cut.limits[np.isfinite(cut.limits)]))
    limits = axis.values(POINTS)
    kept = np.array([retention(cut.values[places], weights[places], limits, cut.least) for places in members])
    return Curves(cut.column, cut.least, axis, limits, kept, in_force)


def _only_one(limits: Floats64) -> float:
    """The limit of all rows; NaN if they have none or several."""
    different = np.unique(limits)
    return float(different[0]) if len(different) == 1 and np.isfinite(different[0]) else math.nan


def retention(values: Floats64, weights: Floats64, limits: Floats64, least: bool) -> Floats64:
    """Shares kept at each of some limits.

    Args:
        values: (rows,) measures; every limit keeps a row whose measure is NaN.
        weights: (rows, weights) how much each row counts.
        limits: (limits,) to the values.
        least: whether a value must be at least the limit, not at most.

    Returns:
        (limits, weights) 0 to 1; 1 for a weight that is 0 in all rows.
    """
    known = ~np.isnan(values)
    order = np.argsort(values[known], kind="stable")
    ascending = values[known][order]
    below = np.concatenate([np.zeros((1, weights.shape[1])), np.cumsum(weights[known][order], axis=0)])
    total = weights.sum(axis=0)
    if least:
        lost = below[np.searchsorted(ascending, limits, side="left")]
    else:
        lost = below[-1] - below[np.searchsorted(ascending, limits, side="right")]
    return 1 - _share(lost, total)


def lost(keep: Bools, weights: Floats64) -> Floats64:
    """(weights,) share of each weight that rows have that are not kept, 0 to 1.

    Args:
        keep: (rows,) whether a row is kept.
        weights: (rows, weights) how much each row counts.
    """
    return _share(weights[~keep].sum(axis=0), weights.sum(axis=0))


def _share(part: Floats64, total: Floats64) -> Floats64:
    shares: Floats64 = np.divide(part, total, out=np.zeros(np.shape(part)), where=total > 0)
    return np.clip(shares, 0, 1)


def quantiles(values: Floats64, shares: tuple[float, ...]) -> Floats64:
    """(shares,) quantiles of the values (rows,) that are not NaN; NaN where all are."""
    known = values[~np.isnan(values)]
    return np.quantile(known, shares) if len(known) else np.full(len(shares), np.nan)
