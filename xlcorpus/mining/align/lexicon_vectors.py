"""Sentence vectors from a lexicon: two sentences are near if their words translate each other.

Every word has a vector of random signs, plus those of its translations by probability, so that translations are near,
and so are words of the same spelling. A text is the sum of its words, weighted by inverse document frequency.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import polars as pl
from scipy import sparse

from xlcorpus.arrays import Floats32, unit_length

DIM = 512
"""Signs of a word: one for every bit of a 64-byte hash."""

OWN = 0.5
"""Weight of a word's own signs beside those of its translations, which sum to at most 1."""


@dataclass(frozen=True)
class WordVectors:
    """The words of one language as vectors that those of another can be compared with."""

    words: dict[str, int]
    """row of each word"""
    vectors: Floats32
    """(words, DIM) float32, as long as the word is rare"""
    unseen: float
    """inverse document frequency of a word that is not among them"""

    def encode(self, texts: Sequence[Sequence[str]]) -> Floats32:
        """(n, DIM) float32 unit vectors of texts given as words, cased as in the lexicon; zero for no words."""
        further = dict.fromkeys(w for w in chain.from_iterable(texts) if w not in self.words)
        rows = self.words | {word: len(self.words) + i for i, word in enumerate(further)}
        every = np.concatenate([self.vectors, self.unseen * _signs(list(further))])
        ids = np.fromiter((rows[word] for word in chain.from_iterable(texts)), dtype=np.int64)
        ends = np.concatenate([[0], np.cumsum([len(text) for text in texts], dtype=np.int64)])
        counts = sparse.csr_matrix((np.ones(len(ids), np.float32), ids, ends), shape=(len(texts), len(every)))
        out = np.asarray(counts @ every, dtype=np.float32)
        return unit_length(out)


def word_vectors(texts: Sequence[Sequence[str]], lexicon: pl.DataFrame) -> WordVectors:
    """Vectors for the words of one language.

        german = word_vectors(german_texts, induce_lexicon(german_texts, english_texts))
        english = word_vectors(english_texts, induce_lexicon(english_texts, german_texts))
        german.encode([["hund"]]) @ english.encode([["dog"]]).T

    Args:
        texts: sentences of that language as words; give the frequencies.
        lexicon: `src_word` (of that language), `tgt_word`, `probability`, as `induce_lexicon` gives it.
    """
    counted = pl.Series("word", chain.from_iterable(dict.fromkeys(text) for text in texts), dtype=pl.String)
    frequencies = counted.value_counts().sort("word")
    words = {word: row for row, word in enumerate(frequencies["word"])}
    entries = lexicon.filter(pl.col("src_word").is_in(list(words)))
    partners = {word: column for column, word in enumerate(entries["tgt_word"].unique().sort())}
    translated = sparse.csr_matrix(
        (
            entries["probability"].to_numpy().astype(np.float32),
            (
                entries["src_word"].replace_strict(words, return_dtype=pl.Int64).to_numpy(),
                entries["tgt_word"].replace_strict(partners, return_dtype=pl.Int64).to_numpy(),
            ),
        ),
        shape=(len(words), len(partners)),
    )
    vectors = OWN * _signs(list(words)) + np.asarray(translated @ _signs(list(partners)))
    vectors /= np.sqrt(np.einsum("wd,wd->w", vectors, vectors))[:, None]
    rarity = np.log1p(len(texts) / frequencies["count"].to_numpy())
    return WordVectors(words, (rarity[:, None] * vectors).astype(np.float32), float(np.log1p(len(texts))))


def _signs(words: list[str]) -> Floats32:
    """(words, DIM) unit vectors of random signs, the same on every machine."""
    digests = b"".join(hashlib.blake2b(word.encode(), digest_size=DIM // 8).digest() for word in words)
    bits = np.unpackbits(np.frombuffer(digests, dtype=np.uint8)).reshape(len(words), DIM)
    return np.asarray((bits * 2.0 - 1) / np.sqrt(DIM), dtype=np.float32)
