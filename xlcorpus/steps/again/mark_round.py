"""The round that rows were made in."""

from __future__ import annotations

import hashlib

import polars as pl
from pydantic import NonNegativeInt

from xlcorpus import records
from xlcorpus.step import MAIN, Port, RowEnv, RowStep


class MarkRound(RowStep):
    """Writes the number of a round into the column `round`; a block `rounds` puts it behind the steps of a round.

    Rows get an id of their own in each round, because a step may have changed a row and left it its id.
    """

    light = 200_000

    number: NonNegativeInt
    """of the round; 0: what the first round starts with"""

    def ports(self) -> dict[str, Port]:
        """Rows of any kind."""
        return {MAIN: Port(tuple(records.kinds()))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`round`."""
        return ("round",)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The rows with their round."""
        rows = rows.with_columns(round=pl.lit(self.number, dtype=pl.Int64))
        if self.number == 0:
            return rows
        # Row by row, as all ids are made.
        ids = [hashlib.blake2b(f"{self.number} {id_}".encode(), digest_size=16).hexdigest() for id_ in rows["id"]]
        return rows.with_columns(
            parents=pl.concat_list("id"), group_id=records.item(), id=pl.Series(ids, dtype=pl.String)
        )
