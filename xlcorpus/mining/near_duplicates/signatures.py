"""MinHash signatures: the least value of each of some permutations over a text's shingles (Broder 1997).

The share of equal places of two signatures estimates the Jaccard index of the sets of shingles.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Ints64, UInts64
from xlcorpus.compiled import compiled

UInts32 = npt.NDArray[np.uint32]

SEED = 20
"""Of the permutations. One for all runs, so that signatures of two runs can be compared."""


def signatures(hashes: UInts64, offsets: Ints64, size: int) -> UInts32:
    """(n, size) uint32: the signature of each text.

    A permutation multiplies the upper half of a hash with a random odd number of 64 bits, adds a random one, and keeps
    the upper 32 bits (multiply-shift, Dietzfelbinger et al. 1997): loops that fit the vector units of every CPU.

    Args:
        hashes: (m,) shingles of the texts, one text after the other; repeated ones change nothing.
        offsets: (n + 1,) where each text begins; a text without shingles has the greatest value everywhere.
        size: number of permutations.
    """
    random = np.random.default_rng(SEED)
    factors, terms = random.integers(0, 2**64, (2, size), np.uint64, endpoint=False)
    found = np.empty((len(offsets) - 1, size), np.uint32)
    _signatures((hashes >> np.uint64(32)).astype(np.uint32), offsets, factors | np.uint64(1), terms, found)
    return found


@compiled
def _signatures(hashes: UInts32, offsets: Ints64, factors: UInts64, terms: UInts64, found: UInts32) -> None:
    half = np.uint64(32)
    for t in range(len(found)):
        row = found[t]
        row[:] = 0xFFFFFFFF
        i = offsets[t]
        # Four shingles at a time: a place of the signature is loaded and stored a quarter as often.
        while i + 4 <= offsets[t + 1]:
            w, x = np.uint64(hashes[i]), np.uint64(hashes[i + 1])
            y, z = np.uint64(hashes[i + 2]), np.uint64(hashes[i + 3])
            for p in range(len(factors)):
                a, b = factors[p], terms[p]
                first = min(np.uint32((w * a + b) >> half), np.uint32((x * a + b) >> half))
                second = min(np.uint32((y * a + b) >> half), np.uint32((z * a + b) >> half))
                row[p] = min(row[p], min(first, second))
            i += 4
        while i < offsets[t + 1]:
            x = np.uint64(hashes[i])
            for p in range(len(factors)):
                row[p] = min(row[p], np.uint32((x * factors[p] + terms[p]) >> half))
            i += 1
