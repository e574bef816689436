import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from xlcorpus.mining.select.assignment import _match, best_matching


def graph(n, m, density, seed, whole_numbers):
    draw = np.random.default_rng(seed)
    src, tgt = np.nonzero(draw.random((n, m)) < density)
    weight = draw.integers(0, 4, len(src)).astype(np.float64) if whole_numbers else draw.random(len(src))
    return src, tgt, weight


@settings(deadline=None, max_examples=200)
@given(
    n=st.integers(1, 12),
    m=st.integers(1, 12),
    density=st.floats(0.05, 1),
    seed=st.integers(0, 9999),
    whole_numbers=st.booleans(),
)
def test_weighs_as_much_as_the_dense_assignment(n, m, density, seed, whole_numbers):
    src, tgt, weight = graph(n, m, density, seed, whole_numbers)
    taken = best_matching(src, tgt, weight)
    assert len(set(src[taken])) == len(set(tgt[taken])) == taken.sum()
    dense = np.zeros((n, m))  # a missing edge costs nothing and brings nothing
    dense[src, tgt] = weight
    best = dense[linear_sum_assignment(dense, maximize=True)].sum()
    assert weight[taken].sum() == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_prices_prove_large_ones_the_best(seed):
    draw = np.random.default_rng(seed)
    key = np.unique(draw.integers(0, 3000 * 2500, size=12_000))
    src, tgt = np.divmod(key, 2500)
    weight = draw.random(len(src))
    starts = np.concatenate([[0], np.cumsum(np.bincount(src))])
    edges, src_price, tgt_price = _match(starts, tgt, weight, 2500)
    assert min(src_price.min(), tgt_price.min()) >= 0
    assert (src_price[src] + tgt_price[tgt] - weight).min() > -1e-12
    taken = best_matching(src, tgt, weight)
    assert taken.sum() == (edges >= 0).sum()
    assert weight[taken].sum() == pytest.approx(src_price.sum() + tgt_price.sum(), abs=1e-9)


def test_two_good_pairs_beat_one_better():
    src, tgt = np.array([0, 0, 1]), np.array([0, 1, 0])
    assert best_matching(src, tgt, np.array([1.3, 1.0, 1.0])).tolist() == [False, True, True]
    assert best_matching(src, tgt, np.array([1.3, 0.6, 0.6])).tolist() == [True, False, False]


def test_an_edge_that_adds_nothing_is_taken_where_both_ends_are_free():
    assert best_matching(np.array([0]), np.array([0]), np.array([0.0])).tolist() == [True]


def test_no_edges():
    none = np.array([], dtype=np.int64)
    assert best_matching(none, none, np.array([])).tolist() == []
