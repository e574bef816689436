"""Intervals by resampling sentences (Efron 1979; paired, as Koehn 2004 compares translation systems)."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Floats64

SAMPLES_AT_ONCE = 100


def resampled_means(values: Floats64, samples: int = 1000, seed: int = 0) -> Floats64:
    """(samples, m) means of the columns of `values` (n, m), over n rows drawn with replacement.

    Two tables of the same n see the same draws, so their difference row by row is a paired one.
    """
    n = len(values)
    draw = np.random.default_rng(seed)
    means = np.empty((samples, values.shape[1]))
    for start in range(0, samples, SAMPLES_AT_ONCE):
        count = min(SAMPLES_AT_ONCE, samples - start)
        times = draw.multinomial(n, np.full(n, 1 / n), size=count)
        means[start : start + count] = times @ values / n
    return means


def interval(means: Floats64, confidence: float = 0.95) -> tuple[Floats64, Floats64]:
    """(m,) lower and (m,) upper end of the middle `confidence` of each column."""
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return low, high
