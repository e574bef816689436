import numpy as np
import pytest

from xlcorpus.errors import UserError
from xlcorpus.mining.search.knn import unit_rows
from xlcorpus.mining.select.bitext import mine_pairs


def parallel(n=300, dim=32, noise=0.6, seed=0):
    """Two sides of true pairs, the second shuffled, and the row of y that belongs to each row of x."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, dim))
    order = draw.permutation(n)
    y = (x + noise * draw.normal(size=(n, dim)))[order]
    return x.astype(np.float32), y.astype(np.float32), np.argsort(order)


def laser_max(x, y, k, margin):
    """LASER's mining with `max` retrieval, written out after its description: dict of (src, tgt) to score."""
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    y = y / np.linalg.norm(y, axis=1, keepdims=True)
    cos = x @ y.T
    fwd = np.argsort(-cos, axis=1)[:, :k]
    bwd = np.argsort(-cos.T, axis=1)[:, :k]
    x_mean = np.take_along_axis(cos, fwd, axis=1).mean(axis=1)
    y_mean = np.take_along_axis(cos.T, bwd, axis=1).mean(axis=1)
    edges = []
    for i in range(len(x)):
        edges.append(max((margin(cos[i, j], (x_mean[i] + y_mean[j]) / 2), i, j) for j in fwd[i]))
    for j in range(len(y)):
        edges.append(max((margin(cos[i, j], (x_mean[i] + y_mean[j]) / 2), i, j) for i in bwd[j]))
    pairs, used_src, used_tgt = {}, set(), set()
    for score, i, j in sorted(edges, reverse=True):
        if i not in used_src and j not in used_tgt:
            pairs[int(i), int(j)] = float(score)
            used_src.add(i)
            used_tgt.add(j)
    return pairs


@pytest.mark.parametrize(
    ("margin", "function"),
    [
        ("ratio", lambda a, b: a / b),
        ("distance", lambda a, b: a - b),
        ("absolute", lambda a, b: a),
    ],
)
@pytest.mark.parametrize("k", [1, 4])
def test_scores_and_pairs_equal_lasers(margin, function, k):
    x, y, _ = parallel(noise=1.5)
    got = mine_pairs(x, y, k=k, margin=margin, threshold=-np.inf, min_cosine=-1, device="cpu")
    want = laser_max(x, y, k, function)
    assert set(zip(got.src.tolist(), got.tgt.tolist(), strict=True)) == set(want)
    scores = [want[pair] for pair in zip(got.src.tolist(), got.tgt.tolist(), strict=True)]
    np.testing.assert_allclose(got.score, scores, atol=1e-5)


def test_true_pairs_are_found_and_ordered_by_score():
    x, y, partner = parallel()
    pairs = mine_pairs(x, y, device="cpu")
    assert (pairs.tgt == partner[pairs.src]).mean() > 0.99
    assert len(pairs) > 290
    assert (np.diff(pairs.score) <= 0).all()


def test_the_result_does_not_depend_on_the_memory():
    x, y, _ = parallel(n=2000, dim=512, noise=1.5)
    one, other = (mine_pairs(x, y, device="cpu", memory_mb=mb) for mb in (40, 1000))
    for field in ("src", "tgt", "score", "cosine"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))


def test_copies_of_a_sentence_do_not_push_its_margin_down():
    x, y, partner = parallel()
    copies = np.concatenate([y, np.repeat(y[partner[:1]], 5, axis=0)])
    pairs = mine_pairs(x, copies, device="cpu")
    assert pairs.tgt[pairs.src == 0].tolist() == [partner[0]]
    np.testing.assert_array_equal(pairs.score, mine_pairs(x, y, device="cpu").score)


def test_zero_vectors_never_pair():
    x, y, _ = parallel()
    x[:3], y[:3] = 0, 0
    pairs = mine_pairs(x, y, retrieval="forward", threshold=-np.inf, min_cosine=-1, device="cpu")
    assert pairs.src.min() == 3 and pairs.tgt.min() >= 3


def test_nan_is_named_by_the_callers_row():
    x, y, _ = parallel(20)
    x[1], x[12, 0] = x[0], np.nan
    with pytest.raises(UserError, match="source embeddings hold NaN or infinity in row 12"):
        mine_pairs(x, y)


def test_more_neighbours_than_rows():
    x, y, _ = parallel(3)
    assert len(mine_pairs(x, y, k=10, threshold=0, device="cpu")) == 3


def test_one_side_empty():
    assert len(mine_pairs(np.zeros((0, 4)), np.ones((3, 4)), device="cpu")) == 0


def test_a_cosine_floor_keeps_outliers_out():
    """Isolated vectors win by ratio (little over less); with the floor, F1 rises (LASER issues 129, 198)."""
    draw = np.random.default_rng(0)
    topic = draw.normal(size=(1, 64))
    core = draw.normal(size=(400, 64))
    x = np.concatenate([topic + core, draw.normal(size=(800, 64))])
    y = np.concatenate([topic + core + draw.normal(size=(400, 64)), draw.normal(size=(800, 64))])

    def f1(pairs):
        right = int(((pairs.src == pairs.tgt) & (pairs.src < 400)).sum())
        return 2 * right / (len(pairs) + 400)

    plain = f1(mine_pairs(x, y, threshold=1.1, device="cpu"))
    floored = f1(mine_pairs(x, y, threshold=1.1, min_cosine=0.6, device="cpu"))
    assert floored > plain + 0.1


def test_vectors_on_disk_give_the_same(tmp_path):
    x, y, _ = parallel()
    np.save(tmp_path / "x.npy", x)
    mapped = mine_pairs(np.load(tmp_path / "x.npy", mmap_mode="r"), y, device="cpu")
    np.testing.assert_array_equal(mapped.score, mine_pairs(unit_rows(x, "source"), y, device="cpu").score)
