"""Drawing pairs by language, and cutting them into batches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.training.sampling import epoch_rows, group_batches, shares


def test_temperature_evens_out_the_languages():
    np.testing.assert_allclose(shares([900, 100], 1.0), [0.9, 0.1])
    np.testing.assert_allclose(shares([900, 100], 2.0), [0.75, 0.25])
    assert shares([900, 100], 1e9) == pytest.approx([0.5, 0.5])


def test_a_small_language_comes_again_only_after_all_of_it_came():
    group = np.array([0] * 90 + [1] * 10)
    large, small = epoch_rows(group, 1e9, np.random.default_rng(0))
    assert len(large) == len(small) == 50
    assert np.unique(large).size == 50
    assert np.bincount(small - 90).tolist() == [5] * 10


@given(
    st.lists(st.sampled_from([0, 1, 3]), min_size=1, max_size=60).map(np.array),
    st.integers(1, 8),
    st.sampled_from([1.0, 1.5, 5.0]),
)
def test_batches_are_of_one_language_pair_and_no_larger_than_asked(group, size, temperature):
    batches = group_batches(group, size, temperature, np.random.default_rng(0))
    assert all(1 <= len(rows) <= size and np.unique(group[rows]).size == 1 for rows in batches)
    drawn = np.concatenate(batches)
    if temperature == 1.0:
        assert sorted(drawn) == list(range(len(group)))
    assert set(group[drawn]) == set(group)
