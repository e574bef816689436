"""What limits keep: the share of rows, words and bytes, as a limit moves."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Bools, Floats64


def retention(values: Floats64, weights: Floats64, limits: Floats64, least: bool) -> Floats64:
    """Shares kept at each of some limits.

    Args:
        values: (rows,) what is measured; NaN where nothing could be, which every limit keeps.
        weights: (rows, weights) how much each row counts; column by column.
        limits: (limits,)
        least: whether a value must be at least the limit, not at most.

    Returns:
        (limits, weights) from 0 to 1; 1 where the weights of all rows are 0.
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
    """(weights,) share of each weight (rows, weights) on rows that are not kept, 0 to 1."""
    return _share(weights[~keep].sum(axis=0), weights.sum(axis=0))


def _share(part: Floats64, total: Floats64) -> Floats64:
    shares: Floats64 = np.divide(part, total, out=np.zeros(np.shape(part)), where=total > 0)
    return np.clip(shares, 0, 1)


def quantiles(values: Floats64, shares: tuple[float, ...]) -> Floats64:
    """(shares,) the values below which these shares of the known values lie; NaN where none is known."""
    known = values[~np.isnan(values)]
    return np.quantile(known, shares) if len(known) else np.full(len(shares), np.nan)
