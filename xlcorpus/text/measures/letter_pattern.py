"""Whether the letters of documents follow a pattern, as in every language, or are random, as in a dump of bytes."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Floats64, Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.text.code_points import Codes
from xlcorpus.text.measures.classes import HAN, KANA, LETTER, MARK, Flags
from xlcorpus.text.measures.rolling_hash import mixed, slot
from xlcorpus.text.measures.word_table import Words

LETTERS = 2000
"""Letters of a text that are looked at."""
LEAST, LEAST_OF_MANY = 60, 40
"""Letters without which there is no verdict, and those in Han, Kana or Hangul, which show a pattern sooner."""
ENOUGH = 120
"""Letters with which languages of every script show a pattern; with fewer the measure is raised by a standard deviation
for every 20 that are missing."""
SHUFFLES = 3
EVEN = 1.2
"""How many times as many pairs of equal letters as among equally frequent ones are still taken for chance: random
letters of both cases and with accents are not quite equally frequent. Languages have 1.6 to 2.5."""
MANY_LETTERS = 1000
"""Letters that a text in Han, Kana or Hangul has to choose from, at least: it is too short to show all."""


def letter_pattern(words: Words, classes: Flags, small: Codes) -> Floats64:
    """(texts,) float64: how far the letters are from random ones, in standard deviations; NaN for few letters.

    The larger of two: how many more pairs of neighbouring letters stood before than when the letters are shuffled, and
    how many more pairs of letters anywhere are equal than if all letters were about equally frequent. Both are 0 or
    less for random letters of any script, and 3 and more for text.

    Args:
        words: the words of the texts.
        classes: (0x110000,) `character_classes()`.
        small: (0x110000,) code points that count as the same letter (`small_letters()`).
    """
    keys = np.empty(1 << (2 * LETTERS).bit_length(), dtype=np.uint64)
    owner = np.full(len(keys), -1, dtype=np.int64)
    counts = np.empty(len(keys), dtype=np.int64)
    return _letter_pattern(words.codes, words.start, words.end, words.first, classes, small, keys, owner, counts)


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
def _equal(
    letters: Codes, n: int, keys: UInts64, owner: Ints64, counts: Ints64, mask: int, round_: int
) -> tuple[int, int]:
    """Different letters, and pairs of equal ones."""
    different = equal = 0
    for i in range(n):
        place = slot(keys, owner, mask, np.uint64(letters[i]), round_)
        if owner[place] != round_:
            owner[place], keys[place], counts[place] = round_, np.uint64(letters[i]), 0
            different += 1
        equal += counts[place]
        counts[place] += 1
    return different, equal


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
    counts: Ints64,
) -> Floats64:
    texts = len(first_word) - 1
    out = np.full(texts, np.nan)
    letters = np.empty(LETTERS, dtype=np.uint32)
    joined = np.empty(LETTERS, dtype=np.uint32)
    mask = len(keys) - 1
    round_ = 0
    for t in range(texts):
        n = of_many = 0
        before = -2
        for w in range(first_word[t], first_word[t + 1]):
            for i in range(start[w], end[w]):
                kind = classes[codes[i]]
                if kind & (LETTER | MARK) and n < LETTERS:
                    # Words of a script without spaces touch.
                    letters[n], joined[n] = small[codes[i]], i == before + 1
                    of_many += (kind & (HAN | KANA)) > 0
                    before = i
                    n += 1
            if n == LETTERS:
                break
        repeated = _repeated(letters, joined, n, keys, owner, mask, round_)
        round_ += 1
        many = 10 * of_many > n
        if n < (LEAST_OF_MANY if many else LEAST):
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
        different, equal = _equal(letters, n, keys, owner, counts, mask, round_)
        round_ += 1
        if many:
            different = max(different, MANY_LETTERS)
        uniform = EVEN * n * (n - 1) / 2 / different
        missing = 0.0 if many else max(0, ENOUGH - n) / 20
        out[t] = missing + max(
            (repeated - by_chance) / np.sqrt(by_chance + 1), (equal - uniform) / np.sqrt(uniform + 1)
        )
    return out
