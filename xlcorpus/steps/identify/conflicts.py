"""How many texts are in another language than declared, by pair of languages."""

from __future__ import annotations

import polars as pl

from xlcorpus.languages import UNKNOWN

SHOWN = 10
"""Pairs of languages that are named."""


def conflicts(declared_and_found: pl.DataFrame) -> pl.DataFrame:
    """(pairs,) `declared`, `found` (String, tags), `texts` (UInt32): the pairs that differ, most texts first.

    A text whose language was not declared (`und`) differs from nothing.

    Args:
        declared_and_found: (texts,) String columns `declared` and `found`, tags; a null differs from nothing.
    """
    differ = declared_and_found.filter((pl.col("declared") != pl.col("found")) & (pl.col("declared") != UNKNOWN))
    counts = differ.group_by("declared", "found").agg(texts=pl.len())
    return counts.sort("texts", "declared", "found", descending=[True, False, False])


def sentence(pairs: pl.DataFrame) -> list[str]:
    """One sentence that names the most frequent pairs of `conflicts`; an empty list where there are no pairs."""
    if not pairs.height:
        return []
    named = ", ".join(f"{declared} is {found} ({n:,})" for declared, found, n in pairs.head(SHOWN).iter_rows())
    more = f" and {pairs.height - SHOWN} more pairs" if pairs.height > SHOWN else ""
    return [f"{pairs['texts'].sum():,} texts are in another language than declared: {named}{more}"]
