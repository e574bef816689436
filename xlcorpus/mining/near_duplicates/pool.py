"""How alike each text is to the most alike one of a pool."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from xlcorpus.arrays import Floats64, Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.mining.near_duplicates.bands import band_keys, bands_for
from xlcorpus.mining.near_duplicates.shingles import Shingles, shingles
from xlcorpus.mining.near_duplicates.signatures import signatures
from xlcorpus.mining.near_duplicates.verify import sets

LEAST = 0.5
"""Jaccard index from which a text of the pool is found, with the recall of `bands_for`."""


class ShinglePool:
    """Texts that others are compared with, by their shingles.

    Args:
        texts: (m,) String.
        langs: (m,) their tags.
    """

    def __init__(self, texts: pl.Series, langs: pl.Series) -> None:
        found = shingles(texts, langs)
        self._hashes, self._bounds = sets(found.hashes, found.offsets)
        keys = _keys(found)
        self._order = np.argsort(keys, axis=0, kind="stable")
        self._keys = np.take_along_axis(keys, self._order, axis=0)

    def most_alike(self, texts: pl.Series, langs: pl.Series, own: Ints64) -> Floats64:
        """(n,) float64: the highest Jaccard index of the shingles of each text and one of the pool.

        Texts of the pool under `LEAST` may be missed; 0 where none is found.

        Args:
            texts: (n,) String.
            langs: (n,) their tags.
            own: (n,) place in the pool that a text is not compared with, -1 for none.
        """
        found = shingles(texts, langs)
        hashes, bounds = sets(found.hashes, found.offsets)
        keys = _keys(found)
        starts = np.empty(keys.shape, np.int64)
        ends = np.empty(keys.shape, np.int64)
        for band in range(keys.shape[1]):
            starts[:, band] = np.searchsorted(self._keys[:, band], keys[:, band], side="left")
            ends[:, band] = np.searchsorted(self._keys[:, band], keys[:, band], side="right")
        return np.asarray(_most_alike(hashes, bounds, own, starts, ends, self._order, self._hashes, self._bounds))


def _keys(found: Shingles) -> UInts64:
    """(n, bands) keys: texts that share one are candidates."""
    bands, rows = bands_for(LEAST)
    return band_keys(signatures(found.hashes, found.offsets, bands * rows), bands)


@compiled
def _most_alike(
    hashes: UInts64,
    bounds: Ints64,
    own: Ints64,
    starts: Ints64,
    ends: Ints64,
    order: Ints64,
    pool_hashes: UInts64,
    pool_bounds: Ints64,
) -> Any:
    n = len(bounds) - 1
    found = np.zeros(n)
    seen = np.full(len(pool_bounds) - 1, -1, np.int64)
    for t in range(n):
        for band in range(starts.shape[1]):
            for place in range(starts[t, band], ends[t, band]):
                other = order[place, band]
                if other == own[t] or seen[other] == t:
                    continue
                seen[other] = t
                a = hashes[bounds[t] : bounds[t + 1]]
                b = pool_hashes[pool_bounds[other] : pool_bounds[other + 1]]
                found[t] = max(found[t], _jaccard(a, b))
    return found


@compiled
def _jaccard(a: UInts64, b: UInts64) -> float:
    """The Jaccard index of two sorted sets."""
    i, j, shared = 0, 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            shared += 1
            i += 1
            j += 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
    return shared / (len(a) + len(b) - shared)
