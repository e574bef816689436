"""The order of one arm: which rows, how often, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Bools, Floats64, Ints32, Ints64
from xlcorpus.steps.mix.index import Index
from xlcorpus.steps.mix.packing import OPEN, bins, places_of_bins
from xlcorpus.steps.mix.placing import far_apart, lots, spread, through_phases
from xlcorpus.steps.mix.take import copies


@dataclass(frozen=True)
class Laid:
    """Rows of an arm in some order; all arrays (places,)."""

    row: Ints64
    copy: Ints64
    """how often the row stands before"""
    unit: Ints64
    """rows of one unit stand side by side and are not parted"""
    time: Floats64
    """in [0, 1]: where in the order"""
    phase: Ints64
    lot: Floats64
    """a random number"""
    pack: Ints64 | None = None
    batch: Ints64 | None = None

    def at(self, places: Ints64) -> Laid:
        """Some of the places, or all in another order; those of packs and batches come later."""
        row, copy, unit, phase = (a[places] for a in (self.row, self.copy, self.unit, self.phase))
        return Laid(row, copy, unit, self.time[places], phase, self.lot[places])


@dataclass(frozen=True)
class Ordered:
    """Rows of an arm in the order of training: what is kept of `Laid`, since arms are in memory side by side."""

    row: Ints32
    """(places,)"""
    fields: Mapping[str, Ints32]
    """(places,) each: `phase`, `pack`, `batch`, those that are told"""

    @classmethod
    def of(cls, laid: Laid, told: Sequence[str]) -> Ordered:
        """The order of what was laid."""
        columns = {"phase": laid.phase, "pack": laid.pack, "batch": laid.batch}
        fields = {n: c.astype(np.int32) for n, c in columns.items() if n in told and c is not None}
        return cls(laid.row.astype(np.int32), fields)


def joined(parts: Sequence[Laid]) -> Laid:
    """Places of several parts together, in the order of their times."""
    units = np.cumsum([0, *(int(p.unit.max(initial=-1)) + 1 for p in parts)])
    numbered = [p.unit + first for p, first in zip(parts, units, strict=False)]
    columns = [np.concatenate([getattr(p, name) for p in parts]) for name in ("time", "row", "copy", "phase", "lot")]
    time, row, copy, phase, lot = columns
    whole = Laid(row, copy, np.concatenate(numbered), time, phase, lot)
    # Units were laid whole, and a stable sort leaves equal times as they are.
    return whole.at(np.argsort(time, kind="stable"))


def take_languages(rows: Index, among: Bools, budgets: Mapping[str, float], repeat: bool) -> Ints64:
    """(rows,) how often each row is taken: of each language the first table's rows first, drawn ones of each table.

    Args:
        rows: all of them.
        among: (rows,) those that may be taken.
        budgets: by language.
        repeat: whether rows may be taken more than once.
    """
    own = np.flatnonzero(among)
    order = own[np.lexsort((rows.draw[own], rows.table[own], rows.lang[own]))]
    ends = np.searchsorted(rows.lang[order], np.arange(len(rows.names) + 1))
    taken = np.zeros(len(rows.lang), np.int64)
    for number, name in enumerate(rows.names):
        of_lang = order[ends[number] : ends[number + 1]]
        sizes = rows.size[of_lang]
        taken[of_lang] = copies(sizes, min(budgets.get(name, 0.0), np.inf if repeat else float(sizes.sum())))
    return taken


def take_items(rows: Index, among: Bools, budget: float, repeat: bool) -> Ints64:
    """(rows,) how often each row is taken where items are drawn, with all their rows; see `take_languages`."""
    assert rows.item is not None
    taken = np.zeros(len(rows.lang), np.int64)
    own = np.flatnonzero(among)
    items, of = np.unique(rows.item[own], return_inverse=True)
    sizes = np.zeros(len(items), np.int64)
    np.add.at(sizes, of, rows.size[own])
    taken[own] = copies(sizes, min(budget, np.inf if repeat else float(sizes.sum())))[of]
    return taken


def lay_languages(
    rows: Index, taken: Ints64, phases: Mapping[str, Sequence[float]], parts: Sequence[float], order: Floats64 | None
) -> Laid:
    """Rows of all languages, each spread evenly over the phases.

    Args:
        rows: all of them.
        taken: (rows,) how often each is laid.
        phases: by language the amount in each phase.
        parts: lengths of the phases.
        order: (rows,) what rows of a language go by; None: their draws.
    """
    there = np.flatnonzero(taken)
    there = there[np.lexsort((rows.draw[there], rows.lang[there]))]
    ends = np.searchsorted(rows.lang[there], np.arange(len(rows.names) + 1))
    none, no_times = np.empty(0, np.int64), np.empty(0)
    found: list[tuple[Ints64, Ints64, Floats64, Ints64, Floats64]] = [(none, none, no_times, none, no_times)]
    for number, name in enumerate(rows.names):
        own, copy = _passes(there[ends[number] : ends[number + 1]], taken)
        if order is not None:
            by_value = np.argsort(order[own], kind="stable")
            own, copy = own[by_value], copy[by_value]
        lot = lots(rows.draw[own], copy)
        time, phase = spread(rows.size[own], lot), np.zeros(len(own), np.int64)
        if len(parts) > 1 and len(own):
            time, phase = through_phases(time, phases[name], parts)
        found.append((own, copy, time, phase, lot))
    row, copy, time, phase, lot = (np.concatenate(column) for column in zip(*found, strict=True))
    return Laid(row, copy, np.arange(len(row)), time, phase, lot)


def lay_items(rows: Index, taken: Ints64, inside: Floats64 | None, apart: bool, parts: Sequence[float]) -> Laid:
    """Rows of items side by side, or far apart; items spread evenly.

    Args:
        rows: all of them.
        taken: (rows,) how often each is laid; all rows of an item equally often.
        inside: (rows,) what the rows of an item go by; None: their draws.
        apart: whether they stand apart.
        parts: lengths of the phases.
    """
    assert rows.item is not None
    there = np.flatnonzero(taken)
    by = rows.draw[there] if inside is None else inside[there]
    there = there[np.lexsort((rows.draw[there], by, rows.item[there]))]
    item, first, of, length = np.unique(
        rows.item[there], return_index=True, return_inverse=True, return_counts=True
    )  # in the order of their draws
    row, copy = _passes(there, taken)
    # Pass after pass; in each, items in their order and their rows together.
    place = np.empty(len(taken), np.int64)
    place[there] = np.arange(len(there))
    number = (place[row] - first[of[place[row]]]).astype(np.int64)
    of_row = of[place[row]]
    unit = copy * len(item) + of_row
    starts = np.flatnonzero(number == 0)
    unit_sizes = np.add.reduceat(rows.size[row], starts) if len(starts) else np.empty(0, np.int64)
    lot = lots(item[of_row], copy)
    time = np.repeat(spread(unit_sizes, lot[starts]), np.diff(np.append(starts, len(row))))
    if apart:
        time = far_apart(time, number, length[of_row].astype(np.int64))
        unit, lot = np.arange(len(row)), lots(rows.draw[row], copy)
        if len(row):
            order = np.argsort(time, kind="stable")
            row, copy, time, lot = row[order], copy[order], time[order], lot[order]
    phase = np.minimum(np.searchsorted(np.cumsum(parts), time, "right"), len(parts) - 1).astype(np.int64)
    return Laid(row, copy, unit, time, phase, lot)


def _passes(own: Ints64, taken: Ints64) -> tuple[Ints64, Ints64]:
    """Rows in the order given as often as they are taken, pass after pass, and the pass of each."""
    times = taken[own]
    passes = [own[times > n] for n in range(int(times.max(initial=0)))]
    copy = np.repeat(np.arange(len(passes)), [len(p) for p in passes])
    return np.concatenate([np.empty(0, np.int64), *passes]), copy.astype(np.int64)


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
        bin_of, drawn, _ = _binned(np.bincount(unit, sizes, len(first)).astype(np.int64), groups, lot, pack, False)
        pack_of = part = bin_of[part]
        groups, lot = groups[drawn], lot[drawn]
        filled = np.ones(len(drawn), np.int64)
    else:
        filled = np.bincount(unit, minlength=len(first))
    if batch is not None:
        bin_of, _, _ = _binned(filled, groups, lot, batch, True)
        batch_of = bin_of[part]
    order = np.lexsort((part, batch_of) if batch_of is not None else (part,))
    if pack_of is not None and batch_of is not None:
        # Packs are numbered as they stand.
        _, pack_of = _numbered(pack_of, order)
    new = laid.at(order)
    return Laid(
        new.row, new.copy, new.unit, new.time, new.phase, new.lot,
        None if pack_of is None else pack_of[order],
        None if batch_of is None else batch_of[order],
    )  # fmt: skip


def _numbered(names: Ints64, order: Ints64) -> tuple[Ints64, Ints64]:
    """Other numbers for groups of rows: as they come in an order."""
    _, first, of = np.unique(names[order], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    new = np.empty(len(names), np.int64)
    new[order] = rank[of]
    return rank, new


def _binned(
    sizes: Ints64, groups: Ints64, lot: Floats64, capacity: int, short_last: bool
) -> tuple[Ints64, Ints64, Ints64]:
    """The bin of each unit, numbered in the order of bins; of each bin the unit that gives its place; its filling."""
    bin_of = bins(sizes, groups, int(groups.max(initial=-1)) + 1, capacity, OPEN)
    drawn = places_of_bins(bin_of, lot)
    filling = np.bincount(bin_of, sizes, len(drawn)).astype(np.int64)
    short = filling < capacity if short_last else np.zeros(len(drawn), np.bool_)
    order = np.lexsort((drawn, short))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[bin_of], drawn[order], filling[order]
