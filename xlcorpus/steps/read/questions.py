"""Rows of a file as items: what files leave out of questions and answers, and the forms they give them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from xlcorpus.steps.read.column_types import Values, as_list, as_text, identifier

MADE = ("question", "question_lang")
"""Columns that a file need not have: a `prompt` also asks."""

_NULLABLE = ("answer", "context", "rationale")


def as_choices(columns: Sequence[Values]) -> list[list[Any]]:
    """Choices that stand in a column each; null and blank cells are none."""
    rows = zip(*(as_list(values) for values in columns), strict=True)
    return [[v for v in row if v is not None and not (isinstance(v, str) and not v.strip())] for row in rows]


def plain(given: Mapping[str, Values]) -> dict[str, Values]:
    """The columns with numbers and truth values in `answer` and `choices` as text, and JSON text of choices as list."""
    made = dict(given)
    if "answer" in given and as_text(given["answer"]) is None:
        made["answer"] = [_text(value) for value in as_list(given["answer"])]
    if "choices" in given:
        lists = [_of_json(value) for value in as_list(given["choices"])]
        made["choices"] = [[_text(v) for v in value] if isinstance(value, list) else value for value in lists]
    return made


def filled(made: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """The columns of items with what follows from others; what is blank is not given.

    The question is the last turn of the user in `prompt` where there is none; its language and that of the context are
    `lang` where they are not given.
    """
    frame = pl.DataFrame(list(made.values()))
    turns = pl.col("prompt").list.eval(pl.element().filter(pl.element().struct.field("role") == "user"))
    asked = turns.list.last().struct.field("content")
    frame = frame.with_columns(
        *(pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name)).alias(name) for name in _NULLABLE),
        choices=pl.when(pl.col("choices").list.len() > 0).then("choices"),
        question=pl.coalesce("question", asked),
        question_lang=pl.coalesce("question_lang", "lang"),
    )
    frame = frame.with_columns(
        context_lang=pl.when(pl.col("context").is_not_null()).then(pl.coalesce("context_lang", "lang"))
    )
    return frame.to_dict()


def _text(value: Any) -> Any:
    return identifier(value) if isinstance(value, bool | int | float) else value


def _of_json(value: Any) -> Any:
    """The list that a text writes; the value itself where it writes none."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
