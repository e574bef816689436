"""Texts of a row by the paths of its fields: which there are, in which language they are, and putting others there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import polars as pl

from xlcorpus import records
from xlcorpus.errors import UserError, nearest
from xlcorpus.field_path import EACH, FieldPath, is_written
from xlcorpus.text.json_strings import with_json_strings

_SAID: Final = ("content", "reasoning")
"""Parts of a turn that are text."""
TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "sentence": ("text",),
    "document": ("title", "text"),
    "instruction": ("messages[*].content", "messages[*].reasoning"),
    "preference": tuple(f"{column}[*].{part}" for column in ("prompt", "chosen", "rejected") for part in _SAID),
    "feedback": tuple(f"{column}[*].{part}" for column in ("prompt", "completion") for part in _SAID),
    "item": ("question", "choices[*]", "answer", "context", "rationale", "prompt[*].content", "prompt[*].reasoning"),
}
"""The texts of each kind that stand in one language, by their paths."""
_ASKS: Final = {("item", "prompt"): "question_lang"}
"""Columns whose language is not the kind's first."""
_OF_THE_ROW: Final = ((), (EACH,), (EACH, "content"))
"""Ways to the texts whose language is the row's: reasoning and calls of tools do not count."""

_UNTOLD: Final = (None, pl.String, pl.Null)
"""Types behind which a path may go on into JSON, or of which nothing is known before there are rows."""

Change = Callable[[str, str | None], str]
"""A new text for a text; beside it the role of the turn that it stands in, if it stands in one."""


@dataclass(frozen=True)
class Texts:
    """Texts of a row in one column."""

    path: FieldPath
    langs: Mapping[str | None, str]
    """column with the language, by role of the turn; None: of other turns, and of texts in no turn"""
    carries: tuple[str, ...]
    """columns with the language of the row that is another one when these texts are translated"""


def fields_of(kind: str, paths: Sequence[str]) -> list[Texts]:
    """The fields at some paths in rows of a kind.

    Raises:
        UserError: no path, one twice, one inside of another, or one to what is no content (ids, languages, roles).
    """
    spec = records.kind(kind)
    ours = {*spec.common.names, *(column for column in spec.own.names if column.endswith("lang"))}
    valid = TEXTS.get(kind) or [text.column for text in spec.texts]
    found = [FieldPath.of(path) for path in paths]
    for path in found:
        if not is_written(path.text):
            raise UserError(
                f"fields: {path.text!r} is no path; write names with dots between them, and [*] behind a list"
            )
        if path.column in ours or (path.column in records.message_columns(kind) and path.way[1:] == ("role",)):
            raise UserError(f"fields: {path.text!r} is no text to translate; valid: {', '.join(valid)}")
    for number, path in enumerate(found):
        for other in found[:number]:
            if other.column == path.column and other.way[: len(path.way)] == path.way[: len(other.way)]:
                raise UserError(f"fields: {path.text!r} and {other.text!r} name the same text twice; take one of them")
    return [_field(kind, path) for path in found]


def check_fields(fields: Sequence[Texts], columns: Mapping[str, pl.DataType | None]) -> None:
    """Check that there are texts at the ends of paths, as far as types tell.

    Raises:
        UserError: a column or field that is not there, or no text.
    """
    for field in fields:
        path = field.path
        if path.column not in columns:
            raise UserError(f"fields: no column {path.column!r}; {nearest(path.column, columns)}")
        _check_way(path, columns[path.column])


def with_texts(value: Any, way: Sequence[str], change: Change, role: str | None = None) -> Any:
    """A value of a column with the texts at the end of a way changed, in order. Nulls are no texts.

    A way may lead into strings that are JSON, see `text.json_strings`.

    Args:
        role: of the turn that the value stands in.

    Raises:
        ValueError: a string that the way leads into is no JSON.
    """
    if value is None:
        return None
    if isinstance(value, str):
        if not way:
            return change(value, role)
        return with_json_strings(value, way, lambda text: change(text, role))
    if isinstance(value, list):
        return [with_texts(one, way[1:], change, role) for one in value]
    return {**value, way[0]: with_texts(value[way[0]], way[1:], change, value.get("role", role))}


def _check_way(path: FieldPath, dtype: pl.DataType | None) -> None:
    where = path.column
    for step in path.way:
        if dtype in _UNTOLD:
            return
        if isinstance(dtype, pl.List) and step != EACH:
            raise UserError(f"fields: {path.text!r}: {where} is a list; write {where}{EACH}")
        if isinstance(dtype, pl.Struct) and step not in (names := [field.name for field in dtype.fields]):
            raise UserError(f"fields: {path.text!r}: {where} has no field {step!r}; {nearest(step, names)}")
        if isinstance(dtype, pl.List):
            dtype, where = _dtype(dtype.inner), where + EACH
        elif isinstance(dtype, pl.Struct):
            dtype = _dtype(next(field.dtype for field in dtype.fields if field.name == step))
            where = f"{where}.{step}"
        else:
            break
    if dtype in _UNTOLD:
        return
    if isinstance(dtype, pl.List):
        raise UserError(f"fields: {path.text!r} is a list; write {path.text}{EACH}")
    if isinstance(dtype, pl.Struct):
        inside = ", ".join(field.name for field in dtype.fields)
        raise UserError(f"fields: {path.text!r} is an object; name a field of it ({inside}): {path.text}.NAME")
    raise UserError(f"fields: {path.text!r}: {where} is {dtype}, no text")


def _dtype(dtype: Any) -> pl.DataType:
    return dtype if isinstance(dtype, pl.DataType) else dtype()


def _field(kind: str, path: FieldPath) -> Texts:
    langs = {role: lang for (column, role), lang in _langs(kind).items() if column == path.column}
    first = records.kind(kind).lang_columns[0]
    default = langs.get(None) or langs.get("user") or _ASKS.get((kind, path.column), first)
    carried = {*langs.values()} if path.way in _OF_THE_ROW else set()
    # What a row counts as is the language of its answer.
    if "response_lang" in carried:
        carried.add("lang")
    return Texts(path, {**langs, None: default}, tuple(sorted(carried)))


@cache
def _langs(kind: str) -> dict[tuple[str, str | None], str]:
    """The language column of each text column of a kind; of message lists by role."""
    found: dict[tuple[str, str | None], str] = {}
    for text in records.kind(kind).texts:
        found[text.column, text.role] = text.lang
    return found
