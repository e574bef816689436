import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.mining.search import unit
from xlcorpus.mining.search.unit import UnitRows, unit_rows


def vectors(rows, dim=6, seed=0, dtype=np.float32):
    return (3 * np.random.default_rng(seed).normal(size=(rows, dim))).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, ">f4"])
def test_every_real_dtype(dtype):
    x = np.array([[3, 4], [4, -3]], dtype=dtype)
    np.testing.assert_allclose(unit_rows(x, "source"), [[0.6, 0.8], [0.8, -0.6]], rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_very_long_and_very_short_vectors(scale):
    np.testing.assert_allclose(unit_rows(np.array([[3.0, 4.0]]) * scale, "source"), [[0.6, 0.8]], rtol=1e-6)


def test_zero_rows_stay_zero():
    assert unit_rows(np.zeros((2, 3)), "source").tolist() == [[0, 0, 0], [0, 0, 0]]


@given(st.integers(1, 40), st.integers(1, 70), st.integers(0, 999))
def test_unit_rows_stay_as_they_are(n, dim, seed):
    once = unit_rows(vectors(n, dim, seed), "source")
    again = UnitRows(once, "source")
    assert again.ready and np.shares_memory(again.block(0, n), once)


@given(
    n=st.integers(0, 30),
    first=st.integers(0, 30),
    size=st.integers(0, 30),
    chunk=st.integers(1, 40),
    threads=st.integers(1, 3),
    dtype=st.sampled_from([np.float16, np.float32, np.float64]),
)
def test_blocks_are_parts_of_the_whole(n, first, size, chunk, threads, dtype):
    x = vectors(n, dtype=dtype)
    first = min(first, n)
    whole = unit_rows(x, "source")
    rows = UnitRows(x, "source", threads)
    rows._chunk = chunk
    assert np.array_equal(rows.block(first, first + size), whole[first : first + size])
    some = np.arange(n)[::-2]
    assert np.array_equal(rows.at(some), whole[some])
    assert np.array_equal(rows.take(some).block(1, 4), whole[some][1:4])
    assert np.array_equal(rows.take(some).at(np.arange(len(some))), whole[some])
    assert len(rows.take(some)) == len(some)


@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_mapped_rows(tmp_path, order):
    x = vectors(20)
    np.save(tmp_path / "x.npy", np.asarray(x, order=order))
    mapped = UnitRows(np.load(tmp_path / "x.npy", mmap_mode="r"), "source")
    assert np.array_equal(mapped.block(3, 11), unit_rows(x, "source")[3:11])


def test_unit_rows_on_disk_are_read_in_place(tmp_path):
    np.save(tmp_path / "x.npy", unit_rows(vectors(20), "source"))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert np.shares_memory(UnitRows(mapped, "source").block(0, 20), mapped)


def test_other_layouts_are_copied_block_by_block():
    x = unit_rows(vectors(20), "source")
    rows = UnitRows(np.asfortranarray(x), "source")
    assert not rows.ready
    assert rows.block(2, 5).flags.c_contiguous and np.array_equal(rows.block(2, 5), x[2:5])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_nan_and_infinity_are_named_by_row(bad, dtype, monkeypatch):
    monkeypatch.setattr(unit, "CHUNK_VALUES", 4 * 6)
    y = vectors(20, dtype=dtype)
    y[7, 2] = y[13, 0] = bad
    with pytest.raises(UserError, match=r"target embeddings hold NaN or infinity in row 7 "):
        UnitRows(y, "target", threads=2)


@pytest.mark.parametrize("x", [np.ones(3), np.ones((2, 3), complex), np.array([["a"]]), np.ones((2, 2), bool)])
def test_other_things_than_a_matrix_are_explained(x):
    with pytest.raises(UserError, match="source embeddings must be numbers of shape"):
        UnitRows(x, "source")
