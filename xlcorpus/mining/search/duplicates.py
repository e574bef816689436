"""Rows that hold the same vector."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Ints64
from xlcorpus.mining.search.unit import CHUNK_VALUES, UnitRows

_SEED = 1811_01136


def distinct_rows(x: UnitRows) -> Ints64:
    """(d,) int64, ascending: the first row of every distinct vector in `x`.

    Copies of one sentence fill its neighbours' lists and make all its margins 1; mining one row of each avoids that.
    """
    draw = np.random.default_rng(_SEED)
    weights = draw.integers(0, 2**63, size=x.dim, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    hashes = np.empty(len(x), dtype=np.uint64)
    step = max(1, 8 * CHUNK_VALUES // max(x.dim, 1))
    for start in range(0, len(x), step):
        # + 0.0 makes -0.0 the same bits as 0.0
        bits = (x.block(start, start + step) + np.float32(0)).view(np.uint32).astype(np.uint64)
        hashes[start : start + step] = bits @ weights
    _, first, group = np.unique(hashes, return_index=True, return_inverse=True)
    other = np.flatnonzero(first[group] != np.arange(len(x)))
    copy = np.zeros(len(x), dtype=np.bool_)
    for start in range(0, len(other), step):
        rows = other[start : start + step]
        # Compared in full: two vectors of one hash must not lose a sentence.
        copy[rows] = (x.at(rows) == x.at(first[group[rows]])).all(axis=1)
    return np.flatnonzero(~copy)
