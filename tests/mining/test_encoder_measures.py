"""Measures of embeddings whose right answers are known, and intervals that hold the true value."""

import numpy as np
import pytest

from xlcorpus.errors import UserError
from xlcorpus.mining.evaluate.encoder_measures import measure_encoder
from xlcorpus.mining.evaluate.hard_negatives import HardNegatives
from xlcorpus.mining.evaluate.resampling import interval, resampled_means

TEXTS = [f"sentence {i}" for i in range(60)]


def vectors(noise: float, n: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of 32 dimensions, the second with noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 32)).astype(np.float32)
    return x, x + noise * rng.normal(size=(n, 32)).astype(np.float32)


def test_equal_embeddings_are_perfect():
    found = measure_encoder(*vectors(0.0), TEXTS, TEXTS)
    assert found.n == 60
    right = {"p_at_1": 1.0, "mrr": 1.0, "bidirectional": 1.0, "mean_rank": 1.0, "xsim": 0.0, "f1": 1.0}
    assert {name: found.values[name] for name in right} == pytest.approx(right)
    assert np.isnan(found.values["xsim_plus"])


def test_more_noise_is_worse_in_every_measure():
    near, far = (measure_encoder(*vectors(noise), TEXTS, TEXTS).values for noise in (0.8, 2.0))
    for name in ("p_at_1", "p_at_1_forward", "p_at_1_backward", "mrr", "bidirectional", "f1"):
        assert near[name] > far[name], name
    for name in ("mean_rank", "xsim"):
        assert near[name] < far[name], name


def test_a_hard_negative_that_equals_the_source_is_an_error_of_xsim_plus_alone():
    x, y = vectors(0.3)
    made = HardNegatives(["changed"], np.array([7]), ["word"])
    found = measure_encoder(x, y, TEXTS, TEXTS, (x[7:8], made))
    assert found.values["xsim"] == 0.0
    assert found.values["xsim_plus"] == pytest.approx(1 / 60)


def test_a_copy_of_the_translation_is_right_too():
    x, y = vectors(0.0)
    y[1] = y[0]
    texts = ["same", "same", *TEXTS[2:]]
    assert measure_encoder(x, y, TEXTS, texts).values["p_at_1_forward"] == pytest.approx(59 / 60)


def test_few_pairs_are_refused():
    with pytest.raises(UserError, match="9 pairs are too few to measure an encoder on; at least 10"):
        measure_encoder(*vectors(0.1, n=9), TEXTS[:9], TEXTS[:9])


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    # 300 times 100 coins of 0.7: a 95 % interval misses the truth in some 5 to 8 % (the bootstrap is a little narrow).
    rng = np.random.default_rng(0)
    held = 0
    for trial in range(300):
        coins = (rng.random((100, 1)) < 0.7).astype(float)
        low, high = interval(resampled_means(coins, 400, seed=trial))
        held += bool(low[0] <= 0.7 <= high[0])
    assert 0.9 < held / 300 < 0.98


def test_two_tables_of_one_length_see_the_same_draws():
    values = np.random.default_rng(0).random((50, 2))
    both = resampled_means(values, 250, seed=3)
    assert both[:, 0] == pytest.approx(resampled_means(values[:, :1], 250, seed=3)[:, 0])
    assert resampled_means(values, 250, seed=4).tolist() != both.tolist()
