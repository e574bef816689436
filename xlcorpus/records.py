"""Record kinds, read from `schemas/*.schema.json`: Arrow schemas, the texts of a row, ids.

A kind has its own columns (its schema file) and the common ones (`common.schema.json`). A table may hold
further columns behind those: scores named `<step>_<metric>` (float) and what steps hand to one another
(`embedding`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl
import pyarrow as pa

from xlcorpus import shipped
from xlcorpus.errors import UserError, nearest

SCHEMA_DIR = shipped.folder("schemas")

_SCALARS = {"string": pa.string(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_()}


@dataclass(frozen=True)
class TextField:
    """Where one text of a record and its language stand.

    `text` names a string column; or `texts` a column of lists of strings; or `messages` names a message-list column of
    which the turns of `role` count.
    """

    name: str
    lang: str
    text: str | None = None
    texts: str | None = None
    messages: str | None = None
    role: str | None = None

    @property
    def column(self) -> str:
        """The column that it stands in."""
        return str(self.text or self.texts or self.messages)

    def expr(self) -> pl.Expr:
        """The text as a polars expression (String); several texts, or turns of a message list, joined by newlines.

        Null where there is no text to judge: the column is null, or the turns of that role only call tools.
        """
        if self.text is not None:
            return pl.col(self.text)
        if self.texts is not None:
            return pl.when(pl.col(self.texts).list.len() > 0).then(pl.col(self.texts).list.join("\n"))
        assert self.messages is not None
        turns = pl.element().filter(pl.element().struct.field("role") == self.role)
        contents = pl.col(self.messages).list.eval(turns.struct.field("content"))
        silent = (contents.list.len() > 0) & (contents.list.drop_nulls().list.len() == 0)
        return pl.when(~silent).then(contents.list.join("\n"))


@dataclass(frozen=True)
class Kind:
    """One record kind: its name, columns and where its texts and languages stand."""

    name: str
    description: str
    own: pa.Schema
    common: pa.Schema
    lang_columns: tuple[str, ...]
    texts: tuple[TextField, ...]
    measures: tuple[str, ...]
    """integer columns of its own that measure something (not positions)"""

    @property
    def schema(self) -> pa.Schema:
        """Own columns, then the common ones."""
        return pa.schema([*self.own, *self.common])

    def lang_expr(self) -> pl.Expr:
        """The language under which the ledger counts a row: `deu_Latn`, `deu_Latn-eng_Latn` for pairs, `mul`."""
        if not self.lang_columns:
            # As many as there are rows, where a literal alone would be one.
            return pl.repeat("mul", pl.len(), dtype=pl.String)
        return pl.concat_str([pl.col(c).fill_null("und") for c in self.lang_columns], separator="-")


def kinds() -> list[str]:
    """Names of all record kinds."""
    return sorted(
        p.name.removesuffix(".schema.json") for p in SCHEMA_DIR.glob("*.schema.json") if p.stem != "common.schema"
    )


@cache
def kind(name: str) -> Kind:
    """The kind of that name.

    Raises:
        UserError: no such kind; names the nearest.
    """
    if name not in kinds():
        raise UserError(f"no record kind {name!r}; {nearest(name, kinds())}")
    spec, common = json_schema(name), json_schema("common")
    return Kind(
        name=name,
        description=spec["description"],
        own=_arrow_schema(spec),
        common=_arrow_schema(common),
        lang_columns=tuple(spec["x-lang"]),
        texts=tuple(TextField(**t) for t in spec["x-texts"]),
        measures=tuple(spec.get("x-measures", ())),
    )


@cache
def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a kind (or `common`), as it stands in its file."""
    loaded: dict[str, Any] = json.loads((SCHEMA_DIR / f"{name}.schema.json").read_text("utf8"))
    return loaded


def _arrow_schema(spec: dict[str, Any]) -> pa.Schema:
    columns = {name: _resolved(column) for name, column in spec["properties"].items()}
    return pa.schema([pa.field(n, _arrow_type(c), nullable="null" in c["type"]) for n, c in columns.items()])


def _resolved(spec: dict[str, Any]) -> dict[str, Any]:
    """What a `$ref` into the common schema stands for, also where it may be null."""
    forms: list[dict[str, Any]] = spec.get("anyOf", [spec])
    named = [form["$ref"] for form in forms if "$ref" in form]
    if not named:
        return spec
    found: dict[str, Any] = json_schema("common")["$defs"][named[0].rpartition("/")[2]]
    return found | {"type": [found["type"], "null"]} if {"type": "null"} in forms else found


def _arrow_type(spec: dict[str, Any]) -> pa.DataType:
    name = spec["type"] if isinstance(spec["type"], str) else spec["type"][0]
    if name == "array":
        return pa.list_(_arrow_type(spec["items"]))
    if name == "object":
        return pa.struct([pa.field(k, _arrow_type(v)) for k, v in spec["properties"].items()])
    return _SCALARS[name]


def turns_schema() -> dict[str, Any]:
    """The JSON Schema of a message list, as `common.schema.json` holds it."""
    found: dict[str, Any] = json_schema("common")["$defs"]["turns"]
    return found


@cache
def roles() -> tuple[str, ...]:
    """The roles that a turn may have."""
    return tuple(turns_schema()["items"]["properties"]["role"]["enum"])


@cache
def turns_dtype() -> pl.DataType:
    """Polars dtype of a message list."""
    return pl.Schema(pa.schema([("turns", _arrow_type(turns_schema()))]))["turns"]


@cache
def message_columns(name: str) -> tuple[str, ...]:
    """The columns of a kind that are message lists."""
    return tuple(column for column, dtype in polars_schema(name).items() if dtype == turns_dtype())


@cache
def polars_schema(name: str) -> dict[str, pl.DataType]:
    """Polars dtypes of a kind's columns, in order."""
    return dict(pl.Schema(kind(name).schema))


def item() -> pl.Expr:
    """The item that a row is a version of (String): its `group_id`, or its own id where that is null.

    Rows made of a row carry it as their `group_id`.
    """
    return pl.coalesce("group_id", "id")


def finish(frame: pl.DataFrame, kind_name: str, step: str | None = None, recipe: str | None = None) -> pl.DataFrame:
    """Bring a frame a step made into the kind's form: columns in order and typed, `id`, `step`, `recipe` filled.

    Missing nullable columns become null, missing `parents` an empty list, missing `origin` "native"; rows without
    `id` get one. Columns the kind does not know stay behind the known ones, in their order.

    Raises:
        ValueError: a required column is missing (a mistake of the step).
    """
    k = kind(kind_name)
    dtypes = polars_schema(kind_name)
    defaults: dict[str, Any] = {"step": step, "recipe": recipe, "origin": "native"}
    missing: list[pl.Expr] = []
    for field in k.schema:
        if field.name in frame.columns or field.name == "id":
            continue
        if field.name == "parents":
            missing.append(pl.lit([], dtype=pl.List(pl.String)).alias("parents"))
        elif field.name in defaults or field.nullable:
            missing.append(pl.lit(defaults.get(field.name), dtype=dtypes[field.name]).alias(field.name))
        else:
            raise ValueError(f"a {kind_name} needs the column {field.name!r}; got {frame.columns}")
    frame = frame.with_columns(missing)
    frame = frame.with_columns(
        _typed(c, frame.schema[c], t) for c, t in dtypes.items() if c in frame.columns and frame.schema[c] != t
    )
    if "id" not in frame.columns:
        frame = frame.with_columns(content_ids(frame, kind_name))
    elif frame["id"].null_count():
        frame = frame.with_columns(pl.coalesce("id", content_ids(frame, kind_name)))
    extra = [c for c in frame.columns if c not in dtypes]
    return frame.select(*dtypes, *extra)


def _typed(column: str, have: pl.DataType, want: pl.DataType) -> pl.Expr:
    """A column in the wanted dtype; fields of structs in lists go by name, and those it lacks are null."""
    items = getattr(have, "inner", None), getattr(want, "inner", None)
    if not (isinstance(items[0], pl.Struct) and isinstance(items[1], pl.Struct)):
        return pl.col(column).cast(want)
    given = {field.name for field in items[0].fields}
    fields = [
        (pl.element().struct.field(f.name) if f.name in given else pl.lit(None)).cast(f.dtype).alias(f.name)
        for f in items[1].fields
    ]
    return pl.col(column).list.eval(pl.struct(fields))


def content_ids(frame: pl.DataFrame, kind_name: str) -> pl.Series:
    """128-bit BLAKE2b of each row's own columns and parents, as 32 hex digits; shape (rows,), name `id`."""
    columns = [f.name for f in kind(kind_name).own] + ["parents"]
    rows = frame.select(pl.struct(columns).struct.json_encode()).to_series()
    salt = kind_name.encode()[:16]
    # One hash per row: polars has no stable 128-bit hash (its own changes between versions).
    digests = [hashlib.blake2b(r.encode(), digest_size=16, person=salt).hexdigest() for r in rows]
    return pl.Series("id", digests, dtype=pl.String)


def message(role: str, content: pl.Expr) -> pl.Expr:
    """One turn of text as a struct expression, all its fields in order; put turns into a list with `messages`."""
    nothing = pl.lit(None, dtype=pl.String)
    return pl.struct(role=pl.lit(role), content=content, tool_calls=nothing, reasoning=nothing)


def messages(turns: Sequence[pl.Expr]) -> pl.Expr:
    """A message-list column from turns made with `message`."""
    return pl.concat_list(turns)


def from_arrow(table: pa.Table) -> pl.DataFrame:
    """Arrow table to polars, typed as a frame."""
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame
