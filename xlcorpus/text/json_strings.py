"""Strings inside of JSON text, changed in place: what is not addressed stays byte for byte as it was written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from xlcorpus.field_path import EACH

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_OPENS = ("{", "[")

Way = Sequence[str]
"""Names of fields, and `[*]` for each element of a list; what is left of it leads into a string that is JSON again."""


class _Literal(NamedTuple):
    start: int
    end: int
    """with its quotation marks: `text[start:end]`"""
    value: str
    rest: Way


def with_json_strings(text: str, way: Way, change: Callable[[str], str]) -> str:
    """JSON text with the strings at the end of a way changed.

    Where the way ends at an object or list, or at a string that is one as JSON text, every string in it is at its end,
    at any depth; names of fields are none. What the way does not lead to is not changed; nor are strings with half of
    a surrogate pair.

    >>> with_json_strings('[{"arguments": "{\\\\"city\\\\": \\\\"rome\\\\"}"}]', ("[*]", "arguments"), str.title)
    '[{"arguments": "{\\\\"city\\\\": \\\\"Rome\\\\"}"}]'

    Raises:
        ValueError: the text is no JSON, or too deep.
    """
    try:
        json.loads(text)
        found = list(_literals(text, _SPACE.match(text).end(), way))  # type: ignore[union-attr]
    except RecursionError:
        raise ValueError("JSON of too many levels") from None
    made: list[str] = []
    done = 0
    for literal in found:
        new = _changed(literal, change)
        if new != literal.value:
            made += [text[done : literal.start], json.dumps(new, ensure_ascii=False)]
            done = literal.end
    return "".join([*made, text[done:]])


def _changed(literal: _Literal, change: Callable[[str], str]) -> str:
    value = literal.value
    if _HALF_PAIR.search(value):
        return value
    if literal.rest:
        return with_json_strings(value, literal.rest, change)
    if value.lstrip()[:1] in _OPENS:
        try:
            return with_json_strings(value, (), change)
        except ValueError:
            pass  # Text that only begins as JSON does: "[1] see below".
    return change(value)


def _literals(text: str, at: int, way: Way | None) -> Iterator[_Literal]:
    """The strings that a way leads to in the JSON value at a place, in order; a way of None leads nowhere."""
    if way is None:
        return
    if text[at] == '"':
        value, end = _DECODER.raw_decode(text, at)
        yield _Literal(at, end, value, way)
    elif text[at] in _OPENS:
        for name, start in _inside(text, at):
            yield from _literals(text, start, _onward(way, name))


def _onward(way: Way, name: str) -> Way | None:
    if not way:
        return way
    return way[1:] if way[0] == name else None


def _inside(text: str, at: int) -> Iterator[tuple[str, int]]:
    """(name of the field, `[*]` for elements; where its value starts) of the object or list at a place."""
    is_object = text[at] == "{"
    at = _next(text, at + 1)
    while text[at] not in "}]":
        name = EACH
        if is_object:
            name, at = _DECODER.raw_decode(text, at)
            at = _next(text, _next(text, at) + 1)
        yield name, at
        at = _next(text, _DECODER.raw_decode(text, at)[1])
        if text[at] == ",":
            at = _next(text, at + 1)


def _next(text: str, at: int) -> int:
    """The first place from `at` on without white space."""
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]
