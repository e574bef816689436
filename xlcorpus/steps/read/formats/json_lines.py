"""JSON Lines: one object a line; and a JSON array of objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import polars as pl

from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.reading import FRAME_ROWS, Reading, batches

DEPTH = 64
"""lists and objects inside one another; deeper ones are no data of a corpus, and overflow what comes later"""
MOST_COLUMNS = 1_000
LONGEST_ELEMENT = 1 << 28
"""characters of one element of an array"""

_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
"""an escape that may be half of a surrogate pair"""
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Refused(ValueError):
    """Why a value is not read, for the reader of the rejects."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Refused(f"the key {next(k for k in keys if keys.count(k) > 1)!r} stands twice")
    return made


_FAST = json.JSONDecoder(strict=False, parse_constant=lambda name: None)
"""Reads line breaks and tabs inside strings, and NaN and Infinity, which are no JSON, as null."""
_CAREFUL = json.JSONDecoder(strict=False, object_pairs_hook=_object, parse_constant=lambda name: None)
"""The same; finds a key that stands twice, at twice the time."""
_SPACED_KEY = re.compile(r'"\s+:')


def rows(reading: Reading) -> Iterator[Found]:
    """The objects of a file.

    A line that is no JSON object is rejected as `not_json`. Half of a surrogate pair becomes the replacement
    character. Integers keep all their digits. NaN and Infinity become null.

    Raises:
        UserError: the file holds one object over several lines.
    """
    with reading.open() as file:
        blocks = batches(reading.lines(file, "jsonl"))
        first = next(blocks, None)
        if first is None:
            return
        begin = next((text.lstrip() for text in first[1] if text.strip()), "")
        if begin.startswith("[") and not _is_row_of_values(begin):
            objects = _array(reading, chain([first], blocks))
        else:
            _refuse_pretty(reading, begin)
            objects = _lines(reading, chain([first], blocks))
        found = islice(objects, reading.limit)
        batch = _Batch(reading)
        for place, text, value, why in found:
            batch.add(place, text, value, why)
            if batch.rows >= FRAME_ROWS:
                yield from batch.found()
                batch = _Batch(reading)
        yield from batch.found()


def _is_row_of_values(begin: str) -> bool:
    """Whether the first line is a whole list of values: JSON Lines of lists, none of which is an object."""
    if begin[1:].lstrip().startswith(("{", "]")):
        return False
    try:
        _parse(begin)
    except _Refused:  # too deep: no list of rows either
        return True
    except ValueError:
        return False
    return True


def _refuse_pretty(reading: Reading, begin: str) -> None:
    if begin.startswith("{") and begin.rstrip()[-1] in "{[,:":
        raise reading.wrong(
            "holds a JSON object over several lines; write one object a line (jq -c .), or a list: [{...}, {...}]"
        )


Item = tuple[int, str, Any, str]
"""place, text, value (a dictionary, if it is one), why it is not read"""


def _lines(reading: Reading, blocks: Iterator[tuple[list[int], list[str]]]) -> Iterator[Item]:
    for numbers, texts in blocks:
        blank = [number for number, text in zip(numbers, texts, strict=True) if not text or text.isspace()]
        reading.reject(blank, [""] * len(blank), "empty")
        for number, text in zip(numbers, texts, strict=True):
            if not text or text.isspace():
                continue
            try:
                value, mended = _parse(text)
            except _Refused as problem:
                yield number, text, None, f"line {number}: {problem}"
                continue
            except (ValueError, RecursionError):
                value, mended = None, False
            if mended:
                _say_mended(reading)
            yield number, text, value, ""


def _array(reading: Reading, blocks: Iterator[tuple[list[int], list[str]]]) -> Iterator[Item]:
    """The elements of a list that is the whole file, a part in memory at a time."""
    pieces = ("\n".join([*texts, ""]) for _, texts in blocks)
    text, at, number = next(pieces).lstrip()[1:], 0, 0
    while True:
        at = _skip(text, at, ",\t\n\r " if number else "\t\n\r ")
        if at >= len(text):
            more = next(pieces, None)
            if more is None:
                raise reading.wrong(f"the list is not closed after element {number}; the file is cut off")
            text, at = more, 0
            continue
        if text[at] == "]":
            rest = "".join([text[at + 1 :], *islice(pieces, 1)]).strip()
            if rest:
                raise reading.wrong(f"holds more than one list: {rest[:40]!r} follows the first")
            return
        number += 1
        try:
            while True:
                try:
                    end = _end(text, at)
                    break
                except IndexError:
                    more = next(pieces, None)
                    if more is None or len(text) - at > LONGEST_ELEMENT:
                        raise reading.wrong(f"element {number} is not closed; the file is cut off") from None
                    text, at = text[at:] + more, 0
            value, mended = _parse(text[at:end])
        except _Refused as problem:
            value, mended, why = None, False, f"element {number}: {problem}"
        except (ValueError, RecursionError):
            value, mended, why = None, False, f"element {number}"
        else:
            why = f"element {number}"
        if mended:
            _say_mended(reading)
        yield number, text[at:end], value, why
        at = end
        if at > len(text) / 2:
            text, at = text[at:], 0


_STOP = re.compile(r'["\[\]{},]')
_STRING_END = re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL)


def _end(text: str, at: int) -> int:
    """Where the element that begins at `at` ends.

    Raises:
        IndexError: not in this text.
    """
    depth = 0
    while True:
        stop = _STOP.search(text, at)
        if stop is None:
            raise IndexError
        sign, at = stop.group(), stop.end()
        if sign == '"':
            closed = _STRING_END.match(text, at)
            if closed is None:
                raise IndexError
            at = closed.end()
        elif sign in "[{":
            depth += 1
        elif (sign == "," and not depth) or (sign == "]" and not depth):
            return at - 1
        elif sign in "]}":  # a brace that closes nothing is a part of the element, which is no JSON
            depth = max(0, depth - 1)


def _skip(text: str, at: int, signs: str) -> int:
    while at < len(text) and text[at] in signs:
        at += 1
    return at


def _parse(text: str) -> tuple[Any, bool]:
    """The value, and whether halves of surrogate pairs were mended in it.

    Raises:
        _Refused, ValueError: no JSON, or a key twice, or too deep.
    """
    if text.count("[") + text.count("{") > DEPTH and _depth(text) > DEPTH:
        raise _Refused(f"more than {DEPTH} lists and objects inside one another")
    text = text.strip(" \t\r\n")
    value, end = _FAST.raw_decode(text)
    if end != len(text):
        raise ValueError("more than one value")
    # Only where there are more signs of keys than keys, one may stand twice (or a text holds such a sign).
    signs = text.count('":')
    flat = isinstance(value, dict) and len(value) == signs
    if (not flat and signs != _keys(value)) or _SPACED_KEY.search(text):
        value = _CAREFUL.decode(text)
    if _HALF_PAIR.search(text) and _has_half(value):
        return _mended(value), True
    return value, False


def _keys(value: Any) -> int:
    """The number of keys of all objects in a value."""
    if isinstance(value, dict):
        inner = [v for v in value.values() if isinstance(v, dict | list)]
        return len(value) + sum(map(_keys, inner))
    return sum(map(_keys, value)) if isinstance(value, list) else 0


def _depth(text: str) -> int:
    deepest = depth = 0
    for sign in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _has_half(value: Any) -> bool:
    if isinstance(value, str):
        return _SURROGATE.search(value) is not None
    if isinstance(value, dict):
        return any(_has_half(k) or _has_half(v) for k, v in value.items())
    return isinstance(value, list) and any(_has_half(v) for v in value)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_mended(k): _mended(v) for k, v in value.items()}
    return [_mended(v) for v in value] if isinstance(value, list) else value


def _say_mended(reading: Reading) -> None:
    reading.tell(f"{reading.name}: halves of surrogate pairs (\\ud83d) are read as the replacement character U+FFFD")


class _Batch:
    """Some rows, column by column: objects that live on row by row would keep the garbage collector busy."""

    def __init__(self, reading: Reading) -> None:
        self.rows = 0
        """read, good and broken ones"""
        self._reading = reading
        self._places: list[int] = []
        self._columns: dict[str, list[Any]] = {}
        self._broken: list[tuple[int, str, str]] = []

    def add(self, place: int, text: str, value: Any, why: str) -> None:
        """One more row; what is no object is broken."""
        self.rows += 1
        if not isinstance(value, dict):
            self._broken.append((place, text, why or f"line {place}"))
            return
        columns = self._columns
        if value.keys() != columns.keys():
            for key in value:
                if key not in columns:
                    columns[key] = [None] * len(self._places)
            for key in columns:
                if key not in value:
                    columns[key].append(None)
        for key, cell in value.items():
            columns[key].append(cell)
        self._places.append(place)
        if len(columns) > MOST_COLUMNS:
            raise self._reading.wrong(
                f"its rows have more than {MOST_COLUMNS:,} different keys; put the text under one key"
            )

    def found(self) -> Iterator[Found]:
        """The rows, if any is good; the broken ones are rejected."""
        broken = self._broken
        self._reading.reject([b[0] for b in broken], [b[1] for b in broken], "not_json", [b[2] for b in broken])
        if self._places:
            yield Found(pl.Series("line", self._places, dtype=pl.Int64), self._columns)
