"""Sampling the pairs of an epoch, and their batches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Floats64, Ints64


def shares(counts: npt.ArrayLike, temperature: float) -> Floats64:
    """(g,) float64: how often to draw from each group, p_i ~ (n_i / N) ** (1 / temperature); 1 keeps the proportions.

    As in multilingual BERT, mBART and CRISS (Conneau & Lample 2019, arXiv 1901.07291, section 3.1,
    alpha = 1 / temperature).

    Args:
        counts: (g,) pairs per group, above 0.
        temperature: 1 or more; the higher, the more equal.
    """
    n = np.asarray(counts, dtype=np.float64)
    p = (n / n.sum()) ** (1.0 / temperature)
    drawn: Floats64 = p / p.sum()
    return drawn


def epoch_rows(group: Ints64, temperature: float, rng: np.random.Generator) -> list[Ints64]:
    """Rows of one epoch for each group that has any, in random order; together about as many as there are.

    No row is repeated before all rows of its group are drawn. Every group gives at least one.

    Args:
        group: (n,) int64: the group of each row.
        temperature: see `shares`.
        rng: random generator.
    """
    counts = np.unique(group, return_counts=True)[1]
    members = np.split(np.argsort(group, kind="stable"), np.cumsum(counts)[:-1])
    wanted = np.maximum(np.rint(shares(counts, temperature) * len(group)).astype(np.int64), 1)
    drawn = []
    for rows, n in zip(members, wanted, strict=True):
        rounds = -(-n // len(rows))
        drawn.append(np.concatenate([rng.permutation(rows) for _ in range(rounds)])[:n])
    return drawn


def group_batches(group: Ints64, size: int, temperature: float, rng: np.random.Generator) -> list[Ints64]:
    """Batches of one epoch, each of one group and of `size` rows or a little less, in random order.

    Of one group, so that the negatives of a batch differ in content and not in language.

    Args:
        group: (n,) int64: the group of each row.
        size: most rows of a batch.
        temperature: see `shares`.
        rng: random generator.
    """
    cut: list[Ints64] = []
    for rows in epoch_rows(group, temperature, rng):
        cut += np.array_split(rows, -(-len(rows) // size))
    return [cut[i] for i in rng.permutation(len(cut))]
