import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.mining.knn import knn, unit_rows


def vectors(rows, dim=6, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dim)).astype(np.float32)


def brute_force(x, y, k):
    """Cosines and indices of the k nearest, from the whole matrix; zero rows are nobody's neighbours."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    length = np.linalg.norm(x, axis=1)[:, None] * np.linalg.norm(y, axis=1)[None, :]
    cos = np.where(length > 0, x @ y.T / np.where(length > 0, length, 1), -np.inf)
    index = np.argsort(-cos, axis=1, kind="stable")[:, :k]
    sim = np.take_along_axis(cos, index, axis=1)
    pad = ((0, 0), (0, k - index.shape[1]))
    index, sim = np.pad(index, pad, constant_values=-1), np.pad(sim, pad, constant_values=-np.inf)
    return np.where(np.isinf(sim), 0, sim), np.where(np.isinf(sim), -1, index)


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(1, 30),
    m=st.integers(1, 30),
    k=st.integers(1, 8),
    block_rows=st.integers(1, 40),
    zeros=st.integers(0, 3),
    seed=st.integers(0, 999),
)
def test_both_directions_equal_brute_force(n, m, k, block_rows, zeros, seed):
    x, y = vectors(n, seed=seed), vectors(m, seed=seed + 1)
    x[:zeros], y[:zeros] = 0, 0
    nb = knn(x, y, k, device="cpu", block_rows=block_rows)
    for got_sim, got_index, (sim, index) in (
        (nb.fwd_sim, nb.fwd_index, brute_force(x, y, k)),
        (nb.bwd_sim, nb.bwd_index, brute_force(y, x, k)),
    ):
        assert got_sim.dtype == np.float32 and got_index.dtype == np.int64
        np.testing.assert_array_equal(got_index, index)
        np.testing.assert_allclose(got_sim, sim, atol=2e-6)


def test_fewer_rows_than_k_are_padded():
    nb = knn(np.eye(2), np.eye(2)[:1], k=3, device="cpu")
    assert nb.fwd_index.tolist() == [[0, -1, -1], [0, -1, -1]]
    assert nb.fwd_sim.tolist() == [[1, 0, 0], [0, 0, 0]]
    assert nb.bwd_index.tolist() == [[0, 1, -1]]


def test_a_zero_vector_has_no_neighbours_and_is_none():
    nb = knn(np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([[-1.0, 0.0], [0.0, 0.0]]), k=2, device="cpu")
    assert nb.fwd_index.tolist() == [[-1, -1], [0, -1]]
    assert nb.bwd_index.tolist() == [[1, -1], [-1, -1]]


def test_no_rows_at_all():
    nb = knn(np.zeros((0, 4)), np.ones((2, 4)), k=2, device="cpu")
    assert nb.fwd_index.shape == (0, 2)
    assert nb.bwd_index.tolist() == [[-1, -1], [-1, -1]]


def test_equal_similarities_stand_in_order_of_index():
    nb = knn(np.array([[1.0, 0.0]]), np.array([[0.5, 0.0], [0.0, 1.0], [2.0, 0.0]]), k=3, device="cpu")
    assert nb.fwd_index.tolist() == [[0, 2, 1]]


def test_a_similarity_is_the_same_bits_in_both_directions():
    x, y = vectors(50, dim=33), vectors(40, dim=33, seed=1)
    nb = knn(x, y, k=40, device="cpu", block_rows=7)
    rows = np.arange(50)[:, None]
    fwd, bwd = np.zeros((50, 40), np.float32), np.zeros((50, 40), np.float32)
    fwd[rows, nb.fwd_index] = nb.fwd_sim
    np.put_along_axis(bwd.T, nb.bwd_index, nb.bwd_sim, axis=1)
    assert np.array_equal(fwd[bwd != 0], bwd[bwd != 0])


def test_the_callers_arrays_stay_as_they_are():
    x = np.full((3, 4), 7, dtype=np.float32)
    knn(x, x, k=1, device="cpu")
    assert (x == 7).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8])
def test_every_real_dtype(dtype):
    x = np.array([[3, 4], [4, -3]], dtype=dtype)
    np.testing.assert_allclose(unit_rows(x, "source"), [[0.6, 0.8], [0.8, -0.6]], rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_very_long_and_very_short_vectors(scale):
    np.testing.assert_allclose(unit_rows(np.array([[3.0, 4.0]]) * scale, "source"), [[0.6, 0.8]], rtol=1e-6)


def test_memory_mapped_input(tmp_path):
    np.save(tmp_path / "x.npy", vectors(20))
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    np.testing.assert_array_equal(unit_rows(x, "source", block_rows=3), unit_rows(np.array(x), "source"))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_named_by_row(bad):
    y = vectors(10)
    y[7, 2] = bad
    with pytest.raises(UserError, match=r"target embeddings hold NaN or infinity in row 7"):
        knn(vectors(3), y, k=1, block_rows=4)


@pytest.mark.parametrize(
    ("x", "y", "k", "says"),
    [
        (np.ones((2, 3)), np.ones((2, 4)), 1, "source embeddings have 3 dimensions, target embeddings 4"),
        (np.ones(3), np.ones((2, 3)), 1, "source embeddings must be numbers of shape"),
        (np.array([["a"]]), np.ones((2, 1)), 1, "source embeddings must be numbers"),
        (np.ones((2, 3)), np.ones((2, 3)), 0, "k and block_rows must be at least 1"),
    ],
)
def test_bad_input_is_explained(x, y, k, says):
    with pytest.raises(UserError, match=says):
        knn(x, y, k)
