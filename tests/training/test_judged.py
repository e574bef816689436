"""Every pair is judged by the model that has not learnt from it."""

import numpy as np
import pytest

from xlcorpus.errors import UserError
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.select.calibration import SPARE_NEIGHBOURS
from xlcorpus.training.self_training.judged import by_target, judge

N, DIM = 400, 32


def sides(seed: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    x = draw.standard_normal((N, DIM))
    return x, x + noise * draw.standard_normal((N, DIM))


def test_right_pairs_are_recognised_as_right() -> None:
    judged = judge([knn(*sides(0, 0.3), 4 + SPARE_NEIGHBOURS)], np.zeros(N, dtype=np.int64))
    assert (judged.pairs.src == judged.pairs.tgt).mean() > 0.99
    assert judged.right == pytest.approx(len(judged.pairs), rel=0.02)
    assert judged.calibrated(0.95).refusal is None
    assert judged.gain > 0.9 * N


def test_sentences_without_a_partner_are_recognised_as_such() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, N, DIM))
    judged = judge([knn(x, y, 4 + SPARE_NEIGHBOURS)], np.zeros(N, dtype=np.int64))
    assert len(judged.pairs) > 50
    assert judged.gain < 50
    assert judged.calibrated(0.8).refusal is not None


def test_each_fold_has_the_pairs_of_its_own_model() -> None:
    x, y = sides(0, 0.3)
    turned = np.roll(y, 1, axis=0)
    fold = np.arange(N) % 2
    judged = judge([knn(x, y, 4 + SPARE_NEIGHBOURS), knn(x, turned, 4 + SPARE_NEIGHBOURS)], fold)
    src, tgt = judged.pairs.src, judged.pairs.tgt
    assert (fold[src] == judged.fold).all()
    assert (tgt[judged.fold == 0] == src[judged.fold == 0]).mean() > 0.9
    assert ((tgt[judged.fold == 1] - src[judged.fold == 1]) % N == 1).mean() > 0.9


def test_no_sentence_stands_in_two_pairs() -> None:
    x, y = sides(0, 0.3)
    fold = np.arange(N) % 2
    judged = judge([knn(x, y, 4 + SPARE_NEIGHBOURS), knn(x, np.roll(y, 1, axis=0), 4 + SPARE_NEIGHBOURS)], fold)
    for side in (judged.pairs.src, judged.pairs.tgt):
        assert len(np.unique(side)) == len(side)
    assert (np.diff(judged.pairs.score) <= 0).all()


def test_the_larger_side_is_dealt_into_folds() -> None:
    x, y = sides(0, 0.3)
    judged = judge([knn(x[:300], y, 4 + SPARE_NEIGHBOURS)] * 2, np.arange(N) % 2)
    assert by_target(300, N)
    assert (judged.pairs.tgt % 2 == judged.fold).all()


def test_too_few_neighbours_are_refused() -> None:
    with pytest.raises(UserError, match="needs 8 neighbours"):
        judge([knn(*sides(0, 0.3), 4)], np.zeros(N, dtype=np.int64))
