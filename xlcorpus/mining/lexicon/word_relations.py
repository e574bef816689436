"""Frequency, sentence features and co-occurrences of the words of a monolingual corpus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from xlcorpus.arrays import Floats32, Floats64, Ints64

HABITS = (
    ("log of its share of all words", 0.5),
    ("mean length of its sentences over the mean of all", 0.08),
    ("tokens per sentence that holds it", 0.1),
)
"""Features of a word, and their usual difference between translations."""


@dataclass(frozen=True)
class WordProfile:
    """Features of n words. Word order is left out: languages differ in it."""

    count: Floats64
    """(n,) float64: sentences that hold the word"""
    habits: Floats64
    """(n, 3) float64: see `HABITS`"""
    together: Floats32
    """(n, n) float32: correlation (phi) of occurring in one sentence; 0 on the diagonal"""


def word_profile(word: Ints64, starts: Ints64, n: int) -> WordProfile:
    """Measure the words 0 to n - 1 of a corpus.

        word_profile(np.array([0, 1, 0, 2]), np.array([0, 2, 4]), 3)  # two sentences of two words

    Args:
        word: (tokens,) int64: the words, sentence by sentence; -1 for one that is left out.
        starts: (sentences + 1,) int64: where each sentence begins.
        n: number of words.
    """
    sentences = max(len(starts) - 1, 1)
    lengths = np.diff(starts)
    known = word >= 0
    sentence = np.repeat(np.arange(len(lengths)), lengths)[known]
    ones = np.ones(len(sentence), dtype=np.float32)
    holds = sparse.csr_matrix((ones, (sentence, word[known])), shape=(sentences, n))
    holds.data[:] = 1  # repetitions were added up
    count = np.asarray(holds.sum(axis=0), dtype=np.float64).ravel()
    both = np.asarray((holds.T @ holds).todense(), dtype=np.float64)
    together = phi(both / sentences, count / sentences)
    np.fill_diagonal(together, 0)
    tokens = np.bincount(word[known], minlength=n).clip(1)
    total_length = np.bincount(word[known], weights=lengths[sentence], minlength=n)
    habits = np.column_stack(
        [
            np.log(tokens / tokens.sum()) if n else tokens,
            total_length / tokens / max(float(lengths.mean()) if len(lengths) else 0.0, 1e-9),
            tokens / count.clip(1),
        ]
    )
    return WordProfile(count, habits, together)


def phi(both: Floats64, share: Floats64) -> Floats32:
    """Correlation of every two of n events; its error is about the same for rare and for frequent ones.

    Args:
        both: (n, n) share of the cases in which both happen.
        share: (n,) share in which each happens.

    Returns:
        (n, n) float32, -1 to 1; 0 for what always or never happens.
    """
    spread = np.sqrt(np.outer(share * (1 - share), share * (1 - share)))
    apart = both - np.outer(share, share)
    return np.divide(apart, spread, out=np.zeros_like(both), where=spread > 0).astype(np.float32)
