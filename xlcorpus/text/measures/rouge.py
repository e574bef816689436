"""ROUGE-L (Lin 2004): the longest common subsequence of the words of two texts, in any script.

The words are those of `xlcorpus.text.words`, in small letters; rouge-score, which others use, knows those of a-z and
0-9 alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from xlcorpus.arrays import Bools, Floats64, Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.text.code_points import CodePoints, Codes, small_letters
from xlcorpus.text.measures.stop_words import word_hash
from xlcorpus.text.measures.word_table import Words

_BITS = 64
_NEVER = -1.0
"""A limit that no text is under."""
NOT_THERE = -1


class RougePool:
    """Texts that others are compared with.

    Args:
        texts: (m,) String.
        langs: (m,) their tags.
    """

    def __init__(self, texts: pl.Series, langs: pl.Series) -> None:
        hashes, self._bounds = _word_hashes(texts, langs)
        self._known, words = np.unique(hashes, return_inverse=True)
        self._words = words.astype(np.int64)
        # Texts by word, each with the number of times.
        text = np.repeat(np.arange(len(texts)), np.diff(self._bounds))
        keys, counts = np.unique(self._words * max(len(texts), 1) + text, return_counts=True)
        word, self._texts = np.divmod(keys, max(len(texts), 1))
        self._counts = counts.astype(np.int64)
        self._first = np.searchsorted(word, np.arange(len(self._known) + 1)).astype(np.int64)

    def highest(self, texts: pl.Series, langs: pl.Series, own: Ints64) -> Floats64:
        """(n,) float64: the highest ROUGE-L (F measure, 0 to 1) of each text with one of the pool.

        0 where no word is shared, NaN for a text without words. Exact: texts of the pool are compared in the order of
        the words that they share at most, until no other can have more.

        Args:
            texts: (n,) String.
            langs: (n,) their tags.
            own: (n,) place in the pool that a text is not compared with, `NOT_THERE` for none.
        """
        hashes, bounds = _word_hashes(texts, langs)
        place = np.searchsorted(self._known, hashes)
        known = np.append(self._known, 0)[place] == hashes
        known &= place < len(self._known)
        words = np.where(known, place, NOT_THERE).astype(np.int64)
        there = np.ones(len(self._bounds) - 1, dtype=np.bool_)
        return self._compared(words, bounds, own, there, _NEVER)

    def highest_in_turn(self, order: Ints64, limit: float) -> Floats64:
        """(n,) float64: as `highest`, of texts of the pool that join it one after the other.

        Each is compared with the texts of the pool that are not in `order`, and with those before it that had less
        than `limit` themselves.

        Args:
            order: (n,) places of the texts in the pool, in their turn.
            limit: of the highest ROUGE-L.
        """
        there = np.ones(len(self._bounds) - 1, dtype=np.bool_)
        there[order] = False
        sizes = np.diff(self._bounds)[order]
        bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        places = np.repeat(self._bounds[:-1][order] - bounds[:-1], sizes) + np.arange(bounds[-1])
        return self._compared(self._words[places], bounds, order, there, limit)

    def _compared(self, words: Ints64, bounds: Ints64, own: Ints64, there: Bools, limit: float) -> Floats64:
        pool = self._words, self._bounds, self._first, self._texts, self._counts
        return np.asarray(_highest(words, bounds, own, there, limit, *pool))


def _word_hashes(texts: pl.Series, langs: pl.Series) -> tuple[UInts64, Ints64]:
    """(words,) hashes of the words of all texts, in small letters, and (n + 1,) where each text begins."""
    found = Words.of(CodePoints.of(texts), texts, langs)
    return _hashes(found.codes, found.start, found.end, small_letters()), found.first


@compiled
def _hashes(codes: Codes, start: Ints64, end: Ints64, small: Codes) -> UInts64:
    found = np.empty(len(start), dtype=np.uint64)
    for w in range(len(start)):
        found[w] = word_hash(codes, start[w], end[w], small)
    return found


@compiled
def _highest(
    words: Ints64,
    bounds: Ints64,
    own: Ints64,
    there: Bools,
    limit: float,
    pool_words: Ints64,
    pool_bounds: Ints64,
    first: Ints64,
    texts: Ints64,
    counts: Ints64,
) -> Any:
    n, m = len(bounds) - 1, len(pool_bounds) - 1
    found = np.full(n, np.nan)
    shared = np.zeros(m, np.int64)
    times = np.zeros(len(first), np.int64)
    places = np.full(len(first), NOT_THERE, np.int64)
    for t in range(n):
        start, end = bounds[t], bounds[t + 1]
        length = end - start
        if length == 0:
            continue
        found[t] = 0.0
        distinct = 0
        for i in range(start, end):
            word = words[i]
            if word != NOT_THERE:
                if times[word] == 0:
                    places[word] = distinct
                    distinct += 1
                times[word] += 1
        # The words that each text of the pool shares, however they are ordered.
        touched = np.empty(m, np.int64)
        n_touched = 0
        for i in range(start, end):
            word = words[i]
            if word == NOT_THERE or times[word] <= 0:
                continue
            for p in range(first[word], first[word + 1]):
                if texts[p] == own[t] or not there[texts[p]]:
                    continue
                if shared[texts[p]] == 0:
                    touched[n_touched] = texts[p]
                    n_touched += 1
                shared[texts[p]] += min(times[word], counts[p])
            times[word] = -times[word]
        candidates = touched[:n_touched]
        most = np.empty(n_touched)
        for c in range(n_touched):
            other = candidates[c]
            most[c] = 2.0 * shared[other] / (length + pool_bounds[other + 1] - pool_bounds[other])
            shared[other] = 0
        masks = _masks(words[start:end], places, distinct)
        if n_touched:
            first_try = np.argmax(most)
            found[t] = _of_one(masks, places, pool_words, pool_bounds, candidates[first_try], length)
            # Few can still have more: only these are sorted.
            left = np.flatnonzero(most > found[t])
            for c in left[np.argsort(-most[left])]:
                if most[c] <= found[t]:
                    break
                score = _of_one(masks, places, pool_words, pool_bounds, candidates[c], length)
                found[t] = max(found[t], score)
        if found[t] < limit:
            there[own[t]] = True
        for i in range(start, end):
            if words[i] != NOT_THERE:
                times[words[i]] = 0
                places[words[i]] = NOT_THERE
    return found


@compiled
def _of_one(masks: UInts64, places: Ints64, pool_words: Ints64, pool_bounds: Ints64, other: int, length: int) -> float:
    """ROUGE-L of a text, of which the masks are, and one of the pool."""
    a, b = pool_bounds[other], pool_bounds[other + 1]
    score: float = 2.0 * _common(masks, places, pool_words[a:b], length) / (length + b - a)
    return score


@compiled
def _masks(words: Ints64, places: Ints64, distinct: int) -> UInts64:
    """(distinct, blocks) uint64: of each word of a text, a bit where it stands."""
    blocks = (len(words) + _BITS - 1) // _BITS
    masks = np.zeros((max(distinct, 1), blocks), np.uint64)
    for i in range(len(words)):
        if words[i] != NOT_THERE:
            masks[places[words[i]], i // _BITS] |= np.uint64(1) << np.uint64(i % _BITS)
    return masks


@compiled
def _common(masks: UInts64, places: Ints64, other: Ints64, length: int) -> int:
    """Length of the longest common subsequence, 64 words at a time (Hyyrö 2004, Bit-parallel LCS-length computation
    revisited)."""
    blocks = masks.shape[1]
    state = np.full(blocks, ~np.uint64(0), np.uint64)
    for word in other:
        place = places[word]
        if place == NOT_THERE:
            continue
        carry = np.uint64(0)
        for b in range(blocks):
            before = state[b]
            both = before & masks[place, b]
            total = before + both
            over = np.uint64(total < before)
            total += carry
            over |= np.uint64(total < carry)
            carry = over
            state[b] = total | (before & ~both)
    common = 0
    for i in range(length):
        common += (state[i // _BITS] >> np.uint64(i % _BITS)) & np.uint64(1) == np.uint64(0)
    return common
