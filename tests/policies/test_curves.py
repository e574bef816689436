"""What limits keep, against counting row by row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.policies.curves import lost, quantiles, retention
from xlcorpus.policies.fairness import unfair

VALUES = st.one_of(st.sampled_from([0.0, 0.5, 1.0, float("nan")]), st.floats(-10, 10), st.just(float("inf")))
ROWS = st.lists(st.tuples(VALUES, st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=40)


def brute_force(rows: list[tuple[float, int, int]], limit: float, least: bool, weight: int) -> float:
    kept = total = 0
    for row in rows:
        size = (1, row[1], row[2])[weight]
        total += size
        if np.isnan(row[0]) or (row[0] >= limit if least else row[0] <= limit):
            kept += size
    return kept / total if total else 1.0


@given(ROWS, st.lists(VALUES.filter(lambda v: not np.isnan(v)), min_size=1, max_size=5), st.booleans())
def test_retention_is_what_counting_gives(rows: list[tuple[float, int, int]], limits: list[float], least: bool) -> None:
    values = np.array([row[0] for row in rows])
    weights = np.array([[1.0, row[1], row[2]] for row in rows])
    kept = retention(values, weights, np.array(limits), least)
    wanted = [[brute_force(rows, limit, least, weight) for weight in range(3)] for limit in limits]
    assert kept == pytest.approx(np.array(wanted))


def test_a_long_document_weighs_more_in_words_than_in_rows() -> None:
    values, weights = np.array([0.1, 0.9]), np.array([[1.0, 10.0], [1.0, 990.0]])
    assert retention(values, weights, np.array([0.5]), least=True).tolist() == [[0.5, 0.99]]
    assert lost(np.array([False, True]), weights).tolist() == [0.5, 0.01]


def test_nothing_is_lost_where_no_row_has_a_word() -> None:
    assert lost(np.array([False, True]), np.array([[1.0, 0.0], [1.0, 0.0]])).tolist() == [0.5, 0.0]


def test_quantiles_leave_out_what_could_not_be_measured() -> None:
    assert quantiles(np.array([3.0, np.nan, 1.0, 2.0]), (0.0, 0.5, 1.0)).tolist() == [1.0, 2.0, 3.0]
    assert np.isnan(quantiles(np.array([np.nan]), (0.5,))).all()


def test_a_language_that_loses_over_ten_points_more_than_the_median_of_the_others_is_named() -> None:
    rows = np.full(4, 100)
    assert unfair(np.array([0.02, 0.05, 0.12, 0.16]), rows).tolist() == [False, False, False, True]
    assert unfair(np.array([0.0, 0.101]), rows[:2]).tolist() == [False, True]
    assert unfair(np.array([0.5]), rows[:1]).tolist() == [False]


def test_a_language_with_few_rows_is_neither_named_nor_compared_with() -> None:
    assert unfair(np.array([0.0, 0.9, 0.5]), np.array([100, 100, 19])).tolist() == [False, True, False]
    assert unfair(np.array([0.0, 0.9]), np.array([19, 100])).tolist() == [False, False]
