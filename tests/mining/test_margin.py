import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.mining.search.knn import Neighbours, knn
from xlcorpus.mining.select.margin import margins, neighbour_means


def by_the_formula(x, y, k, margin):
    """Margins of all n x m pairs, pair by pair (Artetxe & Schwenk 2019, section 3.1)."""
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    y = y / np.linalg.norm(y, axis=1, keepdims=True)
    cos = x @ y.T
    out = np.zeros(cos.shape)
    for i in range(len(x)):
        for j in range(len(y)):
            m_x = np.mean(sorted(cos[i])[-k:])
            m_y = np.mean(sorted(cos[:, j])[-k:])
            b = (m_x + m_y) / 2
            out[i, j] = {"ratio": cos[i, j] / b, "distance": cos[i, j] - b, "absolute": cos[i, j]}[margin]
    return out


@settings(deadline=None, max_examples=40)
@given(
    n=st.integers(1, 15),
    m=st.integers(1, 15),
    k=st.integers(1, 6),
    margin=st.sampled_from(["ratio", "distance", "absolute"]),
    seed=st.integers(0, 999),
)
def test_margins_are_those_of_the_formula(n, m, k, margin, seed):
    draw = np.random.default_rng(seed)
    x, y = draw.normal(size=(n, 5)) + 1, draw.normal(size=(m, 5)) + 1
    nb = knn(x, y, k, device="cpu")
    fwd, bwd = margins(nb, margin)
    want = by_the_formula(x, y, k, margin)
    for score, index, matrix in ((fwd, nb.fwd_index, want), (bwd, nb.bwd_index, want.T)):
        rows, columns = np.nonzero(np.isfinite(score))
        np.testing.assert_allclose(score[rows, columns], matrix[rows, index[rows, columns]], rtol=1e-4, atol=1e-5)


def test_a_pair_has_one_score_from_both_sides():
    x = np.array([[1.0, 0.2], [0.3, 1.0]])
    nb = knn(x, x[::-1], k=2, device="cpu")
    fwd, bwd = margins(nb, "ratio")
    assert fwd[0, 0] == bwd[1, 0]


def test_means_count_only_neighbours_that_exist():
    sim = np.array([[0.8, 0.4, 0.0], [0.0, 0.0, 0.0]], dtype=np.float32)
    index = np.array([[3, 1, -1], [-1, -1, -1]])
    np.testing.assert_allclose(neighbour_means(sim, index), [0.6, 0.0], rtol=1e-6)


def test_no_candidate_has_no_score():
    nb = knn(np.eye(2), np.eye(2)[:1], k=2, device="cpu")
    fwd, _ = margins(nb, "distance")
    assert np.isneginf(fwd[:, 1]).all()


def test_a_neighbourhood_without_likeness_gives_no_ratio():
    """-0.2 / -0.1 would be 2: the best score for a pair that is worse than nothing."""
    sim, index = np.array([[-0.2]], dtype=np.float32), np.array([[0]])
    fwd, bwd = margins(Neighbours(sim, index, sim, index), "ratio")
    assert np.isneginf(fwd).all() and np.isneginf(bwd).all()


def test_an_unknown_margin_names_the_nearest():
    nb = knn(np.eye(2), np.eye(2), k=1, device="cpu")
    with pytest.raises(UserError, match="did you mean 'ratio'"):
        margins(nb, "ration")
