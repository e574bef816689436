"""Filling the budget of one language."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.steps.mix.take import copies, with_replacement

SIZES = st.lists(st.integers(1, 50), min_size=1, max_size=20).map(lambda s: np.array(s, np.int64))


@given(SIZES, st.floats(0, 2000))
def test_rows_are_repeated_equally_and_meet_the_budget_to_half_a_row(sizes: np.ndarray, budget: float) -> None:
    taken = copies(sizes, budget)
    assert taken.max() - taken.min() <= 1
    assert (np.diff(taken) <= 0).all()  # the first rows are those that come once more
    assert abs((taken * sizes).sum() - budget) <= sizes.max() / 2


@given(SIZES, st.floats(0, 500), st.floats(0, 500))
def test_a_smaller_budget_takes_a_part_of_a_larger_one(sizes: np.ndarray, one: float, other: float) -> None:
    small, large = (copies(sizes, budget) for budget in sorted((one, other)))
    assert (small <= large).all()


@given(SIZES, st.floats(0, 2000), st.integers(0, 5))
def test_drawing_with_replacement_meets_the_budget_to_half_a_row(sizes: np.ndarray, budget: float, seed: int) -> None:
    taken = with_replacement(sizes, budget, seed, "test")
    assert abs((taken * sizes).sum() - budget) <= sizes.max() / 2
    assert taken.tolist() == with_replacement(sizes, budget, seed, "test").tolist()


def test_draws_with_replacement_are_even_and_independent() -> None:
    taken = with_replacement(np.ones(1000, np.int64), 20_000, 0, "deu_Latn")
    # Poisson(20): the variance is the mean; rows taken equally often would have none.
    assert abs(taken.var() - 20) < 3
    assert taken.sum() == 20_000


def test_rows_without_text_fill_no_budget() -> None:
    assert copies(np.zeros(3, np.int64), 10).tolist() == [0, 0, 0]
    assert with_replacement(np.zeros(3, np.int64), 10, 0, "x").tolist() == [0, 0, 0]
