"""What becomes of rows in a step: kept, rejected by a rule, failed. Nothing is lost silently."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from xlcorpus import records

REJECT_SCHEMA = pl.Schema(dict.fromkeys(("step", "rule", "value", "error", "lang", "id", "kind", "row"), pl.String))
"""Columns of `rejects/`: which step and rule, the measured value, the error if it failed, and the row as JSON."""

ERROR = "error"
"""Rule name of rows that failed."""
NOT_ASKED = "not_asked"
"""Rule name for rows that a step is not meant for (Latin text to be romanised): no judgement of their language."""
NO_OUTPUT = "no_output"
"""Rule name of rows of which a step made nothing."""


@dataclass(frozen=True)
class Outcome:
    """Rows that go on, and those that do not (columns of `REJECT_SCHEMA`)."""

    kept: pl.DataFrame
    rejected: pl.DataFrame


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
