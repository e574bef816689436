"""The Jaccard index of two texts' sets of shingles, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlcorpus.arrays import Ints64, UInts64
from xlcorpus.compiled import compiled


def sets(hashes: UInts64, offsets: Ints64) -> tuple[UInts64, Ints64]:
    """The shingles of each text sorted, each once: (m',) uint64 and (n + 1,) int64 offsets.

    Args:
        hashes: (m,) shingles, text after text.
        offsets: (n + 1,) where each text begins.
    """
    found: tuple[UInts64, Ints64] = _sets(hashes, offsets)
    return found


@compiled
def _sets(hashes: UInts64, offsets: Ints64) -> Any:
    found = np.empty(len(hashes), np.uint64)
    places = np.zeros(len(offsets), np.int64)
    full = 0
    for t in range(len(offsets) - 1):
        ranked = np.sort(hashes[offsets[t] : offsets[t + 1]])
        for i in range(len(ranked)):
            if i == 0 or ranked[i] != ranked[i - 1]:
                found[full] = ranked[i]
                full += 1
        places[t + 1] = full
    return found[:full].copy(), places


@compiled
def resemble(a: UInts64, b: UInts64, threshold: float) -> bool:
    """Whether the Jaccard index of two sets is at least the threshold (in (0, 1]); stops where it cannot be any more.

    Args:
        a, b: (k,) and (l,), sorted, without repeats.
        threshold: two empty sets resemble each other at any.
    """
    both = len(a) + len(b)
    # |A and B| / |A or B| >= t  <=>  |A and B| (1 + t) >= t (|A| + |B|)
    enough = threshold * both / (1 + threshold) - 1e-9
    if min(len(a), len(b)) < enough:
        return False
    i, j, shared = 0, 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            shared += 1
            i += 1
            j += 1
        elif a[i] < b[j]:
            i += 1
            if shared + len(a) - i < enough:
                return False
        else:
            j += 1
            if shared + len(b) - j < enough:
                return False
    return shared >= enough
