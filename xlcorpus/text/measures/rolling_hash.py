"""Polynomial hashes of pieces of a text, and a hash set of them that is emptied by counting up."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Ints64, UInts64
from xlcorpus.compiled import compiled

BASE = np.uint64(0x9E3779B97F4A7C15)
"""Base of the polynomial, mod 2^64."""

_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S1, _S2, _S3 = np.uint64(30), np.uint64(27), np.uint64(31)


@compiled
def mixed(value: np.uint64) -> np.uint64:
    """A uint64 whose bits all depend on all bits of the argument (finaliser of SplitMix64, Steele et al. 2014)."""
    value = (value ^ (value >> _S1)) * _M1
    value = (value ^ (value >> _S2)) * _M2
    return value ^ (value >> _S3)


@compiled
def powers(n: int) -> UInts64:
    """(n,) BASE^0, BASE^1, ... mod 2^64."""
    found = np.empty(n, dtype=np.uint64)
    power = np.uint64(1)
    for i in range(n):
        found[i] = power
        power *= BASE
    return found


@compiled
def slot(keys: UInts64, owner: Ints64, mask: int, key: np.uint64, round_: int) -> int:
    """Place of a key in an open-addressing table: where it stands, or the free place where it belongs.

    A place is taken if `owner[place] == round_`, else free: with another round the table is empty again.

    Args:
        keys, owner: (size,) the table; size is a power of two and at least twice the number of keys of a round.
        mask: size - 1, or a smaller power of two - 1 to use the beginning of the table alone.
        key: what is looked for.
        round_: number of the set, never negative; `owner` is -1 where a place was never taken.
    """
    place: int = np.int64(mixed(key) & np.uint64(mask))  # type: ignore[assignment]  # numba's int
    while owner[place] == round_ and keys[place] != key:
        place = (place + 1) & mask
    return place
