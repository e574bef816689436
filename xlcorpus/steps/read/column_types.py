"""Columns of a file in the types of a record kind: what fits is taken, what does not is named, row by row."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

Values = pl.Series | list[Any]
"""A column as a file format gives it, see `found.Found`."""

WRONG_TYPE = "wrong_type"
MISSING_FIELD = "missing_field"

_TRUTH = {"true": True, "false": False, "1": True, "0": False}
_NUMERIC = {"number": pl.Float64(), "integer": pl.Int64()}


class Misfit(Exception):
    """A value that a record cannot hold: the rule that rejects its row, and what is wrong in words."""

    def __init__(self, rule: str, what: str) -> None:
        super().__init__(what)
        self.rule = rule
        self.what = what


def type_name(value: Any) -> str:
    """What a value of JSON is, in words: "a number"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    names: dict[type, str] = {str: "a text", list: "a list", dict: "an object"}
    return names.get(type(value), f"a {type(value).__name__}")


def column(
    values: Values, name: str, spec: Mapping[str, Any], dtype: pl.DataType
) -> tuple[pl.Series, dict[int, Misfit]]:
    """A column in the type that the JSON Schema of its kind gives it.

    Args:
        values: the column as the file has it.
        name: its name in the kind; of `id` and what ends in `_id` numbers are taken, as decimal text.
        spec: its JSON Schema.
        dtype: the polars dtype of that.

    Returns:
        The column, null where a value does not fit, and what is wrong there by row.
    """
    if isinstance(values, pl.Series):
        if (typed := _typed(values, name, dtype)) is not None:
            return typed.alias(name), {}
        values = values.to_list()
    elif dtype == pl.String and (plain := as_text(values)) is not None:
        return plain.alias(name), {}
    made: list[Any] = []
    wrong: dict[int, Misfit] = {}
    for row, value in enumerate(values):  # values of JSON: each row may have another type
        try:
            made.append(None if value is None or _empty(value, spec) else fitted(value, name, spec))
        except Misfit as misfit:
            made.append(None)
            wrong[row] = misfit
    return pl.Series(name, made, dtype=dtype), wrong


def _empty(value: Any, spec: Mapping[str, Any]) -> bool:
    """Whether a value is an empty cell of a text format in the place of a number, or another value that may be null."""
    return isinstance(value, str) and not value.strip() and "null" in spec["type"] and "string" not in spec["type"]


def as_text(values: Values) -> pl.Series | None:
    """A column of which every value is text or null, as String; None if one is not."""
    if isinstance(values, pl.Series):
        fits = isinstance(values.dtype, pl.String | pl.Categorical | pl.Enum | pl.Null)
        return values.cast(pl.String) if fits else None
    try:
        return pl.Series(values, dtype=pl.String, strict=True)
    except TypeError:
        return None


def _typed(values: pl.Series, name: str, want: pl.DataType) -> pl.Series | None:
    """A typed column in the wanted type where the whole type fits; None: the values have to be looked at."""
    have = values.dtype
    if have == pl.Null:
        return values.cast(want)
    if want == pl.String and (plain := as_text(values)) is not None:
        return plain
    if is_id(name) and have.is_integer():
        return values.cast(pl.String)
    if (want.is_float() and have.is_numeric()) or (want == pl.Int64 and have.is_signed_integer()):
        return values.cast(want)
    return values if have == want and not have.is_nested() else None


def is_id(name: str) -> bool:
    """Whether a column or field holds ids, which may be numbers in a file."""
    return name == "id" or name.endswith("_id")


def fitted(value: Any, name: str, spec: Mapping[str, Any]) -> Any:
    """A value that is not null as the JSON Schema of its place wants it.

    Raises:
        Misfit: it is of another type, or a part of it is missing.
    """
    kind = spec["type"] if isinstance(spec["type"], str) else spec["type"][0]
    made = _MAKERS[kind](value, name, spec)
    if made is None:
        raise Misfit(WRONG_TYPE, f"{name} is {type_name(value)}")
    return made


def _string(value: Any, name: str, spec: Mapping[str, Any]) -> str | None:
    if is_id(name):
        return identifier(value)
    return value if isinstance(value, str) else None


def _number(value: Any, name: str, spec: Mapping[str, Any]) -> float | int | None:
    """A number; text of one too, since text formats know no other type."""
    whole = "integer" in spec["type"]
    try:
        made = None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if made is None or not whole:
        return made
    if not made.is_integer() or abs(made) >= 2**63:
        return None
    return int(value) if isinstance(value, int) else int(made)


def _boolean(value: Any, name: str, spec: Mapping[str, Any]) -> bool | None:
    """A truth value; 1 and 0, and text of one, too."""
    known = value if isinstance(value, bool | int | str) else ""
    return _TRUTH.get(str(known).strip().lower())


def _array(value: Any, name: str, spec: Mapping[str, Any]) -> list[Any] | None:
    if not isinstance(value, list):
        return None
    inside = f"an item of {name}"
    return [_required(item, inside, spec["items"]) for item in value]


def _object(value: Any, name: str, spec: Mapping[str, Any]) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    made = {}
    for field, inner in spec["properties"].items():
        given = value.get(field)
        made[field] = None if given is None and "null" in inner["type"] else _required(given, field, inner)
    return made


def _required(value: Any, name: str, spec: Mapping[str, Any]) -> Any:
    if value is None:
        raise Misfit(MISSING_FIELD, name)
    return fitted(value, name, spec)


_MAKERS: dict[str, Callable[[Any, str, Mapping[str, Any]], Any]] = {
    "string": _string,
    "number": _number,
    "integer": _number,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
}


def identifier(value: Any) -> str | None:
    """An id as text: numbers in decimal digits (12.0 is "12"), bytes as the UTF-8 they are, the rest as JSON.

    None for what tells nothing: infinite numbers, bytes that are no text.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, bool | list | dict):
        return as_json(value)
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return str(value)


def identifiers(values: Values) -> pl.Series:
    """A column of ids as text, see `identifier`."""
    if isinstance(values, pl.Series):
        typed = _typed(values, "id", pl.String())
        if typed is not None:
            return typed
        values = values.to_list()
    if (plain := as_text(values)) is not None:
        return plain
    return pl.Series([None if value is None else identifier(value) for value in values], dtype=pl.String)


def as_json(value: Any) -> str:
    """A value as JSON text, every script as it is; what JSON does not know (dates, bytes) as its text."""
    return json.dumps(value, ensure_ascii=False, default=str)


def as_list(values: Values) -> Sequence[Any]:
    """The values one by one."""
    return values.to_list() if isinstance(values, pl.Series) else values
