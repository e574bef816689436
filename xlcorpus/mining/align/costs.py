"""Cost of aligning runs of sentences by their vectors (Thompson & Koehn 2019, D19-1136, equation 1).

The cost of a source run of n sentences and a target run of m is

    n m (1 - cos(x, y)) / (half the mean of 1 - cos(x, .) and 1 - cos(., y) over chance partners)

so that a run that is similar to everything is not cheap, and merging runs does not lower the cost by itself. Vecalign
draws the chance partners at random; since 1 - cos is linear in the partner, their mean vector gives the expected value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.compiled import compiled
from xlcorpus.mining.align.path import Band

SAMPLE = 5_000
"""Pairs of sentences that chance is measured on, at most."""

QUANTILE = 0.2
"""Share of random pairs that are cheaper than leaving a sentence out, as in Vecalign."""

LEAST_CHANCE = 1e-3
"""Floor of the denominator, for texts in which all sentences are the same."""


@dataclass(frozen=True)
class Chance:
    """Costs of sentences that are paired by chance."""

    src_mean: Floats32
    """(dim,) float32: mean vector of source sentences"""
    tgt_mean: Floats32
    """(dim,) float32: of target sentences"""
    deletion: float
    """cost of leaving a sentence out"""
    mean: float
    """mean cost of aligning two random sentences, about 1"""
    variance: float
    """of that cost"""


def chance(src: Floats32, tgt: Floats32) -> Chance:
    """Costs of unrelated sentences, measured on sentences paired at random.

    Args:
        src: (n, dim) float32 unit vectors of single sentences, n > 0: of one document, or better of many.
        tgt: (m, dim) float32, m > 0.
    """
    if len(src) * len(tgt) <= SAMPLE:
        i, j = (index.ravel() for index in np.indices((len(src), len(tgt))))
    else:
        random = np.random.default_rng(0)
        i, j = random.integers(len(src), size=SAMPLE), random.integers(len(tgt), size=SAMPLE)
    src_mean, tgt_mean = (side.mean(axis=0, dtype=np.float64).astype(np.float32) for side in (src, tgt))
    costs = _costs(src[i], tgt[j], src_mean, tgt_mean)
    return Chance(src_mean, tgt_mean, float(np.quantile(costs, QUANTILE)), float(costs.mean()), float(costs.var()))


def pair_costs(src: Floats32, tgt: Floats32, by_chance: Chance) -> Floats32:
    """(p,) float32: cost of row i of `src` (p, dim) and row i of `tgt`, without the factor n m."""
    return _costs(src, tgt, by_chance.src_mean, by_chance.tgt_mean)


def _costs(src: Floats32, tgt: Floats32, src_mean: Floats32, tgt_mean: Floats32) -> Floats32:
    unlike = ((1 - src @ tgt_mean) + (1 - tgt @ src_mean)) / 2
    distance = 1 - np.einsum("pd,pd->p", src, tgt)
    return np.asarray(distance / np.maximum(unlike, LEAST_CHANCE), dtype=np.float32)


def band_costs(src: Floats32, tgt: Floats32, band: Band, moves: Ints64, by_chance: Chance) -> Floats32:
    """Costs of all alignments that end in a band.

    Args:
        src: (a, n, dim) float32 unit vectors: [k, i] is the run of k + 1 sentences that ends with sentence i.
        tgt: (b, m, dim) float32.
        band: over n + 1 rows.
        moves: (t, 2) int64: sizes of the runs, from 1 to a and 1 to b.

    Returns:
        (t, cells) float32; infinite where a run would begin before the text.
    """
    out = np.full((len(moves), int(band.starts[-1])), np.inf, dtype=np.float32)
    src_unlike, tgt_unlike = 1 - src @ by_chance.tgt_mean, 1 - tgt @ by_chance.src_mean
    _band_costs(src, tgt, src_unlike, tgt_unlike, band.first, band.last, band.starts, moves, out)
    return out


@compiled
def _band_costs(
    src: Floats32,
    tgt: Floats32,
    src_unlike: Floats32,
    tgt_unlike: Floats32,
    first: Ints64,
    last: Ints64,
    starts: Ints64,
    moves: Ints64,
    out: Floats32,
) -> None:
    for t in range(len(moves)):
        rows, columns = moves[t]
        vectors = tgt[columns - 1]
        for i in range(rows, len(first)):
            begin, end = max(first[i], columns), last[i] + 1
            if begin >= end:
                continue
            cosines = np.dot(vectors[begin - 1 : end - 1], src[rows - 1, i - 1])
            cell = starts[i] + begin - first[i]
            for j in range(begin, end):
                unlike = max((src_unlike[rows - 1, i - 1] + tgt_unlike[columns - 1, j - 1]) / 2, LEAST_CHANCE)
                out[t, cell + j - begin] = rows * columns * (1 - cosines[j - begin]) / unlike
