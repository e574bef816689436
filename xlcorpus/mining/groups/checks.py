"""Measures of groups, and groups whose members are confirmed by pairs with each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Floats32, Floats64, Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.errors import UserError
from xlcorpus.mining.groups.join import Edges, language_masks, neighbour_lists, numbered


@dataclass(frozen=True)
class GroupMeasures:
    """One value a group; all (g,)."""

    parallelism: Ints64
    """int64: members, which is languages"""
    closure: Floats64
    """float64: share of the pairs of members that are pairs of the input"""
    consistency: Floats64
    """float64: of the pairs of members that are confirmed or contradicted by the input, the share that is confirmed;
    a-c is contradicted if a is paired with another text in the language of c, or c with one in that of a"""
    weakest: Floats64
    """float64: lowest score of a pair inside; NaN where none has a score"""


def measure_groups(group: Ints64, edges: Edges, lang: Ints64) -> GroupMeasures:
    """Measures of each group.

    Args:
        group: (n,) group of each node from 0, -1 for none.
        edges: the pairs of different languages, also those outside of groups, which may contradict.
        lang: (n,) number of each node's language.
    """
    start, members = _members(group)
    size = np.diff(start)
    inside = (group[edges.a] == group[edges.b]) & (group[edges.a] >= 0)
    home = group[edges.a[inside]]
    confirmed = np.bincount(home, minlength=len(size))
    masks = language_masks(lang)
    met = np.zeros_like(masks)
    np.bitwise_or.at(met, edges.a, masks[edges.b])
    np.bitwise_or.at(met, edges.b, masks[edges.a])
    near = neighbour_lists(edges.a, edges.b, len(group))
    against = _contradicted(start, members, near[0], near[1], masks, met)
    weakest = np.full(len(size), np.inf)
    np.minimum.at(weakest, home, edges.score[inside])
    return GroupMeasures(
        parallelism=size,
        closure=confirmed / (size * (size - 1) / 2),
        consistency=confirmed / (confirmed + against),
        weakest=np.where(np.isinf(weakest), np.nan, weakest),
    )


def open_pairs(group: Ints64, edges: Edges) -> tuple[Ints64, Ints64]:
    """(p,) and (p,): the pairs of members of one group that are no pairs of the input."""
    near = neighbour_lists(edges.a, edges.b, len(group))
    return _open_pairs(*_members(group), *near)


def confirmed_groups(group: Ints64, edges: Edges, least: float = 1.0) -> tuple[Ints64, Floats64]:
    """Groups in which every member has an edge to at least a share of the others, made of larger ones.

    The member with the fewest edges to the others leaves (of equals the one whose edges score less, then the higher
    node) until all that remain have enough; those that left are tried again among themselves.

    Args:
        group: (n,) group of each node from 0, -1 for none.
        edges: what is confirmed: pairs of the input, and what else was checked.
        least: share of the other members, 0.5 to 1. From a half on a group cannot be of two unconnected parts.

    Returns:
        (n,) the new groups, numbered by their first nodes, -1 for none; and (n,) float64, the share of the other
        members of its old group that each node is confirmed with (NaN for none).

    Raises:
        UserError: a share below 0.5 or above 1.
    """
    if not 0.5 <= least <= 1:
        raise UserError(f"the share of confirmed members must lie between 0.5 and 1, not {least}")
    start, members = _members(group)
    inside = (group[edges.a] == group[edges.b]) & (group[edges.a] >= 0)
    a, b, score = edges.a[inside], edges.b[inside], edges.score[inside]
    known = score[np.isfinite(score)]
    # No score at all is as good as the best; -inf, of what was checked otherwise, as bad as the worst.
    score = np.nan_to_num(score, posinf=known.max(initial=1.0), neginf=known.min(initial=0.0))
    order = np.argsort(group[a], kind="stable")
    bounds = np.searchsorted(group[a][order], np.arange(len(start)))
    place = np.zeros(len(group), dtype=np.int64)
    place[members] = np.arange(len(members)) - np.repeat(start[:-1], np.diff(start))
    part, share = _parts(start, bounds, place[a[order]], place[b[order]], score[order], least)
    root = np.arange(len(group))
    root[members] = len(group) + part
    shares = np.full(len(group), np.nan)
    shares[members] = share
    return numbered(root), shares


def chance_cosine(x: Floats32, y: Floats32, x_item: Ints64, y_item: Ints64, share: float) -> float:
    """The cosine that only `share` of the pairs of unrelated texts exceed; 1 if there are no such pairs.

    Args:
        x, y: (n, dim) and (m, dim) float32 unit vectors of texts of two languages.
        x_item, y_item: (n,) and (m,) item of each text; texts of one item are not unrelated.
        share: above 0 and below 1.
    """
    unrelated = (x @ y.T)[x_item[:, None] != y_item[None, :]]
    return float(np.quantile(unrelated, 1 - share)) if len(unrelated) else 1.0


def _members(group: Ints64) -> tuple[Ints64, Ints64]:
    """Where the members of each group start (g + 1,), and the nodes in order of group, then node."""
    order = np.argsort(group, kind="stable")
    members = order[np.searchsorted(group[order], 0) :]
    start = np.zeros(int(group.max(initial=-1)) + 2, dtype=np.int64)
    np.cumsum(np.bincount(group[members], minlength=len(start) - 1), out=start[1:])
    return start, members


@compiled
def _paired(start: Ints64, near: Ints64, x: int, y: int) -> bool:
    own = near[start[x] : start[x + 1]]
    place = np.searchsorted(own, y)
    return bool(place < len(own) and own[place] == y)


@compiled
def _contradicted(
    start: Ints64, members: Ints64, near_start: Ints64, near: Ints64, masks: UInts64, met: UInts64
) -> Ints64:
    """(g,) pairs of members that are no edge, though one of them has an edge into the language of the other."""
    found = np.zeros(len(start) - 1, dtype=np.int64)
    for group in range(len(found)):
        for i in range(start[group], start[group + 1]):
            for j in range(start[group], i):
                x, y = members[i], members[j]
                against = False
                for word in range(masks.shape[1]):
                    against |= (met[x, word] & masks[y, word]) != 0 or (met[y, word] & masks[x, word]) != 0
                if against and not _paired(near_start, near, x, y):
                    found[group] += 1
    return found


@compiled
def _open_pairs(start: Ints64, members: Ints64, near_start: Ints64, near: Ints64) -> tuple[Ints64, Ints64]:
    count = 0
    for group in range(len(start) - 1):
        size = start[group + 1] - start[group]
        count += size * (size - 1) // 2
    one, two = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    count = 0
    for group in range(len(start) - 1):
        for i in range(start[group], start[group + 1]):
            for j in range(start[group], i):
                if not _paired(near_start, near, members[i], members[j]):
                    one[count], two[count] = members[j], members[i]
                    count += 1
    return one[:count], two[:count]


@compiled
def _parts(
    start: Ints64, bounds: Ints64, a: Ints64, b: Ints64, score: Floats64, least: float
) -> tuple[Ints64, Floats64]:
    """A label of each member's new group, unique over all groups, and its share of confirmed others."""
    label = np.full(start[-1], -1, dtype=np.int64)
    share = np.zeros(start[-1])
    for group in range(len(start) - 1):
        size = start[group + 1] - start[group]
        edge, weight = np.zeros((size, size)), np.zeros((size, size))
        for e in range(bounds[group], bounds[group + 1]):
            edge[a[e], b[e]] = edge[b[e], a[e]] = 1
            weight[a[e], b[e]] = weight[b[e], a[e]] = score[e]
        share[start[group] : start[group + 1]] = edge.sum(axis=1) / (size - 1)
        free = np.ones(size)
        while free.sum() > 0:
            taken = _part(edge, weight, free, least)
            first = start[group] + np.argmax(taken)
            for m in range(size):
                if taken[m] > 0:
                    label[start[group] + m] = first
                    free[m] = 0
    return label, share


@compiled
def _part(edge: Floats64, weight: Floats64, free: Floats64, least: float) -> Floats64:
    """(s,) 1 for the members of `free` that stay when the least confirmed one leaves until all have enough edges."""
    taken = free.copy()
    while True:
        degree, strength = edge @ taken, weight @ taken
        worst = -1
        for m in range(len(taken)):
            if taken[m] > 0 and (
                worst < 0
                or degree[m] < degree[worst]
                or (degree[m] == degree[worst] and strength[m] <= strength[worst])
            ):
                worst = m
        # Counts are whole numbers, and rounding may put the product just above one.
        if degree[worst] >= least * (taken.sum() - 1) - 1e-9:
            return taken
        taken[worst] = 0
