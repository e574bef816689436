"""What the attempts of a block `until` have given so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl
import pyarrow.parquet as pq
from pydantic import PositiveInt

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.step import MAIN, Columns, CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.again.traced import traced

ACCEPTED = "accepted"


class _Attempts(CorpusStep):
    """Knows which rows of the block's input have how many accepted rows."""

    light = 200_000

    steps: PositiveInt
    """number of steps of an attempt"""
    each: str | None = None
    """column: of each of its values one accepted row is wanted (`lang`), and the first is taken"""

    def ports(self) -> dict[str, Port]:
        """`rows`: what the first attempt reads; `accepted`; `made_1`, ...: what each step made, in all attempts."""
        kinds = tuple(records.kinds())
        made = [f"made_{number}" for number in range(1, self.__dict__.get("steps", 0) + 1)]
        return {name: Port(kinds) for name in (MAIN, ACCEPTED, *made)}

    def counted_inputs(self) -> tuple[str, ...]:
        """None: the rows were counted where they were made."""
        return ()

    def out_columns(self, kinds: Mapping[str, str], inputs: Mapping[str, Columns]) -> tuple[str, ...]:
        """Checks `each` too."""
        if self.each is not None and self.each not in inputs[ACCEPTED]:
            raise UserError(f"each: the accepted rows have no column {self.each!r}")
        return super().out_columns(kinds, inputs)

    def accepted(self, inputs: Mapping[str, Table]) -> pl.DataFrame:
        """The accepted rows that are taken: `id`, `entry` (the row of the input), `_row` (place in their table)."""
        entries = inputs[MAIN].scan().select("id").collect()["id"]
        known = traced(entries, [inputs[port] for port in inputs if port not in (MAIN, ACCEPTED)])
        if not any(pq.read_metadata(path).num_rows for path in inputs[ACCEPTED].shards):
            return known.clear().with_columns(_row=pl.lit(0, dtype=pl.get_index_type()))
        columns = ["id"] if self.each in (None, "id") else ["id", str(self.each)]
        rows = inputs[ACCEPTED].scan().select(columns).collect().with_row_index("_row")
        found = rows.join(known, on="id", maintain_order="left")
        one = ["id"] if self.each is None else ["entry", self.each]
        return found.unique(one, keep="first", maintain_order=True)


class TryAgain(_Attempts):
    """Passes on the rows of a block `until` of which no attempt has given enough accepted rows so far."""

    rows: PositiveInt = 1
    """accepted rows that are wanted of each row of the input"""

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """Rows of the input, in their order."""
        counts = self.accepted(inputs).group_by("entry").len().filter(pl.col("len") >= self.rows)
        for path in inputs[MAIN].shards:
            rows = pl.read_parquet(path)
            yield rows.filter(~pl.col("id").is_in(counts["entry"].implode()))


class GatherAttempts(_Attempts):
    """Joins the rows that the attempts of a block `until` gave, in the order of the block's input."""

    def output_kind(self, kinds: Mapping[str, str]) -> str:
        """That of the accepted rows."""
        return kinds[ACCEPTED]

    def out_columns(self, kinds: Mapping[str, str], inputs: Mapping[str, Columns]) -> tuple[str, ...]:
        """Those of the accepted rows."""
        super().out_columns(kinds, inputs)
        return tuple(c for c in inputs[ACCEPTED] if c not in records.polars_schema(kinds[ACCEPTED]))

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """All accepted rows; they are in memory together."""
        places = inputs[MAIN].scan().select(entry="id").with_row_index("_place").collect().unique("entry", keep="first")
        found = self.accepted(inputs).join(places, on="entry").sort("_place", "_row")
        if found.height:
            yield inputs[ACCEPTED].frame()[found["_row"].to_list()]
