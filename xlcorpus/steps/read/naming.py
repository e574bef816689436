"""Which columns of a file are which of a record kind's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from xlcorpus import records
from xlcorpus.errors import UserError, nearest
from xlcorpus.field_path import FieldPath
from xlcorpus.step import Unit
from xlcorpus.steps.read import questions
from xlcorpus.steps.read.column_types import Values, identifiers
from xlcorpus.steps.read.conversations import FORMS, missing_forms
from xlcorpus.steps.read.field_paths import is_path
from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.items import SameLine
from xlcorpus.steps.read.lexicon_entries import FILLED

OURS = ("parents", "recipe", "step")
"""Common columns that a file has only if this toolkit made it; taken, with `group_id`, if it has all of them."""
DEFAULTS = {"prompt_lang": "lang", "response_lang": "lang"}
"""Columns of an instruction that are another one's where a row does not give them; its `task` is `OPEN`."""
OPEN = "open"
_MADE = {"instruction": ("task", *DEFAULTS), "lexicon": tuple(FILLED), "item": questions.MADE}
"""Columns that a file need not have, by kind."""


class NoLanguage(UserError):
    """Neither the rows of a file nor the user name their language."""


class Wanted(Protocol):
    """What the options of `read` say of rows; see there."""

    @property
    def kind(self) -> str: ...
    @property
    def columns(self) -> Mapping[str, str | list[str]]: ...
    @property
    def keep(self) -> Sequence[str]: ...
    @property
    def group_id(self) -> str | SameLine | None: ...
    @property
    def source(self) -> str | None: ...
    @property
    def license(self) -> str | None: ...
    @property
    def origin(self) -> str: ...


def mappable(kind: str) -> list[str]:
    """Names that `columns` may give to a file's columns; ids are never a file's."""
    never = ("id", "group_id", "recipe", "step")
    return [n for n in (*records.kind(kind).schema.names, *FORMS.get(kind, ())) if n not in never]


def mapped(columns: Mapping[str, str | list[str]]) -> list[str]:
    """The columns of the file that `columns` names."""
    return [one for value in columns.values() for one in ([value] if isinstance(value, str) else value)]


def columns_of(step: Wanted) -> list[str]:
    """The columns of the file that the options name."""
    kept = [name for name in step.keep if name not in step.columns]
    return [*mapped(step.columns), *kept, *([step.group_id] if isinstance(step.group_id, str) else [])]


def told_languages(kind: str, unit: Unit) -> dict[str, str]:
    """The languages that the options give to all rows of a file, by column."""
    if unit.lang is None:
        return {}
    names, tags = records.kind(kind).lang_columns, unit.lang.split("-")
    return dict(zip(names if len(names) == len(tags) else ("lang",), tags, strict=True))


def named(found: Found, step: Wanted, unit: Unit, first: bool) -> dict[str, Values]:
    """The columns of a file that make a record, by the names of the kind; `source_id` is the file's id.

    Args:
        found: rows of the file.
        step: `columns` says what the file calls them.
        unit: the file.
        first: these are its first rows, so that a column that is not there is missed.

    Raises:
        UserError: a column that `columns` names, or without which there is no record, is not there.
    """
    known = (*records.kind(step.kind).schema.names, *FORMS.get(step.kind, ()))
    ours = set(OURS) <= set(found.columns)
    given = {n: v for n, v in found.columns.items() if n in known and (ours or n not in (*OURS, "group_id"))}
    if "id" in given:
        given["source_id"] = given.pop("id")
    if set(step.columns) & set(FORMS.get(step.kind, ())) and "messages" not in step.columns:
        given.pop("messages", None)  # what the options name comes first
    for name in step.columns:
        given.pop(name, None)
        values = theirs(found, step, unit, name, first)
        if name in known and values is not None:
            given[name] = values
    given = {n: v for n, v in given.items() if n not in told_languages(step.kind, unit)}
    if isinstance(step.group_id, str):
        values = _column(found, unit, step.group_id, first)
        if values is not None:
            given["group_id"] = values
    elif ours and "source_id" in given:
        # Rows that were an item of their own have another id now; what was made of them names the old one.
        old = identifiers(given["source_id"])
        items = identifiers(given["group_id"]) if "group_id" in given else old
        given["group_id"] = items.zip_with(items.is_not_null(), old)
    if first:
        _check(given, found, step, unit)
    return given


def theirs(found: Found, step: Wanted, unit: Unit, name: str, first: bool) -> Values | None:
    """The column of the file that one of ours, or a kept one, is made of; None if these rows have none.

    Raises:
        UserError: the first rows of the file have no such column; names the nearest.
    """
    wanted = step.columns.get(name, name)
    if isinstance(wanted, str):
        return _column(found, unit, wanted, first)
    several = [values for one in wanted if (values := _column(found, unit, one, first)) is not None]
    return questions.as_choices(several) if several else None


def _column(found: Found, unit: Unit, wanted: str, first: bool) -> Values | None:
    """A column of the file by its name there, or a path of fields, see `field_paths`."""
    if first and wanted not in found.columns:
        column = FieldPath.of(wanted).column if is_path(wanted) else wanted
        raise UserError(
            f"{unit.name} has no column {column!r}; {_in_header(found, column) or nearest(column, found.columns)}"
        )
    return found.columns.get(wanted)


def _check(given: dict[str, Values], found: Found, step: Wanted, unit: Unit) -> None:
    """Refuse a file without language, or without a column that every row needs."""
    kind, told = records.kind(step.kind), told_languages(step.kind, unit)
    for name in kind.lang_columns:
        if name not in given and name not in told:
            raise NoLanguage(
                f"{unit.name}: the language of the rows is not given; write paths: {{de: {unit.name}}}, or for rows in "
                "Python lang='de'"
            )
    made = {*told, *records.message_columns(step.kind), *_MADE.get(step.kind, ())}
    needed = [f.name for f in kind.own if not f.nullable and f.name not in made and f.name not in given]
    article = "an" if kind.name[0] in "aeiou" else "a"
    for missing in (*needed, *missing_forms(given, step.kind)):
        raise UserError(
            f"{unit.name} has no column {missing!r}, which {article} {kind.name} needs "
            f"(it has {', '.join(found.columns)}); "
            + (_in_header(found, missing) or f"map it: columns: {{{missing}: <column>}}")
        )


def _in_header(found: Found, wanted: str) -> str | None:
    """What to do where the columns have numbers for names, and the first row has the name that is wanted."""
    if not all(name.isdigit() for name in found.columns):
        return None
    first = [values[0] for values in found.columns.values() if len(values)]
    return "its first line has it: write header: true" if wanted in first else None
