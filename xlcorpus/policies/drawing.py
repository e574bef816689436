"""Curves of an inspection as SVG paths, in whole pixels so that they are short: a page holds thousands of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Floats64
from xlcorpus.policies.axis import Axis
from xlcorpus.policies.curves import Curves
from xlcorpus.policies.report import RuleReport

CHART = (640, 220)
"""Width and height of the drawing of all languages."""
SMALL = (160, 48)
"""Width and height of the drawing of one language; the width is a multiple of the steps of a curve."""
STRIP = (240, 12)
"""Width and height of the drawing of a distribution."""
_LABELS = 8
"""Languages named in a chart, at most."""
_LABEL_HEIGHT = 13
"""Pixels."""


@dataclass(frozen=True)
class Dot:
    """Place at which the limit in force cuts the curve of a language."""

    x: int
    y: int
    lang: str
    label_y: int | None
    """height at which the name of the language stands; None: it is not named"""


@dataclass(frozen=True)
class Tick:
    """A value on an axis."""

    x: int
    text: str


@dataclass(frozen=True)
class Chart:
    """The curves of all languages under one rule."""

    lines: Sequence[tuple[str, str, bool]]
    """(language, path, whether it loses too much)"""
    median: str
    """path of the median over languages"""
    ticks: Sequence[Tick]
    cut: Tick | None
    """the limit, if it is the same for all languages"""
    dots: Sequence[Dot]


@dataclass(frozen=True)
class Strip:
    """A distribution: a line from 1 % to 99 %, a box from 25 % to 75 %, the median."""

    line: tuple[int, int]
    box: tuple[int, int]
    median: int


def chart(rule: RuleReport, curves: Curves, languages: Sequence[str]) -> Chart:
    """The shares of rows kept, of all languages and their median."""
    width, height = CHART
    kept = curves.kept[:, :, 0]
    known = np.unique(curves.in_force[~np.isnan(curves.in_force)])
    cut = None
    if len(known) == 1:
        cut = Tick(_pixels(curves.axis, known, width)[0], shown(float(known[0])))
    return Chart(
        lines=[
            (lang, path(kept[i], CHART, _in_force(rule, curves, i, 0)), bool(rule.unfair[i]))
            for i, lang in enumerate(languages)
        ],
        median=path(np.median(kept, axis=0), CHART),
        ticks=[Tick(x, shown(value)) for value, x in _ticks(curves.axis, width)],
        cut=cut,
        dots=_dots(rule, curves, languages, height),
    )


def small(rule: RuleReport, curves: Curves, language: int) -> tuple[list[str], int | None]:
    """Paths of the shares of rows, words and bytes of one language (its place), and x of its limit if it has one."""
    known = [_in_force(rule, curves, language, w) for w in range(curves.kept.shape[2])]
    paths = [path(curves.kept[language, :, w], SMALL, at) for w, at in enumerate(known)]
    return paths, None if known[0] is None else round(known[0][0] * SMALL[0])


def strip(axis: Axis, quantiles: Floats64) -> Strip | None:
    """The distribution of a column in one language; None where nothing could be measured.

    Args:
        axis: of all languages.
        quantiles: (7,) as `report.QUANTILES`.
    """
    if np.isnan(quantiles).any():
        return None
    first, _, left, middle, right, _, last = _pixels(axis, quantiles, STRIP[0])
    return Strip((first, max(last, first + 1)), (left, max(right, left + 1)), middle)


def path(shares: Floats64, size: tuple[int, int], at: tuple[float, float] | None = None) -> str:
    """SVG path of a curve of shares at equal distances; straight pieces are one line.

    Args:
        shares: (points,) 0 to 1.
        size: width and height of the drawing.
        at: (place, share), both 0 to 1, of one more point, the limit in force: a measure in whole numbers falls in
            steps, which points at equal distances miss.
    """
    width, height = size
    places = np.linspace(0, 1, len(shares))
    if at is not None:
        index = int(np.searchsorted(places, at[0], side="left" if shares[0] > shares[-1] else "right"))
        places, shares = np.insert(places, index, at[0]), np.insert(shares, index, at[1])
    xs = np.round(places * width).astype(int).tolist()
    ys = np.round((1 - shares) * height).astype(int).tolist()
    parts = [f"M0 {ys[0]}"]
    run_x = run_y = 0
    for i in range(1, len(xs)):
        dx, dy = xs[i] - xs[i - 1], ys[i] - ys[i - 1]
        if (run_x or run_y) and dy * run_x != run_y * dx:
            parts.append(_line(run_x, run_y))
            run_x = run_y = 0
        run_x, run_y = run_x + dx, run_y + dy
    return "".join([*parts, _line(run_x, run_y)])


def shown(value: float) -> str:
    """A value in three digits; whole numbers, and all from 1,000 on, without decimals."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _in_force(rule: RuleReport, curves: Curves, language: int, weight: int) -> tuple[float, float] | None:
    """(place on the axis, share kept) of the limit of a language."""
    limit = curves.in_force[language]
    if np.isnan(limit):
        return None
    return float(curves.axis.places(np.array([limit]))[0]), float(1 - rule.lost[language, weight])


def _line(dx: int, dy: int) -> str:
    """SVG command of a line to the right and down."""
    if dy == 0:
        return f"h{dx}"
    return f"l{dx}{dy}" if dy < 0 else f"l{dx} {dy}"


def _pixels(axis: Axis, values: Floats64, width: int) -> list[int]:
    return [int(x) for x in np.round(np.clip(axis.places(values), 0, 1) * width)]


def _ticks(axis: Axis, width: int) -> list[tuple[float, int]]:
    values = axis.ticks()
    return list(zip(values, _pixels(axis, np.array(values), width), strict=True))


def _dots(rule: RuleReport, curves: Curves, languages: Sequence[str], height: int) -> list[Dot]:
    """A dot for each language with a limit; the worst of those that lose too much are named."""
    limited = np.flatnonzero(~np.isnan(curves.in_force)).tolist()
    named = sorted((i for i in limited if rule.unfair[i]), key=lambda i: -rule.lost[i, 0])[:_LABELS]
    xs = _pixels(curves.axis, curves.in_force[limited], CHART[0])
    ys = np.round(rule.lost[limited, 0] * height).astype(int).tolist()
    labels: dict[int, int] = {}
    free = _LABEL_HEIGHT
    for i in reversed(named):  # the least loss stands highest
        labels[i] = free = max(free, ys[limited.index(i)])
        free += _LABEL_HEIGHT
    return [Dot(x, y, languages[i], labels.get(i)) for i, x, y in zip(limited, xs, ys, strict=True)]
