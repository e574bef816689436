import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.mining.search import twoway
from xlcorpus.mining.search.twoway import exact_cosines, two_way
from xlcorpus.mining.search.unit import unit_rows


def cosines(x, y):
    """All cosines, summed in float64 in the documented order: eight interleaved sums."""
    sums = [np.zeros((len(x), len(y))) for _ in range(8)]
    whole = x.shape[1] - x.shape[1] % 8
    for c in range(x.shape[1]):
        lane = c % 8 if c < whole else 0
        sums[lane] += x[:, c, None].astype(np.float64) * y[None, :, c].astype(np.float64)
    s = sums
    return (((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))).astype(np.float32)


def brute_force(x, y, k):
    sim = np.zeros((len(x), k), np.float32)
    index = np.full((len(x), k), -1, np.int32)
    cos = cosines(x, y)
    for i in range(len(x)):
        best = [j for j in np.lexsort((np.arange(len(y)), -cos[i])) if x[i].any() and y[j].any()][:k]
        sim[i, : len(best)], index[i, : len(best)] = cos[i, best], best
    return sim, index


def same(got, want):
    return np.array_equal(got.sim, want[0]) and np.array_equal(got.index, want[1])


CUT = {"threads": st.integers(1, 4), "height": st.integers(1, 30), "width": st.integers(1, 30)}


@settings(deadline=None, max_examples=120)
@given(
    n=st.integers(0, 40),
    m=st.integers(0, 40),
    dim=st.integers(1, 20),
    k=st.integers(1, 6),
    seed=st.integers(0, 9999),
    **CUT,
)
def test_every_bit_equals_brute_force(n, m, dim, k, seed, threads, height, width):
    draw = np.random.default_rng(seed)
    x, y = (unit_rows(draw.normal(size=(rows, dim)), "source") for rows in (n, m))
    fwd, bwd = two_way(x, y, k, threads, (height, width))
    assert same(fwd, brute_force(x, y, k))
    assert same(bwd, brute_force(y, x, k))


@settings(deadline=None, max_examples=120)
@given(
    n=st.integers(1, 60),
    m=st.integers(1, 60),
    dim=st.integers(1, 3),
    k=st.integers(1, 4),
    seed=st.integers(0, 9999),
    **CUT,
)
def test_ties_zeros_and_copies_too(n, m, dim, k, seed, threads, height, width):
    """Few distinct vectors: more equal similarities than spare candidates, so rows are searched again."""
    draw = np.random.default_rng(seed)
    x, y = (unit_rows(draw.integers(-1, 2, size=(rows, dim)), "source") for rows in (n, m))
    fwd, bwd = two_way(x, y, k, threads, (height, width))
    assert same(fwd, brute_force(x, y, k))
    assert same(bwd, brute_force(y, x, k))


@pytest.mark.parametrize("spare", [0, 1, 10])
def test_rows_nearer_to_each_other_than_rounding_are_told_apart(spare, monkeypatch):
    monkeypatch.setattr(twoway, "EXTRA_CANDIDATES", spare)
    draw = np.random.default_rng(3)
    y = np.repeat(draw.normal(size=(1, 256)), 200, axis=0) + 1e-7 * draw.normal(size=(200, 256))
    x, y = unit_rows(draw.normal(size=(30, 256)), "source"), unit_rows(y, "target")
    fwd, bwd = two_way(x, y, 4, 2, (16, 64))
    assert same(fwd, brute_force(x, y, 4))
    assert same(bwd, brute_force(y, x, 4))


def test_blocks_and_threads_do_not_matter_at_full_size():
    draw = np.random.default_rng(0)
    x, y = (unit_rows(draw.normal(size=(n, 64)), "source") for n in (1500, 3000))
    want = two_way(x, y, 4, threads=1)
    for threads, block in ((2, (512, 2048)), (3, (100, 333)), (2, (2000, 4000))):
        got = two_way(x, y, 4, threads, block)
        for one, other in zip(got, want, strict=True):
            assert same(one, (other.sim, other.index))


def test_candidates_from_elsewhere_get_the_same_bits():
    draw = np.random.default_rng(0)
    x, y = (unit_rows(draw.normal(size=(n, 50)), "source") for n in (40, 30))
    fwd, _ = two_way(x, y, 4)
    assert np.array_equal(exact_cosines(x, y, fwd.index.astype(np.int64)), fwd.sim)
    assert exact_cosines(x, y, np.array([[-1]])).tolist() == [[0.0]]
