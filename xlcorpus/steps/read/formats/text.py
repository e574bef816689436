"""Text: one row a line, in the column `text`."""

from __future__ import annotations

import json
from collections.abc import Iterator

import polars as pl

from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.reading import Reading, batches

OBJECTS = 5
"""first lines by which JSON Lines are told from text"""


def rows(reading: Reading) -> Iterator[Found]:
    """The lines of a file; lines without any letter or sign are rejected as `empty`."""
    left = reading.limit
    with reading.open() as file:
        for numbers, texts in batches(reading.lines(file, "text")):
            if reading.guessed and left == reading.limit:
                _refuse_objects(reading, texts)
            found = without_empty(reading, numbers, texts)
            taken = found if left is None else found.head(left)
            if taken.height:
                yield Found(taken["line"], {"text": taken["text"]})
            if left is not None:
                left -= taken.height
                if left <= 0:
                    return


def _refuse_objects(reading: Reading, texts: list[str]) -> None:
    """Raise where the first lines are objects of JSON: a person has forgotten the name's ending."""
    first = [text for text in texts[:OBJECTS] if text.strip()]
    if first and all(text.lstrip().startswith("{") and _is_object(text) for text in first):
        raise reading.wrong(
            "holds JSON objects, not plain text: name it .jsonl, or write format: jsonl (or format: text)"
        )


def _is_object(text: str) -> bool:
    try:
        return bool(json.loads(text)) and len(text) > 2
    except (ValueError, RecursionError):
        return False


def without_empty(reading: Reading, numbers: list[int], texts: list[str]) -> pl.DataFrame:
    """Columns `line` and `text` of the lines that are not blank; the blank ones are rejected as `empty`."""
    frame = pl.DataFrame({"line": pl.Series(numbers, dtype=pl.Int64), "text": pl.Series(texts, dtype=pl.String)})
    blank = frame["text"].str.strip_chars() == ""
    if not blank.any():
        return frame
    lines = frame.filter(blank)["line"].to_list()
    reading.reject(lines, [""] * len(lines), "empty")
    return frame.filter(~blank)
