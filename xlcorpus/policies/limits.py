"""Limits from the values of reference text, and which rows a set of limits keeps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from xlcorpus.arrays import Bools
from xlcorpus.steps.filter.document_limits import Bound, at_least

LEAST_ROOM = 0.05
"""Distance of a widened limit from the value of the reference, as a share of the limit, at least."""
MOST_STRICTER = 5
"""An upper limit is at least the default divided by this: a reference without digits does not forbid them."""

_LOWEST = {"word_length": 1.0, "letter_pattern": -1.0}
"""Values that each row reaches, by measure; 0 of the other measures."""
_HIGHEST = {"word_length": 100.0, "words": 1e7, "hashes": 10.0, "ellipses": 10.0, "line_breaks": 10.0}
"""Values that no text exceeds, by measure; 1 of the other measures, which are shares."""

Limits = Mapping[str, float | None]
"""Limits by option of `quality`; None or absent: no limit."""


def quantile_limits(values: pl.DataFrame, bounds: Sequence[Bound], tail: float) -> dict[str, float]:
    """Limits each of which cuts a share of the reference.

    Args:
        values: columns `quality_<measure>` of clean text.
        bounds: the limits to set.
        tail: share of the values beyond each limit, 0 to .5.

    Returns:
        Limits by option. A measure without values has none, nor has one whose limit could reject nothing.
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
    """Limits moved away from the medians of the reference, so that text it does not show is kept too.

    Each moves by `margin` times its distance from the median, and by `LEAST_ROOM` of itself, since that distance is
    near 0 for a measure that hardly differs in the reference. Limits that can then reject nothing are left out.

    Args:
        limits: by option.
        values: columns `quality_<measure>` of the reference.
        bounds: of the limits.
        margin: 0 and more.
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
    """Those of the limits that cut more than others for the same options.

    An upper limit is raised to the other one divided by `MOST_STRICTER` where it is below.
    """
    found = {}
    for option, limit in limits.items():
        other = others.get(option)
        if other is not None and not at_least(option):
            limit = max(limit, float(f"{other / MOST_STRICTER:.3g}"))
        if other is None or (limit > other if at_least(option) else limit < other):
            found[option] = limit
    return found


def outward(option: str, limit: float) -> float:
    """A limit rounded to three digits, in the direction in which it cuts less."""
    if limit == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(limit))) - 2)
    steps = math.floor(limit / unit) if at_least(option) else math.ceil(limit / unit)
    return float(f"{steps * unit:.3g}")


def can_reject(bound: Bound, limit: float) -> bool:
    """Whether a limit can reject any text; an upper limit of 1 to a share cannot, nor can NaN."""
    if bound.least:
        return limit > _LOWEST.get(bound.measure, 0.0)
    return limit < _HIGHEST.get(bound.measure, 1.0)


def kept(values: pl.DataFrame, bounds: Sequence[Bound], limits: Limits) -> Bools:
    """(rows,) whether a row breaks no limit. A null breaks none.

    Args:
        values: columns `quality_<measure>`.
        bounds: of the limits to judge by.
        limits: by option; those of other bounds do not judge.
    """
    breaks = [pl.lit(False)]
    for bound in bounds:
        limit = limits.get(bound.option)
        if limit is not None:
            # Float32 as the measures: 0.6 as Float64 is not 0.6 as Float32.
            column, cut = pl.col(f"quality_{bound.measure}"), pl.lit(limit, pl.Float32)
            breaks.append((column < cut if bound.least else column > cut).fill_null(False))
    return values.with_columns(kept=~pl.any_horizontal(breaks))["kept"].to_numpy()


def moved(limits: Limits, values: pl.DataFrame, bounds: Sequence[Bound], share: float) -> dict[str, float | None]:
    """Limits moved towards the medians of the reference.

    Args:
        limits: by option.
        values: columns `quality_<measure>` of the reference.
        bounds: of the limits.
        share: of the way from limit to median: 0 leaves a limit where it is, at 1 it is the median, below 0 it moves
            away.
    """
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
    """Limits moved as by `moved` until they keep `share` of the reference; unmoved if they keep less as they are.

    Args:
        limits, values, bounds: as of `moved`.
        share: of the reference that is to be kept.
        steps: of the bisection.
    """
    low, high = 0.0, 1.0
    for _ in range(steps):
        middle = (low + high) / 2
        if kept(values, bounds, moved(limits, values, bounds, middle)).mean() > share:
            low = middle
        else:
            high = middle
    return moved(limits, values, bounds, low)


def carried(bound: Bound, limit: float, theirs: pl.Series, ours: pl.Series) -> float | None:
    """A limit on a measure, carried over to values of the same measure on the same texts with other words.

    It rejects as many of the texts as before. A limit that rejects none of them stays as far beyond the outermost
    value as before, in units of that value's distance from the median.

    Args:
        bound: whose limit it is.
        limit: on `theirs`.
        theirs, ours: (texts,) values of the measure; nulls are not judged.

    Returns:
        The limit on `ours`; None if it could reject nothing.
    """
    sign = 1.0 if bound.least else -1.0
    # As a lower limit: what is below it is rejected.
    there, here = (np.sort(sign * values.drop_nulls().cast(pl.Float32).to_numpy()) for values in (theirs, ours))
    cut = np.float32(sign * limit)
    if not len(there) or not len(here):
        return None
    rejected = round(int(np.searchsorted(there, cut)) / len(there) * len(here))
    if rejected == 0:
        spread = np.median(there) - there[0]
        scale = (np.median(here) - here[0]) / spread if spread > 0 else 1.0
        found = here[0] - scale * (there[0] - cut)
    elif rejected == len(here):
        found = here[-1] + abs(here[-1])
    else:
        found = (here[rejected - 1] + here[rejected]) / 2
    found = float(f"{sign * found:.6g}")
    return found if can_reject(bound, found) else None
