"""Choosing rows by what stands in their columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from xlcorpus import records
from xlcorpus.arrays import Ints64
from xlcorpus.errors import UserError
from xlcorpus.expressions.row_expression import RowExpression, row_expression
from xlcorpus.step import MAIN, Columns, CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.choose.ranks import Places, places
from xlcorpus.steps.item_key import item_key

KEEP, NO_SCORE, RANK, BALANCE = "keep", "no_score", "rank", "balance"
"""Rules under which rows are rejected."""


class Select(CorpusStep):
    """Keeps the rows that an expression is true of, the best or worst of each group by a score, or a balanced subset.

    `keep` comes first; the others choose among what is left. The order of the table is kept, equal scores go by id, and
    the result does not depend on shards or workers. What is not chosen is rejected, as `keep` (false or null), `rank`,
    `balance`, or `no_score` where the score (or what is balanced) is null: what could not be measured is not chosen.

    ```yaml
    select: {keep: "judge_score >= 4 AND response_lang = lang"}
    select: {score: likelihood_mean, by: group_id, top: 1, bottom: 1}   # best and worst of n answers
    select: {score: similarity_score, by: lang, quantile: 0.2}          # the best fifth of each language
    select: {balance: check_answer_correct, by: lang}                   # as many right as wrong ones
    ```
    """

    light = 200_000

    keep: str | None = None
    """SQL over the columns of a row (`xlcorpus.expressions`): rows of which it is true stay"""
    score: str | None = None
    """SQL that gives a number, the higher the better; `-x` where less is better"""
    by: str | list[str] = []
    """columns or expressions: rows that agree in them are a group; `group_id`: the versions of an item"""
    top: int | None = Field(default=None, ge=1)
    """number of rows to keep of each group, those with the highest score"""
    bottom: int | None = Field(default=None, ge=1)
    """number of rows to keep of each group, those with the lowest score"""
    quantile: float | None = Field(default=None, gt=0, le=1)
    """share of the rows of each group to keep, those with the highest score, rounded up"""
    balance: str | None = None
    """column or expression: of each of its values the same number of rows is kept in each group, as many as the rarest
    has: those with the highest score, or drawn ones without `score`. A row without a value is not chosen"""
    each: int | None = Field(default=None, ge=1)
    """rows to keep of each value of `balance`, in place of the number of the rarest; a value with fewer keeps all"""

    @model_validator(mode="after")
    def _chooses(self) -> Select:
        ranked = {"top": self.top, "bottom": self.bottom, "quantile": self.quantile}
        asked = [name for name, value in ranked.items() if value is not None]
        if self.keep is None and not asked and self.balance is None:
            raise ValueError("it chooses nothing: give keep, balance, or score with top, bottom or quantile")
        if asked and self.score is None:
            raise ValueError(f"{asked[0]} needs score: what is the best row?")
        if asked and self.balance is not None:
            raise ValueError(f"{asked[0]} and balance both say how many rows stay; use two steps, or each: N")
        if self.top is not None and self.quantile is not None:
            raise ValueError("top and quantile both say how many of the best stay; give one")
        return self

    def row_by_row(self) -> bool:
        """See `Step.row_by_row`: with `keep` alone."""
        return self.balance is None and not self._ranks()

    def idle(self) -> dict[str, str]:
        """Options of ranks and of balance where neither is asked for."""
        found = {}
        if self.balance is None:
            found["each"] = "it is for balance"
            if not self._ranks():
                found |= dict.fromkeys(("by", "score"), "it is for top, bottom, quantile and balance")
        return found

    def _ranks(self) -> bool:
        return not self.top is self.bottom is self.quantile is None

    def ports(self) -> dict[str, Port]:
        """`rows`: any kind."""
        return {MAIN: Port(tuple(records.kinds()))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`select_rank` beside `top`, `bottom` and `quantile`: 1 is the best of its group."""
        return ("select_rank",) if self._ranks() else ()

    def out_columns(self, kinds: Mapping[str, str], inputs: Mapping[str, Columns]) -> tuple[str, ...]:
        """Checks the expressions too."""
        self._expressions(inputs[MAIN])
        return super().out_columns(kinds, inputs)

    def _groups(self) -> list[str]:
        return [item_key(by) for by in ([self.by] if isinstance(self.by, str) else self.by)]

    def _expressions(self, columns: Columns) -> dict[str, RowExpression]:
        """The expressions by option; those of `by` as `by_0`, `by_1`, ...

        Raises:
            UserError: one is no expression over the columns, or of a type that does not fit.
        """
        texts = {"keep": self.keep, "score": self.score, "balance": self.balance}
        texts |= {f"by_{i}": text for i, text in enumerate(self._groups())}
        found: dict[str, RowExpression] = {}
        for option, text in texts.items():
            if text is None:
                continue
            try:
                found[option] = row_expression(text, columns)
            except UserError as problem:
                raise UserError(f"{option.partition('_')[0]}: {problem}") from None
            _check_type(option, found[option].dtype, text)
        return found

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """Holds 25 bytes a row in memory where rows are ranked, and one shard else."""
        table = inputs[MAIN]
        schema = table.scan().collect_schema()
        asked = self._expressions(schema)
        shards = Shards(table.shards, schema, tuple(asked.values()))
        if not self._ranks() and self.balance is None:
            for frame in shards.whole():
                yield self._after_keep(frame, asked, env)
            return
        found = places(self._keys(shards, asked, env), len(self._groups()), self.balance is not None, env.scratch)
        at, short = 0, False
        for frame in shards.whole():
            kept = self._after_keep(frame, asked, env)
            there = found.of(slice(at, at + kept.height))
            at += kept.height
            short |= bool(self.each and (there.scored[there.place > 0] < self.each).any())
            yield self._chosen(kept, there, env)
        if short:
            env.say(f"balance: there are values with fewer rows than each: {self.each:,}; all of theirs are kept", True)

    def _keys(self, shards: Shards, asked: Mapping[str, RowExpression], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """What `places` takes: of each row that `keep` leaves."""
        score = asked.get("score") or row_expression("draw('select', id)", ("id",))
        columns = [name for name in asked if name.startswith("by_")]
        at = 0
        for frame in shards.read_columns():
            if "keep" in asked:
                frame = frame.filter(asked["keep"].evaluate(frame, env.seed).fill_null(False))
            keys = pl.DataFrame({"number": range(at, at + frame.height), "id": frame["id"]}).with_columns(
                score.evaluate(frame, env.seed).cast(pl.Float64).fill_nan(None).alias("score"),
                *(asked[name].evaluate(frame, env.seed).alias(name) for name in columns),
            )
            if "balance" in asked:
                value = asked["balance"].evaluate(frame, env.seed).alias("value")
                keys = keys.with_columns(value, score=pl.when(value.is_not_null()).then("score"))
            yield keys
            at += frame.height

    def _after_keep(self, frame: pl.DataFrame, asked: Mapping[str, RowExpression], env: CorpusEnv) -> pl.DataFrame:
        """The rows that `keep` is true of; the others are rejected."""
        if "keep" not in asked:
            return frame
        true = asked["keep"].evaluate(frame, env.seed)
        refused = frame.with_columns(_keep=true.cast(pl.String)).filter(~true.fill_null(False))
        if refused.height:
            env.reject(refused, KEEP, pl.col("_keep"))
        return frame.filter(true.fill_null(False))

    def _chosen(self, frame: pl.DataFrame, there: Places, env: CorpusEnv) -> pl.DataFrame:
        """The rows that are high enough, or low enough; the others are rejected, with their place."""
        scored = there.place > 0
        if self.balance is not None:
            high = there.place <= (self.each or there.least)
        else:
            best = self.top or _rounded_up(self.quantile or 0, there.scored)
            high = (there.place <= best) | (there.place > there.scored - (self.bottom or 0))
        frame = frame.with_columns(select_rank=there.place) if self._ranks() else frame.with_columns(_rank=there.place)
        place = pl.col("select_rank" if self._ranks() else "_rank")
        for rule, gone, measure in (
            (NO_SCORE, ~scored, pl.lit(None, dtype=pl.String)),
            (BALANCE if self.balance is not None else RANK, scored & ~high, place),
        ):
            if gone.any():
                env.reject(frame.filter(gone), rule, measure)
        return frame.filter(scored & high).drop("_rank", strict=False)


@dataclass(frozen=True)
class Shards:
    """The shards of a table, in which columns of the table may be missing."""

    paths: Sequence[Path]
    schema: pl.Schema
    expressions: Sequence[RowExpression]
    """what is computed of the rows; the columns that these read are filled with null"""

    def whole(self) -> Iterator[pl.DataFrame]:
        """The rows of each shard, with all their columns."""
        return (self._filled(pl.read_parquet(path)) for path in self.paths)

    def read_columns(self) -> Iterator[pl.DataFrame]:
        """The rows of each shard, with their ids and what the expressions read."""
        for path in self.paths:
            there = pl.read_parquet_schema(path)
            yield self._filled(pl.read_parquet(path, columns=[c for c in self._read() if c in there]))

    def _read(self) -> list[str]:
        return list(dict.fromkeys(["id", *(column for e in self.expressions for column in e.reads)]))

    def _filled(self, frame: pl.DataFrame) -> pl.DataFrame:
        missing = [c for c in self._read() if c not in frame.columns]
        return frame.with_columns(pl.lit(None, dtype=self.schema[c]).alias(c) for c in missing)


def _rounded_up(share: float, numbers: Ints64) -> Ints64:
    """(n,) the share of each number, rounded up; .1 of 30 is 3, though the product is a little more."""
    return np.asarray(np.ceil(share * numbers - 1e-9), dtype=np.int64)


def _check_type(option: str, dtype: pl.DataType | None, text: str) -> None:
    if dtype is None or isinstance(dtype, pl.Null):
        return
    if option == "keep" and not isinstance(dtype, pl.Boolean):
        raise UserError(f"keep: `{text}` is {dtype}, not true or false; compare it with something, as in score > 0.5")
    if option == "score" and not (dtype.is_numeric() or isinstance(dtype, pl.Boolean)):
        raise UserError(f"score: `{text}` is {dtype}, not a number; CAST(x AS DOUBLE) makes one of digits")
