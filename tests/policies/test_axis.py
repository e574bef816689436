"""Axes for any values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.policies.axis import Axis

FLOATS = st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda v: v == 0 or abs(v) > 1e-6)


@given(st.lists(FLOATS, max_size=30), st.lists(FLOATS, min_size=1, max_size=3))
def test_limits_lie_on_the_axis_and_the_grid_goes_up(values: list[float], limits: list[float]) -> None:
    axis = Axis.of(np.array(values), np.array(limits))
    places = axis.places(np.array(limits))
    assert ((places >= -1e-9) & (places <= 1 + 1e-9)).all()
    grid = axis.values(41)
    assert (grid[0], grid[-1]) == (axis.low, axis.high)
    assert (np.diff(axis.places(grid)) > 0).all()
    assert all(axis.low <= tick <= axis.high for tick in axis.ticks())


def test_shares_are_straight_and_counts_with_a_long_tail_are_not() -> None:
    shares = Axis.of(np.linspace(0, 1, 1000), np.array([0.5]))
    assert shares.places(np.array([0.25, 0.75])) == pytest.approx([0.25, 0.75], abs=0.01)
    words = Axis.of(np.array([2.0] * 10 + [100.0] * 980 + [10_000.0] * 10), np.array([50.0]))
    assert words.places(np.array([50.0]))[0] > 0.1
    assert {50.0, 100.0, 1000.0} & {*words.ticks()}


def test_one_value_alone_has_an_axis() -> None:
    axis = Axis.of(np.zeros(5), np.array([0.0]))
    assert axis.places(np.array([0.0])).tolist() == [0.5]
    assert 0.0 in axis.ticks()
