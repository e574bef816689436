"""Where answers start in contexts that were repaired."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl


def moved_starts(before: pl.DataFrame, after: pl.DataFrame, repaired: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`answer_start` of items whose texts were repaired (Int64): null where the answer stands in the context no more.

    Of several places where the answer stands, the one nearest to where the repaired beginning of the context ends.

    Args:
        before: (rows,) `context`, `answer_start` in code points.
        after: (rows,) `context`, `answer`, repaired.
        repaired: repairs texts as the contexts were.
    """
    starts = before["answer_start"]
    touched = (starts.is_not_null() & before["context"].ne_missing(after["context"])).arg_true()
    if not len(touched):
        return starts
    # Few rows have a context that changes, and each is searched at places of its own.
    rows = before[touched.to_list()]
    beginnings = repaired(rows.select(pl.col("context").str.slice(0, pl.col("answer_start"))).to_series())
    found = [
        _nearest(context or "", answer, len(beginning or ""))
        for beginning, context, answer in zip(
            beginnings, after["context"].gather(touched), after["answer"].gather(touched), strict=True
        )
    ]
    return starts.scatter(touched, pl.Series(found, dtype=pl.Int64))


def _nearest(text: str, part: str | None, expected: int) -> int | None:
    """The place of a part in a text that is nearest to an expected one, the first of two; None if it is not there."""
    if not part:
        return None
    left, right = text.rfind(part, 0, expected + len(part)), text.find(part, expected)
    there = [place for place in (left, right) if place >= 0]
    return min(there, key=lambda place: abs(place - expected), default=None)
