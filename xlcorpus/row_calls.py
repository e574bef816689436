"""How a row step is called on the rows of a table, and what becomes of each of them.

The rows are cut into calls of `apply`, batches of `batch_rows`.
A call is numbered by its place; what came of it does not depend on the others, so that the calls of an interrupted
table can be made one by one until all are there. Rules come last, over all rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import polars as pl

from xlcorpus import records
from xlcorpus.errors import XlcorpusError
from xlcorpus.outcomes import ERROR, NO_OUTPUT, REJECT_SCHEMA, Outcome, check_promised, reject_rows


class Env(Protocol):
    """What the calls need of `step.RowEnv`."""

    kind: str
    step: str
    recipe: str | None


class Called(Protocol):
    """What the calls need of `step.RowStep`; see there."""

    batch_rows: ClassVar[int]

    def chosen(self, rows: pl.DataFrame, env: Any) -> pl.Series | None: ...
    def prepared(self, rows: pl.DataFrame, env: Any) -> pl.DataFrame: ...
    def scoring(self) -> Self: ...
    def apply(self, rows: pl.DataFrame, env: Any) -> pl.DataFrame: ...
    def rules(self, kind: str) -> Sequence[Any]: ...
    def adds(self, kind: str) -> tuple[str, ...]: ...
    def output_kind(self, kinds: Mapping[str, str]) -> str: ...


@dataclass(frozen=True)
class Made:
    """Rows that a step made, before its rules."""

    rows: pl.DataFrame
    """in the form of their kind"""
    refused: pl.DataFrame
    """rows that failed or of which nothing came (columns of `REJECT_SCHEMA`)"""


def run_rows(step: Called, rows: pl.DataFrame, env: Env, raise_errors: bool = False) -> Outcome:
    """Apply a row step to a frame of any size and sort its rows into kept, rejected and failed.

    Args:
        raise_errors: let the step's exceptions through (notebooks), instead of setting the failing rows aside.
    """
    kind = step.output_kind({"rows": env.kind})
    chosen = step.chosen(rows, env)
    given = step.prepared(rows if chosen is None else rows.filter(chosen), env)
    outcome = judge(step, join(dict(calls(step, given, env, raise_errors=raise_errors)), kind), env)
    return Outcome.of(put_back(rows, chosen, outcome.kept), outcome.refused)


def calls(
    step: Called, rows: pl.DataFrame, env: Env, done: Collection[int] = (), raise_errors: bool = False
) -> Iterator[tuple[int, Made]]:
    """(number of the call, what came of it) of each call that is not done yet, as they end.

    Raises:
        XlcorpusError: the step stops the run, promises a column that it does not make, or makes rows that name none
            of their input rows.
    """
    step = step.scoring()
    size = step.batch_rows
    for number in range(-(-rows.height // size)):
        if number not in done:
            yield number, _call(step, rows[number * size : (number + 1) * size], env, raise_errors)


def put_back(rows: pl.DataFrame, chosen: pl.Series | None, kept: pl.DataFrame) -> pl.DataFrame:
    """What a step kept of the rows it was given, with the others where they stood.

    Args:
        rows: all rows.
        chosen: (rows,) Boolean, the rows that the step was given; None: all.
        kept: what it kept of them; columns that it added are null in the others.
    """
    if chosen is None:
        return kept
    places = rows.select("id", _at=pl.int_range(pl.len())).unique("id", keep="first")
    near = pl.DataFrame({"id": kept["id"], "_row": range(kept.height)}).join(places, on="id", how="left")
    parents = kept.select("parents", _row=pl.int_range(pl.len())).explode("parents", empty_as_null=True)
    of_parents = parents.join(places, left_on="parents", right_on="id").group_by("_row").agg(pl.col("_at").min())
    near = near.join(of_parents, on="_row", how="left", suffix="_of_parents").sort("_row")
    stood = kept.with_columns(near.select(_at=pl.coalesce("_at", "_at_of_parents")).to_series())
    others = rows.with_columns(_at=pl.int_range(pl.len())).filter(~chosen)
    return pl.concat([stood, others], how="diagonal_relaxed").sort("_at", maintain_order=True).drop("_at")


def join(made: Mapping[int, Made], kind: str) -> Made:
    """The calls of a table together, in the order of its rows."""
    in_order = [made[number] for number in sorted(made)]
    nothing = pl.DataFrame(schema=pl.Schema(records.polars_schema(kind)))
    frames = [m.rows for m in in_order] or [nothing]
    # In one piece: the borders of calls must not show in what is written.
    rows = pl.concat(frames, how="diagonal_relaxed", rechunk=True)
    return Made(rows, pl.concat([REJECT_SCHEMA.to_frame(), *(m.refused for m in in_order)]))


def judge(step: Called, made: Made, env: Env) -> Outcome:
    """Apply the rules of the step; the first that a row breaks rejects it. Columns named `_...` are for rules only."""
    kind = step.output_kind({"rows": env.kind})
    rows, refused = made.rows, [made.refused]
    # Without rows the columns that the rules read may be missing.
    for rule in step.rules(kind) if rows.height else ():
        keep = rule.keep.fill_null(True)
        broken = rows.filter(~keep)
        if broken.height:
            refused.append(reject_rows(broken, kind, env.step, rule.name, rule.measure))
            rows = rows.filter(keep)
    return Outcome.of(rows.select(pl.exclude("^_.*$")), pl.concat(refused))


def _call(step: Called, batch: pl.DataFrame, env: Env, raise_errors: bool) -> Made:
    kind = step.output_kind({"rows": env.kind})
    made: list[Made] = []
    refused: list[pl.DataFrame] = []
    attempts = [(batch, step.apply(batch, env))] if raise_errors else _isolate(step, batch, env, refused)
    for taken, frame in attempts:
        frame = _of_items(records.finish(frame, kind, env.step, env.recipe), taken)
        lost = taken.filter(~pl.col("id").is_in(_accounted(frame, taken["id"], env.step).implode()))
        if lost.height:
            refused.append(reject_rows(lost, env.kind, env.step, NO_OUTPUT, pl.lit(None)))
        frame = _without_errors(frame, kind, env.step, refused)
        check_promised(frame, step.adds(kind), env.step)
        made.append(Made(frame, REJECT_SCHEMA.to_frame()))
    return Made(join(dict(enumerate(made)), kind).rows, pl.concat([REJECT_SCHEMA.to_frame(), *refused]))


def _isolate(
    step: Called, batch: pl.DataFrame, env: Env, refused: list[pl.DataFrame]
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """(rows in, rows out) of every part of the batch that works; single rows that do not have failed."""
    try:
        made = step.apply(batch, env)
    except XlcorpusError:
        raise
    except Exception as problem:  # noqa: BLE001 - whatever a step does to one row must not stop the others
        if batch.height == 1:
            text = f"{type(problem).__name__}: {problem}"
            refused.append(reject_rows(batch, env.kind, env.step, ERROR, pl.lit(None), pl.lit(text)))
            return
        half = batch.height // 2
        yield from _isolate(step, batch[:half], env, refused)
        yield from _isolate(step, batch[half:], env, refused)
        return
    yield batch, made


def _accounted(frame: pl.DataFrame, taken: pl.Series, step: str) -> pl.Series:
    """Ids of the input rows that an output frame comes from.

    Raises:
        XlcorpusError: a row has a new id and names no input row.
    """
    of_input = pl.col("parents").is_in(taken.implode())
    renewed = frame.select("id", "parents").filter(~pl.col("id").is_in(taken.implode())).with_row_index("row")
    named = renewed.explode("parents").filter(of_input)
    if named["row"].n_unique() < renewed.height:
        raise XlcorpusError(
            f"step {step!r} made rows that name none of its input rows in `parents`; a row that keeps no `id` of an "
            "input row names the ids of those it was made from there"
        )
    return pl.concat([frame["id"], frame["parents"].explode().drop_nulls()]).unique()


def _of_items(frame: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """The rows with a `group_id`, where the step gives none.

    A row that keeps its id keeps that of the input row. A new one has the item of its parents, if they are all of one.
    """
    if frame["id"].equals(taken["id"]):
        given = frame["group_id"]
        return frame.with_columns(given.zip_with(given.is_not_null(), taken["group_id"]))
    same = taken.unique("id", keep="first").select("id", _same="group_id", _item=records.item())
    found = frame.with_row_index("_row").join(same.drop("_item"), on="id", how="left", maintain_order="left")
    of_parents = (
        found.join(same, on="id", how="anti", maintain_order="left")
        .select("_row", _parent="parents")
        .explode("_parent", empty_as_null=True)
        .join(same.select("_item", _parent="id"), on="_parent")
        .group_by("_row")
        .agg(_item=pl.when(pl.col("_item").n_unique() == 1).then(pl.col("_item").first()))
    )
    items = found.join(of_parents, on="_row", how="left", maintain_order="left")
    return frame.with_columns(items.select(pl.coalesce("group_id", "_same", "_item").alias("group_id")).to_series())


def _without_errors(frame: pl.DataFrame, kind: str, step: str, refused: list[pl.DataFrame]) -> pl.DataFrame:
    """The rows without `_error`; the others have failed, or are rejected where `_rule` names a rule beside it."""
    if "_error" not in frame.columns:
        return frame
    broken = frame.filter(pl.col("_error").is_not_null())
    named = pl.col("_rule") if "_rule" in frame.columns else pl.lit(None, dtype=pl.String)
    for (rule,), rows in broken.with_columns(_rule=named).group_by("_rule", maintain_order=True):
        if rule is None:
            refused.append(reject_rows(rows, kind, step, ERROR, pl.lit(None), pl.col("_error")))
        else:
            refused.append(reject_rows(rows, kind, step, str(rule), pl.col("_error")))
    return frame.filter(pl.col("_error").is_null()).drop("_error", "_rule", strict=False)
