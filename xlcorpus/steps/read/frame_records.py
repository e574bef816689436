"""Rows of a file as records of a kind: columns mapped, languages as tags, provenance."""

from __future__ import annotations

from typing import Any

import polars as pl

from xlcorpus import languages, records
from xlcorpus.errors import UserError, nearest
from xlcorpus.step import Env, Unit
from xlcorpus.steps.read.found import Found

PLAIN = {
    "instruction": ("prompt", "input", "response", "system"),
    "preference": ("prompt", "chosen", "rejected"),
    "feedback": ("prompt", "completion"),
}
"""Columns that may hold plain strings, which become messages."""


def as_frame(found: Found) -> pl.DataFrame:
    """The rows as a frame with the 0-based line in `_line`; integers beyond 64 bits as text."""
    columns = {
        n: c if isinstance(c, pl.Series) else pl.Series(n, _bounded(c), strict=False) for n, c in found.columns.items()
    }
    return pl.DataFrame({n: c.alias(n) for n, c in columns.items()}).with_columns((found.places - 1).alias("_line"))


def _bounded(values: list[Any]) -> list[Any]:
    long = any(isinstance(v, int) and not -(1 << 63) <= v < 1 << 63 for v in values)
    return [str(v) if isinstance(v, int) else v for v in values] if long else values


def to_records(found: Found, step: Any, unit: Unit, env: Env) -> pl.DataFrame:
    """Some rows of a file as records of the kind that the step reads."""
    frame = as_frame(found)
    kind = records.kind(step.kind)
    for ours, theirs in step.columns.items():
        if theirs not in frame.columns:
            raise UserError(f"{unit.name} has no column {theirs!r}; {nearest(theirs, frame.columns)}")
        frame = frame.with_columns(pl.col(theirs).alias(ours))
    frame = to_messages(frame, step.kind)
    if unit.lang is not None:
        values = unit.lang.split("-")
        tags = kind.lang_columns if len(values) == len(kind.lang_columns) else ("lang",)
        frame = frame.with_columns(pl.lit(v).alias(c) for c, v in zip(tags, values, strict=True))
    if step.kind == "instruction":
        frame = fill_instruction_languages(frame)
    for column in kind.lang_columns:
        if column not in frame.columns:
            raise UserError(f"{unit.name}: the language of the rows is not given; write paths: {{de: {unit.name}}}")
        frame = _parse_languages(frame, column, env)
    required = [f.name for f in kind.own if not f.nullable]
    missing = [c for c in required if c not in frame.columns]
    if missing:
        have = ", ".join(c for c in frame.columns if not c.startswith("_"))
        raise UserError(
            f"{unit.name} has no column {missing[0]!r}, which a {step.kind} needs (it has {have}); "
            f"map it: columns: {{{missing[0]}: <column>}}"
        )
    incomplete = pl.any_horizontal(pl.col(c).is_null() for c in required)
    lacking = frame.filter(incomplete)
    if lacking.height:
        env.reject(lacking.drop("_line"), "missing_field", pl.lit(None))
        frame = frame.filter(~incomplete)
    return _provenance(step, frame, unit).select(pl.exclude("_line"))


def _provenance(step: Any, frame: pl.DataFrame, unit: Unit) -> pl.DataFrame:
    own = {"source": step.source or unit.name, "license": step.license, "origin": step.origin}
    given = {c: pl.col(c) for c in own if c in frame.columns}
    columns = [
        pl.coalesce(given[c], pl.lit(v)).alias(c) if c in given else pl.lit(v, dtype=pl.String).alias(c)
        for c, v in own.items()
    ]
    if step.kind == "sentence":
        columns += [pl.lit(unit.name).alias("document_id")] if "document_id" not in frame.columns else []
        columns += [pl.col("_line").alias("position")] if "position" not in frame.columns else []
    if step.kind == "document" and "source_path" not in frame.columns:
        columns.append(pl.concat_str(pl.lit(unit.name + ":"), pl.col("_line") + 1).alias("source_path"))
    known = [*records.kind(step.kind).schema.names, "_line"]
    frame = frame.with_columns(columns)
    return frame.select(c for c in frame.columns if c in known)


def _parse_languages(frame: pl.DataFrame, column: str, env: Env) -> pl.DataFrame:
    """Language names of a column as tags; rows whose language nobody knows are rejected."""
    names = frame[column].unique(maintain_order=True).drop_nulls().to_list()
    tags: dict[str, str | None] = {}
    for name in names:
        try:
            tags[name] = languages.parse(name)
        except UserError:
            tags[name] = None
    parsed = pl.col(column).replace_strict(tags, default=None, return_dtype=pl.String)
    unknown = frame.filter(pl.col(column).is_not_null() & parsed.is_null())
    if unknown.height:
        env.reject(unknown.drop("_line"), "unknown_language", pl.col(column))
    return frame.filter(pl.col(column).is_null() | parsed.is_not_null()).with_columns(parsed)


def to_messages(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Plain string columns of instructions, preferences and feedback as message lists."""
    strings = [c for c in PLAIN.get(kind, ()) if c in frame.columns and frame.schema[c] == pl.String]
    if kind == "instruction" and "messages" not in frame.columns and {"prompt", "response"} <= set(strings):
        prompt = pl.col("prompt")
        if "input" in strings:
            given = pl.col("input").fill_null("").str.strip_chars() != ""
            prompt = pl.when(given).then(pl.concat_str("prompt", "input", separator="\n\n")).otherwise(prompt)
        turns = [records.message("user", prompt), records.message("assistant", pl.col("response"))]
        if "system" in strings:
            turns.insert(0, records.message("system", pl.col("system")))
        whole = pl.all_horizontal(pl.col("prompt", "response").is_not_null())
        return frame.with_columns(messages=pl.when(whole).then(records.messages(turns))).drop(strings)
    if kind in ("preference", "feedback"):
        roles = {"prompt": "user"}
        turns_of = {c: records.messages([records.message(roles.get(c, "assistant"), pl.col(c))]) for c in strings}
        return frame.with_columns(pl.when(pl.col(c).is_not_null()).then(e).alias(c) for c, e in turns_of.items())
    return frame


def fill_instruction_languages(frame: pl.DataFrame) -> pl.DataFrame:
    """Prompt and response language from `lang`, and the task `open`, where the file does not give them."""
    defaults: dict[str, pl.Expr] = {
        "prompt_lang": pl.col("lang"),
        "response_lang": pl.col("lang"),
        "task": pl.lit("open"),
    }
    if "lang" not in frame.columns:
        return frame
    return frame.with_columns(e.alias(c) for c, e in defaults.items() if c not in frame.columns)
