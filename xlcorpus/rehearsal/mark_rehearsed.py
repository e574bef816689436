"""What tells rows of a rehearsal from others."""

from __future__ import annotations

import polars as pl

from xlcorpus import records
from xlcorpus.rehearsing import REHEARSED
from xlcorpus.step import MAIN, Port, RowEnv, RowStep


class MarkRehearsed(RowStep):
    """Writes `rehearsed`, true in all rows."""

    light = 1_000_000

    def ports(self) -> dict[str, Port]:
        """Rows of any kind."""
        return {MAIN: Port(tuple(records.kinds()))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`rehearsed`."""
        return (REHEARSED,)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The rows with the mark."""
        return rows.with_columns(pl.lit(True).alias(REHEARSED))
