import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.mining.search import duplicates
from xlcorpus.mining.search.duplicates import distinct_rows
from xlcorpus.mining.search.unit import UnitRows


@given(st.lists(st.tuples(st.integers(-1, 1), st.integers(-1, 1), st.integers(0, 1)), max_size=40), st.integers(1, 50))
def test_the_first_of_equal_rows_stays(rows, chunk):
    x = UnitRows(np.array(rows, dtype=np.float32).reshape(-1, 3), "source")
    first = {row: i for i, row in reversed(list(enumerate(rows)))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "CHUNK_VALUES", chunk)
        assert distinct_rows(x).tolist() == sorted(first.values())


def test_minus_zero_is_zero():
    assert distinct_rows(UnitRows(np.array([[0.0, 1.0], [-0.0, 1.0]]), "source")).tolist() == [0]


def test_rows_that_only_differ_in_length_are_one():
    assert distinct_rows(UnitRows(np.array([[3.0, 4.0], [1.0, 0.0], [6.0, 8.0]]), "source")).tolist() == [0, 1]
