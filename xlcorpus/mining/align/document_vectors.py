"""One vector for a document, from those of its sentences.

Sentences of many documents (menus, footers, licences) weigh little; and translations keep the order of their content,
so the sentences are added up once for every part of the document (Thompson & Koehn 2020, arXiv
2004.14523, who weight sixteen overlapping windows).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from xlcorpus.arrays import Floats32, Floats64, Ints64, unit_length

WINDOWS = 4
"""Parts of a document with a vector each."""


def sentence_weights(document: Ints64, sentence: Ints64, characters: Ints64, documents: int) -> Floats32:
    """Weight of each sentence in its document: the longer and the rarer, the higher.

    Args:
        document: (s,) int64: which document each sentence is in.
        sentence: (s,) int64: equal numbers for equal texts.
        characters: (s,) int64: its length.
        documents: how many there are.

    Returns:
        (s,) float32: square root of the length times log((documents + 1) / documents with that sentence).
    """
    _, place = np.unique(sentence, return_inverse=True)
    once = np.unique(place * max(documents, 1) + document) // max(documents, 1)
    holding = np.bincount(once)[place]
    return np.asarray(np.sqrt(characters) * np.log((documents + 1) / holding), dtype=np.float32)


def document_vectors(vectors: Floats32, weights: Floats32, lengths: Ints64) -> Floats32:
    """Vectors of documents.

    Args:
        vectors: (s, dim) float32 unit vectors of all sentences, document by document.
        weights: (s,) float32, see `sentence_weights`.
        lengths: (d,) int64: sentences of each document; may be 0.

    Returns:
        (d, WINDOWS * dim) float32 unit vectors; zero for an empty document.
    """
    within = np.arange(len(vectors)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    middle = (within + 0.5) / np.repeat(lengths, lengths)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    shape = (len(lengths), len(vectors))
    parts = [
        sparse.csr_matrix((weights * _nearness(middle, window), np.arange(len(vectors)), ends), shape=shape) @ vectors
        for window in range(WINDOWS)
    ]
    flat = np.asarray(np.concatenate(parts, axis=1), dtype=np.float32)
    return unit_length(flat)


def _nearness(middle: Floats64, window: int) -> Floats32:
    """(s,) weight of a place in the document (0 to 1) for a window: 1 in its middle, 0 a window's width away."""
    away = np.abs(middle * WINDOWS - (window + 0.5))
    # The first and the last window have no neighbour beyond them to share with.
    edge = ((window == 0) & (middle * WINDOWS < 0.5)) | ((window == WINDOWS - 1) & (middle * WINDOWS > WINDOWS - 0.5))
    return np.asarray(np.where(edge, 1, np.maximum(1 - away, 0)), dtype=np.float32)
