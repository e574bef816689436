"""Pairs that are known to be wrong, without gold: those a sentence gets after its mined partner is removed.

If a mined pair is right and the other side holds no second translation, then the pair that the sentence gets without
its partner is wrong. It comes from the same search, margin and competition as all other pairs. Copies of a partner
leave with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Bools, Floats32, Floats64, Ints64
from xlcorpus.errors import UserError
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.mining.select.margin import Margin, margins
from xlcorpus.mining.select.selection import Pairs, Retrieval, select

SPARE_NEIGHBOURS = 4
"""Best remaining neighbours: kept beyond k, to fill a row's list after its partner is removed."""

FOLDS = 10
"""In each fold a tenth of the partners is removed; the rest of the corpus stays as in mining."""

SAME = 1e-6
"""Difference of cosines below which two targets are the same text: rounding moves a cosine in the 7th digit."""

_ONE_EACH = ("forward", "backward", "max", "optimal", "intersect")


@dataclass(frozen=True)
class Removal:
    """Scores of the rows of one side with and without their mined partner; -inf where a row has no pair."""

    own: Floats64
    """(rows,) float64: score of the row's pair"""
    without: Floats64
    """(rows,) float64: score of the pair that the row gets after that partner is removed"""
    partner: Ints64
    """(rows,) int64: the mined partner, -1 for none"""
    by_target: bool
    """rows are the targets, partners the sources"""


def remove_partners(
    neighbours: Neighbours,
    k: int = 4,
    margin: Margin = "ratio",
    retrieval: Retrieval = "max",
    min_cosine: float = -1.0,
    seed: int = 0,
) -> Removal:
    """Mine once, then `FOLDS` times with a part of the mined partners removed.

    Rows are the sources for `forward`, the targets for `backward`, and otherwise those of the larger side,
    where the sentences without a translation are. `optimal`, whose choice depends on the threshold, is measured as
    `max`: both are one to one.

    Args:
        neighbours: the k + `SPARE_NEIGHBOURS` nearest rows, or all there are.
        k, margin, retrieval, min_cosine: as in `mine_pairs`.
        seed: of the division into folds.

    Raises:
        UserError: fewer neighbours than that; `n_best`, of which a row may have several right pairs.
    """
    if retrieval not in _ONE_EACH:
        raise UserError(f"a target precision needs one pair for each sentence; retrieval {retrieval!r} gives several")
    if retrieval == "optimal":
        retrieval = "max"
    n, m = len(neighbours.fwd_index), len(neighbours.bwd_index)
    if neighbours.fwd_index.shape[1] < min(k + SPARE_NEIGHBOURS, max(n, m)):
        raise UserError(
            f"a target precision needs {k + SPARE_NEIGHBOURS} neighbours (k + {SPARE_NEIGHBOURS}) of each row, "
            f"not {neighbours.fwd_index.shape[1]}"
        )
    by_target = retrieval == "backward" or (retrieval != "forward" and m > n)
    if by_target:
        nb = neighbours
        neighbours = Neighbours(nb.bwd_sim, nb.bwd_index, nb.fwd_sim, nb.fwd_index)
        n, m = m, n
        if retrieval == "backward":
            retrieval = "forward"

    def mined(gone: Bools) -> Pairs:
        left = _without(neighbours, gone, k)
        return select(left, margins(left, margin), retrieval, -np.inf, min_cosine)

    pairs = mined(np.zeros(m, dtype=np.bool_))
    own, without = np.full((2, n), -np.inf)
    own[pairs.src] = pairs.score
    partner = np.full(n, -1, dtype=np.int64)
    partner[pairs.src] = pairs.tgt
    fold = np.full(n, -1, dtype=np.int64)
    fold[pairs.src] = np.random.default_rng(seed).permutation(len(pairs)) % FOLDS
    for number in range(FOLDS):
        rows = fold == number
        gone = np.zeros(m, dtype=np.bool_)
        gone[partner[rows]] = True
        gone[_copies(neighbours, rows, partner)] = True
        again = mined(gone)
        theirs = rows[again.src]
        without[again.src[theirs]] = again.score[theirs]
    return Removal(own, without, partner, by_target)


def _copies(neighbours: Neighbours, rows: Bools, partner: Ints64) -> Ints64:
    """Targets that are as similar to one of `rows` as its partner is: a copy of the partner would be mined instead."""
    index, sim = neighbours.fwd_index[rows], neighbours.fwd_sim[rows]
    is_partner = index == partner[rows, None]
    of_partner = np.max(sim, axis=1, initial=-np.inf, where=is_partner, keepdims=True)
    copies: Ints64 = index[(np.abs(sim - of_partner) < SAME) & (index >= 0)]
    return copies


def _without(neighbours: Neighbours, gone: Bools, k: int) -> Neighbours:
    """The k nearest neighbours without the target rows in `gone`."""
    nb = neighbours
    there = nb.fwd_index >= 0
    there[there] = ~gone[nb.fwd_index[there]]
    first = np.argsort(~there, axis=1, kind="stable")[:, :k]
    there = np.take_along_axis(there, first, axis=1)
    fwd_index = np.where(there, np.take_along_axis(nb.fwd_index, first, axis=1), -1)
    fwd_sim = np.where(there, np.take_along_axis(nb.fwd_sim, first, axis=1), np.float32(0))
    left = ~gone[:, None]
    bwd_sim: Floats32 = np.where(left, nb.bwd_sim[:, :k], np.float32(0))
    return Neighbours(fwd_sim, fwd_index, bwd_sim, np.where(left, nb.bwd_index[:, :k], -1))
