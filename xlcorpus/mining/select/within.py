"""Pairs inside documents: margin against the document's own sentences and a crowd of others (Briakou et al. 2023).

A document of three sentences has too few neighbours to measure a margin by. So each sentence is also compared with a
sample of sentences of the other language from anywhere, its crowd: the neighbourhood is the k most similar of both.
"""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.mining.select.margin import SMALLEST_MEAN
from xlcorpus.mining.select.matching import greedy_matching
from xlcorpus.mining.select.selection import Pairs

ROWS_AT_ONCE = 4096


def nearest_in_crowd(x: Floats32, crowd: Floats32, x_doc: Ints64, crowd_doc: Ints64, k: int) -> Floats32:
    """(n, k) the k highest cosines of each row to rows of the crowd from other documents, falling; -1: no more.

    Args:
        x: (n, dim) float32 rows of unit length; `crowd`: (m, dim), the same.
        x_doc, crowd_doc: (n,), (m,) int64 document of each row.
        k: how many.
    """
    out = np.full((len(x), k), -1, dtype=np.float32)
    have = min(k, len(crowd))
    for first in range(0, len(x) if have else 0, ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        similar = x[rows] @ crowd.T
        similar[x_doc[rows, None] == crowd_doc] = -1
        best = np.partition(similar, len(crowd) - have, axis=1)[:, len(crowd) - have :]
        out[rows, :have] = np.sort(best, axis=1)[:, ::-1]
    return out


def pairs_within(
    src: Floats32,
    tgt: Floats32,
    src_doc: Ints64,
    tgt_doc: Ints64,
    src_crowd: Floats32,
    tgt_crowd: Floats32,
    threshold: float,
    min_cosine: float,
) -> Pairs:
    """Pairs of one source and one target row of the same document, by ratio margin, one to one, best first.

    Args:
        src, tgt: (n, dim), (m, dim) float32 rows of unit length.
        src_doc, tgt_doc: (n,), (m,) int64 document of each row, ascending.
        src_crowd, tgt_crowd: (n, k), (m, k) cosines to the crowd, from `nearest_in_crowd`; -1: none.
        threshold: least margin: cosine over the mean of the k highest cosines of both rows.
        min_cosine: least cosine.

    Returns:
        rows of `src` and `tgt`, margin and cosine.
    """
    found: list[Pairs] = []
    both = np.intersect1d(src_doc, tgt_doc)
    bounds = [np.searchsorted(side, both, where) for side in (src_doc, tgt_doc) for where in ("left", "right")]
    for a, b, c, d in zip(*(bound.tolist() for bound in bounds), strict=True):  # one matrix product a document
        similar = src[a:b] @ tgt[c:d].T
        mean = (_mean(similar, src_crowd[a:b])[:, None] + _mean(similar.T, tgt_crowd[c:d])) / 2
        margin = np.where(mean > SMALLEST_MEAN, similar / np.maximum(mean, SMALLEST_MEAN), -np.inf)
        row, column = np.nonzero((margin >= threshold) & (similar >= min_cosine))
        score = margin[row, column].astype(np.float32)
        found.append(Pairs(row + a, column + c, score, similar[row, column]))
    if not found:
        nothing, none = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        return Pairs(nothing, nothing, none, none)
    every = Pairs(*(np.concatenate([getattr(p, name) for p in found]) for name in ("src", "tgt", "score", "cosine")))
    every = every.take(np.lexsort((every.tgt, every.src, -every.score)))
    return every.take(np.flatnonzero(greedy_matching(every.src, every.tgt)))


def _mean(similar: Floats32, crowd: Floats32) -> Floats32:
    """(n,) mean of the k highest cosines of each row to its document (n, m) and its crowd (n, k)."""
    k = crowd.shape[1]
    everyone = np.concatenate([similar, crowd], axis=1)
    best = np.partition(everyone, everyone.shape[1] - k, axis=1)[:, everyone.shape[1] - k :]
    there = best > -1
    return np.asarray(np.where(there, best, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1), dtype=np.float32)
