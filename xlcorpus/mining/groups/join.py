"""From pairs of texts to n-way groups: one item in as many languages as its pairs reach, one text a language.

A node is a text of one language, an edge a pair of them. Pairs are taken in order and join the groups of their two
texts, unless the group would hold two texts of one language: a maximum-weight forest (Kruskal 1956) without
contradictions. Pairs are ordered by the number of third texts that confirm them (c confirms a-b if a-c and c-b are
pairs too), then by score.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Bools, Floats64, Ints8, Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.errors import UserError


class Fate(IntEnum):
    """Outcome of a pair."""

    JOINS = 0
    """it brought two groups together"""
    CONFIRMS = 1
    """its texts were in one group already"""
    CONTRADICTS = 2
    """it would have put two texts of one language into a group"""
    ONE_LANGUAGE = 3
    """both its texts are of one language"""


@dataclass(frozen=True)
class Joined:
    """Groups of nodes, and the outcome of each pair."""

    group: Ints64
    """(n,) int64: group of each node, numbered from 0 in the order of their first nodes; -1 for a node alone"""
    fate: Ints8
    """(e,) int8: `Fate` of each pair"""
    support: Ints64
    """(e,) int64: how many third texts confirm it"""

    @property
    def count(self) -> int:
        """Number of groups."""
        return int(self.group.max(initial=-1)) + 1


def join_pairs(src: npt.ArrayLike, tgt: npt.ArrayLike, score: npt.ArrayLike, lang: npt.ArrayLike) -> Joined:
    """Groups of pairs, never with two texts of one language.

        joined = join_pairs([0, 1, 0], [1, 2, 3], [0.9, 0.8, 0.7], lang=[0, 1, 2, 2])
        joined.group, joined.fate  # [0, 0, 0, -1], [JOINS, JOINS, CONTRADICTS]

    The order of the pairs and of their sides does not matter: of equally sure pairs the one with the lower node numbers
    goes first. Of a pair given twice the better score counts.

    Args:
        src, tgt: (e,) node numbers of the two sides.
        score: (e,) higher is surer; NaN: a given, not a mined pair, which precedes all with a score.
        lang: (n,) number of each node's language.

    Raises:
        UserError: lengths that differ, or a node number that does not exist.
    """
    language = np.asarray(lang, dtype=np.int64)
    one, two, value = _checked(src, tgt, score, len(language))
    fate = np.full(len(one), Fate.ONE_LANGUAGE, dtype=np.int8)
    support = np.zeros(len(one), dtype=np.int64)
    real = np.flatnonzero(language[one] != language[two])
    edges = distinct_edges(one[real], two[real], value[real])
    confirmed = _confirmations(*neighbour_lists(edges.a, edges.b, len(language)), edges.a, edges.b)
    turn = np.lexsort((edges.b, edges.a, -edges.score, -confirmed))
    root, fates = _forest(edges.a, edges.b, turn, language_masks(language))
    support[real] = confirmed[edges.of_pair]
    # A pair that is there twice joins once.
    again = ~edges.first & (fates[edges.of_pair] == Fate.JOINS)
    fate[real] = np.where(again, Fate.CONFIRMS, fates[edges.of_pair])
    return Joined(numbered(root), fate, support)


@dataclass(frozen=True)
class Edges:
    """Pairs, each once and in order of its nodes."""

    a: Ints64
    """(d,) int64: the lower node"""
    b: Ints64
    """(d,) int64: the higher node"""
    score: Floats64
    """(d,) float64: the best score given for it; +inf for none"""
    of_pair: Ints64
    """(e,) int64: the edge of each pair"""
    first: Bools
    """(e,) bool: whether the pair is the one whose score counts"""


def distinct_edges(src: Ints64, tgt: Ints64, score: Floats64) -> Edges:
    """Each of (e,) pairs once, whichever way round it was given; NaN stands for no score and is best."""
    low, high = np.minimum(src, tgt), np.maximum(src, tgt)
    value = np.where(np.isnan(score), np.inf, score)
    order = np.lexsort((-value, high, low))
    a, b = low[order], high[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    of_pair = np.empty(len(order), dtype=np.int64)
    of_pair[order] = np.cumsum(new) - 1
    first = np.empty(len(order), dtype=np.bool_)
    first[order] = new
    return Edges(a[new], b[new], value[order][new], of_pair, first)


def numbered(root: Ints64) -> Ints64:
    """(n,) groups numbered by their first node, from one label a node; -1 for nodes whose label no other has."""
    _, first, inverse, size = np.unique(root, return_index=True, return_inverse=True, return_counts=True)
    group = np.full(len(first), -1, dtype=np.int64)
    large = np.flatnonzero(size > 1)
    group[large[np.argsort(first[large])]] = np.arange(len(large))
    return np.asarray(group[inverse].reshape(-1), dtype=np.int64)


def neighbour_lists(a: Ints64, b: Ints64, n: int) -> tuple[Ints64, Ints64]:
    """Neighbours of each node in both directions, in order: where each list starts (n + 1,), and the lists."""
    ends = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.lexsort((ends[1], ends[0]))
    start = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends[0], minlength=n), out=start[1:])
    return start, ends[1][order]


def language_masks(lang: Ints64) -> UInts64:
    """(n, w) uint64: one bit for the language of each node."""
    _, number = np.unique(lang, return_inverse=True)
    number = number.reshape(-1)
    masks = np.zeros((len(lang), max(1, int(number.max(initial=0)) // 64 + 1)), dtype=np.uint64)
    masks[np.arange(len(lang)), number // 64] = np.uint64(1) << (number % 64).astype(np.uint64)
    return masks


def _checked(
    src: npt.ArrayLike, tgt: npt.ArrayLike, score: npt.ArrayLike, nodes: int
) -> tuple[Ints64, Ints64, Floats64]:
    one, two = np.asarray(src, dtype=np.int64), np.asarray(tgt, dtype=np.int64)
    value = np.asarray(score, dtype=np.float64)
    if not one.shape == two.shape == value.shape or one.ndim != 1:
        raise UserError(f"pairs need two nodes and a score each, not {one.shape}, {two.shape} and {value.shape}")
    named = np.concatenate([one, two])
    wrong = named[(named < 0) | (named >= nodes)]
    if len(wrong):
        raise UserError(f"a pair names node {wrong[0]}, but there are {nodes} nodes (counted from 0)")
    return one, two, value


@compiled
def _confirmations(start: Ints64, near: Ints64, a: Ints64, b: Ints64) -> Ints64:
    """(e,) number of nodes that both ends of each edge have as neighbours."""
    found = np.zeros(len(a), dtype=np.int64)
    for edge in range(len(a)):
        few, many = a[edge], b[edge]
        if start[few + 1] - start[few] > start[many + 1] - start[many]:
            few, many = many, few
        # Binary search in the longer list: a text that pairs with thousands must not cost their square.
        others = near[start[many] : start[many + 1]]
        for node in near[start[few] : start[few + 1]]:
            place = np.searchsorted(others, node)
            if place < len(others) and others[place] == node:
                found[edge] += 1
    return found


@compiled
def _forest(a: Ints64, b: Ints64, turn: Ints64, masks: UInts64) -> tuple[Ints64, Ints8]:
    """The root of each node's group after all edges had their turn, and the fate of each edge."""
    n, words = masks.shape
    root = np.arange(n)
    size = np.ones(n, dtype=np.int64)
    held = masks.copy()
    fate = np.empty(len(a), dtype=np.int8)
    for edge in turn:
        x, y = a[edge], b[edge]
        while root[x] != x:
            root[x] = root[root[x]]
            x = root[x]
        while root[y] != y:
            root[y] = root[root[y]]
            y = root[y]
        if x == y:
            fate[edge] = 1
            continue
        meet = False
        for word in range(words):
            meet |= (held[x, word] & held[y, word]) != 0
        if meet:
            fate[edge] = 2
            continue
        if size[x] < size[y]:
            x, y = y, x
        root[y] = x
        size[x] += size[y]
        for word in range(words):
            held[x, word] |= held[y, word]
        fate[edge] = 0
    for node in range(n):
        end = node
        while root[end] != end:
            end = root[end]
        root[node] = end
    return root, fate
