"""How many texts of which language were found in which other."""

from __future__ import annotations

import polars as pl

SHOWN = 10
"""Pairs of languages that are named."""


def conflicts(declared_and_found: pl.DataFrame) -> pl.DataFrame:
    """(pairs,) columns `declared`, `found`, `texts`: the pairs that differ, the most frequent first.

    Args:
        declared_and_found: (texts,) String columns `declared` and `found`, tags.
    """
    differ = declared_and_found.filter(pl.col("declared") != pl.col("found"))
    counts = differ.group_by("declared", "found").agg(texts=pl.len())
    return counts.sort("texts", "declared", "found", descending=[True, False, False])


def in_words(pairs: pl.DataFrame) -> list[str]:
    """The pairs of `conflicts` in one sentence; none where there is no pair."""
    if not pairs.height:
        return []
    named = ", ".join(f"{declared} is {found} ({n:,})" for declared, found, n in pairs.head(SHOWN).iter_rows())
    more = f" and {pairs.height - SHOWN} more pairs" if pairs.height > SHOWN else ""
    return [f"{pairs['texts'].sum():,} texts are in another language than declared: {named}{more}"]
