"""The limit of each row, by its languages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import polars as pl

from xlcorpus.steps.filter.document_limits import Bound


def row_limit(
    bound: Bound, general: float | None, by_language: Mapping[str, float | None], langs: Sequence[str]
) -> pl.Expr | None:
    """Float32 expression: the limit of each row, of several languages the most lenient. None if no row has a limit.

    A row whose language has no limit gets an infinite one, which it cannot break.

    Args:
        bound: the limit, which says in which direction it is lenient.
        general: limit of languages without one of their own; None: no limit.
        by_language: limits of single languages by tag; None: no limit.
        langs: columns that hold the tags of a row.
    """
    if not by_language:
        return None if general is None else pl.lit(general, pl.Float32)
    never = -math.inf if bound.least else math.inf
    of_tag = {tag: never if limit is None else limit for tag, limit in by_language.items()}
    other = never if general is None else general
    lenient = pl.min_horizontal if bound.least else pl.max_horizontal
    # Float32 as the measures: 0.6 as Float64 is not 0.6 as Float32.
    return lenient(pl.col(lang).replace_strict(of_tag, default=other, return_dtype=pl.Float32) for lang in langs)
