"""The in-batch softmax, against its definition."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.training.softmax import in_batch_softmax


def by_hand(src, tgt, same, scale, smoothing, weight):
    """Each sentence of each side: cross entropy of its partner among the candidates of the other side."""
    x = src / np.linalg.norm(src, axis=1, keepdims=True)
    y = tgt / np.linalg.norm(tgt, axis=1, keepdims=True)
    total = 0.0
    for a, b, equal in ((x, y, same), (y, x, same.T)):
        for i in range(len(a)):
            candidates = [j for j in range(len(b)) if j == i or not equal[i, j]]
            logits = {j: scale * float(a[i] @ b[j]) for j in candidates}
            z = np.log(sum(np.exp(v) for v in logits.values()))
            smooth = sum(v - z for v in logits.values()) / len(candidates)
            total += weight[i] * -((1 - smoothing) * (logits[i] - z) + smoothing * smooth)
    return total / (2 * len(src))


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 6), st.integers(0, 1000), st.sampled_from([0.0, 0.1]), st.sampled_from([1.0, 20.0]))
def test_it_is_the_mean_cross_entropy_of_both_directions(n, seed, smoothing, scale):
    rng = np.random.default_rng(seed)
    src, tgt = rng.normal(size=(2, n, 4))
    same = rng.random((n, n)) < 0.3
    weight = rng.uniform(0.5, 2, n)
    tensors = [torch.from_numpy(a) for a in (src, tgt, same)]
    got = in_batch_softmax(*tensors, scale, smoothing, torch.from_numpy(weight))
    assert float(got) == pytest.approx(by_hand(src, tgt, same, scale, smoothing, weight), rel=1e-4, abs=1e-5)


def test_equal_sentences_do_not_push_each_other_apart():
    """Two pairs with the same target: without the mask each would be the other's worst negative."""
    vectors = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    one = torch.ones(2)
    assert float(in_batch_softmax(vectors, vectors, torch.ones(2, 2, dtype=torch.bool), 20.0, 0.0, one)) == 0.0
    apart = in_batch_softmax(vectors, vectors, torch.eye(2, dtype=torch.bool), 20.0, 0.0, one)
    assert float(apart) == pytest.approx(np.log(2))
