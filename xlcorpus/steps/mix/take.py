"""Which rows of a language fill its budget: arithmetic over sizes in the order of taking."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Ints64
from xlcorpus.row_random import long_draws


def nearest(sizes: Ints64, budget: float) -> int:
    """How many rows from the first on come nearest to the budget; the fewer, of two that come equally near."""
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return int(np.abs(sums - budget).argmin())


def copies(sizes: Ints64, budget: float) -> Ints64:
    """(n,) how often each row is taken: all of them as often as they fit, then the first ones once more.

    What is taken differs from the budget by half a row at most.

    Args:
        sizes: (n,) int64 in the order of taking, 0 or more.
        budget: in the same unit.
    """
    total = int(sizes.sum())
    if not total:
        return np.zeros(len(sizes), np.int64)
    passes = int(budget // total)
    taken = np.full(len(sizes), passes, np.int64)
    taken[: nearest(sizes, budget - passes * total)] += 1
    return taken


def with_replacement(sizes: Ints64, budget: float, seed: int, purpose: str) -> Ints64:
    """(n,) how often each row is drawn, where every draw is of all rows, until the budget is filled.

    Args:
        sizes: (n,) int64 in an order that does not depend on shards.
        budget: in the same unit.
        seed: of the run.
        purpose: tells the draws of one language from those of others.
    """
    taken = np.zeros(len(sizes), np.int64)
    if not sizes.sum():
        return taken
    # The raw numbers of a generator are the same in every version of numpy; what it makes of them is not.
    numbers = np.random.Philox(key=int(long_draws([""], seed, purpose)[0]))
    held, left = max(1, round(budget / float(sizes.mean()))), float(budget)
    while left > 0:
        places = (numbers.random_raw(held) / 2.0**64 * len(sizes)).astype(np.int64)
        drawn = np.minimum(places, len(sizes) - 1)
        count = nearest(sizes[drawn], left)
        np.add.at(taken, drawn[:count], 1)
        if count < held:
            break
        left -= float(sizes[drawn].sum())
    return taken
