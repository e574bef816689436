"""What row steps measure on rows, and what each of their rules would keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from xlcorpus import records
from xlcorpus.arrays import Bools, Floats64
from xlcorpus.errors import UserError
from xlcorpus.outcomes import REJECT_SCHEMA
from xlcorpus.row_calls import calls, join
from xlcorpus.step import MAIN, Limit, RowEnv, RowStep, Rule
from xlcorpus.text.words import word_spans

WEIGHTS = ("rows", "words", "bytes")
"""What a row counts as: 1; the words, and the bytes in UTF-8, of all its texts."""


@dataclass(frozen=True)
class Cut:
    """A limit on a column."""

    column: str
    least: bool
    """whether the value must be at least the limit, not at most"""
    values: Floats64
    """(rows,) NaN where nothing could be measured"""
    limits: Floats64
    """(rows,) NaN or infinite for a row without a limit"""


@dataclass(frozen=True)
class Verdict:
    """What one rule alone would keep."""

    step: str
    rule: str
    keep: Bools
    """(rows,)"""
    cut: Cut | None
    """the limit; None for a rule that is no limit on one column"""


@dataclass(frozen=True)
class Measured:
    """The rows that came out of all steps, with their columns; no rule has judged them."""

    kind: str
    frames: Mapping[str, pl.DataFrame]
    """by name of the step: these rows as they left the step, in the same order in each"""
    refused: pl.DataFrame
    """rows that failed, or of which a step made no row (columns of `REJECT_SCHEMA`)"""

    @property
    def rows(self) -> pl.DataFrame:
        """The rows that came out of the last step."""
        return list(self.frames.values())[-1]


@dataclass(frozen=True)
class Judged:
    """Rows with the verdicts of all rules."""

    kind: str
    rows: pl.DataFrame
    langs: pl.Series
    """(rows,) language, or pair of languages, under which each is counted"""
    weights: Floats64
    """(rows, 3), see `WEIGHTS`"""
    verdicts: Sequence[Verdict]
    """in the order in which the rules judge"""
    columns: Mapping[str, Floats64]
    """by name, (rows,) each: numeric columns without a limit, NaN where nothing could be measured"""

    @property
    def keep(self) -> Bools:
        """(rows,) whether all rules keep it."""
        keep = np.ones(len(self.langs), dtype=bool)
        for verdict in self.verdicts:
            keep &= verdict.keep
        return keep


def measure(steps: Mapping[str, RowStep], rows: pl.DataFrame, kind: str, seed: int) -> Measured:
    """Run steps one after the other, without their rules.

    Args:
        steps: by name, one or more; each takes the kind of rows that the one before makes.
        rows: records of `kind`.
        kind: record kind.
        seed: of steps that draw.

    Raises:
        UserError: a step makes other rows of those that an earlier step has columns or rules for.
    """
    frames: dict[str, pl.DataFrame] = {}
    refused = [REJECT_SCHEMA.to_frame()]
    judging: str | None = None
    for name, step in steps.items():
        env = RowEnv(kind=kind, step=name, seed=seed)
        env.loaded = step.open(env)
        kind = step.output_kind({MAIN: kind})
        made = join(dict(calls(step, rows, env)), kind)
        if judging is not None and not set(made.rows["id"]) <= set(rows["id"]):
            raise UserError(f"step {name!r} makes other rows of those that {judging!r} judges: inspect one of them")
        refused.append(made.refused)
        rows = frames[name] = made.rows
        if step.rules(kind) or step.adds(kind):
            judging = judging or name
    last = rows.select("id")
    same = {name: last.join(frame, on="id", how="left", maintain_order="left") for name, frame in frames.items()}
    return Measured(kind, {**same, name: rows}, pl.concat(refused))


def judge(measured: Measured, steps: Mapping[str, RowStep]) -> Judged:
    """The verdicts of the steps' rules on what they measured.

    Args:
        measured: what `measure` gives for these steps, or for steps that differ in limits alone.
        steps: by name.
    """
    kind, rows = measured.kind, measured.rows
    verdicts: list[Verdict] = []
    columns: dict[str, Floats64] = {}
    for name, step in steps.items():
        frame = measured.frames[name]
        found = [_verdict(name, rule, frame) for rule in step.rules(kind)] if frame.height else []
        cut = {v.cut.column for v in found if v.cut is not None}
        numeric = [c for c in step.adds(kind) if c in frame.columns and frame.schema[c].is_numeric()]
        columns |= {column: _floats(frame[column]) for column in numeric if column not in cut}
        verdicts += _joined(found)
    langs = rows.select(records.kind(kind).lang_expr().alias("lang"))["lang"]
    return Judged(kind, rows, langs, weights(rows, kind), verdicts, columns)


def weights(rows: pl.DataFrame, kind: str) -> Floats64:
    """(rows, 3) how much each row counts, see `WEIGHTS`."""
    counts = np.zeros((rows.height, len(WEIGHTS)))
    counts[:, 0] = 1
    for field in records.kind(kind).texts:
        texts = rows.select(field.expr().fill_null("").alias("text"))["text"]
        counts[:, 1] += word_spans(texts, rows[field.lang].fill_null("und")).counts
        counts[:, 2] += texts.str.len_bytes().to_numpy()
    return counts


def _verdict(step: str, rule: Rule, frame: pl.DataFrame) -> Verdict:
    """What one rule keeps; as in a run, a null keeps the row."""
    asked = frame.lazy().with_columns(_keep=rule.keep.fill_null(True))
    if not isinstance(rule, Limit):
        return Verdict(step, rule.name, asked.select("_keep").collect()["_keep"].to_numpy(), None)
    # In the type of the column: 0.6 as Float32 is not 0.6 as Float64.
    limit = rule.limit.cast(frame.schema[rule.column])
    found = asked.with_columns(_limit=limit).select("_keep", "_limit", rule.column).collect()
    cut = Cut(rule.column, rule.least, _floats(found[rule.column]), _floats(found["_limit"]))
    return Verdict(step, rule.name, found["_keep"].to_numpy(), cut)


def _joined(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts with those of one name (a rule for each text of a row) joined to one, which has no cut."""
    by_name: dict[str, Verdict] = {}
    for one in verdicts:
        other = by_name.get(one.rule)
        by_name[one.rule] = one if other is None else Verdict(one.step, one.rule, one.keep & other.keep, None)
    return list(by_name.values())


def _floats(column: pl.Series) -> Floats64:
    """(rows,) NaN for null."""
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
