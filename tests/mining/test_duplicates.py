import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.mining.duplicates import distinct_rows


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 1)), max_size=40), st.integers(1, 50))
def test_the_first_of_equal_rows_stays(rows, block_rows):
    x = np.array(rows, dtype=np.float32).reshape(-1, 2)
    first = {row: i for i, row in reversed(list(enumerate(rows)))}
    assert distinct_rows(x, block_rows).tolist() == sorted(first.values())


def test_minus_zero_is_zero():
    assert distinct_rows(np.array([[0.0, 1.0], [-0.0, 1.0]], dtype=np.float32)).tolist() == [0]
