"""Building one arm of a mix: amounts, rows, order, and what is told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xlcorpus.arrays import Bools, Ints32, Ints64
from xlcorpus.steps.mix.arm_options import WholeArm
from xlcorpus.steps.mix.budget_options import BudgetOptions
from xlcorpus.steps.mix.budgets import check_enough, check_names, too_small, with_shares
from xlcorpus.steps.mix.index import Index
from xlcorpus.steps.mix.lay import (
    Laid,
    Ordered,
    in_sequences,
    joined,
    lay_items,
    lay_languages,
    take_items,
    take_languages,
)
from xlcorpus.steps.mix.proportions import whole
from xlcorpus.steps.mix.told import percent, realised, taken_whole

PHASE_LANGUAGES = 8
"""Languages that are named for a phase."""


@dataclass(frozen=True)
class Plan:
    """What all arms of a mix have in common."""

    options: BudgetOptions
    total: str
    inside: str | None
    pack: int | None
    batch: int | None
    one_language: bool
    fill: Sequence[str]
    told: Sequence[str]
    """what is told of a place: `phase`, `pack`, `batch`, ..."""

    @property
    def repeats(self) -> bool:
        """Whether rows may be repeated."""
        return self.options.short == "repeat" or self.options.unimax is not None


@dataclass(frozen=True)
class Amounts:
    """How much an arm is to hold, in the unit."""

    languages: Mapping[str, float]
    """of the tables that are filled from by language"""
    items: float
    """of the first table, where a share of it is taken"""
    phases: Mapping[str, Sequence[float]]
    """by language: in each phase, in proportion"""


@dataclass(frozen=True)
class Built:
    """An arm."""

    order: Ordered
    taken: Ints32
    """(rows,) how often each row is in it"""
    amounts: Amounts
    told: Sequence[tuple[str, bool]]
    """what came of it in words, and whether it is a warning"""

    def compared(self, other: Built) -> str:
        """What two arms have in common, in words."""
        if (self.taken == other.taken).all():
            return f"the same {len(self.order.row):,} rows"
        both = int(np.minimum(self.taken, other.taken).sum())
        return f"{both:,} rows in common, of {len(self.order.row):,} and {len(other.order.row):,}"


def build(rows: Index, arm: WholeArm, plan: Plan, named: Mapping[str, float], same: Built | None) -> Built:
    """An arm.

    Args:
        rows: all tables.
        arm: its options, all filled in.
        plan: what it shares with the other arms.
        named: budgets by language.
        same: arm whose items are taken.

    Raises:
        UserError: there is too little of a language, or none.
    """
    first = rows.table == 0 if arm.share is not None else np.zeros(len(rows.table), np.bool_)
    there = rows.there(np.flatnonzero(~first))
    held = float(rows.size[first].sum())
    amounts = _amounts(arm, plan, there, held, named, same)
    _check(arm, plan, amounts, there, held, named)
    taken = take_languages(rows, ~first, amounts.languages, plan.repeats)
    value = None if arm.order is None else rows.values[arm.order]
    parts = [lay_languages(rows, taken, amounts.phases, arm.parts, value)]
    if arm.share is not None:
        items = take_items(rows, first, amounts.items, plan.repeats) if same is None else same.taken * first
        taken = taken + items
        inside = None if plan.inside is None else rows.values[plan.inside]
        laid = lay_items(rows, items, inside, arm.apart is not None, arm.parts)
        parts = _placed(laid, parts[0], rows.size, arm)
    laid = joined(parts)
    if plan.pack is not None or plan.batch is not None:
        groups = rows.lang[laid.row].astype(np.int64) if plan.one_language else np.zeros(len(laid.row), np.int64)
        laid = in_sequences(laid, rows.size[laid.row], groups, plan.pack, plan.batch)
    told = [(text, False) for text in _told(rows, arm, plan, amounts, first, taken, laid)]
    order, often = Ordered.of(laid, plan.told), taken.astype(np.int32)
    return Built(order, often, amounts, told + [(text, True) for text in _warned(plan, amounts, there, held)])


def _amounts(
    arm: WholeArm, plan: Plan, there: Mapping[str, float], held: float, named: Mapping[str, float], same: Built | None
) -> Amounts:
    """What the arm is to hold."""
    base = plan.options.wanted(there, named) if len(plan.fill) > 1 or arm.share is None else {}
    size = sum(base.values()) if base else arm.size or held
    in_phase = [base]
    if arm.phases:
        in_phase = [with_shares(base, p.shares, size * part) for p, part in zip(arm.phases, arm.parts, strict=True)]
    names = list(dict.fromkeys(name for phase in in_phase for name in phase))
    phases = {name: [phase.get(name, 0.0) for phase in in_phase] for name in names}
    share = arm.share or 0.0
    left = 1 - share if plan.total == "fixed" else 1.0
    items = size * share / (1.0 if plan.total == "fixed" else 1 - share)
    found = [*(left * sum(phases[name]) for name in names), items]
    if plan.options.unit == "rows":
        found = [float(n) for n in whole(found)]
    languages = dict(zip(names, found[:-1], strict=True))
    return Amounts(languages, found[-1] if same is None else same.amounts.items, phases)


def _check(
    arm: WholeArm, plan: Plan, amounts: Amounts, there: Mapping[str, float], held: float, named: Mapping[str, float]
) -> None:
    """Refuse languages, or items, of which there is too little."""
    options = plan.options
    if options.short == "all":
        return
    of_phases = {name: share for phase in arm.phases for name, share in phase.shares.items()}
    for option, given in (("budgets", named), ("shares", options.shares or {}), ("phases", of_phases)):
        check_names({name: amount for name, amount in given.items() if amount}, _some(there), option)
    check_names(dict.fromkeys(options.flat), _some(there), "flat")
    wanted, have = dict(amounts.languages), dict(there)
    if amounts.items:
        wanted[plan.fill[0] if plan.fill else "rows"], have[plan.fill[0] if plan.fill else "rows"] = amounts.items, held
    if plan.repeats:
        # What holds nothing cannot be repeated.
        wanted = {name: amount for name, amount in wanted.items() if amount and not have.get(name)}
    check_enough(wanted, have, options.unit)


def _some(there: Mapping[str, float]) -> list[str]:
    return [name for name, amount in there.items() if amount]


def _warned(plan: Plan, amounts: Amounts, there: Mapping[str, float], held: float) -> list[str]:
    """What is taken whole because it is too small."""
    if plan.options.short != "all":
        return []
    short = too_small(amounts.languages, there)
    items = f"{plan.fill[0] if plan.fill else 'rows'} holds {held:,.0f} of {amounts.items:,.0f}, all of it is taken"
    return ([taken_whole(short)] if short else []) + ([items] if amounts.items > held * (1 + 1e-9) + 1e-6 else [])


def _placed(items: Laid, others: Laid, sizes: Ints64, arm: WholeArm) -> list[Laid]:
    """Both, each in its part of the order."""
    if arm.place == "uniform":
        return [items, others]
    own, rest = (float(sizes[laid.row].sum()) for laid in (items, others))
    share = own / (own + rest) if own + rest else 0.0
    begin, before = (0.0, share) if arm.place == "first" else (1 - share, 0.0)
    phase = np.full(len(items.row), 0 if arm.place == "first" else len(arm.parts) - 1, np.int64)
    return [
        replace(items, time=begin + items.time * share, phase=phase),
        replace(others, time=before + others.time * (1 - share)),
    ]


def _told(
    rows: Index, arm: WholeArm, plan: Plan, amounts: Amounts, first: Bools, taken: Ints64, laid: Laid
) -> list[str]:
    """What came of the amounts, of phases, packs and batches."""
    unit = plan.options.unit
    got = {name: float(n) for name, n in zip(rows.names, _sums(rows, taken * ~first), strict=True)}
    wanted = dict(amounts.languages)
    if arm.share is not None:
        name = plan.fill[0] if plan.fill else "rows"
        got[name], wanted[name] = float((rows.size * taken)[first].sum()), amounts.items
    found = [realised(wanted, got, unit)]
    for number in range(len(arm.phases)):
        there = laid.row[(laid.phase == number) & ~first[laid.row]]
        own = dict(zip(rows.names, _sums(rows, np.bincount(there, minlength=len(taken))).tolist(), strict=True))
        left = sum(amounts.languages.values()) / max(sum(map(sum, amounts.phases.values())), 1e-300)
        asked = {name: left * of[number] for name, of in amounts.phases.items()}
        found.append(f"phase {number + 1}: {realised(asked, own, unit, PHASE_LANGUAGES)}")
    if laid.pack is not None and plan.pack is not None and len(laid.row):
        filling = np.bincount(laid.pack, rows.size[laid.row])
        long = int((filling > plan.pack).sum())
        full = np.minimum(filling, plan.pack).mean() / plan.pack
        found.append(
            f"{len(filling):,} packs, {percent(full)} full, {long:,} of them one row (or item) longer than a pack"
        )
    if laid.batch is not None and plan.batch is not None and len(laid.row):
        of = laid.batch if laid.pack is None else laid.batch[np.unique(laid.pack, return_index=True)[1]]
        filling = np.bincount(of)
        found.append(f"{len(filling):,} batches, {int((filling < plan.batch).sum()):,} of them not full, at the end")
    return found


def _sums(rows: Index, taken: Ints64) -> Ints64:
    """(languages,) the size of rows, as often as they are taken."""
    sums = np.zeros(len(rows.names), np.int64)
    np.add.at(sums, rows.lang, rows.size * taken)
    return sums
