"""Times of rows in the order of a mix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.steps.mix.placing import far_apart, lots, spread, through_phases


@given(st.lists(st.integers(0, 20), min_size=1, max_size=50), st.randoms(use_true_random=False))
def test_rows_are_spread_so_that_every_stretch_holds_its_length(sizes: list[int], random: np.random.Generator) -> None:
    s = np.array(sizes, np.int64)
    times = spread(s, np.array([random.random() for _ in sizes]))
    assert (np.diff(times) >= -1e-9).all()
    if not s.sum():
        return
    for end in (0.25, 0.5, 1.0):
        assert abs(s[times < end].sum() / s.sum() - end) <= s.max() / s.sum() + 1e-9


def test_rows_of_a_language_lie_in_phases_as_its_amounts_do() -> None:
    at = (np.arange(1000) + 0.5) / 1000
    times, phase = through_phases(at, [0.2, 0, 0.6], [0.5, 0.25, 0.25])
    assert np.bincount(phase).tolist() == [250, 0, 750]
    assert times[phase == 0].max() < 0.5
    assert times[phase == 2].min() >= 0.75
    assert times[125] == pytest.approx(0.251)  # in the middle of its phase
    # The middle of an odd number of rows stands just where a phase without any begins.
    assert through_phases(np.array([0.5]), [1, 0, 1], [0.3, 0.4, 0.3])[1].tolist() == [2]


def test_rows_of_an_item_stand_as_far_apart_as_the_order_allows() -> None:
    times = far_apart(np.array([0.9, 0.9, 0.2, 0.2, 0.2]), np.array([0, 1, 0, 1, 2]), np.array([2, 2, 3, 3, 3]))
    assert times == pytest.approx([0.9, 0.4, 0.2, 0.2 + 1 / 3, 0.2 + 2 / 3])


def test_lots_are_even_and_differ_from_the_order_of_draws() -> None:
    draw = np.sort(np.random.default_rng(0).integers(0, 2**64, 10_000, dtype=np.uint64))
    lot = lots(draw, np.zeros(10_000, np.int64))
    assert abs(np.corrcoef(np.arange(10_000), lot)[0, 1]) < 0.03
    assert (np.abs(np.histogram(lot, 10, (0, 1))[0] - 1000) < 150).all()
    assert abs(np.corrcoef(lot, lots(draw, np.ones(10_000, np.int64)))[0, 1]) < 0.03
