"""Languages that lose far more than the others, by the limits of the ledger's `costly_rules`."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Bools, Floats64, Ints64
from xlcorpus.ledger import LEAST_ROWS, POINTS


def unfair(lost: Floats64, rows: Ints64) -> Bools:
    """Which languages lose over 10 points more than the median of the others.

    Args:
        lost: (languages,) share lost, 0 to 1.
        rows: (languages,) rows of which it is the share; languages with fewer than `ledger.LEAST_ROWS` are neither
            judged nor compared with.

    Returns:
        (languages,)
    """
    found = np.zeros(len(lost), dtype=bool)
    judged = np.flatnonzero(rows >= LEAST_ROWS)
    for i in judged:
        others = judged[judged != i]
        found[i] = len(others) > 0 and lost[i] - np.median(lost[others]) > POINTS + 1e-9
    return found
