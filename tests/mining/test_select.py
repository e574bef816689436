import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from xlcorpus.errors import UserError
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.select.margin import margins
from xlcorpus.mining.select.selection import select

RETRIEVALS = ["forward", "backward", "max", "optimal", "intersect", "n_best"]
BY_SCORE = [r for r in RETRIEVALS if r != "optimal"]


def candidates(n, m, k, seed, margin="ratio"):
    draw = np.random.default_rng(seed)
    nb = knn(draw.normal(size=(n, 4)) + 0.5, draw.normal(size=(m, 4)) + 0.5, k, device="cpu")
    return nb, margins(nb, margin)


def admitted_edges(nb, scores, threshold, min_cosine):
    """All candidates of both lists as {(src, tgt): score}."""
    out = {}
    for turned, sim, index, score in (
        (0, nb.fwd_sim, nb.fwd_index, scores[0]),
        (1, nb.bwd_sim, nb.bwd_index, scores[1]),
    ):
        for row, column in np.ndindex(index.shape):
            other, value = int(index[row, column]), score[row, column]
            if other >= 0 and value >= threshold and value > -np.inf and sim[row, column] >= min_cosine:
                out[(other, row) if turned else (row, other)] = value
    return out


def reference(nb, scores, retrieval, threshold, min_cosine, n_best=2):
    """The pairs as (score, src, tgt), with plain loops."""
    if retrieval == "n_best":
        edges = sorted((-s, src, tgt) for (src, tgt), s in admitted_edges(nb, scores, threshold, min_cosine).items())
        return [e for i, e in enumerate(edges) if sum(e[1] == f[1] for f in edges[:i]) < n_best]

    def best(sim, index, score):
        out = {}
        for row in range(len(sim)):
            admitted = [
                (-score[row, j], index[row, j])
                for j in range(sim.shape[1])
                if index[row, j] >= 0 and score[row, j] >= threshold and sim[row, j] >= min_cosine
            ]
            if admitted and min(admitted)[0] < np.inf:
                out[row] = min(admitted)
        return out

    fwd = [(s, row, col) for row, (s, col) in best(nb.fwd_sim, nb.fwd_index, scores[0]).items()]
    bwd = [(s, col, row) for row, (s, col) in best(nb.bwd_sim, nb.bwd_index, scores[1]).items()]
    if retrieval == "forward":
        return sorted(fwd)
    if retrieval == "backward":
        return sorted(bwd)
    if retrieval == "intersect":
        return sorted(set(fwd) & set(bwd))
    out, used_src, used_tgt = [], set(), set()
    for score, src, tgt in sorted(fwd + bwd):
        if src not in used_src and tgt not in used_tgt:
            out.append((score, src, tgt))
            used_src.add(src)
            used_tgt.add(tgt)
    return out


@settings(deadline=None, max_examples=80)
@given(
    n=st.integers(1, 20),
    m=st.integers(1, 20),
    k=st.integers(1, 5),
    margin=st.sampled_from(["ratio", "distance", "absolute"]),
    retrieval=st.sampled_from(BY_SCORE),
    threshold=st.sampled_from([-np.inf, 0.0, 0.9, 1.05]),
    min_cosine=st.sampled_from([-1.0, 0.0, 0.8]),
    seed=st.integers(0, 999),
)
def test_every_retrieval_equals_plain_loops(n, m, k, margin, retrieval, threshold, min_cosine, seed):
    nb, scores = candidates(n, m, k, seed, margin)
    pairs = select(nb, scores, retrieval, threshold, min_cosine, n_best=2)
    want = reference(nb, scores, retrieval, threshold, min_cosine)
    assert list(zip((-pairs.score).tolist(), pairs.src.tolist(), pairs.tgt.tolist(), strict=True)) == want
    assert pairs.score.dtype == pairs.cosine.dtype == np.float32


@pytest.mark.parametrize("retrieval", RETRIEVALS)
def test_the_threshold_holds_in_every_retrieval(retrieval):
    nb, scores = candidates(60, 50, 4, seed=1)
    everything = select(nb, scores, retrieval)
    some = select(nb, scores, retrieval, threshold=1.05)
    assert 0 < len(some) < len(everything)
    assert some.score.min() >= np.float32(1.05)
    if retrieval != "optimal":
        assert everything.above(1.05).src.tolist() == some.src.tolist()


@pytest.mark.parametrize("retrieval", ["max", "optimal", "intersect"])
def test_one_to_one(retrieval):
    nb, scores = candidates(60, 50, 4, seed=2)
    pairs = select(nb, scores, retrieval)
    assert len(set(pairs.src.tolist())) == len(set(pairs.tgt.tolist())) == len(pairs)


def test_the_cosine_floor_lets_the_next_candidate_in():
    """A low cosine that wins by its ratio must not keep a source from its second candidate."""
    nb, _ = candidates(1, 2, 2, seed=3)
    nb.fwd_sim[:] = [[0.9, 0.1]]
    scores = (
        np.where(nb.fwd_index == nb.fwd_index[0, 1], 1.3, 1.1).astype(np.float32),
        np.ones((2, 2), np.float32),
    )
    second = nb.fwd_index[0, 1]
    assert select(nb, scores, "forward").tgt.tolist() == [second]
    assert select(nb, scores, "forward", min_cosine=0.5).tgt.tolist() == [1 - second]


def test_an_unknown_retrieval_names_the_nearest():
    nb, scores = candidates(3, 3, 1, seed=0)
    with pytest.raises(UserError, match="did you mean 'forward'"):
        select(nb, scores, "foward")


@settings(deadline=None, max_examples=80)
@given(
    n=st.integers(1, 12),
    m=st.integers(1, 12),
    k=st.integers(1, 5),
    margin=st.sampled_from(["ratio", "distance"]),
    threshold=st.sampled_from([-np.inf, 0.0, 0.9, 1.05]),
    min_cosine=st.sampled_from([-1.0, 0.0, 0.8]),
    seed=st.integers(0, 999),
)
def test_optimal_is_the_dense_assignment_of_what_exceeds_the_threshold(n, m, k, margin, threshold, min_cosine, seed):
    nb, scores = candidates(n, m, k, seed, margin)
    edges = admitted_edges(nb, scores, threshold, min_cosine)
    base = threshold if np.isfinite(threshold) else min([0, *edges.values()])
    dense = np.zeros((n, m))
    for (src, tgt), score in edges.items():
        dense[src, tgt] = float(score) - base
    pairs = select(nb, scores, "optimal", threshold, min_cosine)
    chosen = list(zip(pairs.src.tolist(), pairs.tgt.tolist(), strict=True))
    assert [edges[pair] for pair in chosen] == pairs.score.tolist()
    assert len(set(pairs.src.tolist())) == len(set(pairs.tgt.tolist())) == len(pairs)
    best = dense[linear_sum_assignment(dense, maximize=True)].sum()
    assert sum(dense[pair] for pair in chosen) == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("retrieval", RETRIEVALS)
@pytest.mark.parametrize("min_cosine", [-1.0, 0.7])
def test_the_floor_adds_the_best_below_the_threshold(retrieval, min_cosine):
    nb, scores = candidates(60, 50, 4, seed=1)
    above = select(nb, scores, retrieval, 1.1, min_cosine)
    filled = select(nb, scores, retrieval, 1.1, min_cosine, min_count=len(above) + 5)
    assert len(filled) == len(above) + 5
    assert filled.src[: len(above)].tolist() == above.src.tolist()
    assert filled.tgt[: len(above)].tolist() == above.tgt.tolist()
    assert filled.score[len(above) :].max() < 1.1 and filled.cosine.min() >= min_cosine
    if retrieval in ("max", "optimal", "intersect"):
        assert len(set(filled.src.tolist())) == len(set(filled.tgt.tolist())) == len(filled)


@pytest.mark.parametrize("retrieval", RETRIEVALS)
def test_a_floor_above_all_candidates_takes_what_there_is(retrieval):
    nb, scores = candidates(20, 15, 2, seed=1)
    assert 0 < len(select(nb, scores, retrieval, 1.1, min_count=10_000)) <= 80
    enough = select(nb, scores, retrieval, 1.0)
    assert select(nb, scores, retrieval, 1.0, min_count=len(enough)).src.tolist() == enough.src.tolist()


def test_n_best_gives_each_pair_once():
    nb, scores = candidates(30, 20, 4, seed=5)
    pairs = select(nb, scores, "n_best", n_best=100)
    assert len(set(zip(pairs.src.tolist(), pairs.tgt.tolist(), strict=True))) == len(pairs)
    assert set(zip(pairs.src.tolist(), pairs.tgt.tolist(), strict=True)) == set(admitted_edges(nb, scores, -np.inf, -1))


@pytest.mark.parametrize("option", [{"min_count": -1}, {"n_best": 0}])
def test_counts_below_their_least_value_are_explained(option):
    nb, scores = candidates(3, 3, 1, seed=0)
    with pytest.raises(UserError, match="min_count must be at least 0 and n_best at least 1"):
        select(nb, scores, **option)
