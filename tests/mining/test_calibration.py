import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.mining.select.calibration import best_threshold_f1, calibrate, precision_curve, threshold_for
from xlcorpus.mining.select.margin import margins
from xlcorpus.mining.select.removal import SPARE_NEIGHBOURS, Removal, remove_partners
from xlcorpus.mining.select.selection import select

K = 4


def corpus(n, noise, missing=0.0, dim=24, seed=0):
    """Neighbours of n sources and as many targets, and of each source its target row or -1."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, dim))
    y = x + noise * draw.normal(size=(n, dim))
    strangers = draw.random(n) < missing
    y[strangers] = draw.normal(size=(int(strangers.sum()), dim))
    order = draw.permutation(n)
    partner = np.where(strangers, -1, np.argsort(order))
    return knn(x, y[order], K + SPARE_NEIGHBOURS, "cpu"), partner


def mined(neighbours, retrieval="max", threshold=-np.inf):
    first = Neighbours(*(a[:, :K] for a in vars(neighbours).values()))
    return select(first, margins(first, "ratio"), retrieval, threshold)


def true_precision(neighbours, partner, threshold, retrieval="max"):
    pairs = mined(neighbours, retrieval, threshold)
    return (partner[pairs.src] == pairs.tgt).mean(), len(pairs)


@pytest.mark.parametrize("retrieval", ["forward", "backward", "max", "optimal", "intersect"])
@pytest.mark.parametrize("target_precision", [0.8, 0.95])
def test_the_target_precision_is_reached_where_half_the_sentences_have_no_translation(retrieval, target_precision):
    neighbours, partner = corpus(3000, noise=0.9, missing=0.5)
    found = calibrate(neighbours, target_precision, K, retrieval=retrieval)
    assert found.refusal is None
    precision, pairs = true_precision(neighbours, partner, found.threshold, retrieval)
    assert precision >= target_precision - 0.01
    assert pairs == pytest.approx(found.pairs, rel=0.02 if retrieval == "optimal" else 0)


def test_the_threshold_is_not_much_higher_than_it_must_be():
    neighbours, partner = corpus(3000, noise=0.9, missing=0.5)
    found = calibrate(neighbours, 0.8, K)
    pairs = mined(neighbours)
    right = np.cumsum(partner[pairs.src] == pairs.tgt) / np.arange(1, len(pairs) + 1)
    assert found.pairs >= 0.7 * (np.flatnonzero(right >= 0.8)[-1] + 1)


def test_all_pairs_are_kept_where_all_are_right():
    neighbours, _ = corpus(1000, noise=0.2)
    found = calibrate(neighbours, 0.95, K)
    assert found.pairs == len(mined(neighbours))
    assert found.precision > 0.99


def test_exact_copies_on_a_side_do_not_hide_that_its_pairs_are_right():
    draw = np.random.default_rng(1)
    x = draw.normal(size=(400, 24))
    y = x + 0.2 * draw.normal(size=x.shape)
    x, y = (np.concatenate([side, side[rows : rows + 60]]) for side, rows in ((x, 100), (y, 200)))
    found = calibrate(knn(x, y, K + SPARE_NEIGHBOURS, "cpu"), 0.95, K)
    assert found.refusal is None
    assert found.pairs >= 400


@pytest.mark.parametrize("n", [60, 300, 3000])
@pytest.mark.parametrize("seed", range(4))
def test_no_threshold_is_given_where_nothing_is_a_translation(n, seed):
    neighbours, _ = corpus(n, noise=1, missing=1.0, seed=seed)
    found = calibrate(neighbours, 0.8, K)
    assert found.threshold == np.inf
    assert found.pairs == 0
    assert found.refusal is not None


def test_too_few_pairs_are_refused():
    found = calibrate(corpus(20, noise=0.2)[0], 0.8, K)
    assert "fewer than 50 pairs" in found.refusal
    assert len(found.curve.threshold) == 0


def test_known_pairs_make_a_weak_encoder_usable():
    neighbours, partner = corpus(3000, noise=1.3, missing=0.5)
    assert calibrate(neighbours, 0.8, K).refusal is not None
    rows = np.flatnonzero(partner >= 0)[:500]
    found = calibrate(neighbours, 0.8, K, known=(rows, partner[rows]))
    assert found.refusal is None
    assert true_precision(neighbours, partner, found.threshold)[0] >= 0.79


def test_known_pairs_count_from_the_targets_side_too():
    neighbours, partner = corpus(2000, noise=1.5)
    rows = np.arange(500)
    turned = Neighbours(neighbours.bwd_sim, neighbours.bwd_index, neighbours.fwd_sim, neighbours.fwd_index)
    one = calibrate(neighbours, 0.8, K, retrieval="forward", known=(rows, partner[rows]))
    other = calibrate(turned, 0.8, K, retrieval="backward", known=(partner[rows], rows))
    assert one.threshold == other.threshold


def test_known_rows_that_do_not_exist_are_refused():
    with pytest.raises(UserError, match="row 300 of 300"):
        calibrate(corpus(300, noise=0.5)[0], 0.8, K, known=(np.array([300]), np.array([0])))


def test_the_curve_counts_the_pairs_that_a_threshold_keeps():
    neighbours, _ = corpus(800, noise=0.9, missing=0.5)
    curve = calibrate(neighbours, 0.9, K).curve
    pairs = mined(neighbours)
    assert [len(pairs.above(t)) for t in curve.threshold] == curve.pairs.tolist()
    assert ((curve.low <= curve.precision) & (curve.precision <= curve.high)).all()
    assert (np.diff(curve.threshold) > 0).all()


def test_calibration_is_the_same_on_every_run():
    neighbours, _ = corpus(500, noise=0.9, missing=0.5)
    one, two = (calibrate(neighbours, 0.9, K).curve for _ in range(2))
    np.testing.assert_array_equal(one.low, two.low)


@pytest.mark.parametrize("target_precision", [0, 1, 95])
def test_a_target_precision_is_a_share(target_precision):
    with pytest.raises(UserError, match="between 0 and 1"):
        calibrate(corpus(100, noise=0.5)[0], target_precision, K)


def test_without_its_partner_a_row_has_the_score_of_mining_without_it():
    neighbours, _ = corpus(40, noise=0.5, missing=0.3)
    removal = remove_partners(neighbours, K, retrieval="forward")
    # Brute force for forward retrieval, where rows do not compete: leave the partner out of the row's list.
    for row in range(40):
        keep = neighbours.fwd_index[row] != removal.partner[row]
        sim, index = neighbours.fwd_sim[row][keep], neighbours.fwd_index[row][keep]
        other = neighbours.bwd_sim[:, :K].mean(axis=1)
        best = []
        for skip in range(SPARE_NEIGHBOURS):
            kept = np.r_[0:skip, skip + 1 : len(sim)][:K]
            best.append((sim[kept] / ((sim[kept].mean() + other[index[kept]]) / 2)).max())
        alone = (sim[:K] / ((sim[:K].mean() + other[index[:K]]) / 2)).max()
        near = removal.without[row] == pytest.approx(alone, abs=1e-5)
        # Others of its fold may be gone as well.
        assert near or removal.without[row] <= removal.own[row] or removal.without[row] >= min(best) - 1e-5


def test_removal_needs_spare_neighbours_and_one_pair_a_row():
    neighbours, _ = corpus(100, noise=0.5)
    with pytest.raises(UserError, match="needs 9 neighbours"):
        remove_partners(neighbours, 5)
    with pytest.raises(UserError, match="'n_best'"):
        remove_partners(neighbours, K, retrieval="n_best")


def test_removal_of_nothing_is_nothing():
    neighbours = knn(np.zeros((0, 3)), np.ones((5, 3)), K + SPARE_NEIGHBOURS, "cpu")
    assert precision_curve(remove_partners(neighbours, K)).pairs.tolist() == []


def test_an_ideal_null_gives_the_true_precision():
    draw = np.random.default_rng(1)
    n, right = 20_000, draw.random(20_000) < 0.6
    best_wrong, true_score = draw.normal(0, 1, n), draw.normal(3, 1, n)
    wins = right & (true_score > best_wrong)
    own = np.where(wins, true_score, best_wrong)
    without = np.where(wins, best_wrong, -1.0 + draw.normal(0, 1, n))
    curve = precision_curve(Removal(own, without, np.zeros(n, dtype=np.int64), by_target=False))
    for target_precision in (0.7, 0.9, 0.99):
        found = threshold_for(curve, target_precision)
        assert wins[own >= found.threshold].mean() == pytest.approx(target_precision, abs=0.02)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=12),
    st.integers(0, 4),
)
def test_best_f1_equals_trying_every_threshold(pairs, missed):
    scores, right = [s / 2 for s, _ in pairs], [r for _, r in pairs]
    gold = sum(right) + missed

    def f1(threshold):
        kept = [r for s, r in zip(scores, right, strict=True) if s >= threshold]
        return 2 * sum(kept) / (len(kept) + gold) if kept else 0.0

    threshold, best = best_threshold_f1(scores, right, gold)
    assert best == pytest.approx(max((f1(s) for s in scores), default=0.0))
    assert f1(threshold) == pytest.approx(best)


def test_the_last_pair_may_be_the_best_cut():
    assert best_threshold_f1([0.9, 0.8, 0.7], [True, False, True], 2) == (0.7, 0.8)


def test_the_threshold_lies_in_the_middle():
    assert best_threshold_f1([0.9, 0.5], [True, False], 1) == (0.7, 1.0)


def test_gold_that_cannot_be_is_refused():
    with pytest.raises(UserError, match="only 1 gold"):
        best_threshold_f1([1.0, 0.9], [True, True], 1)
    with pytest.raises(UserError, match="one length"):
        best_threshold_f1([1.0, 0.9], [True], 1)
