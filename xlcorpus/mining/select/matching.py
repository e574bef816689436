"""Greedy one-to-one matching of weighted edges, without a loop over edges."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Bools, Ints64


def greedy_matching(src: Ints64, tgt: Ints64) -> Bools:
    """Which edges a greedy pass takes: each edge in turn, if neither of its ends is used yet.

    Args:
        src, tgt: (edges,) node numbers >= 0 of the two sides, best edge first.

    Returns:
        (edges,) bool.

    Each round takes every edge that comes first at both of its ends: the one-by-one pass takes it too, since
    nothing that comes earlier can use those ends. Rounds are few unless edges form one long chain.
    """
    taken = np.zeros(len(src), dtype=np.bool_)
    if not len(src):
        return taken
    src_first = np.empty(int(src.max()) + 1, dtype=np.int64)
    tgt_first = np.empty(int(tgt.max()) + 1, dtype=np.int64)
    src_used = np.zeros(len(src_first), dtype=np.bool_)
    tgt_used = np.zeros(len(tgt_first), dtype=np.bool_)
    left = np.arange(len(src))
    while len(left):
        s, t = src[left], tgt[left]
        # Of several values for one place numpy keeps the last, so in reverse the first edge of a node stays.
        src_first[s[::-1]] = left[::-1]
        tgt_first[t[::-1]] = left[::-1]
        now = (src_first[s] == left) & (tgt_first[t] == left)
        taken[left[now]] = True
        src_used[s[now]] = True
        tgt_used[t[now]] = True
        left = left[~(src_used[s] | tgt_used[t])]
    return taken
