"""Curves as SVG paths."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.policies.drawing import path, shown

SIZE = (640, 220)


def corners(drawn: str) -> list[tuple[int, int]]:
    """The points of a path, as a browser reads it."""
    points: list[tuple[int, int]] = []
    for command, numbers in re.findall(r"([Mlh])([-\d ]+)", drawn):
        step = [int(n) for n in re.findall(r"-?\d+", numbers)]
        x, y = points[-1] if points else (0, 0)
        points.append((x + step[0], y + (step[1] if command != "h" else 0)))
    return points


def test_a_flat_curve_is_one_line_and_a_slope_another() -> None:
    assert path(np.ones(33), SIZE) == "M0 0h640"
    assert path(np.linspace(1, 0, 5), (40, 100)) == "M0 0l40 100"
    assert path(np.array([1, 1, 0.5, 0.5, 1]), (40, 10)) == "M0 0h10l10 5h10l10-5"


@given(st.lists(st.floats(0, 1), min_size=2, max_size=33))
def test_a_path_goes_through_every_point(shares: list[float]) -> None:
    drawn = corners(path(np.array(shares), SIZE))
    assert drawn[0][0] == 0
    assert drawn[-1][0] == SIZE[0]
    xs, ys = zip(*drawn, strict=True)
    wanted = np.round((1 - np.array(shares)) * SIZE[1])
    assert np.allclose(np.interp(np.round(np.linspace(0, SIZE[0], len(shares))), xs, ys), wanted, atol=1e-6)


def test_a_curve_goes_through_the_limit_in_force() -> None:
    falling = path(np.array([1.0, 0.0]), (100, 100), (0.5, 0.9))
    assert corners(falling) == [(0, 0), (50, 10), (100, 100)]
    assert corners(path(np.array([1.0, 0.5, 0.0]), (100, 100), (0.5, 0.9))) == [(0, 0), (50, 10), (50, 50), (100, 100)]
    assert corners(path(np.array([0.0, 0.5, 1.0]), (100, 100), (0.5, 0.9))) == [(0, 100), (50, 50), (50, 10), (100, 0)]


def test_values_are_shown_short() -> None:
    assert [shown(v) for v in (0.0, 3.0, 0.123456, 12345.6, -0.05)] == ["0", "3", "0.123", "12,346", "-0.05"]
