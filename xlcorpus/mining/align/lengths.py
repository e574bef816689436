"""Length cost of aligning runs of sentences (Gale & Church 1993, J93-1004), and its weight beside the vectors.

A target run of y characters for a source run of x is as improbable as a normal deviate of
(y - ratio x) / sqrt(variance (ratio x + y) / 2 ratio). The weaker the encoder, the higher the weight of the
lengths: it converts the improbability, in nats, to the unit of the vectors' cost. A log-likelihood ratio of linked and
unlinked pairs, each with normal costs of the same variance, has the slope (difference of means) / variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, log, sqrt

import numpy as np

from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.compiled import compiled
from xlcorpus.mining.align.costs import Chance
from xlcorpus.mining.align.path import Band

GALE_CHURCH_VARIANCE = 6.8
"""Variance per character in German, French and English reports; used where too few pairs are aligned to measure it."""
LEAST_VARIANCE = 0.1
"""Floor of the variance, for two sides with the same text."""
USUAL_WEIGHT = 0.1
"""Weight where too few pairs are aligned to measure it."""
MOST_WEIGHT = 0.2
"""Ceiling of the weight: alignments by length alone are unreliable."""
MOST_NATS = 20.0
"""Floor of the length probability, so that an odd length ratio cannot rule a pair out."""
FEW = 30
"""With fewer links no variance is estimated."""


@dataclass(frozen=True)
class Lengths:
    """Relation of the lengths of translations."""

    ratio: float
    """target characters for a source character"""
    variance: float
    """of the difference, per character"""
    weight: float
    """cost per nat"""


NO_LENGTHS = Lengths(1.0, GALE_CHURCH_VARIANCE, 0.0)
"""Before anything is aligned: the ratio of whole texts is biased where one side holds text of its own."""


def fitted_lengths(src_characters: Ints64, tgt_characters: Ints64, costs: Floats32, by_chance: Chance) -> Lengths:
    """The relation of lengths, measured on sentences aligned one to one.

    Args:
        src_characters, tgt_characters: (p,) int64: their lengths, at least 1. Of fewer than `FEW` only the ratio is
            taken, of none nothing.
        costs: (p,) float32: what their vectors cost.
        by_chance: what vectors of random sentences cost.
    """
    if not len(costs):
        return NO_LENGTHS
    ratio = float(tgt_characters.sum() / src_characters.sum())
    if len(costs) < FEW:
        return Lengths(ratio, GALE_CHURCH_VARIANCE, USUAL_WEIGHT)
    expected = ratio * src_characters
    deviation = np.abs(tgt_characters - expected) / np.sqrt((expected + tgt_characters) / 2 * ratio)
    # From the mean absolute deviation of a normal distribution: squares would be dominated by the few wrong links.
    variance = max(float(deviation.mean() ** 2 * np.pi / 2), LEAST_VARIANCE)
    apart = by_chance.mean - float(costs.mean())
    spread = (by_chance.variance + float(costs.var())) / 2
    return Lengths(ratio, variance, MOST_WEIGHT if spread >= MOST_WEIGHT * apart else spread / apart)


def length_nats(src_characters: int, tgt_characters: int, lengths: Lengths) -> float:
    """How improbable it is that a run of that many characters has a translation of that many, in nats."""
    return float(_nats(lengths.ratio * src_characters, tgt_characters, lengths.ratio, lengths.variance))


def add_length_costs(
    costs: Floats32,
    src_characters: Ints64,
    tgt_characters: Ints64,
    band: Band,
    moves: Ints64,
    lengths: Lengths,
) -> None:
    """Add the length costs of its runs to the costs of a band; see `band_costs` for the arguments."""
    src_ends, tgt_ends = (
        np.concatenate([[0], np.cumsum(side)]).astype(np.int64) for side in (src_characters, tgt_characters)
    )
    _add_length_costs(
        costs,
        src_ends,
        tgt_ends,
        band.first,
        band.last,
        band.starts,
        moves,
        lengths.ratio,
        lengths.variance,
        lengths.weight,
    )


@compiled
def _nats(expected: float, found: float, ratio: float, variance: float) -> float:
    spread = sqrt(variance * ratio * max((expected + found) / 2, 1.0))
    tail = erfc(abs(found - expected) / spread / sqrt(2.0))
    return min(-log(tail), MOST_NATS) if tail > 0 else MOST_NATS


@compiled
def _add_length_costs(
    costs: Floats32,
    src_ends: Ints64,
    tgt_ends: Ints64,
    first: Ints64,
    last: Ints64,
    starts: Ints64,
    moves: Ints64,
    ratio: float,
    variance: float,
    weight: float,
) -> None:
    for t in range(len(moves)):
        rows, columns = moves[t]
        for i in range(rows, len(first)):
            expected = ratio * (src_ends[i] - src_ends[i - rows])
            for j in range(max(first[i], columns), last[i] + 1):
                found = tgt_ends[j] - tgt_ends[j - columns]
                costs[t, starts[i] + j - first[i]] += weight * _nats(expected, found, ratio, variance)
