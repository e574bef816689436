"""Repetition that short texts show too: bigrams of words that stood before, and characters equal to the one before."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Floats64, Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.text.code_points import CodePoints, Codes
from xlcorpus.text.measures.rolling_hash import BASE, mixed, slot
from xlcorpus.text.measures.word_table import Words

MAX_WORDS, MAX_CHARACTERS = 500, 2000
"""First words and characters of a text that are looked at: in a long text word bigrams come again without its being
repetitive."""


def bigram_repetition(texts: CodePoints, words: Words, small: Codes) -> Floats64:
    """(texts,) float64: how much each text repeats itself, 0 to 1; NaN for one of fewer than two characters.

    The larger of two shares: of the word bigrams that stood before, in the first 500 words, and of the characters that
    equal the one before, in the first 2,000.

    Args:
        texts: the texts.
        words: their words.
        small: (0x110000,) how letters are compared (`small_letters()`).
    """
    keys = np.empty(1 << (2 * MAX_WORDS).bit_length(), dtype=np.uint64)
    owner = np.full(len(keys), -1, dtype=np.int64)
    return _bigram_repetition(
        texts.codes, texts.bounds, words.codes, words.start, words.end, words.first, small, keys, owner
    )


@compiled
def _bigram_repetition(
    codes: Codes,
    bounds: Ints64,
    word_codes: Codes,
    start: Ints64,
    end: Ints64,
    first_word: Ints64,
    small: Codes,
    keys: UInts64,
    owner: Ints64,
) -> Floats64:
    out = np.full(len(bounds) - 1, np.nan)
    mask = len(keys) - 1
    for t in range(len(out)):
        size = min(bounds[t + 1] - bounds[t], MAX_CHARACTERS)
        equal = 0
        for i in range(bounds[t] + 1, bounds[t] + size):
            equal += codes[i] == codes[i - 1]
        if size > 1:
            out[t] = equal / (size - 1)
        n_words = min(first_word[t + 1] - first_word[t], MAX_WORDS)
        before, repeated = np.uint64(0), 0
        for w in range(first_word[t], first_word[t] + n_words):
            value = np.uint64(1)
            for i in range(start[w], end[w]):
                value = value * BASE + mixed(np.uint64(small[word_codes[i]]))
            value = mixed(value)
            if w > first_word[t]:
                bigram = before * BASE + value
                place = slot(keys, owner, mask, bigram, t)
                if owner[place] == t:
                    repeated += 1
                else:
                    owner[place], keys[place] = t, bigram
            before = value
        if n_words > 1:
            out[t] = max(out[t], repeated / (n_words - 1))
    return out
