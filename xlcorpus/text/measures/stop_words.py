"""Stop words of the languages of a batch, as hashes that a compiled loop looks up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from xlcorpus.arrays import Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.text.code_points import CodePoints, Codes
from xlcorpus.text.measures.rolling_hash import BASE, mixed


@dataclass(frozen=True)
class StopWords:
    """The stop words of language l are `hashes[bounds[l]:bounds[l + 1]]`."""

    language: Ints64
    """(texts,) number of the language of each text, -1: it has no stop words here"""
    hashes: UInts64
    """(stop words,) `word_hash` of each, ascending within a language"""
    bounds: Ints64
    """(languages + 1,)"""

    @staticmethod
    def of(stop_words: Mapping[str, Sequence[str]], langs: pl.Series, small: Codes) -> StopWords:
        """Those of the languages that occur.

        Args:
            stop_words: by tag.
            langs: (texts,) String, tags.
            small: (0x110000,) how letters are compared (`small_letters()`).
        """
        tags = sorted(set(stop_words) & set(langs.unique()))
        hashes = [_hashes(stop_words[tag], small) for tag in tags]
        bounds = np.concatenate([[0], np.cumsum([len(h) for h in hashes])]).astype(np.int64)
        numbers = {tag: number for number, tag in enumerate(tags)}
        language = langs.replace_strict(numbers, default=-1, return_dtype=pl.Int64).to_numpy()
        return StopWords(language, np.concatenate([np.empty(0, dtype=np.uint64), *hashes]), bounds)


def _hashes(words: Sequence[str], small: Codes) -> UInts64:
    """(different words,) ascending."""
    points = CodePoints.of(pl.Series(words, dtype=pl.String))
    bounds = points.bounds
    found = [word_hash(points.codes, bounds[i], bounds[i + 1], small) for i in range(len(words))]
    return np.unique(np.array(found, dtype=np.uint64))


@compiled
def word_hash(codes: Codes, start: int, end: int, small: Codes) -> np.uint64:
    """Hash of the word `codes[start:end]`, equal for words that differ in case alone.

    Args:
        small: (0x110000,) how letters are compared (`small_letters()`).
    """
    value = np.uint64(0)
    for i in range(start, end):
        value = value * BASE + mixed(np.uint64(small[codes[i]]))
    return value
