"""Fields made of fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, field_validator

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.step import MAIN, Columns, Port, RowEnv, RowStep, Rule
from xlcorpus.text.row_templates import RowTemplate

_COPY = re.compile(r"\{\{\s*(\w+)\s*\}\}")
"""A template that is one field: its value goes along, whatever its type."""


class Turn(BaseModel):
    """One turn of a message list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: str
    content: str

    @field_validator("role")
    @classmethod
    def _known(cls, role: str) -> str:
        if role not in records.roles():
            raise ValueError(f"no role {role!r}; valid: {', '.join(records.roles())}")
        return role


class Template(RowStep):
    """Makes fields from the fields of a row by Jinja templates, without a model.

    A template that is one field alone (`"{{ lang }}"`) copies its value with its type; any other gives text, in which a
    null is empty. Turns make a message list. Templates run in a sandbox. A row of which a text that its kind
    needs comes out empty is rejected as `empty`.

    ```yaml
    template: {fields: {question: "{{ title }}: {{ text }}"}}
    template:
      into: instruction
      fields:
        messages: [{role: user, content: "Translate: {{ src_text }}"}, {role: assistant, content: "{{ tgt_text }}"}]
        lang: "{{ tgt_lang }}"
        task: translation
    ```
    """

    light = 50_000

    fields: dict[str, str | list[Turn] | list[str]]
    """the fields to make, each with its template (Jinja); a list of turns (`role`, `content`) is a message list"""
    into: str | None = None
    """record kind of the rows that are made; default: the same kind, in which rows keep their ids. Of another kind's
    columns go along those that the new kind has too, and those beside the kind"""

    @field_validator("fields")
    @classmethod
    def _parsed(cls, fields: dict[str, Any]) -> dict[str, Any]:
        if not fields:
            raise ValueError("no field is made; write fields: {text: '{{ title }}'}")
        for name, template in fields.items():
            if name in ("id", "parents", "group_id", "step", "recipe"):
                raise ValueError(f"{name} is no field of content; it is set by the step")
            for text in _texts(template):
                RowTemplate(text)
        return fields

    @field_validator("into")
    @classmethod
    def _known_kind(cls, into: str | None) -> str | None:
        if into is not None:
            records.kind(into)
        return into

    def ports(self) -> dict[str, Port]:
        """`rows`: any kind."""
        return {MAIN: Port(tuple(records.kinds()))}

    def output_kind(self, kinds: Mapping[str, str]) -> str:
        """`into`, if it is given."""
        return self.into or kinds[MAIN]

    def adds(self, kind: str) -> tuple[str, ...]:
        """The fields that the kind does not have."""
        known = records.polars_schema(kind)
        return tuple(name for name in self.fields if name not in known)

    def measures(self, kind: str) -> tuple[str, ...]:
        """Nothing: fields are content."""
        return ()

    def out_columns(self, kinds: Mapping[str, str], inputs: Mapping[str, Columns]) -> tuple[str, ...]:
        """Checks the templates against the columns of the rows, and that the new kind gets all it needs."""
        columns, kind = inputs[MAIN], self.output_kind(kinds)
        for template in self.fields.values():
            for text in _texts(template):
                RowTemplate(text).check(columns)
        for field in records.kind(kind).own:
            if not field.nullable and field.name not in {*self.fields, *columns}:
                raise UserError(f"rows of kind {kind} need the field {field.name!r}; add it to fields")
        left = _left(kinds[MAIN], kind)
        return super().out_columns(kinds, {MAIN: {c: t for c, t in columns.items() if c not in left}})

    def rules(self, kind: str) -> Sequence[Rule]:
        """`empty`: a text that the kind needs is empty."""
        needed = [f.name for f in records.kind(kind).own if not f.nullable and f.name in self.fields]
        texts = [name for name in needed if records.polars_schema(kind)[name] == pl.String]
        return [Rule("empty", pl.lit(name), (pl.col(name).str.strip_chars() != "").fill_null(False)) for name in texts]

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """One row for each."""
        kind = self.output_kind({MAIN: env.kind})
        for template in self.fields.values():
            for text in _texts(template):
                RowTemplate(text).check(rows.columns)
        errors: dict[int, str] = {}
        made = [self._column(name, template, rows, kind, errors) for name, template in self.fields.items()]
        out = rows.with_columns(made)
        if kind != env.kind:
            left = _left(env.kind, kind) - set(self.fields)
            out = out.with_columns(parents=pl.concat_list("id")).drop(*left, "id", "step", "recipe", "group_id")
        if not errors:
            return out
        why = pl.Series("_error", [errors.get(i) for i in range(rows.height)], dtype=pl.String)
        return out.with_columns(why)

    def _column(
        self, name: str, template: str | list[Turn] | list[str], rows: pl.DataFrame, kind: str, errors: dict[int, str]
    ) -> pl.Series:
        """The values of a field, in the type that the kind has for it; what goes wrong is noted by row."""
        dtype = records.polars_schema(kind).get(name)
        if isinstance(template, str):
            copied = _COPY.fullmatch(template)
            if copied and not (rows.schema[copied[1]] == pl.String and dtype is not None):
                return rows[copied[1]].alias(name)
            texts = rows[copied[1]].to_list() if copied else _rendered(template, rows, errors)
            return _typed(name, texts, dtype, errors)
        listed = [_rendered(text, rows, errors) for text in _texts(template)]
        roles = [turn.role for turn in template if isinstance(turn, Turn)]
        if roles:
            turns = [
                [{"role": role, "content": text} for role, text in zip(roles, row, strict=True)]
                for row in zip(*listed, strict=True)
            ]
            return pl.Series(name, turns, dtype=pl.List(pl.Struct({"role": pl.String, "content": pl.String})))
        return pl.Series(name, list(map(list, zip(*listed, strict=True))), dtype=pl.List(pl.String))


def _left(kind: str, into: str) -> set[str]:
    """The columns of a kind that rows of another do not have."""
    return set(records.polars_schema(kind)) - set(records.polars_schema(into))


def _texts(template: str | list[Turn] | list[str]) -> list[str]:
    if isinstance(template, str):
        return [template]
    return [turn.content if isinstance(turn, Turn) else turn for turn in template]


def _rendered(text: str, rows: pl.DataFrame, errors: dict[int, str]) -> list[str | None]:
    """The text of each row; empty where it cannot be made."""
    template = RowTemplate(text)
    if not template.fields:
        return [template.render({})] * rows.height
    made: list[str | None] = []
    # Row by row: Jinja fills one template at a time, 100,000 a second.
    for number, row in enumerate(rows.select(template.fields).iter_rows(named=True)):
        try:
            made.append(template.render(row))
        except ValueError as problem:
            errors.setdefault(number, str(problem))
            made.append("")
    return made


def _typed(name: str, texts: list[str | None], dtype: pl.DataType | None, errors: dict[int, str]) -> pl.Series:
    """Texts as the numbers or truth values that a field of the kind holds; an empty text is null."""
    series = pl.Series(name, texts, dtype=pl.String)
    if dtype is None or dtype == pl.String:
        return series
    bare = series.str.strip_chars().replace("", None)
    if dtype == pl.Boolean:
        read = bare.str.to_lowercase().replace_strict({"true": True, "false": False}, default=None, return_dtype=dtype)
    elif dtype.is_numeric():
        read = bare.cast(dtype, strict=False)
    else:
        raise UserError(f"the field {name!r} is {dtype}, and a template gives text; copy one field, or list turns")
    for number in (bare.is_not_null() & read.is_null()).arg_true():
        errors.setdefault(number, f"the field {name!r} is {dtype}, and its template gives {texts[number]!r}")
    return read
