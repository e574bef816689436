"""What becomes of rows in a step: kept, rejected by a rule, failed. Nothing is lost silently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from xlcorpus import records
from xlcorpus.errors import XlcorpusError
from xlcorpus.step import Env, RowStep

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


def run_rows(step: RowStep, rows: pl.DataFrame, env: Env, raise_errors: bool = False) -> Outcome:
    """Apply a row step to a frame of any size and sort its rows into kept, rejected and failed.

    Args:
        raise_errors: let the step's exceptions through (notebooks), instead of setting the failing rows aside.
    """
    out_kind = step.output_kind({"rows": env.kind})
    kept: list[pl.DataFrame] = []
    rejected: list[pl.DataFrame] = []
    for batch in rows.iter_slices(step.batch_rows):
        attempts = [(batch, step.apply(batch, env))] if raise_errors else _isolate(step, batch, env, rejected)
        for taken, made in attempts:
            frame = records.finish(made, out_kind, env.step, env.recipe)
            lost = taken.filter(~pl.col("id").is_in(_accounted(frame).implode()))
            if lost.height:
                rejected.append(reject_rows(lost, env.kind, env.step, NO_OUTPUT, pl.lit(None)))
            frame = _without_errors(frame, out_kind, env.step, rejected)
            for rule in step.rules(out_kind):
                keep = rule.keep.fill_null(True)
                broken = frame.filter(~keep)
                if broken.height:
                    rejected.append(reject_rows(broken, out_kind, env.step, rule.name, rule.measure))
                    frame = frame.filter(keep)
            kept.append(frame)
    nothing = pl.DataFrame(schema=pl.Schema(records.polars_schema(out_kind)))
    return Outcome(
        kept=pl.concat(kept or [nothing], how="diagonal_relaxed"),
        rejected=pl.concat([REJECT_SCHEMA.to_frame(), *rejected]),
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


def _isolate(
    step: RowStep, batch: pl.DataFrame, env: Env, rejected: list[pl.DataFrame]
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """(rows in, rows out) of every part of the batch that works; single rows that do not are rejected."""
    try:
        made = step.apply(batch, env)
    except XlcorpusError:
        raise
    except Exception as problem:  # noqa: BLE001 - whatever a step does to one row must not stop the others
        if batch.height == 1:
            text = f"{type(problem).__name__}: {problem}"
            rejected.append(reject_rows(batch, env.kind, env.step, ERROR, pl.lit(None), pl.lit(text)))
            return
        half = batch.height // 2
        yield from _isolate(step, batch[:half], env, rejected)
        yield from _isolate(step, batch[half:], env, rejected)
        return
    yield batch, made


def _accounted(frame: pl.DataFrame) -> pl.Series:
    """Ids of the input rows that an output frame comes from."""
    return pl.concat([frame["id"], frame["parents"].explode().drop_nulls()]).unique()


def _without_errors(frame: pl.DataFrame, kind: str, step: str, rejected: list[pl.DataFrame]) -> pl.DataFrame:
    if "_error" not in frame.columns:
        return frame
    failed = frame.filter(pl.col("_error").is_not_null())
    if failed.height:
        rejected.append(reject_rows(failed, kind, step, ERROR, pl.lit(None), pl.col("_error")))
    return frame.filter(pl.col("_error").is_null()).drop("_error")
