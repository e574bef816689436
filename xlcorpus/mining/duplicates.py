"""Rows that hold the same vector."""

from __future__ import annotations

import numpy as np

from xlcorpus.mining.knn import BLOCK_ROWS, Floats, Indices

_SEED = 1811_01136


def distinct_rows(x: Floats, block_rows: int = BLOCK_ROWS) -> Indices:
    """(d,) int64, ascending: the first row of every distinct vector in `x`, float32 (n, dim).

    Copies of one sentence fill its neighbours' lists and push every margin of it to 1; mining one row of each
    avoids that.
    """
    draw = np.random.default_rng(_SEED)
    weights = draw.integers(0, 2**63, size=x.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    hashes = np.empty(len(x), dtype=np.uint64)
    for start in range(0, len(x), block_rows):
        # + 0.0 makes -0.0 the same bits as 0.0
        bits = (x[start : start + block_rows] + np.float32(0)).view(np.uint32).astype(np.uint64)
        hashes[start : start + block_rows] = bits @ weights
    _, first, group = np.unique(hashes, return_index=True, return_inverse=True)
    other = np.flatnonzero(first[group] != np.arange(len(x)))
    copy = np.zeros(len(x), dtype=np.bool_)
    for start in range(0, len(other), block_rows):
        rows = other[start : start + block_rows]
        # Compared in full: two vectors of one hash must not lose a sentence.
        copy[rows] = (x[rows] == x[first[group[rows]]]).all(axis=1)
    return np.flatnonzero(~copy)
