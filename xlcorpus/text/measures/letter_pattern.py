"""Whether the letters of documents follow a pattern, as in every language, or are random, as in a dump of bytes."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Floats64, Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.text.code_points import Codes
from xlcorpus.text.measures.classes import LETTER, MARK, Flags
from xlcorpus.text.measures.rolling_hash import mixed, slot
from xlcorpus.text.measures.word_table import Words

LETTERS = 2000
"""Letters of a text that are looked at."""
MARKED = np.uint32(2654435761)
"""Multiplier of the hash of a letter with marks."""
SHUFFLES = 3
LEAST = 100
"""Letters without which there is no verdict."""
ENOUGH = 300
"""Letters with which also sentences that have nothing in common show a pattern; with fewer the measure is raised by a
standard deviation for every 100 that are missing."""


def letter_pattern(words: Words, classes: Flags, small: Codes) -> Floats64:
    """(texts,) float64: how far the letters are from random ones, in standard deviations; NaN for fewer than 100.

    How many more pairs of neighbouring letters stood before in the text than when its letters are shuffled: about 0 for
    random letters of any script, also if they are as frequent as in a language, and 3 and more for text. A letter and
    its marks are one.

    Args:
        words: the words of the texts.
        classes: (0x110000,) `character_classes()`.
        small: (0x110000,) code points that count as the same letter (`small_letters()`).
    """
    keys = np.empty(1 << (2 * LETTERS).bit_length(), dtype=np.uint64)
    owner = np.full(len(keys), -1, dtype=np.int64)
    return _letter_pattern(words.codes, words.start, words.end, words.first, classes, small, keys, owner)


@compiled
def _repeated(letters: Codes, joined: Codes, n: int, keys: UInts64, owner: Ints64, mask: int, round_: int) -> int:
    """Pairs of letters that touch and stood before."""
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
    letters = np.empty(LETTERS, dtype=np.uint32)
    joined = np.empty(LETTERS, dtype=np.uint32)
    mask = len(keys) - 1
    round_ = 0
    for t in range(texts):
        n = 0
        before = -2
        for w in range(first_word[t], first_word[t + 1]):
            for i in range(start[w], end[w]):
                kind = classes[codes[i]]
                if kind & MARK and i == before + 1 and n:
                    # A letter and its marks are one: random syllables of Hindi are made of such.
                    letters[n - 1] = letters[n - 1] * MARKED + small[codes[i]]
                    before = i
                elif kind & (LETTER | MARK) and n < LETTERS:
                    # Words of a script without spaces touch.
                    letters[n], joined[n] = small[codes[i]], i == before + 1
                    before = i
                    n += 1
            if n == LETTERS:
                break
        repeated = _repeated(letters, joined, n, keys, owner, mask, round_)
        round_ += 1
        if n < LEAST:
            continue
        by_chance = 0.0
        draw = np.uint64(n)
        for _ in range(SHUFFLES):
            for i in range(n - 1, 0, -1):
                draw = mixed(draw + np.uint64(0x9E3779B97F4A7C15))
                j = np.int64(draw % np.uint64(i + 1))
                letters[i], letters[j] = letters[j], letters[i]
            by_chance += _repeated(letters, joined, n, keys, owner, mask, round_) / SHUFFLES
            round_ += 1
        missing = max(0, ENOUGH - n) / 100
        out[t] = missing + (repeated - by_chance) / np.sqrt(by_chance + 1)
    return out
