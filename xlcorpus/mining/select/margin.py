"""Margin scores (Artetxe & Schwenk 2019, arXiv 1811.01136): how much closer a pair is than its neighbours.

With a = cos(x, y), m_x the mean cosine of x to its k nearest targets, m_y that of y to its k nearest sources,
and b = (m_x + m_y) / 2, the margin is a / b (`ratio`), a - b (`distance`) or a (`absolute`). Ranking by CSLS
(Conneau et al. 2018, arXiv 1710.04087), 2a - m_x - m_y, is ranking by `distance`.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from xlcorpus.arrays import Floats32, Floats64, Ints64
from xlcorpus.errors import UserError, nearest
from xlcorpus.mining.search.neighbours import Neighbours

Margin = Literal["ratio", "distance", "absolute"]

SMALLEST_MEAN = 1e-6
"""A neighbourhood mean at or below this is no scale to measure by: the ratio would explode or change sign."""


def neighbour_means(sim: Floats32, index: Ints64) -> Floats64:
    """(n,) mean of the similarities (n, k) over the neighbours that exist (index >= 0); 0 where none does."""
    there = index >= 0
    total = np.where(there, sim, 0).sum(axis=1, dtype=np.float64)
    return np.asarray(total / np.maximum(there.sum(axis=1), 1), dtype=np.float64)


def margins(neighbours: Neighbours, margin: Margin = "ratio") -> tuple[Floats32, Floats32]:
    """Scores of all candidates: (n, k) forward and (m, k) backward, float32.

    -inf where there is no candidate, and in `ratio` where b is not above `SMALLEST_MEAN`.

    Raises:
        UserError: no such margin.
    """
    if margin not in get_args(Margin):
        raise UserError(f"no margin {margin!r}; {nearest(margin, get_args(Margin))}")
    nb = neighbours
    src_mean = neighbour_means(nb.fwd_sim, nb.fwd_index)
    tgt_mean = neighbour_means(nb.bwd_sim, nb.bwd_index)
    return (
        _margin(nb.fwd_sim, nb.fwd_index, src_mean, tgt_mean, margin),
        _margin(nb.bwd_sim, nb.bwd_index, tgt_mean, src_mean, margin),
    )


def _margin(
    sim: Floats32,
    index: Ints64,
    own_mean: Floats64,
    other_mean: Floats64,
    margin: Margin,
) -> Floats32:
    a = sim.astype(np.float64)
    scored = index >= 0
    if margin != "absolute" and len(other_mean):
        b = (own_mean[:, None] + other_mean[index]) / 2
        if margin == "distance":
            a -= b
        else:
            scored &= b > SMALLEST_MEAN
            a /= np.where(scored, b, 1.0)
    return np.where(scored, a, -np.inf).astype(np.float32)
