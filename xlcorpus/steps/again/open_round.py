"""Whether a round of a block `rounds` still takes place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl
import pyarrow.parquet as pq
from pydantic import PositiveInt, model_validator

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.expressions.query import Query, query
from xlcorpus.step import MAIN, Columns, CorpusEnv, CorpusStep, Port, Table

JUDGED = "judged"


class OpenRound(CorpusStep):
    """Passes a table on to a round, or nothing once the rounds before it have reached what `stop` says.

    A block `rounds` puts it before the tables that a round reads from outside; a round without rows asks nothing.
    """

    light = 1_000_000

    number: PositiveInt
    """of the round that reads the table"""
    rows: PositiveInt | None = None
    """number of rows of the judged table from which on no round takes place"""
    measure: str | None = None
    """SQL with an aggregate over the rows of a round (`avg(judge_score)`): no round takes place once its value has not
    risen from one round to the next"""

    @model_validator(mode="after")
    def _one_limit(self) -> OpenRound:
        if (self.rows is None) == (self.measure is None):
            raise ValueError("give rows or measure")
        return self

    def ports(self) -> dict[str, Port]:
        """`rows`: what is passed on; `judged`: the table that `rows` or `measure` is about, with its rounds."""
        kinds = tuple(records.kinds())
        return {MAIN: Port(kinds), JUDGED: Port(kinds, ("round",))}

    def counted_inputs(self) -> tuple[str, ...]:
        """None: its rows were counted where they were made."""
        return ()

    def out_columns(self, kinds: Mapping[str, str], inputs: Mapping[str, Columns]) -> tuple[str, ...]:
        """Checks the measure too."""
        self._query(inputs[JUDGED])
        return super().out_columns(kinds, inputs)

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """The shards of the table, or none."""
        if self._takes_place(inputs[JUDGED], env):
            for path in inputs[MAIN].shards:
                yield pl.read_parquet(path)

    def _takes_place(self, judged: Table, env: CorpusEnv) -> bool:
        found: int = sum(pq.read_metadata(path).num_rows for path in judged.shards)
        if self.rows is not None:
            return found < self.rows
        if not found:
            return False
        asked = self._query(judged.scan().collect_schema())
        assert asked is not None
        shards = {JUDGED: judged.shards}
        values = pl.concat(list(asked.run(shards, env.scratch, env.seed)), how="vertical_relaxed")
        last = values["round"].max()
        if last != self.number - 1:
            return False
        if len(values) < 2:
            return True
        before, now = values["value"][-2:]
        return now is not None and (before is None or bool(now > before))

    def _query(self, columns: Columns) -> Query | None:
        """The measure of each round, in their order."""
        if self.measure is None:
            return None
        sql = f'SELECT "round", (\n{self.measure}\n) AS "value" FROM {JUDGED} GROUP BY "round" ORDER BY "round"'
        try:
            found = query(sql, {JUDGED: {**columns, "round": pl.Int64()}})
        except UserError as problem:
            raise UserError(f"stop: measure `{self.measure}`: {problem}") from None
        dtype = (found.columns or {}).get("value")
        if dtype is not None and not dtype.is_numeric() and not isinstance(dtype, pl.Null):
            raise UserError(f"stop: measure `{self.measure}` is {dtype}, not a number")
        return found
