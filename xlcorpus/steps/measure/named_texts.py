"""Texts of a row that options name: those of its kind, the reasoning behind an answer, or any column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from xlcorpus import languages, records
from xlcorpus.errors import UserError
from xlcorpus.records import TextField

_REASONED = {"instruction": "messages", "feedback": "completion"}
"""The message list whose answers have reasoning, by kind."""
_ASKED = ("preference", "feedback", "item")
"""Kinds with a column `prompt`, whose user's turns are the text."""


@dataclass(frozen=True)
class NamedText:
    """One text of each row."""

    name: str
    text: pl.Expr
    """String; null where there is none"""
    lang: pl.Expr
    """its tag, `und` where none is known"""


def named_texts(kind: str, names: Sequence[str], lang: str | None = None) -> list[NamedText]:
    """The texts of those names; without names all that the kind has.

    Args:
        lang: column with the language of texts that are columns of their own (default: `lang`).
    """
    known = {text.name: text for text in _of_kind(kind)}
    own = [field.name for field in records.kind(kind).texts]
    return [known.get(name) or _column(kind, name, lang) for name in names or own]


def kinds_with(names: Sequence[str]) -> tuple[str, ...]:
    """Kinds that have all of the names that kinds have; without names, all with texts.

    Raises:
        UserError: no kind has all of them.
    """
    of_kinds = {kind: {text.name for text in _of_kind(kind)} for kind in records.kinds()}
    anywhere = {name for texts in of_kinds.values() for name in texts}
    wanted = {*names} & anywhere
    found = tuple(kind for kind, texts in of_kinds.items() if wanted <= {*texts, *_columns(kind)} and (names or texts))
    if not found:
        raise UserError(f"no rows have all of the texts {', '.join(sorted(wanted))}")
    return found


def columns_of(names: Sequence[str], lang: str | None = None) -> tuple[str, ...]:
    """Columns that rows need beside those of their kind."""
    anywhere = {text.name for kind in records.kinds() for text in _of_kind(kind)}
    return (*(name for name in names if name not in anywhere), *([] if lang is None else [lang]))


def _of_kind(kind: str) -> list[NamedText]:
    """All texts of a kind that have names; those that are columns also go by the column's (`source`, `src_text`)."""
    fields = records.kind(kind).texts
    found = [NamedText(field.name, field.expr(), _tag(pl.col(field.lang))) for field in fields]
    columns = [field for field in fields if field.text is not None and field.text != field.name]
    found += [NamedText(str(field.text), field.expr(), _tag(pl.col(field.lang))) for field in columns]
    if kind in _REASONED:
        reasoned = next(field for field in fields if field.messages == _REASONED[kind] and field.role == "assistant")
        found.append(NamedText("reasoning", _reasoning(pl.col(_REASONED[kind])), _tag(pl.col(reasoned.lang))))
    if kind in _ASKED:
        prompt = TextField("prompt", "lang", messages="prompt", role="user")
        found.append(NamedText("prompt", prompt.expr(), _tag(pl.col("lang"))))
    return found


def _column(kind: str, name: str, lang: str | None) -> NamedText:
    if lang is None and "lang" not in _columns(kind):
        raise UserError(f"{name}: rows of kind {kind} have no column 'lang'; name the one with its language (lang)")
    return NamedText(name, pl.col(name).cast(pl.String), _tag(pl.col(lang or "lang")))


def _columns(kind: str) -> list[str]:
    return [column.name for column in records.kind(kind).own]


def _reasoning(turns: pl.Expr) -> pl.Expr:
    said = turns.list.eval(pl.element().struct.field("reasoning").drop_nulls())
    return pl.when(said.list.len() > 0).then(said.list.join("\n"))


def _tag(lang: pl.Expr) -> pl.Expr:
    return lang.fill_null(languages.UNKNOWN)
