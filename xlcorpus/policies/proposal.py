"""Few limits from reference text that together reject most noise."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from xlcorpus.arrays import Bools
from xlcorpus.policies.limits import Limits, kept, outward, quantile_limits, stricter, widened
from xlcorpus.policies.noise import KINDS
from xlcorpus.steps.filter.quality import DOCUMENT_RULES

TAILS = (0.0, 0.001, 0.002, 0.005, 0.01)
"""Shares of the reference that a single limit cuts; each is tried."""
MARGIN = 0.15
"""Distance of a limit from the reference's value at a tail, as a share of that value's distance from the median."""
LEAST_GAIN = 0.003
"""Share of the noise, in the mean of its kinds, that a further limit must reject in addition."""


def proposal(clean: pl.DataFrame, noisy: pl.DataFrame, defaults: Limits, lose: float) -> dict[str, float | None]:
    """The defaults, with stricter limits from the reference in the place of some.

    Of the `TAILS` whose limits cut no more than `lose` of the reference the one that rejects most noise is taken; if
    none rejects more than the defaults, the defaults.

    Args:
        clean: columns `quality_<measure>` of the reference.
        noisy: columns `quality_<measure>` of noise made of it, and `noise`, its kind.
        defaults: limits by option.
        lose: share of the reference that all limits together may cut.
    """
    best, most = dict(defaults), _mean_by_kind(noisy["noise"], ~kept(noisy, DOCUMENT_RULES, defaults))
    for tail in TAILS:
        found = widened(quantile_limits(clean, DOCUMENT_RULES, tail), clean, DOCUMENT_RULES, MARGIN)
        candidates = {name: outward(name, limit) for name, limit in found.items()}
        limits, rejection = _chosen(stricter(candidates, defaults), noisy, defaults)
        if 1 - kept(clean, DOCUMENT_RULES, limits).mean() <= lose and rejection > most:
            best, most = limits, rejection
    return best


def _chosen(
    candidates: Mapping[str, float], noisy: pl.DataFrame, defaults: Limits
) -> tuple[dict[str, float | None], float]:
    """The defaults with some of the candidates in their place, and the share of the noise that they reject.

    The candidate that rejects most further noise is taken first, then the next, while each rejects `LEAST_GAIN` more:
    a limit that rejects little noise may still cost text that the reference does not show.
    """
    limits = dict(defaults)
    broken = ~kept(noisy, DOCUMENT_RULES, defaults)
    waiting = {name: ~kept(noisy, DOCUMENT_RULES, {name: limit}) for name, limit in candidates.items()}
    rejection = _mean_by_kind(noisy["noise"], broken)
    while waiting:
        gains = {name: _mean_by_kind(noisy["noise"], broken | more) for name, more in waiting.items()}
        name = max(gains, key=gains.__getitem__)
        if gains[name] < rejection + LEAST_GAIN:
            break
        limits[name], rejection = candidates[name], gains[name]
        broken |= waiting.pop(name)
    return limits, rejection


def _mean_by_kind(kinds: pl.Series, rejected: Bools) -> float:
    """Share of the noise that is rejected, as the mean over its kinds."""
    codes = kinds.cast(pl.Enum(KINDS)).to_physical().to_numpy()
    sizes = np.bincount(codes, minlength=len(KINDS))
    shares = np.bincount(codes, weights=rejected, minlength=len(KINDS)) / np.maximum(sizes, 1)
    return float(shares[sizes > 0].mean())
