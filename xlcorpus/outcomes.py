"""What becomes of rows in a step: kept, rejected by a rule, failed. Nothing is lost silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from xlcorpus import records
from xlcorpus.errors import XlcorpusError

REJECT_SCHEMA = pl.Schema(dict.fromkeys(("step", "rule", "value", "error", "lang", "id", "kind", "row"), pl.String))
"""Columns of `rejects/`: which step and rule, the measured value, the error if it failed, and the row as JSON."""

ERROR = "error"
"""Rule name of rows that failed."""
NOT_ASKED = "not_asked"
"""Rule name for rows that a step is not meant for (Latin text to be romanised): no judgement of their language."""
NOT_DRAWN, NO_BUDGET = "not_drawn", "no_budget"
"""Rule names of rows that a sample or mix does not draw, and of those whose language has no budget."""
UNJUDGED = frozenset({NOT_ASKED, NOT_DRAWN, NO_BUDGET})
"""Rules that say nothing of how well a step fits a language."""
NO_OUTPUT = "no_output"
"""Rule name of rows of which a step made nothing."""


@dataclass(frozen=True)
class Outcome:
    """What became of the rows that went into a step."""

    kept: pl.DataFrame
    """rows that go on"""
    rejected: pl.DataFrame
    """rows that a rule rejected (columns of `REJECT_SCHEMA`)"""
    failed: pl.DataFrame
    """rows that failed, with their `error` (columns of `REJECT_SCHEMA`)"""
    notes: tuple[str, ...] = ()
    """what the step measured, in words"""
    warnings: tuple[str, ...] = ()
    """what the step found wrong, in words"""

    @classmethod
    def of(
        cls, kept: pl.DataFrame, refused: pl.DataFrame, notes: Sequence[str] = (), warnings: Sequence[str] = ()
    ) -> Outcome:
        """The outcome, with the rows that do not go on sorted into rejected and failed."""
        failed = pl.col("rule") == ERROR
        return cls(kept, refused.filter(~failed), refused.filter(failed), tuple(notes), tuple(warnings))

    @property
    def refused(self) -> pl.DataFrame:
        """Rejected and failed rows together, as they stand in `rejects/`."""
        return pl.concat([self.rejected, self.failed])


def check_promised(frame: pl.DataFrame, promised: Sequence[str], step: str) -> None:
    """Check that rows a step made have the columns that its `adds` promises.

    Raises:
        XlcorpusError: one is missing. A frame without rows promises nothing.
    """
    missing = [column for column in promised if column not in frame.columns]
    if missing and frame.height:
        raise XlcorpusError(
            f"step {step!r} made rows without the column {missing[0]!r}, which its adds() promises; "
            "make the column, or take it out of adds()"
        )


def reject_rows(
    rows: pl.DataFrame, kind: str, step: str, rule: str, measure: pl.Expr, error: pl.Expr | None = None
) -> pl.DataFrame:
    """Rows as they stand in `rejects/` (columns of `REJECT_SCHEMA`); embeddings are left out of the JSON.

    What a source rejects need not be a whole record: it has no id, and language `und` where none is given.
    """
    k = records.kind(kind)
    tagged = set(k.lang_columns) <= set(rows.columns)
    plain = [c for c, t in rows.schema.items() if not isinstance(t, pl.Array) and not c.startswith("_")]
    return rows.select(
        step=pl.lit(step),
        rule=pl.lit(rule),
        value=measure.cast(pl.String),
        error=error if error is not None else pl.lit(None, dtype=pl.String),
        lang=k.lang_expr() if tagged else pl.lit("und"),
        id=pl.col("id") if "id" in rows.columns else pl.lit(None, dtype=pl.String),
        kind=pl.lit(kind),
        row=pl.struct(plain).struct.json_encode(),
    ).cast(dict(REJECT_SCHEMA))  # type: ignore[arg-type]
