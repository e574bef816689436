"""Putting tables into one order of training, in one arm or several."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from xlcorpus import records
from xlcorpus.arms import ARM, ARMS, PLACE, in_order, size_of
from xlcorpus.errors import UserError, nearest
from xlcorpus.outcomes import NOT_DRAWN
from xlcorpus.repeated_rows import COPY, with_own_ids
from xlcorpus.step import MAIN, Columns, CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.mix.arm import Built, Plan, build
from xlcorpus.steps.mix.arm_options import Arm, ArmOptions, WholeArm
from xlcorpus.steps.mix.budget_options import BudgetOptions
from xlcorpus.steps.mix.budgets import budget_table
from xlcorpus.steps.mix.index import Index, Measured, expression, index
from xlcorpus.steps.mix.spots import Spots


class Mix(ArmOptions, BudgetOptions, CorpusStep):
    """Puts rows of one or several tables into one order of training: budgets by language, phases, packs, batches, arms.

    ```yaml
    mix: {temperature: 3.33, size: 1_000_000, short: repeat}               # XLM-R's shares, in random order
    mix: {phases: [{shares: {eng_Latn: 0.7}}, {shares: {eng_Latn: 0.4}}]}  # from 30 to 60 % not English
    mix: {fill: [parallel, mono], unit: tokens, tokenizer: t.json, each: 2.0e+9}  # parallel text first, up to a budget
    mix: {order: length(text), pack: 2048, unit: tokens, tokenizer: t.json, one_language: true, batch: 16}
    mix:  # arms that differ in one thing
      fill: [parallel, mono]
      arms: {control: {apart: .05}, uniform: {adjacent: .05}, last: {adjacent: .05, place: last}}
    ```

    Rows are drawn by their ids and the seed, so the mix is the same for any number of shards and workers. Every arm
    draws in the same order: arms with equal budgets hold the same rows, one with a smaller budget a part of them. Rows
    of a language are spread evenly, each at random in its own stretch, so every part of the order holds the shares
    wanted, to within a row a language.

    Without `arms` the rows come out in their order, with the column `place`. With `arms` each row is stored once, with
    the column `arms`: its places in every arm (`arm`, `place`, and `copy`, `phase`, `pack`, `batch` where they are
    asked for); a release makes a config of each arm. A row that is repeated has an id of its own there, and names the
    first in `parents`. Rows of no arm are rejected as `not_drawn`. What was wanted and what came of it stands on the
    card.
    """

    light = 200_000

    fill: list[str] = []
    """steps whose tables are mixed, all of one kind: budgets are filled from the first, then from the second, and so on
    (parallel text first: PFMS of GemmaX2, Cui et al. 2025, arXiv 2502.02481); default: the table before"""
    total: Literal["fixed", "added"] = "fixed"
    """fixed: what `adjacent` or `apart` takes replaces as much of the other tables; added: it comes on top of them"""
    inside: str | None = None
    """adjacent: SQL that gives a number by which the rows of an item go (`lang = 'eng_Latn'`: English last); default: a
    drawn order, so that every direction is as frequent"""
    pack: Annotated[int, Field(ge=1)] | None = None
    """number the sequences of training (`pack`): each is filled with whole rows up to this size, in the unit"""
    batch: Annotated[int, Field(ge=1)] | None = None
    """number the batches (`batch`): so many packs, or rows without `pack`. Batches that are not full stand last"""
    one_language: bool = False
    """batches, or packs without batches, hold rows of one language"""
    arms: dict[str, Arm] = {}
    """arms by name, each with what differs from the options of the mix"""

    spreads = True

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for name in self.arms:
            if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
                raise ValueError(
                    f"arms: {name!r} ends the name of a config; use letters, digits, '_', '-' and '.' only"
                )
        if len({*self.fill}) < len(self.fill) or {"budgets", MAIN} & {*self.fill}:
            raise ValueError("fill names steps, each once, and none that is called rows or budgets")
        if self.one_language and self.pack is None and self.batch is None:
            raise ValueError("one_language is about packs and batches; give pack or batch")
        if self.pack is not None and self.unit == "rows":
            raise ValueError("pack needs unit: characters or tokens; batch counts rows")
        for name, arm in self._arms().items():
            where = f"arms.{name}: " if self.arms else ""
            if arm.share is not None and len(self.fill) < 2 and arm.share < 1:
                raise ValueError(f"{where}a share of the first table needs a second one in fill")
            if arm.share is None and (arm.place != "uniform" or arm.same_items_as is not None):
                raise ValueError(
                    f"{where}place and same_items_as are about what adjacent or apart takes; give one of them"
                )
            if arm.size is not None and (self.each is not None or self.scale is not None):
                raise ValueError(f"{where}each and scale say how much there is altogether; size has no effect")
            if arm.share == 1 and (arm.order is not None or arm.phases):
                raise ValueError(
                    f"{where}order and phases are about what is not taken by items; a share of 1 leaves none"
                )
            if arm.share == 1 and self.total == "added":
                raise ValueError(f"{where}a share of 1 leaves nothing that it could be added to")
            if arm.adjacent and self.one_language:
                raise ValueError(f"{where}adjacent puts languages side by side, one_language forbids it; drop one")
            if arm.same_items_as is not None:
                self._check_same(name, arm.same_items_as, where)
        if len({arm.share is None for arm in self._arms().values()}) > 1:
            raise ValueError("arms: either all give adjacent or apart, or none; adjacent: 0 takes nothing")
        return self

    def _check_same(self, name: str, other: str, where: str) -> None:
        arms = self._arms()
        if other not in arms or other == name:
            raise ValueError(
                f"{where}same_items_as: no other arm {other!r}; {nearest(other, [a for a in arms if a != name])}"
            )
        if arms[other].same_items_as is not None:
            raise ValueError(f"{where}same_items_as: {other} takes those of another arm itself; name that one")
        if arms[other].share != arms[name].share:
            raise ValueError(
                f"{where}it holds a share of {arms[name].share:g} and {other} one of {arms[other].share:g}, so they "
                "cannot hold the same items"
            )

    def idle(self) -> dict[str, str]:
        """Options of a first table that is filled from like the others."""
        shared = any(arm.share is not None for arm in self._arms().values())
        found = {} if shared else dict.fromkeys(("inside", "total"), "it is about what adjacent or apart takes")
        if shared and not any(arm.adjacent for arm in self._arms().values()):
            found["inside"] = "no rows stand side by side without adjacent"
        return found | BudgetOptions.idle(self)

    def _arms(self) -> dict[str, WholeArm]:
        """The arms, with what they do not say filled in; one without a name where none are given."""
        return {
            name: WholeArm.of(arm, self, self.size, self.shares) for name, arm in (self.arms or {"": Arm()}).items()
        }

    def ports(self) -> dict[str, Port]:
        """The tables of `fill`, or `rows`; `budgets`: a table with name and budget, where no option gives them."""
        kinds = tuple(records.kinds())
        tables = {name: Port(kinds) for name in self.fill or [MAIN]}
        return tables | (
            {} if self.budgets is not None else {"budgets": Port(kinds, ("name", "budget"), required=False)}
        )

    def reads_from(self) -> dict[str, tuple[str, ...]]:
        """The tables of `fill`."""
        return {name: (name,) for name in self.fill}

    def counted_inputs(self) -> tuple[str, ...]:
        """All tables that are mixed."""
        return tuple(self.fill) or (MAIN,)

    def output_kind(self, kinds: Mapping[str, str]) -> str:
        """The kind of the tables, which have one kind."""
        found = {port: kinds[port] for port in self.counted_inputs()}
        if len({*found.values()}) > 1:
            told = ", ".join(f"{port}: {kind}" for port, kind in found.items())
            raise UserError(f"mix: fill names tables of several kinds ({told}); reshape makes rows of one kind of them")
        return next(iter(found.values()))

    def _fields(self) -> list[str]:
        """What is told of a place."""
        repeats = self.short == "repeat" or self.unimax is not None
        phases = any(arm.phases for arm in self._arms().values())
        asked = {COPY: repeats, "phase": phases, "pack": self.pack, "batch": self.batch}
        return [PLACE, *(name for name, given in asked.items() if given)]

    def adds(self, kind: str) -> tuple[str, ...]:
        """`arms`; without arms `place`, and `copy`, `phase`, `pack`, `batch` where they are asked for."""
        return (ARMS,) if self.arms else tuple(self._fields())

    def measures(self, kind: str) -> tuple[str, ...]:
        """Nothing: places in a mix are not measured."""
        return ()

    def out_columns(self, kinds: Mapping[str, str], inputs: Mapping[str, Columns]) -> tuple[str, ...]:
        """Checks the expressions too."""
        for number, port in enumerate(self.counted_inputs()):
            self._measured(kinds[port], number, inputs[port], 0)
        return super().out_columns(kinds, inputs)

    def _measured(self, kind: str, number: int, columns: Columns, seed: int) -> Measured:
        arms = self._arms().values()
        items = number == 0 and any(arm.share is not None for arm in arms)
        texts = [("inside", self.inside)] if items else [("order", arm.order) for arm in arms]
        orders = [e for option, text in dict.fromkeys(texts) if (e := expression(option, text, columns)) is not None]
        lang = expression("lang", self.lang, columns)
        return Measured(kind, self.unit, self.tokenizer, lang, tuple(orders), items, seed, "mix")

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """Holds about 100 bytes a row in memory, and 60 a row and arm."""
        tables = [inputs[port] for port in self.counted_inputs()]
        asked = [
            self._measured(table.kind, number, table.scan().collect_schema(), env.seed)
            for number, table in enumerate(tables)
        ]
        rows = index(tables, asked, env)
        named = self.named_budgets()
        if "budgets" in inputs:
            named = budget_table(inputs["budgets"].frame(["name", "budget"]), "the table on the input budgets")
        built = self._built(rows, named, env)
        spots = Spots.of([arm.order for arm in built.values()], list(built), self._fields(), len(rows.lang))
        frames = self._frames(tables, rows, spots, env)
        if self.arms:
            yield from frames
            return
        size = size_of([path for table in tables for path in table.shards], spots.places)
        yield from in_order(frames, spots.places, size, env.scratch / "ordered")

    def _built(self, rows: Index, named: Mapping[str, float], env: CorpusEnv) -> dict[str, Built]:
        """The arms in their order, and what is told of them."""
        built: dict[str, Built] = {}
        arms = self._arms()
        # Those that take items of another arm come after it.
        for name in sorted(arms, key=lambda n: arms[n].same_items_as is not None):
            arm = arms[name]
            options = self.model_copy(update={"size": arm.size, "shares": arm.shares})
            plan = Plan(
                options, self.total, self.inside, self.pack, self.batch, self.one_language, self.fill, self._fields()
            )
            same = None if arm.same_items_as is None else built[arm.same_items_as]
            built[name] = build(rows, arm, plan, named, same)
        for number, name in enumerate(arms):
            for text, warning in built[name].told:
                env.say(f"arm {name}: {text}" if name else text, warning)
            before = list(arms)[:number]
            if before:
                # The first of those that hold the same rows, else the first of all.
                other = next((n for n in before if built[n].same_rows(built[name])), before[0])
                env.say(f"arm {name} and arm {other}: {built[name].compared(built[other])}", False)
        return {name: built[name] for name in arms}

    def _frames(self, tables: list[Table], rows: Index, spots: Spots, env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """The rows of the mix as they stand in the tables, with their places; the others are rejected."""
        at = 0
        for path in (path for table in tables for path in table.shards):
            frame = pl.read_parquet(path)
            own = slice(at, at + frame.height)
            at += frame.height
            there = spots.lists(own)
            out = there.list.len() == 0
            if out.any():
                names = pl.Series("_of", np.array(rows.names, dtype=object)[rows.lang[own]], dtype=pl.String)
                env.reject(frame.with_columns(names).filter(out), NOT_DRAWN, pl.col("_of"))
            frame = frame.with_columns(there.alias(ARMS)).filter(~out)
            if self.arms:
                yield frame
            elif frame.height:
                placed = frame.explode(ARMS).unnest(ARMS).drop(ARM)
                yield with_own_ids(placed) if COPY in placed.columns else placed
