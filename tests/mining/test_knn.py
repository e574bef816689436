import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.mining.search.knn import _tile, knn
from xlcorpus.mining.search.twoway import working_bytes


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
    zeros=st.integers(0, 3),
    seed=st.integers(0, 999),
)
def test_both_directions_equal_brute_force(n, m, k, zeros, seed):
    x, y = vectors(n, seed=seed), vectors(m, seed=seed + 1)
    x[:zeros], y[:zeros] = 0, 0
    nb = knn(x, y, k, device="cpu")
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
    nb = knn(x, y, k=40, device="cpu")
    rows = np.arange(50)[:, None]
    fwd, bwd = np.zeros((50, 40), np.float32), np.zeros((50, 40), np.float32)
    fwd[rows, nb.fwd_index] = nb.fwd_sim
    np.put_along_axis(bwd.T, nb.bwd_index, nb.bwd_sim, axis=1)
    assert np.array_equal(fwd[bwd != 0], bwd[bwd != 0])


def test_the_callers_arrays_stay_as_they_are():
    x = np.full((3, 4), 7, dtype=np.float32)
    knn(x, x, k=1, device="cpu")
    assert (x == 7).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_little_memory_gives_the_same_bits(dtype, tmp_path):
    """Tiles of some hundred rows, read from disk, against one tile in memory."""
    x, y = vectors(900, 256).astype(dtype), vectors(700, 256, seed=1).astype(dtype)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    few = _least_memory(mapped, y)
    want, got = knn(x, y, 4, device="cpu"), knn(mapped, y, 4, device="cpu", memory_mb=few)
    for field in ("fwd_sim", "fwd_index", "bwd_sim", "bwd_index"):
        np.testing.assert_array_equal(getattr(got, field), getattr(want, field))


def _least_memory(x, y):
    with pytest.raises(UserError, match="memory_mb: 1 is too little for 256 dimensions") as error:
        knn(x, y, 4, device="cpu", memory_mb=1)
    return int(str(error.value).rsplit(" ", 1)[1])


@settings(deadline=None)
@given(
    n=st.integers(0, 10**7),
    m=st.integers(0, 10**7),
    k=st.integers(1, 32),
    threads=st.integers(1, 64),
    memory_mb=st.integers(600, 100_000),
    ready=st.tuples(st.booleans(), st.booleans()),
    dim=st.integers(1, 4096),
)
def test_tiles_fit_the_memory(n, m, k, threads, memory_mb, ready, dim):
    class Side:
        def __init__(self, rows, ready):
            self.rows, self.ready, self.dim = rows, ready, dim

        def __len__(self):
            return self.rows

    try:
        height, width = _tile(Side(n, ready[0]), Side(m, ready[1]), k, threads, memory_mb)
    except UserError:
        return
    assert height >= 1 and width >= 1
    copies = 4 * dim * ((not ready[0]) * height + (not ready[1]) * width)
    assert working_bytes(height, width, k, threads) + copies <= memory_mb * 2**20


def test_memory_used_is_bounded_by_the_option(tmp_path):
    """Peak of numpy's allocations beside the result, with the whole corpus ten times the limit."""
    n, dim, k = 60_000, 512, 4
    out = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.float16, (n, dim))
    out[:] = np.random.default_rng(0).normal(size=(1, dim)).astype(np.float16)
    out[np.arange(n), np.arange(n) % dim] += np.arange(1, n + 1).astype(np.float16) % 7
    out.flush()
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    tracemalloc.start()
    knn(x, x[:256], k, device="cpu", memory_mb=30, threads=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak - 12 * k * (n + 256) < 30 * 2**20 < 4 * n * dim


@pytest.mark.parametrize(
    ("x", "y", "k", "says"),
    [
        (np.ones((2, 3)), np.ones((2, 4)), 1, "source embeddings have 3 dimensions, target embeddings 4"),
        (np.ones(3), np.ones((2, 3)), 1, "source embeddings must be numbers of shape"),
        (np.array([["a"]]), np.ones((2, 1)), 1, "source embeddings must be numbers"),
        (np.ones((2, 3)), np.ones((2, 3)), 0, "k must be at least 1, not 0"),
    ],
)
def test_bad_input_is_explained(x, y, k, says):
    with pytest.raises(UserError, match=says):
        knn(x, y, k)
