"""Which candidates of a group make pairs: frames of row numbers in, frames of row numbers out.

A frame of candidates has `row` (UInt32), `group`, `id` (String), `score` (Float64), `passes` (Boolean) and `text`
(String), without nulls. A frame of pairs has `group`, `chosen` and `rejected` (UInt32, rows); pairs of a group follow
each other, the surest first. Ties are broken by `id`; two equal texts are never a pair.
"""

from __future__ import annotations

import polars as pl

SIDES = ("chosen", "rejected")


def best_worst(candidates: pl.DataFrame) -> pl.DataFrame:
    """The best that passes, and the worst below it: one pair a group."""
    best = _ranked(candidates.filter("passes"), best_first=True).unique("group", keep="first", maintain_order=True)
    below = candidates.join(_as_chosen(best), on="group").filter(_below())
    worst = _ranked(below, best_first=False).unique("group", keep="first", maintain_order=True)
    return worst.sort("group").select("group", "chosen", rejected="row")


def ladder(candidates: pl.DataFrame) -> pl.DataFrame:
    """Each level of the score against the next one below, from the top; the smallest id stands for a level."""
    levels = _ranked(candidates, best_first=True).unique(["group", "score"], keep="first", maintain_order=True)
    below = pl.col("row", "text").shift(-1).over("group").name.prefix("next_")
    pairs = levels.with_columns(below).filter("passes", pl.col("next_text") != pl.col("text"))
    return pairs.select("group", chosen="row", rejected="next_row")


def all_pairs(candidates: pl.DataFrame) -> pl.DataFrame:
    """Every pair with unequal scores, the largest difference first."""
    pairs = candidates.join(_as_chosen(candidates.filter("passes")), on="group").filter(_below())
    by = pairs.with_columns(margin=pl.col("chosen_score") - pl.col("score"))
    by = by.sort("group", "margin", "chosen_id", "id", descending=[False, True, False, False])
    return by.select("group", "chosen", rejected="row")


def zipped(candidates: pl.DataFrame) -> pl.DataFrame:
    """Of two classes the first of each, the second of each, ...: those that pass from the best on, the others from the
    worst on; each candidate is in one pair at most."""
    place = pl.int_range(pl.len()).over("group").alias("place")
    good = _ranked(candidates.filter("passes"), best_first=True).with_columns(place)
    bad = _ranked(candidates.filter(~pl.col("passes")), best_first=False).with_columns(place)
    pairs = bad.join(_as_chosen(good, "place"), on=["group", "place"]).filter(pl.col("text") != pl.col("chosen_text"))
    return pairs.sort("group", "place").select("group", "chosen", rejected="row")


def first_of(pairs: pl.DataFrame, most: int) -> pl.DataFrame:
    """The first pairs of each group, so many at most."""
    return pairs.filter(pl.int_range(pl.len()).over("group") < most)


def _ranked(candidates: pl.DataFrame, best_first: bool) -> pl.DataFrame:
    return candidates.sort("group", "score", "id", descending=[False, best_first, False])


def _as_chosen(candidates: pl.DataFrame, *beside: str) -> pl.DataFrame:
    names = {"row": "chosen", "score": "chosen_score", "text": "chosen_text", "id": "chosen_id"}
    return candidates.select("group", *beside, *names).rename(names)


def _below() -> pl.Expr:
    return (pl.col("score") < pl.col("chosen_score")) & (pl.col("text") != pl.col("chosen_text"))
