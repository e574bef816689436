"""Rows of an arm in packs and batches."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.steps.mix.lay import Laid
from xlcorpus.steps.mix.packing import OPEN, bins, places_of_bins


def in_sequences(laid: Laid, sizes: Ints64, groups: Ints64, pack: int | None, batch: int | None) -> Laid:
    """Rows in packs and batches; their order changes as far as that asks for.

    Args:
        laid: in order of time.
        sizes: (places,) of the rows.
        groups: (places,) rows of different groups share neither.
        pack: size of a pack; None: none are made.
        batch: packs of a batch, or rows without packs; None: none are made. Batches that are not full stand last.
    """
    first = np.flatnonzero(np.diff(laid.unit, prepend=-1))
    unit = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(laid.unit))))
    # Each level: of what the bins are filled, in order; and the place of each row's part in it.
    part, groups, lot = unit, groups[first], laid.lot[first]
    pack_of: Ints64 | None = None
    batch_of: Ints64 | None = None
    if pack is not None:
        bin_of, drawn = _binned(np.bincount(unit, sizes, len(first)).astype(np.int64), groups, lot, pack, False)
        pack_of = part = bin_of[part]
        groups, lot = groups[drawn], lot[drawn]
        filled = np.ones(len(drawn), np.int64)
    else:
        filled = np.bincount(unit, minlength=len(first))
    if batch is not None:
        bin_of, _ = _binned(filled, groups, lot, batch, True)
        batch_of = bin_of[part]
    order = np.lexsort((part, batch_of) if batch_of is not None else (part,))
    if pack_of is not None and batch_of is not None:
        # Packs are numbered as they stand.
        pack_of = _numbered(pack_of, order)
    new = laid.at(order)
    return Laid(
        new.row, new.copy, new.unit, new.time, new.phase, new.lot,
        None if pack_of is None else pack_of[order],
        None if batch_of is None else batch_of[order],
    )  # fmt: skip


def _numbered(names: Ints64, order: Ints64) -> Ints64:
    """Other numbers for groups of rows: as they come in an order."""
    _, first, of = np.unique(names[order], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    new = np.empty(len(names), np.int64)
    new[order] = rank[of]
    return new


def _binned(sizes: Ints64, groups: Ints64, lot: Floats64, capacity: int, short_last: bool) -> tuple[Ints64, Ints64]:
    """The bin of each unit, numbered in the order of bins; and of each bin the unit that gives its place."""
    bin_of = bins(sizes, groups, int(groups.max(initial=-1)) + 1, capacity, OPEN)
    drawn = places_of_bins(bin_of, lot)
    short = np.bincount(bin_of, sizes, len(drawn)) < capacity if short_last else np.zeros(len(drawn), np.bool_)
    order = np.lexsort((drawn, short))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[bin_of], drawn[order]
