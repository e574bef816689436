"""Exact cosines of candidate neighbours: the same bits whatever proposed them, in either direction, on any machine."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Bools, Floats32, Ints32, Ints64
from xlcorpus.compiled import compiled


def exact_cosines(queries: Floats32, rows: Floats32, found: Ints64) -> Floats32:
    """(n, c) float32 cosines of unit queries (n, dim) to the unit rows `found` (n, c); 0 where that is -1.

    Bit by bit those of `two_way`.
    """
    out = np.zeros(found.shape, dtype=np.float32)
    _cosines(queries, rows, found, out)
    return out


@compiled
def _cosine(a: Floats32, b: Floats32) -> np.float32:
    """Inner product in float64 in a fixed order: the same bits for (a, b) and (b, a), on every machine.

    Eight sums that a vector unit adds at once. Products of float32 are exact in float64, so that it does not matter
    whether the machine fuses multiplication and addition.
    """
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    whole = len(a) - len(a) % 8
    for c in range(0, whole, 8):
        s0 += np.float64(a[c]) * np.float64(b[c])
        s1 += np.float64(a[c + 1]) * np.float64(b[c + 1])
        s2 += np.float64(a[c + 2]) * np.float64(b[c + 2])
        s3 += np.float64(a[c + 3]) * np.float64(b[c + 3])
        s4 += np.float64(a[c + 4]) * np.float64(b[c + 4])
        s5 += np.float64(a[c + 5]) * np.float64(b[c + 5])
        s6 += np.float64(a[c + 6]) * np.float64(b[c + 6])
        s7 += np.float64(a[c + 7]) * np.float64(b[c + 7])
    for c in range(whole, len(a)):
        s0 += np.float64(a[c]) * np.float64(b[c])
    return np.float32(((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)))


@compiled
def _enter(sim: Floats32, index: Ints32, value: np.float32, j: int) -> None:
    """Enter (value, j) into one list: higher similarity first, then lower index; -1 marks a free place."""
    at = len(sim)
    while at > 0 and (index[at - 1] < 0 or sim[at - 1] < value or (sim[at - 1] == value and index[at - 1] > j)):
        if at < len(sim):
            sim[at] = sim[at - 1]
            index[at] = index[at - 1]
        at -= 1
    if at < len(sim):
        sim[at] = value
        index[at] = j


@compiled
def settle(
    q: Floats32,
    rows: Floats32,
    near_sim: Floats32,
    near_index: Ints32,
    error: np.float32,
    sim: Floats32,
    index: Ints32,
    doubtful: Bools,
    first: int,
    last: int,
) -> None:
    """Order the candidates of the queries first..last by exact cosine; mark those that may lack a better one."""
    k, end = sim.shape[1], near_sim.shape[1] - 1
    for i in range(first, last):
        for c in range(end + 1):
            j = near_index[i, c]
            if j < 0:
                break
            _enter(sim[i], index[i], _cosine(q[i], rows[j]), j)
        # Whatever was left out has a product of at most the last candidate's.
        doubtful[i] = near_index[i, end] >= 0 and sim[i, k - 1] <= near_sim[i, end] + error


@compiled
def settle_all(
    s: Floats32,
    j0: int,
    which: Ints64,
    q: Floats32,
    rows: Floats32,
    floor: Floats32,
    sim: Floats32,
    index: Ints32,
) -> None:
    """Enter all columns of `s` (products of the queries `which`) that reach the query's floor, by exact cosine."""
    for r in range(s.shape[0]):
        i = which[r]
        for c in range(s.shape[1]):
            if s[r, c] >= floor[r]:
                _enter(sim[i], index[i], _cosine(q[i], rows[j0 + c]), j0 + c)


@compiled
def _cosines(queries: Floats32, rows: Floats32, found: Ints64, out: Floats32) -> None:
    for i in range(found.shape[0]):
        for c in range(found.shape[1]):
            if found[i, c] >= 0:
                out[i, c] = _cosine(queries[i], rows[found[i, c]])
