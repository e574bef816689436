"""Rows of a file as records: columns by name, values in the kind's types, languages as tags, ids of our own.

What does not fit is rejected row by row, with the place and what is wrong as the value.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from xlcorpus import records
from xlcorpus.errors import nearest
from xlcorpus.step import SourceEnv, Unit
from xlcorpus.steps.read import questions
from xlcorpus.steps.read.column_types import (
    MISSING_FIELD,
    WRONG_TYPE,
    Misfit,
    Values,
    as_json,
    as_list,
    as_text,
    column,
    identifiers,
)
from xlcorpus.steps.read.conversations import message_lists
from xlcorpus.steps.read.field_paths import spread
from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.items import item_ids
from xlcorpus.steps.read.kept_columns import kept
from xlcorpus.steps.read.language_tags import UNKNOWN_LANGUAGE, as_tags, is_language
from xlcorpus.steps.read.lexicon_entries import filled, misfits
from xlcorpus.steps.read.naming import DEFAULTS, OPEN, Wanted, columns_of, named, theirs, told_languages
from xlcorpus.steps.read.row_ids import Seen, row_ids
from xlcorpus.steps.read.turns import json_text
from xlcorpus.steps.read.wide_groups import TEXTS, with_texts

Lost = dict[int, Misfit]
"""What is wrong with rows, by row; of several things the first found."""


def to_records(found: Found, step: Wanted, unit: Unit, env: SourceEnv, seen: Seen) -> pl.DataFrame:
    """Some rows of a file as records of the kind that the step reads, with ids and the kept columns.

    Args:
        found: the rows, as their format gives them.
        step: which columns are meant, and what is said of all rows.
        unit: the file.
        env: takes the rows that are rejected: `wrong_type`, `bad_messages`, `missing_field`, `unknown_language`.
        seen: of this file; the same object for all its rows.

    Raises:
        UserError: the first rows of the file lack a column that is needed or named, or no language is given.
    """
    height = len(found.places)
    if not height:
        return pl.DataFrame(schema=pl.Schema(records.polars_schema(step.kind)))
    first, seen.began = not seen.began, True
    found, lost = spread(found, columns_of(step), unit.name, first)
    height = len(found.places)
    if step.kind == "group" and TEXTS not in step.columns:
        found = with_texts(found)
    given = named(found, step, unit, first)
    own = pl.DataFrame(_own_columns(given, step.kind, told_languages(step.kind, unit), height, lost))
    common = pl.DataFrame(_common_columns(given, step, height, lost))
    items = item_ids(given.get("group_id"), step.group_id, found.places)
    beside = [kept(theirs(found, step, unit, name, first), name, height) for name in sorted(dict.fromkeys(step.keep))]
    _reject(found, own, lost, env)
    whole = pl.Series([row not in lost for row in range(height)], dtype=pl.Boolean)
    content = pl.DataFrame([*own, *common, *(texts for _, texts in beside)])
    rows = pl.DataFrame([*own, *common, items, *(typed for typed, _ in beside)]).filter(whole)
    said = {"source": step.source or unit.name, "license": step.license, "origin": step.origin}
    return rows.with_columns(
        row_ids(content.filter(whole), step.kind, unit.name, seen),
        *(pl.col(name).fill_null(pl.lit(value, dtype=pl.String)) for name, value in said.items()),
        *_places(given, step.kind, unit, found.places.filter(whole)),
    ).select(
        *(n for n in records.polars_schema(step.kind) if n not in ("recipe", "step") or n in given),
        *dict.fromkeys(step.keep),
    )


def _own_columns(
    given: Mapping[str, Values], kind: str, told: Mapping[str, str], rows: int, lost: Lost
) -> list[pl.Series]:
    """The kind's own columns in their types, null where nothing is given or it does not fit."""
    spec = records.json_schema(kind)["properties"]
    dtypes = records.polars_schema(kind)
    if kind == "item":
        given = questions.plain(given)
    made, wrong = message_lists(given, kind, rows)
    for name in (n for n in records.kind(kind).own.names if n not in made):
        if name in told:
            made[name] = pl.Series(name, [told[name]]).new_from_index(0, rows)
        elif name not in given:
            made[name] = pl.Series(name, [None], dtype=dtypes[name]).new_from_index(0, rows)
        elif kind == "instruction" and name == "tools":
            made[name], odd = _json_column(given[name], name)
            wrong |= odd
        else:
            made[name], odd = column(given[name], name, spec[name], dtypes[name])
            wrong = odd | wrong
            if is_language(name) or name in ("texts", "spans"):
                made[name], unknown = as_tags(made[name])
                wrong = unknown | wrong
    for row, misfit in wrong.items():
        lost.setdefault(row, misfit)
    if kind == "instruction":
        made |= {name: _filled(made[name], made[other]) for name, other in DEFAULTS.items()}
        made["task"] = made["task"].fill_null(OPEN)
    if kind == "item":
        made = questions.filled(made)
    if kind == "lexicon":
        made = filled(pl.DataFrame(list(made.values()))).to_dict()
        for row, misfit in misfits(pl.DataFrame(list(made.values()))).items():
            lost.setdefault(row, misfit)
    for field in (f for f in records.kind(kind).own if not f.nullable):
        for row in made[field.name].is_null().arg_true().to_list():
            lost.setdefault(row, Misfit(MISSING_FIELD, field.name))
    return [made[name].alias(name) for name in records.kind(kind).own.names]


def _filled(values: pl.Series, other: pl.Series) -> pl.Series:
    return values.zip_with(values.is_not_null(), other)


def _json_column(values: Values, name: str) -> tuple[pl.Series, Lost]:
    """A column that holds JSON as text."""
    made: list[str | None] = []
    wrong: Lost = {}
    for row, value in enumerate(as_list(values)):  # objects of JSON
        try:
            made.append(json_text(value, name))
        except Misfit as misfit:
            made.append(None)
            wrong[row] = misfit
    return pl.Series(name, made, dtype=pl.String), wrong


def _common_columns(given: Mapping[str, Values], step: Wanted, rows: int, lost: Lost) -> list[pl.Series]:
    """What a file says of a row besides its content: its id, its provenance; null where it says nothing.

    The item that it is a version of (`group_id`) is told apart, since no id depends on it.

    A column `source`, `license` or `origin` may mean something else in a file: what is not of our form does not
    count, unless `columns` names it.
    """
    made: dict[str, pl.Series] = {}
    spec, dtypes = records.json_schema("common")["properties"], records.polars_schema(step.kind)
    for name in (n for n in records.kind(step.kind).common.names if n not in ("id", "group_id")):
        values = given.get(name)
        if values is None:
            made[name] = pl.Series(name, [None], dtype=dtypes[name]).new_from_index(0, rows)
        elif name == "source_id":
            made[name] = identifiers(values)
        else:
            made[name], wrong = column(values, name, spec[name], dtypes[name])
            if "enum" in spec[name]:
                made[name], foreign = _one_of(made[name], spec[name]["enum"])
                wrong |= foreign
            for row, misfit in (wrong if name in step.columns else {}).items():
                lost.setdefault(row, misfit)
    made["parents"] = made["parents"].fill_null([])
    return [made[name].alias(name) for name in made]


def _one_of(values: pl.Series, words: list[str]) -> tuple[pl.Series, Lost]:
    """The values that are among some words, and the others by row."""
    foreign = (values.is_not_null() & ~values.is_in(words)).arg_true().to_list()
    wrong = {
        row: Misfit(WRONG_TYPE, f"{values.name} is {values[row]!r}; {nearest(values[row], words)}") for row in foreign
    }
    return values.set(~values.is_in(words).fill_null(False), None), wrong


def _places(given: Mapping[str, Values], kind: str, unit: Unit, places: pl.Series) -> list[pl.Series]:
    """Where rows stand in their file, unless the file says it itself; no part of an id."""
    if kind == "sentence":
        file = pl.Series("document_id", [unit.name]).new_from_index(0, len(places))
        made = {"document_id": file, "position": (places - 1).cast(pl.Int64)}
    elif kind == "document":
        made = {"source_path": unit.name + ":" + places.cast(pl.String)}
    else:
        made = {}
    return [values.alias(name) for name, values in made.items() if name not in given]


def _reject(found: Found, own: pl.DataFrame, lost: Lost, env: SourceEnv) -> None:
    """Hand over the rows that do not go on, as the file has them, by rule."""
    by_rule: dict[str, list[int]] = {}
    for row in sorted(lost):
        by_rule.setdefault(lost[row].rule, []).append(row)
    langs = [name for name in records.kind(env.kind).lang_columns if name in own.columns]
    for rule, rows in by_rule.items():
        columns = {name: _shown(values, rows) for name, values in found.columns.items()}
        if "id" in columns:  # ids of rows are ours
            columns["source_id"] = columns.pop("id")
        columns |= {name: own[name].gather(rows) for name in langs}
        said = [_said(lost[row], found.places[row]) for row in rows]
        frame = pl.DataFrame(columns | {"_value": pl.Series(said, dtype=pl.String)})
        env.reject(frame, rule, pl.col("_value"))


def _said(misfit: Misfit, place: int) -> str:
    """What stands in the column `value` of `rejects/`."""
    return misfit.what if misfit.rule == UNKNOWN_LANGUAGE else f"line {place}: {misfit.what}"


def _holds_bytes(dtype: pl.DataType) -> bool:
    """Whether a type has bytes in it, which polars cannot write as JSON."""
    if isinstance(dtype, pl.Struct):
        return any(_holds_bytes(field.dtype) for field in dtype.fields)  # type: ignore[arg-type]
    inner = getattr(dtype, "inner", None)
    return dtype == pl.Binary if inner is None else _holds_bytes(inner)


def _shown(values: Values, rows: list[int]) -> pl.Series:
    """Some rows of a column, in a type that a frame can hold."""
    if isinstance(values, pl.Series) and not _holds_bytes(values.dtype):
        return values.gather(rows)
    some = [values[row] for row in rows]
    plain = as_text(some)
    if plain is not None:
        return plain
    return pl.Series([v if v is None or isinstance(v, str) else as_json(v) for v in some], dtype=pl.String)
