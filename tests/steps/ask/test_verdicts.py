"""Means, ties and agreement of several verdicts."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.steps.ask.verdicts import agreement, of_both_orders

on_scale = st.floats(1, 5)


@given(st.lists(on_scale, min_size=2, max_size=7))
def test_agreement_is_the_mean_over_all_pairs(values: list[float]) -> None:
    pairs = [1 - abs(a - b) / 4 for a, b in combinations(values, 2)]
    np.testing.assert_allclose(agreement(np.array([values]), 4.0), [np.mean(pairs)], atol=1e-9)


def test_one_verdict_agrees_with_nothing() -> None:
    assert np.isnan(agreement(np.array([[3.0]]), 4.0)).all()
    assert np.isnan(agreement(np.array([[3.0, np.nan]]), 4.0)).all()


@given(st.floats(0, 1), st.floats(0, 1))
def test_turning_the_texts_round_turns_the_verdict_round(a: float, b: float) -> None:
    there, same = of_both_orders(np.array([[a, b]]))
    back, same_back = of_both_orders(np.array([[b, a]]))
    np.testing.assert_allclose(there + back, 1.0)
    assert same == same_back


def test_winners_that_differ_are_a_tie_and_a_missing_order_is_no_verdict() -> None:
    found, same = of_both_orders(np.array([[1.0, 0.0], [1.0, 1.0], [0.9, 0.3], [0.9, np.nan]]))
    np.testing.assert_allclose(found, [1.0, 0.5, 0.8, np.nan])
    assert same.tolist() == [True, False, True, False]
