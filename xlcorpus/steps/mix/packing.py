"""Filling sequences and batches of a given size with rows in their order."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.compiled import compiled

OPEN = 32
"""Bins of a group that are filled side by side; more fill them better and move rows further from their place."""


@compiled
def bins(sizes: Ints64, groups: Ints64, all_groups: int, capacity: int, most_open: int) -> Ints64:
    """(n,) the bin of each unit: the first open one of its group that has room (first fit), else a new one.

    Bins are numbered as they are opened. A unit larger than a bin has one for itself. Where a group has `most_open`
    open bins, its oldest is closed for a new one.

    Args:
        sizes: (n,) int64 of the units, in their order.
        groups: (n,) int64: units of different groups share no bin.
        all_groups: number of groups.
        capacity: of a bin.
        most_open: bins of a group that are open at a time.
    """
    found = np.empty(len(sizes), np.int64)
    number = np.empty((all_groups, most_open), np.int64)
    room = np.empty((all_groups, most_open), np.int64)
    used = np.zeros(all_groups, np.int64)
    made = 0
    for i in range(len(sizes)):
        g, size = groups[i], sizes[i]
        at = 0
        while at < used[g] and room[g, at] < size:
            at += 1
        if at == used[g]:
            found[i] = made
            made += 1
            if size >= capacity:
                continue
            if used[g] == most_open:
                for k in range(1, most_open):
                    number[g, k - 1], room[g, k - 1] = number[g, k], room[g, k]
                used[g] -= 1
            number[g, used[g]], room[g, used[g]] = found[i], capacity - size
            used[g] += 1
            continue
        found[i] = number[g, at]
        room[g, at] -= size
        if room[g, at] == 0:
            for k in range(at + 1, used[g]):
                number[g, k - 1], room[g, k - 1] = number[g, k], room[g, k]
            used[g] -= 1
    return found


def places_of_bins(bin_of: Ints64, lot: Floats64) -> Ints64:
    """(bins,) the place that each bin takes in the order of the units: that of one of its units, drawn.

    The place of the first unit would put every language that fills one bin alone at the beginning, their mean all into
    the middle.

    Args:
        bin_of: (n,) the bin of each unit, units in their order.
        lot: (n,) a number of each unit; the lowest of a bin is drawn.
    """
    order = np.lexsort((lot, bin_of))
    firsts = np.searchsorted(bin_of[order], np.arange(bin_of.max(initial=-1) + 1))
    drawn: Ints64 = order[firsts]
    return drawn
