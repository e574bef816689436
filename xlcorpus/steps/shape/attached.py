"""Which rows of a pool are attached to a row: drawn, the first, or the nearest of those that agree with it.

Rows and pool are numbers here: `key` is what both must agree in (-1: nothing agrees), `item` the item of a row, whose
own versions in the pool are barred. Places are positions in the pool, which is in the order of its ids.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Floats32, Floats64, Ints64
from xlcorpus.mining.search.knn import knn


@dataclass(frozen=True)
class Pool:
    """What can be attached."""

    key: Ints64
    """(pool,)"""
    item: Ints64
    """(pool,)"""

    def by_key(self) -> dict[int, Ints64]:
        """Places of the rows of each key, ascending."""
        return _places(self.key)

    def by_item(self) -> dict[int, Ints64]:
        """Places of the versions of each item, ascending."""
        return _places(self.item)


def _places(codes: Ints64) -> dict[int, Ints64]:
    order = np.argsort(codes, kind="stable")
    values, starts = np.unique(codes[order], return_index=True)
    return dict(zip(values.tolist(), np.split(order, starts[1:]), strict=False))


def chosen_places(
    pool: Pool, key: Ints64, item: Ints64, k: int, numbers: Callable[[int], Floats64] | None
) -> list[Ints64]:
    """Up to k places for each row, none twice: drawn without replacement, or the first.

    Args:
        key, item: (rows,) of the rows.
        numbers: (k,) numbers in [0, 1) for the draws of a row; None: the first places are taken.
    """
    keys, items, none = pool.by_key(), pool.by_item(), np.empty(0, dtype=np.int64)
    found = []
    for row, (own_key, own_item) in enumerate(zip(key.tolist(), item.tolist(), strict=True)):
        members = keys.get(own_key, none) if own_key >= 0 else none
        barred = _barred(members, items.get(own_item, none))
        left = len(members) - len(barred)
        most = min(k, left)
        ranks = list(range(most)) if numbers is None else _without_replacement(numbers(row), most, left)
        found.append(members[[_past(rank, barred) for rank in ranks]] if ranks else none)
    return found


def _barred(members: Ints64, versions: Ints64) -> list[int]:
    """Positions of `versions` in `members`, both ascending."""
    if not len(versions) or not len(members):
        return []
    at = np.searchsorted(members, versions)
    inside = at < len(members)
    return [int(position) for position in at[inside][members[at[inside]] == versions[inside]]]


def _past(rank: int, barred: list[int]) -> int:
    """The position of the rank-th member that is not barred."""
    for position in barred:
        if rank < position:
            break
        rank += 1
    return rank


def _without_replacement(u: Floats64, k: int, n: int) -> list[int]:
    """k of range(n) by k numbers: the first steps of Fisher and Yates' shuffle, of which only moved places are kept."""
    moved: dict[int, int] = {}
    drawn = []
    for i in range(k):
        j = i + int(u[i] * (n - i))
        drawn.append(moved.get(j, j))
        moved[j] = moved.get(i, i)
    return drawn


def nearest_places(
    pool: Pool, key: Ints64, item: Ints64, k: int, vectors: Floats32, pool_vectors: Floats32
) -> list[Ints64]:
    """Up to k places for each row, those with the highest cosine first; exact.

    Args:
        key, item: (rows,) of the rows.
        vectors: (rows, dim); a zero vector has no neighbours.
        pool_vectors: (pool, dim).
    """
    found = [np.empty(0, dtype=np.int64)] * len(key)
    rows = _places(key)
    for value, members in pool.by_key().items():
        asking = rows.get(value)
        if value < 0 or asking is None:
            continue
        # So many more that versions of the row's own item, which may all be nearest, leave k others.
        versions = np.bincount(pool.item[members], minlength=int(item.max()) + 1)
        more = int(versions[item[asking]].max())
        index = knn(vectors[asking], pool_vectors[members], min(k + more, len(members))).fwd_index
        for row, near in zip(asking.tolist(), index, strict=True):
            places = members[near[near >= 0]]
            found[row] = places[pool.item[places] != item[row]][:k]
    return found
