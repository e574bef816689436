"""Words of documents: number, length, letters and stop words (Gopher: Rae et al. 2021, arXiv:2112.11446, A1.1), and
words of letters and digits, of which dumps of data consist.

Words that are symbols alone, which only other tokenizers have, count as words only in `letter_words`.
"""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Bools, Floats64, Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.text.code_points import Codes
from xlcorpus.text.measures.classes import DIGIT, HAN, KANA_HANGUL, LETTER, SYMBOL, WORD_CHARACTER, Flags
from xlcorpus.text.measures.stop_words import StopWords, word_hash
from xlcorpus.text.measures.word_table import Words

NAMES = ("words", "word_length", "letter_words", "mixed_words", "stop_words", "stop_word_share")
"""Columns of `word_measures`."""

MIN_WORDS = 15
"""Words of a text from which on stop words are to be expected in it."""


def word_measures(words: Words, classes: Flags, small: Codes, stop_words: StopWords) -> Floats64:
    """(texts, 6) float64:

    - `words`: number of words with a letter, mark or digit,
    - `word_length`: their mean length in characters, NaN without any,
    - `letter_words`: share of the words that have a letter, NaN without words,
    - `mixed_words`: share of the characters of words that are in words of letters and digits, NaN without any,
    - `stop_words`: number of different stop words of the language, NaN where the language has none,
    - `stop_word_share`: share of the words that are stop words of more than one letter (of one in Han, Kana and
      Hangul), NaN where the language has none, or the text fewer than 15 words.

    Args:
        words: the words of the texts.
        classes: (0x110000,) `character_classes()`.
        small: (0x110000,) how letters are compared with those of stop words (`small_letters()`).
        stop_words: of the languages of the texts.
    """
    return _word_measures(
        words.codes,
        words.start,
        words.end,
        words.first,
        classes,
        small,
        stop_words.language,
        stop_words.hashes,
        stop_words.bounds,
    )


@compiled
def _word_measures(
    codes: Codes,
    start: Ints64,
    end: Ints64,
    first_word: Ints64,
    classes: Flags,
    small: Codes,
    language: Ints64,
    stop_hashes: UInts64,
    stop_bounds: Ints64,
) -> Floats64:
    texts = len(first_word) - 1
    out = np.full((texts, 6), np.nan)
    seen = np.zeros(len(stop_hashes), dtype=np.bool_)
    for t in range(texts):
        lettered = worded = characters = mixed_characters = stopped = 0
        n_words = first_word[t + 1] - first_word[t]
        own = language[t]
        for w in range(first_word[t], first_word[t + 1]):
            kinds = np.uint16(0)
            for i in range(start[w], end[w]):
                kinds |= classes[codes[i]]
            if kinds & LETTER:
                lettered += 1
            size = end[w] - start[w]
            if kinds & WORD_CHARACTER or not kinds & SYMBOL:
                worded += 1
                characters += size
                if kinds & LETTER and kinds & DIGIT:
                    mixed_characters += size
            if own >= 0:
                stops = stop_hashes[stop_bounds[own] : stop_bounds[own + 1]]
                value = word_hash(codes, start[w], end[w], small)
                nearest = np.searchsorted(stops, value)
                if nearest < len(stops) and stops[nearest] == value:
                    seen[stop_bounds[own] + nearest] = True
                    if size > 1 or kinds & (HAN | KANA_HANGUL):
                        stopped += 1
        out[t, 0] = worded
        if worded:
            out[t, 1], out[t, 3] = characters / worded, mixed_characters / characters
        if n_words:
            out[t, 2] = lettered / n_words
        if own >= 0 and stop_bounds[own + 1] > stop_bounds[own]:
            if worded >= MIN_WORDS:
                out[t, 5] = stopped / worded
            out[t, 4] = _count_and_clear(seen, stop_bounds[own], stop_bounds[own + 1])
    return out


@compiled
def _count_and_clear(flags: Bools, start: int, end: int) -> int:
    """How many of `flags[start:end]` are true; they are false afterwards."""
    number = 0
    for i in range(start, end):
        number += flags[i]
        flags[i] = False
    return number
