"""Whether the letters of documents follow a pattern, as in every language, or are random, as in a dump of bytes."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Floats64, Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.text.code_points import Codes
from xlcorpus.text.measures.classes import LETTER, MARK, Flags
from xlcorpus.text.measures.rolling_hash import mixed, slot
from xlcorpus.text.measures.word_table import Words

MAX_LETTERS = 2000
"""First letters of a text that are looked at."""
MIN_LETTERS = 100
"""Letters of a text, at least, for a verdict."""
SURE_LETTERS = 300
"""Letters from which on also unrelated sentences of a language show its pattern. The measure of a shorter text is
raised by one standard deviation for every 100 letters that are missing."""
SHUFFLES = 3
"""Shuffles over which the number of bigrams that repeat by chance is averaged."""

_MARKED = np.uint32(2654435761)  # Knuth's multiplicative hash of 32 bits
_STEP = np.uint64(0x9E3779B97F4A7C15)  # of SplitMix64, whose finaliser is `mixed`


def letter_pattern(words: Words, classes: Flags, small: Codes) -> Floats64:
    """(texts,) float64: how far the letters are from random ones, in standard deviations; NaN for fewer than 100.

    The number of letter bigrams that stood before in the text, less that number after its letters are shuffled, over
    the square root of the latter. It is about 0 for random letters of any script, also where each is as frequent as in
    a language, and 3 and more for text. A letter and its marks count as one letter.

    Args:
        words: the words of the texts.
        classes: (0x110000,) `character_classes()`.
        small: (0x110000,) how letters are compared (`small_letters()`).
    """
    keys = np.empty(1 << (2 * MAX_LETTERS).bit_length(), dtype=np.uint64)
    owner = np.full(len(keys), -1, dtype=np.int64)
    return _letter_pattern(words.codes, words.start, words.end, words.first, classes, small, keys, owner)


@compiled
def _take_letters(
    codes: Codes,
    start: Ints64,
    end: Ints64,
    first: int,
    last: int,
    classes: Flags,
    small: Codes,
    letters: Codes,
    joined: Codes,
) -> int:
    """Fill `letters` with the letters of words `first:last`, and `joined` with whether each touches the one before.

    Returns their number, at most `MAX_LETTERS`.
    """
    n = 0
    before = -2
    for w in range(first, last):
        for i in range(start[w], end[w]):
            kind = classes[codes[i]]
            if kind & MARK and i == before + 1 and n:
                letters[n - 1] = letters[n - 1] * _MARKED + small[codes[i]]
                before = i
            elif kind & (LETTER | MARK) and n < MAX_LETTERS:
                # Letters of two words touch in a script without spaces.
                letters[n], joined[n] = small[codes[i]], i == before + 1
                before = i
                n += 1
        if n == MAX_LETTERS:
            break
    return n


@compiled
def _repeated_bigrams(
    letters: Codes, joined: Codes, n: int, keys: UInts64, owner: Ints64, mask: int, round_: int
) -> int:
    """Number of pairs of letters that touch and stood before."""
    repeated = 0
    for i in range(1, n):
        if joined[i]:
            key = (np.uint64(letters[i - 1]) << np.uint64(32)) | np.uint64(letters[i])
            place = slot(keys, owner, mask, key, round_)
            if owner[place] == round_:
                repeated += 1
            else:
                owner[place], keys[place] = round_, key
    return repeated


@compiled
def _shuffle(letters: Codes, n: int, draw: np.uint64) -> np.uint64:
    """Shuffle the first n letters (Fisher and Yates) with numbers drawn from `draw` on; returns the last number."""
    for i in range(n - 1, 0, -1):
        draw = mixed(draw + _STEP)
        j = np.int64(draw % np.uint64(i + 1))
        letters[i], letters[j] = letters[j], letters[i]
    return draw


@compiled
def _letter_pattern(
    codes: Codes,
    start: Ints64,
    end: Ints64,
    first_word: Ints64,
    classes: Flags,
    small: Codes,
    keys: UInts64,
    owner: Ints64,
) -> Floats64:
    texts = len(first_word) - 1
    out = np.full(texts, np.nan)
    letters = np.empty(MAX_LETTERS, dtype=np.uint32)
    joined = np.empty(MAX_LETTERS, dtype=np.uint32)
    mask = len(keys) - 1
    round_ = 0  # a new one empties the table
    for t in range(texts):
        n = _take_letters(codes, start, end, first_word[t], first_word[t + 1], classes, small, letters, joined)
        if n < MIN_LETTERS:
            continue
        repeated = _repeated_bigrams(letters, joined, n, keys, owner, mask, round_)
        round_ += 1
        by_chance = 0.0
        draw = np.uint64(n)
        for _ in range(SHUFFLES):
            draw = _shuffle(letters, n, draw)
            by_chance += _repeated_bigrams(letters, joined, n, keys, owner, mask, round_) / SHUFFLES
            round_ += 1
        missing = max(0, SURE_LETTERS - n) / 100
        out[t] = missing + (repeated - by_chance) / np.sqrt(by_chance + 1)
    return out
