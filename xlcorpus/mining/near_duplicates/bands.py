"""Bands of a signature (locality-sensitive hashing): texts that are equal in one band are candidates.

With r values in each of b bands, two texts of Jaccard index s meet with probability 1 - (1 - s^r)^b (Leskovec,
Rajaraman & Ullman, Mining of Massive Datasets, section 3.4).
"""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Ints32, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.mining.near_duplicates.shingles import mixed
from xlcorpus.mining.near_duplicates.signatures import UInts32

PERMUTATIONS = 112
LEAST_RECALL = 0.92
"""FineWeb's (Penedo et al. 2024, arXiv 2406.17557): 14 bands of 8 values, in which texts of Jaccard index 0.8 meet
with probability 0.92."""

ALONE = -1
"""Bucket of a text that no other text shares."""


def bands_for(threshold: float) -> tuple[int, int]:
    """(bands, values of each) in which texts of this Jaccard index meet with probability `LEAST_RECALL`.

    Of those that do, the one with most values in a band, which has the fewest candidates.

    >>> bands_for(0.8)
    (14, 8)
    """
    shapes = ((PERMUTATIONS // rows, rows) for rows in range(PERMUTATIONS, 0, -1))
    return next((b, r) for b, r in shapes if 1 - (1 - threshold**r) ** b >= LEAST_RECALL)


def band_keys(signatures: UInts32, bands: int) -> UInts64:
    """(n, bands) uint64: a hash of the values of each band.

    Args:
        signatures: (n, bands * r) uint32.
        bands: how many.
    """
    keys = np.empty((len(signatures), bands), np.uint64)
    _band_keys(signatures, keys)
    return keys


@compiled
def _band_keys(signatures: UInts32, keys: UInts64) -> None:
    bands = keys.shape[1]
    rows = signatures.shape[1] // bands
    for t in range(len(keys)):
        for band in range(bands):
            key = np.uint64(band + 1)
            for r in range(band * rows, (band + 1) * rows):
                key = mixed(key + np.uint64(signatures[t, r]) * np.uint64(0x9E3779B97F4A7C15))
            keys[t, band] = key


def buckets(*keys: UInts64) -> Ints32:
    """(n,) int32: the same number for texts whose keys are all equal, `ALONE` where no other text has them.

    Numbers run from 0, in the order of the keys.

    Args:
        keys: (n,) uint64 each: 64 bits, or two of them for 128.
    """
    order = np.argsort(keys[0], kind="stable") if len(keys) == 1 else np.lexsort(keys[::-1])
    same = np.ones(max(len(order) - 1, 0), np.bool_)
    for key in keys:
        ranked = key[order]
        same &= ranked[1:] == ranked[:-1]
    shared = np.zeros(len(order), np.bool_)
    shared[1:] |= same
    shared[:-1] |= same
    begins = shared.copy()
    begins[1:] &= ~same
    numbers = np.where(shared, np.cumsum(begins, dtype=np.int32) - 1, ALONE).astype(np.int32)
    found = np.empty(len(order), np.int32)
    found[order] = numbers
    return found
