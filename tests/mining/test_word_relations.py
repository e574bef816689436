"""What is measured of the words of one corpus."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.mining.lexicon.word_relations import phi, word_profile

SENTENCES = st.lists(st.lists(st.integers(-1, 3), min_size=1, max_size=6), min_size=2, max_size=12)


def profile(sentences: list[list[int]], n: int = 4):
    word = np.array([w for s in sentences for w in s], dtype=np.int64)
    starts = np.cumsum([0] + [len(s) for s in sentences]).astype(np.int64)
    return word_profile(word, starts, n)


@given(SENTENCES)
def test_words_stand_together_as_their_indicators_correlate(sentences: list[list[int]]) -> None:
    holds = np.array([[w in s for w in range(4)] for s in sentences], dtype=float)
    with np.errstate(all="ignore"):
        expected = np.nan_to_num(np.corrcoef(holds.T))
    np.fill_diagonal(expected, 0)
    found = profile(sentences)
    np.testing.assert_allclose(found.together, expected, atol=1e-6)
    assert found.count.tolist() == holds.sum(axis=0).tolist()


def test_habits_are_share_sentence_length_and_repetition() -> None:
    found = profile([[0, 0, 1], [0, 2], [3, 1, 2, -1, -1]])
    share, length, repeated = found.habits.T
    assert share[0] == pytest.approx(np.log(3 / 8))
    assert length[0] == pytest.approx((3 + 3 + 2) / 3 / (10 / 3))
    assert repeated.tolist() == [1.5, 1, 1, 1]


def test_what_always_happens_correlates_with_nothing() -> None:
    assert phi(np.array([[1.0, 0.5], [0.5, 0.5]]), np.array([1.0, 0.5])).tolist() == [[0, 0], [0, 1]]
