import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.mining.knn import knn
from xlcorpus.mining.margin import margins
from xlcorpus.mining.select import select

RETRIEVALS = ["forward", "backward", "max", "intersect"]


def candidates(n, m, k, seed, margin="ratio"):
    draw = np.random.default_rng(seed)
    nb = knn(draw.normal(size=(n, 4)) + 0.5, draw.normal(size=(m, 4)) + 0.5, k, device="cpu")
    return nb, margins(nb, margin)


def reference(nb, scores, retrieval, threshold, min_cosine):
    """The pairs as (score, src, tgt), with plain loops."""

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
    retrieval=st.sampled_from(RETRIEVALS),
    threshold=st.sampled_from([-np.inf, 0.0, 0.9, 1.05]),
    min_cosine=st.sampled_from([-1.0, 0.0, 0.8]),
    seed=st.integers(0, 999),
)
def test_every_retrieval_equals_plain_loops(n, m, k, margin, retrieval, threshold, min_cosine, seed):
    nb, scores = candidates(n, m, k, seed, margin)
    pairs = select(nb, scores, retrieval, threshold, min_cosine)
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
    assert everything.above(1.05).src.tolist() == some.src.tolist()


@pytest.mark.parametrize("retrieval", ["max", "intersect"])
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
