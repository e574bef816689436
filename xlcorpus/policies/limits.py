"""Limits from the values of reference text, and what sets of limits keep and reject."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from xlcorpus.steps.filter.document_limits import Bound

LEAST_ROOM = 0.05
"""Share of a limit that it stands apart from the value of the reference, at least."""

Limits = Mapping[str, float | None]
"""By option of `quality`; None or absent: no limit."""


def quantile_limits(values: pl.DataFrame, bounds: Sequence[Bound], tail: float) -> dict[str, float]:
    """Limits that cut a share of the reference each.

    Args:
        values: columns `quality_<measure>` of clean text.
        bounds: the limits to set.
        tail: share of the values beyond each limit, 0 to .5.

    Returns:
        By option; none for a measure without values, or that never differs.
    """
    found = {}
    for bound in bounds:
        column = values[f"quality_{bound.measure}"].drop_nulls()
        limit = column.quantile(tail if bound.least else 1 - tail, "lower" if bound.least else "higher")
        if limit is not None and can_reject(bound, limit):
            found[bound.option] = float(limit)
    return found


def widened(
    limits: Mapping[str, float], values: pl.DataFrame, bounds: Sequence[Bound], margin: float
) -> dict[str, float]:
    """Limits moved away from the medians of the reference: by a share of the way and by `LEAST_ROOM` of themselves.

    A reference in which a measure hardly differs does not show how far it may. Limits that then reject nothing are left
    out.
    """
    away = moved(limits, values, bounds, -margin)
    found = {}
    for bound in bounds:
        limit = away[bound.option]
        if limit is not None:
            limit += (-LEAST_ROOM if bound.least else LEAST_ROOM) * abs(limit)
            if can_reject(bound, limit):
                found[bound.option] = limit
    return found


def stricter(limits: Mapping[str, float], others: Limits) -> dict[str, float]:
    """Those of the limits that cut more than the other ones; an upper limit is at least a fifth of the other."""
    found = {}
    for name, limit in limits.items():
        other = others.get(name)
        if other is not None and name.startswith("max_"):
            limit = max(limit, float(f"{other / 5:.3g}"))
        if other is None or (limit > other if name.startswith("min_") else limit < other):
            found[name] = limit
    return found


def outward(option: str, limit: float) -> float:
    """A limit in three digits, as a person would write it, that cuts no more than the limit itself."""
    if limit == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(limit))) - 2)
    steps = math.floor(limit / unit) if option.startswith("min_") else math.ceil(limit / unit)
    return float(f"{steps * unit:.3g}")


def can_reject(bound: Bound, limit: float) -> bool:
    """Whether a limit can reject anything: a share of 1 or more, and a least value of 0 or less, never do."""
    if bound.least:
        lowest = {"word_length": 1.0, "letter_pattern": -1.0}.get(bound.measure, 0.0)
        return limit > lowest
    highest = {"word_length": 100.0, "words": 1e7, "hashes": 10.0, "ellipses": 10.0, "line_breaks": 10.0}
    return limit < highest.get(bound.measure, 1.0)


def kept(values: pl.DataFrame, bounds: Sequence[Bound], limits: Limits) -> pl.Series:
    """(rows,) Boolean: whether a row breaks no limit. A null breaks none."""
    breaks = [pl.lit(False)]
    for bound in bounds:
        limit = limits.get(bound.option)
        if limit is not None:
            # Float32 as the measures.
            column, cut = pl.col(f"quality_{bound.measure}"), pl.lit(limit, pl.Float32)
            breaks.append((column < cut if bound.least else column > cut).fill_null(False))
    return values.with_columns(kept=~pl.any_horizontal(breaks))["kept"]


def moved(limits: Limits, values: pl.DataFrame, bounds: Sequence[Bound], share: float) -> dict[str, float | None]:
    """Limits moved towards the medians of the reference, by a share of the way: 0 leaves them, 1 cuts half of it."""
    found: dict[str, float | None] = {}
    for bound in bounds:
        limit, column = limits.get(bound.option), values[f"quality_{bound.measure}"].drop_nulls()
        if limit is not None and len(column):
            limit += share * (float(np.median(column.to_numpy())) - limit)
        found[bound.option] = limit
    return found


def moved_to_keep(
    limits: Limits, values: pl.DataFrame, bounds: Sequence[Bound], share: float, steps: int = 24
) -> dict[str, float | None]:
    """Limits moved as by `moved` until they keep `share` of the reference; as they are if they keep less."""
    low, high = 0.0, 1.0
    for _ in range(steps):
        middle = (low + high) / 2
        if kept(values, bounds, moved(limits, values, bounds, middle)).mean() > share:  # type: ignore[operator]
            low = middle
        else:
            high = middle
    return moved(limits, values, bounds, low)
