"""Pairs inside documents, against a reference that looks at every pair of rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.mining.select.within import background_cosines, pairs_within


def unit(rng: np.random.Generator, n: int) -> np.ndarray:
    x = rng.normal(size=(n, 6)).astype(np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 12), st.integers(0, 9), st.integers(2, 4))
def test_margins_and_pairs_are_those_of_the_definition(seed: int, n: int, m: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    x, y, background = unit(rng, n), unit(rng, m), unit(rng, 5)
    x_doc, y_doc = np.sort(rng.integers(0, 4, n)), np.sort(rng.integers(0, 4, m))
    background_doc = rng.integers(0, 4, 5)
    near = (
        background_cosines(x, background, x_doc, background_doc, k),
        background_cosines(y, background, y_doc, background_doc, k),
    )
    found = pairs_within(x, y, x_doc, y_doc, *near, threshold=0.9, min_cosine=0.1)

    def mean(v: np.ndarray, others: np.ndarray, doc: int) -> float:
        near = [*(others @ v), *(background[background_doc != doc] @ v)]
        return float(np.mean(sorted(near, reverse=True)[:k]))

    edges = []
    for i in range(n):
        for j in range(m):
            if x_doc[i] == y_doc[j]:
                cosine, doc = float(x[i] @ y[j]), int(x_doc[i])
                scale = (mean(x[i], y[y_doc == doc], doc) + mean(y[j], x[x_doc == doc], doc)) / 2
                if scale > 1e-6 and cosine / scale >= 0.9 and cosine >= 0.1:
                    edges.append((-cosine / scale, i, j))
    taken: list[tuple[int, int]] = []
    for _, i, j in sorted(edges):
        if all(i != a and j != b for a, b in taken):
            taken.append((i, j))
    assert sorted(zip(found.src.tolist(), found.tgt.tolist(), strict=True)) == sorted(taken)
    assert found.score == pytest.approx(np.array([-s for s, i, j in sorted(edges) if (i, j) in taken]), rel=1e-4)
    assert found.cosine == pytest.approx(np.array([x[i] @ y[j] for i, j in zip(found.src, found.tgt, strict=True)]))


def test_rows_of_different_documents_never_pair() -> None:
    x = np.tile(np.array([[0.6, 0.8]], dtype=np.float32), (3, 1))
    nobody = np.full((3, 2), -1, dtype=np.float32)

    found = pairs_within(x, x, np.array([0, 1, 2]), np.array([1, 2, 3]), nobody, nobody, 0.5, 0.0)

    assert list(zip(found.src.tolist(), found.tgt.tolist(), strict=True)) == [(1, 0), (2, 1)]


def test_zero_vectors_pair_with_nobody() -> None:
    x = np.zeros((2, 6), dtype=np.float32)
    here = np.zeros(2, dtype=np.int64)
    nobody = np.full((2, 1), -1, dtype=np.float32)

    assert len(pairs_within(x, x, here, here, nobody, nobody, 1.0, 0.0)) == 0


def test_the_background_is_of_other_documents() -> None:
    x = np.eye(2, dtype=np.float32)

    near = background_cosines(x, x, np.array([0, 1]), np.array([0, 0]), 2)

    assert near.tolist() == [[-1.0, -1.0], [1.0, 0.0]]
