from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.search.neighbours import join_shards, nearest_of
from xlcorpus.mining.select.margin import margins
from xlcorpus.mining.select.selection import select

FIELDS = ("fwd_sim", "fwd_index", "bwd_sim", "bwd_index")


def in_shards(x, y, k, src_cuts, tgt_cuts, order):
    parts = [
        (i, j, knn(x[i:i_end], y[j:j_end], k, device="cpu"))
        for i, i_end in pairwise(src_cuts)
        for j, j_end in pairwise(tgt_cuts)
    ]
    return join_shards([parts[p] for p in order.permutation(len(parts))], len(x), len(y), k)


def cuts(n, shards):
    return [n * s // shards for s in range(shards + 1)]


@pytest.mark.parametrize("src_shards", [1, 3, 7])
@pytest.mark.parametrize("tgt_shards", [1, 3, 7])
def test_shards_do_not_change_a_bit(src_shards, tgt_shards):
    draw = np.random.default_rng(0)
    x = draw.normal(size=(200, 24)).astype(np.float32)
    y = (x + 1.2 * draw.normal(size=x.shape))[:150].astype(np.float32)
    x[5], y[7], y[8] = 0, 0, y[9]
    want = knn(x, y, 4, device="cpu")
    got = in_shards(x, y, 4, cuts(200, src_shards), cuts(150, tgt_shards), draw)
    for field in FIELDS:
        assert getattr(got, field).tobytes() == getattr(want, field).tobytes()
    for one, other in zip(margins(got), margins(want), strict=True):
        assert one.tobytes() == other.tobytes()
    for retrieval in ("max", "optimal"):
        one, other = (select(nb, margins(nb), retrieval, 1.0) for nb in (got, want))
        assert (one.src.tobytes(), one.tgt.tobytes(), one.score.tobytes()) == (
            other.src.tobytes(),
            other.tgt.tobytes(),
            other.score.tobytes(),
        )


@settings(deadline=None, max_examples=60)
@given(
    src=st.lists(st.integers(0, 6), min_size=1, max_size=5),
    tgt=st.lists(st.integers(0, 6), min_size=1, max_size=5),
    k=st.integers(1, 5),
    seed=st.integers(0, 999),
)
def test_any_cut_with_ties_and_shards_smaller_than_k(src, tgt, k, seed):
    draw = np.random.default_rng(seed)
    x, y = (draw.integers(-1, 2, size=(sum(side), 2)).astype(np.float32) for side in (src, tgt))
    want = knn(x, y, k, device="cpu")
    got = in_shards(x, y, k, np.cumsum([0, *src]).tolist(), np.cumsum([0, *tgt]).tolist(), draw)
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(got, field), getattr(want, field))


def test_the_best_of_candidates_with_missing_ones():
    sim = np.array([[0, 0.5, 0.7, 0.5, -0.1]], dtype=np.float32)
    index = np.array([[-1, 9, 4, 3, 8]])
    best = nearest_of(sim, index, 5)
    assert best[1].tolist() == [[4, 3, 9, 8, -1]]
