"""What is compared of a row: its fields, and which of them must be alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from xlcorpus import languages, records

Sides = Literal["both", "either", "source", "target"]
Within = Literal["language", "source", "all"]


@dataclass(frozen=True)
class Field:
    """One text of a row."""

    text: pl.Expr
    """String"""
    lang: pl.Expr
    """its tag, String"""


def fields(kind: str, pairs: Sides = "both") -> tuple[Field, ...]:
    """The texts of a row: source and target; prompt, chosen and rejected; what is asked of an assistant and answered;
    of an item all, and its prompt.

    The text of a conversation is that of its turns, one a line, with the calls of tools. Of a pair only the sides that
    are compared.
    """
    k = records.kind(kind)
    columns = records.message_columns(kind)
    if not columns:
        sides = {"source": k.texts[:1], "target": k.texts[1:]}.get(pairs, k.texts)
        return tuple(_field(field) for field in sides)
    if kind == "item":
        return (*(_field(field) for field in k.texts), Field(_said(pl.col("prompt")), pl.col("lang")))
    if len(columns) > 1:
        return tuple(Field(_said(pl.col(column)), pl.col("lang")) for column in columns)
    answers = pl.element().struct.field("role") == "assistant"
    return (
        Field(_said(pl.col(columns[0]).list.eval(pl.element().filter(~answers))), pl.col("prompt_lang")),
        Field(_said(pl.col(columns[0]).list.eval(pl.element().filter(answers))), pl.col("response_lang")),
    )


def _field(of: records.TextField) -> Field:
    return Field(of.expr().fill_null(""), pl.col(of.lang).fill_null(languages.UNKNOWN))


def _said(turns: pl.Expr) -> pl.Expr:
    said = pl.concat_str(
        pl.element().struct.field("content").fill_null(""),
        pl.element().struct.field("tool_calls").fill_null(""),
        separator="\n",
    )
    return turns.list.eval(said).list.join("\n").fill_null("")


def order_of_turns(kind: str) -> list[pl.Expr]:
    """String expressions of what the fields do not tell: who speaks when, and calls of tools, letter by letter."""
    told = pl.concat_str(
        pl.element().struct.field("role"), pl.element().struct.field("tool_calls").fill_null(""), separator="\x1e"
    )
    return [pl.col(name).list.eval(told).list.join("\x1f").fill_null("") for name in records.message_columns(kind)]


def views(kind: str, pairs: Sides) -> tuple[tuple[int, ...], ...]:
    """Places of the fields that must all be alike for two rows to be; with several views, those of one of them."""
    if pairs == "either":
        return ((0,), (1,))
    return (tuple(range(len(fields(kind, pairs)))),)


def group(kind: str, within: Within) -> pl.Expr:
    """String expression that must be equal in rows that are compared."""
    if within == "all":
        return pl.repeat("", pl.len(), dtype=pl.String)
    lang = records.kind(kind).lang_expr()
    if within == "language":
        return lang
    return pl.concat_str([lang, pl.col("source").fill_null("")], separator="\x1f")
