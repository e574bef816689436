"""One-to-one matching of the greatest total weight on a sparse graph."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from xlcorpus.arrays import Bools, Floats64, Ints64
from xlcorpus.compiled import compiled


def best_matching(src: Ints64, tgt: Ints64, weight: Floats64) -> Bools:
    """Which edges the one-to-one matching with the greatest sum of weights takes; nodes may stay single.

    Successive shortest augmenting paths with dual prices (Kuhn 1955; Edmonds & Karp 1972). Each search ends where
    leaving someone single costs less than going on, so that it stays near its source: on graphs of neighbours the
    time grows about as the number of edges.

    Args:
        src, tgt: (edges,) int64 node numbers >= 0 of the two sides, each pair at most once, sorted by src.
        weight: (edges,) float64, >= 0.

    Returns:
        (edges,) bool.
    """
    taken = np.zeros(len(src), dtype=np.bool_)
    if len(src):
        starts = np.concatenate([[0], np.cumsum(np.bincount(src))])
        edges = _match(starts, tgt, weight, int(tgt.max()) + 1)[0]
        taken[edges[edges >= 0]] = True
    return taken


@compiled
def _match(starts: Ints64, tgt: Ints64, weight: Floats64, n_tgt: int) -> tuple[Ints64, Floats64, Floats64]:
    """Edge of every source (-1: single), and the prices of sources and targets that prove it the best.

    Prices are >= 0, those of an edge's ends sum to its weight at least, to just that in the matching, and are 0 for
    single nodes: no matching can weigh more than the sum of all prices, and this one weighs that.
    """
    n_src = len(starts) - 1
    edge_of = np.full(n_src, -1, np.int64)
    src_of = np.full(n_tgt, -1, np.int64)
    src_price, tgt_price = np.zeros(n_src), np.zeros(n_tgt)
    far = np.full(n_tgt, np.inf)
    done = np.zeros(n_tgt, np.bool_)
    came_by, came_from = np.empty(n_tgt, np.int64), np.empty(n_tgt, np.int64)
    for root in range(n_src):
        for e in range(starts[root], starts[root + 1]):
            src_price[root] = max(src_price[root], weight[e] - tgt_price[tgt[e]])
        heap = [(np.float64(0), np.int64(-1))]
        heap.clear()
        row, row_far, end = root, 0.0, np.int64(-1)
        rows, rows_far, touched = [row], [row_far], [np.int64(-1)]
        touched.clear()
        single, cost = row, src_price[row]  # the cheapest source to leave single, by way of this search
        while True:
            for e in range(starts[row], starts[row + 1]):
                j = tgt[e]
                there = row_far + max(0.0, src_price[row] + tgt_price[j] - weight[e])
                if there < far[j]:
                    if far[j] == np.inf:
                        touched.append(j)
                    far[j], came_by[j], came_from[j] = there, e, row
                    heappush(heap, (there, j))
            while len(heap) and done[heap[0][1]]:
                heappop(heap)
            if not len(heap) or heap[0][0] > cost:
                break
            row_far, j = heappop(heap)
            done[j] = True
            if src_of[j] < 0:
                end, cost = j, row_far
                break
            row = src_of[j]
            rows.append(row)
            rows_far.append(row_far)
            if row_far + src_price[row] < cost:
                single, cost = row, row_far + src_price[row]
        for r in range(len(rows)):
            src_price[rows[r]] = max(0.0, src_price[rows[r]] - max(0.0, cost - rows_far[r]))
        for j in touched:
            if done[j]:
                tgt_price[j] += max(0.0, cost - far[j])
            far[j], done[j] = np.inf, False
        if end < 0 and single != root:
            end = tgt[edge_of[single]]
            edge_of[single] = -1
        while end >= 0:  # along the path back to the root every source gets the target it was reached by
            row, e = came_from[end], came_by[end]
            before = edge_of[row]
            edge_of[row], src_of[end] = e, row
            end = tgt[before] if row != root else np.int64(-1)
    return edge_of, src_price, tgt_price
