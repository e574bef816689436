"""Sharing an amount out among languages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.steps.mix.proportions import by_temperature, scaled, unimax, whole

COUNTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


def water_level(there: list[int], amount: float, epochs: float) -> list[float]:
    """The level t at which the sum of min(epochs * n, t) is the amount, found by halving."""
    low, high = 0.0, max(amount, 1.0)
    for _ in range(200):
        middle = (low + high) / 2
        if sum(min(epochs * n, middle) for n in there) < amount:
            low = middle
        else:
            high = middle
    return [min(epochs * n, high) for n in there]


@given(COUNTS, st.floats(1, 1e10), st.sampled_from([0.5, 1, 4, 10]))
def test_unimax_is_as_even_as_the_caps_allow(there: list[int], amount: float, epochs: float) -> None:
    made = unimax(there, amount, epochs)
    assert made.sum() == pytest.approx(min(amount, epochs * sum(there)), rel=1e-9)
    assert np.allclose(made, water_level(there, amount, epochs), rtol=1e-6, atol=1e-3)


def test_unimax_repeats_small_languages_up_to_the_number_of_epochs() -> None:
    # 100 for three: the smallest is capped at 4 * 5 = 20, the others share 80.
    assert unimax([1000, 5, 30], 100, 4).tolist() == [40, 20, 40]


@given(COUNTS, st.floats(1, 100))
def test_temperature_flattens_and_keeps_the_order(there: list[int], temperature: float) -> None:
    made = by_temperature(there, 1000, temperature)
    assert made.sum() == pytest.approx(1000 if sum(there) else 0)
    assert all((a > 0) == (n > 0) for a, n in zip(made, there, strict=True))
    order = np.argsort(there, kind="stable")
    assert (np.diff(made[order]) >= -1e-9).all()


def test_temperature_follows_the_exponent_of_the_papers() -> None:
    # XLM-R: p_i ~ (n_i / N) ** .3
    p = (np.array([100, 1]) / 101) ** 0.3
    assert by_temperature([100, 1], 1, 1 / 0.3) == pytest.approx(p / p.sum())
    assert by_temperature([100, 1, 0], 6, float("inf")).tolist() == [3, 3, 0]
    assert by_temperature([100, 20], 60, 1) == pytest.approx([50, 10])


def test_scaled_gives_the_smallest_language_a_multiple_of_itself_as_glot500_does() -> None:
    # n_i = scale * min_count * p_i / p_min
    counts, scale, exponent = np.array([30_000, 600_000, 45_000]), 30, 0.3
    p = counts**exponent / (counts**exponent).sum()
    assert scaled(counts, scale, 1 / exponent) == pytest.approx(scale * counts.min() * p / p.min())


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_whole_numbers_keep_the_sum_and_differ_by_less_than_one(amounts: list[float]) -> None:
    made = whole(amounts)
    assert abs(made.sum() - sum(amounts)) <= 0.5 + 1e-3
    assert (np.abs(made - np.array(amounts)) < 1 + 1e-6).all()
