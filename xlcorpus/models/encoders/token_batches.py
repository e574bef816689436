"""Batches of texts of like length, so that little of a matrix is padding."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Ints64


def token_batches(lengths: Ints64, budget: int, rng: np.random.Generator | None = None) -> list[Ints64]:
    """Places in `lengths` cut into batches of like length that hold at most `budget` tokens with their padding.

    Args:
        lengths: (n,) int64 tokens of each text, above 0; one longer than `budget` is a batch of its own.
        budget: most rows of a batch times its longest text.
        rng: puts the batches in random order, and texts of one length; without it the shortest come first.
    """
    order = np.arange(len(lengths)) if rng is None else rng.permutation(len(lengths))
    order = order[np.argsort(lengths[order], kind="stable")]
    ordered = lengths[order]
    cut: list[Ints64] = []
    start = 0
    while start < len(order):
        # The longest of the next n texts is the last of them: n fits while n * its length does.
        most = max(budget // int(ordered[start]), 1)
        window = ordered[start : start + most]
        n = max(int(np.searchsorted(window * np.arange(1, len(window) + 1), budget, side="right")), 1)
        cut.append(order[start : start + n])
        start += n
    return cut if rng is None else [cut[i] for i in rng.permutation(len(cut))]
