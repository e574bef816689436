"""Batches of texts of like length."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.models.encoders.token_batches import token_batches

LENGTHS = st.lists(st.integers(1, 30), min_size=1, max_size=50).map(lambda x: np.array(x, dtype=np.int64))


def test_texts_of_like_length_come_together():
    batches = token_batches(np.array([9, 2, 10, 2, 1]), budget=20)
    assert [rows.tolist() for rows in batches] == [[4, 1, 3], [0, 2]]


@given(LENGTHS, st.integers(1, 64), st.booleans())
def test_every_text_comes_once_and_no_batch_is_over_budget(lengths, budget, shuffled):
    batches = token_batches(lengths, budget, np.random.default_rng(0) if shuffled else None)
    assert sorted(np.concatenate(batches)) == list(range(len(lengths)))
    assert all(len(rows) * lengths[rows].max() <= budget or len(rows) == 1 for rows in batches)


@given(LENGTHS, st.integers(1, 64))
def test_batches_are_as_large_as_the_budget_allows(lengths, budget):
    """Against the definition: texts by length, one after the other, a new batch when the next does not fit."""
    want: list[list[int]] = []
    for length in sorted(lengths.tolist()):
        if want and (len(want[-1]) + 1) * length <= budget:
            want[-1].append(length)
        else:
            want.append([length])
    assert [lengths[rows].tolist() for rows in token_batches(lengths, budget)] == want
