"""Texts as bags of words, and words as hashed features: the word itself and its character n-grams.

No vocabulary is stored: a feature is a 64-bit number, the same on every machine, in any language and script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from xlcorpus.arrays import Ints64, UInts64
from xlcorpus.models.encoders.bootstrap import mixed
from xlcorpus.text.word_units import WORD_UNIT

GRAMS = (3, 4, 5)
"""Lengths of the character n-grams of a word between its marked ends, as in fastText (Bojanowski et al. 2017)."""

TOKEN = rf"{WORD_UNIT}|[\p{{P}}\p{{S}}]"
"""A word, or a punctuation mark or symbol, which correspond between languages too."""

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Bag:
    """Texts as indices into their distinct words."""

    words: pl.Series
    """(w,) String: the distinct words, lower case, in order of first occurrence"""
    word: Ints64
    """(tokens,) int64: index of each token's word, text by text"""
    starts: Ints64
    """(texts + 1,) int64: where each text's tokens begin"""

    def __len__(self) -> int:
        return len(self.starts) - 1

    def document_frequency(self) -> Ints64:
        """(w,) int64: texts that hold each word."""
        text = np.repeat(np.arange(len(self)), np.diff(self.starts))
        seen = np.unique(text * max(len(self.words), 1) + self.word)
        return np.bincount(seen % max(len(self.words), 1), minlength=len(self.words))

    def take(self, rows: Ints64) -> Bag:
        """The texts at these rows; the words stay as they are."""
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        at = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], lengths)
        return Bag(self.words, self.word[at], starts)


def bag_of_words(texts: Sequence[str]) -> Bag:
    """The words and marks of texts in any script, in lower case (NFKC)."""
    series = pl.Series("text", list(texts), dtype=pl.String)
    tokens = series.str.normalize("NFKC").str.to_lowercase().str.extract_all(TOKEN)
    flat = tokens.explode(empty_as_null=False).drop_nulls()
    starts = np.concatenate([[0], np.cumsum(tokens.list.len().to_numpy())]).astype(np.int64)
    words = flat.unique(maintain_order=True)
    codes = flat.cast(pl.Enum(words)).to_physical().to_numpy().astype(np.int64) if len(words) else np.zeros(0, np.int64)
    return Bag(words, codes, starts)


def word_hashes(words: pl.Series) -> UInts64:
    """(w,) uint64: one number for each word."""
    codes, starts = _code_points(words)
    value = np.zeros(len(words), dtype=np.uint64)
    lengths = np.diff(starts)
    for place in range(int(lengths.max(initial=0))):
        on = np.flatnonzero(lengths > place)
        value[on] = value[on] * _FACTOR + codes[starts[on] + place]
    return mixed(value + np.uint64(1))


def gram_hashes(words: pl.Series) -> tuple[Ints64, UInts64]:
    """The distinct n-grams of each word: (g,) int64 index of the word, (g,) uint64 number of the n-gram."""
    codes, starts = _code_points(words)
    owners, hashes = [], []
    for n in GRAMS:
        per_word = np.maximum(np.diff(starts) - n + 1, 0)
        owner = np.repeat(np.arange(len(per_word)), per_word)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(per_word) - per_word, per_word)
        at = starts[owner] + within
        value = np.full(len(owner), n, dtype=np.uint64)
        for offset in range(n):
            value = value * _FACTOR + codes[at + offset]
        owners.append(owner)
        hashes.append(mixed(value << np.uint64(1)))
    owner, found = np.concatenate(owners), np.concatenate(hashes)
    order = np.lexsort((found, owner))
    owner, found = owner[order], found[order]
    new = np.ones(len(owner), dtype=np.bool_)
    new[1:] = (owner[1:] != owner[:-1]) | (found[1:] != found[:-1])
    return owner[new], found[new]


def _code_points(words: pl.Series) -> tuple[UInts64, Ints64]:
    """The code points of all words with their ends marked, and where each word begins (w + 1)."""
    marked = "".join(f"<{w}>" for w in words.to_list()).encode("utf-32-le", "surrogatepass")
    lengths = words.str.len_chars().to_numpy().astype(np.int64) + 2
    codes = np.frombuffer(marked, dtype=np.uint32).astype(np.uint64)
    return codes, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
