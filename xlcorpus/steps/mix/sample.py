"""Drawing rows up to budgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from xlcorpus import records
from xlcorpus.arrays import Bools, Ints64
from xlcorpus.outcomes import NO_BUDGET, NOT_DRAWN
from xlcorpus.repeated_rows import COPY, with_own_ids
from xlcorpus.step import MAIN, Columns, CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.mix.budget_options import BudgetOptions
from xlcorpus.steps.mix.budgets import budget_table, check_enough, check_names, too_small
from xlcorpus.steps.mix.index import Index, Measured, expression, index
from xlcorpus.steps.mix.proportions import whole
from xlcorpus.steps.mix.take import copies, with_replacement
from xlcorpus.steps.mix.told import realised, taken_whole


class Sample(BudgetOptions, CorpusStep):
    """Draws rows of each language up to its budget: by temperature, UniMax, equal parts, shares or a table.

    ```yaml
    sample: {each: 500000, short: all}                            # at most so many rows of each language
    sample: {temperature: 3.33, size: 10_000_000, short: repeat}  # XLM-R, mT5: exponent .3
    sample: {unimax: 4, unit: characters, size: 2.0e+9}
    sample: {budgets: budgets.tsv, replacement: true}             # columns name and budget
    sample: {lang: source, shares: {wikipedia: 0.2}, size: 10000} # the other sources keep their proportions
    ```

    A row is drawn by its id and the seed: the same rows for any number of shards and workers, and a smaller budget
    draws a part of what a larger one does. Amounts of characters and tokens are met to half a row. The order of the
    table is kept (`mix` sets another one); a repeated row follows the first one, with an id of its own, and names it in
    `parents`. Rows that are not drawn are rejected as `not_drawn`, or `no_budget` where their language has none, with
    the language as the value. What was wanted and what came of it stands on the card.
    """

    light = 200_000

    replacement: bool = False
    """draw every row from all rows of its language: some come several times, others not at all, whatever the budget"""

    spreads = True

    def ports(self) -> dict[str, Port]:
        """`rows`: any kind; `budgets`: a table with the columns name and budget, where no option gives them."""
        kinds = tuple(records.kinds())
        given = {} if self.budgets is not None else {"budgets": Port(kinds, ("name", "budget"), required=False)}
        return {MAIN: Port(kinds)} | given

    def adds(self, kind: str) -> tuple[str, ...]:
        """`copy` where rows may be repeated: how often the row stands before this one."""
        return (COPY,) if self._repeats() else ()

    def measures(self, kind: str) -> tuple[str, ...]:
        """Nothing: a copy is not measured."""
        return ()

    def out_columns(self, kinds: Mapping[str, str], inputs: Mapping[str, Columns]) -> tuple[str, ...]:
        """Checks the expression too."""
        expression("lang", self.lang, inputs[MAIN])
        return super().out_columns(kinds, inputs)

    def _repeats(self) -> bool:
        return self.replacement or self.unimax is not None or self.short == "repeat"

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """Holds about 60 bytes a row in memory, and one shard."""
        table = inputs[MAIN]
        named = self.named_budgets()
        if "budgets" in inputs:
            named = budget_table(inputs["budgets"].frame(["name", "budget"]), "the table on the input budgets")
        lang = expression("lang", self.lang, table.scan().collect_schema())
        asked = Measured(table.kind, self.unit, self.tokenizer, lang, (), False, env.seed, "sample")
        rows = index([table], [asked], env)
        wanted = self._checked(named, rows, env)
        taken = self._taken(rows, wanted, env.seed)
        got = np.zeros(len(rows.names), np.int64)
        np.add.at(got, rows.lang, rows.size * taken)
        env.say(realised(wanted, dict(zip(rows.names, got.tolist(), strict=True)), self.unit), False)
        budgeted = np.array([wanted.get(name, 0) > 0 for name in rows.names], np.bool_)
        at = 0
        for path in table.shards:
            frame = pl.read_parquet(path)
            own = slice(at, at + frame.height)
            at += frame.height
            self._reject(frame, taken[own], rows, own, budgeted, env)
            yield self._drawn(frame, taken[own])

    def _checked(self, named: Mapping[str, float], rows: Index, env: CorpusEnv) -> dict[str, float]:
        """The budgets, of languages that can fill them."""
        there = rows.there()
        wanted = self.wanted(there, named)
        if self.short != "all":
            for option, names in (
                ("budgets", named),
                ("shares", self.shares or {}),
                ("flat", dict.fromkeys(self.flat)),
            ):
                check_names({n: None for n in names if wanted.get(n, 1)}, list(rows.names), option)
        if not self._repeats() and self.short == "error":
            check_enough(wanted, there, self.unit)
        if self.short == "all" and not self.replacement and (short := too_small(wanted, there)):
            env.say(taken_whole(short), True)
        empty = [name for name, amount in wanted.items() if amount and not there.get(name)]
        if empty and self.short != "all":
            # Rows that hold no text: they can be repeated for ever.
            check_enough({name: wanted[name] for name in empty}, there, self.unit)
        return wanted

    def _taken(self, rows: Index, wanted: Mapping[str, float], seed: int) -> Ints64:
        """(rows,) how often each row is drawn."""
        order = np.lexsort((rows.draw, rows.lang))
        budgets = np.array([wanted.get(name, 0.0) for name in rows.names])
        if self.unit == "rows":
            budgets = whole(budgets).astype(np.float64)
        ends = np.searchsorted(rows.lang[order], np.arange(len(rows.names) + 1))
        taken = np.zeros(len(order), np.int64)
        for number, name in enumerate(rows.names):
            own = order[ends[number] : ends[number + 1]]
            sizes = rows.size[own]
            if self.replacement:
                taken[own] = with_replacement(sizes, budgets[number], seed, f"sample {name}")
            else:
                most = np.inf if self._repeats() else float(sizes.sum())
                taken[own] = copies(sizes, min(float(budgets[number]), most))
        return taken

    def _drawn(self, frame: pl.DataFrame, taken: Ints64) -> pl.DataFrame:
        if not self._repeats():
            return frame.filter(pl.Series(taken > 0))
        place = np.repeat(np.arange(frame.height), taken)
        copy = np.arange(len(place)) - np.repeat(np.cumsum(taken) - taken, taken)
        return with_own_ids(frame[place].with_columns(pl.Series(COPY, copy, dtype=pl.Int64)))

    def _reject(
        self, frame: pl.DataFrame, taken: Ints64, rows: Index, own: slice, budgeted: Bools, env: CorpusEnv
    ) -> None:
        lang = rows.lang[own]
        for rule, gone in ((NOT_DRAWN, budgeted[lang]), (NO_BUDGET, ~budgeted[lang])):
            out = pl.Series((taken == 0) & gone)
            if out.any():
                names = pl.Series("_of", np.array(rows.names, dtype=object)[lang], dtype=pl.String)
                env.reject(frame.with_columns(names).filter(out), rule, pl.col("_of"))
