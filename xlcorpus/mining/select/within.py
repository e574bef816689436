"""Pairs inside documents: margin against the document's own sentences and a background sample (Briakou et al. 2023).

A document of three sentences has too few neighbours for a margin. So each sentence is also compared with a background
sample of sentences of the other language from other documents: the neighbourhood is the k most similar of both.
"""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.mining.select.margin import SMALLEST_MEAN
from xlcorpus.mining.select.matching import greedy_matching
from xlcorpus.mining.select.selection import Pairs

ROWS_AT_ONCE = 4096


def background_cosines(x: Floats32, background: Floats32, x_doc: Ints64, background_doc: Ints64, k: int) -> Floats32:
    """(n, k) the k highest cosines of each row to background sentences of other documents, descending; -1: no more.

    Args:
        x: (n, dim) float32 rows of unit length; `background`: (m, dim), the same.
        x_doc, background_doc: (n,), (m,) int64 document of each row.
        k: how many.
    """
    out = np.full((len(x), k), -1, dtype=np.float32)
    have = min(k, len(background))
    for first in range(0, len(x) if have else 0, ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        similar = x[rows] @ background.T
        similar[x_doc[rows, None] == background_doc] = -1
        best = np.partition(similar, len(background) - have, axis=1)[:, len(background) - have :]
        out[rows, :have] = np.sort(best, axis=1)[:, ::-1]
    return out


def pairs_within(
    src: Floats32,
    tgt: Floats32,
    src_doc: Ints64,
    tgt_doc: Ints64,
    src_background: Floats32,
    tgt_background: Floats32,
    threshold: float,
    min_cosine: float,
) -> Pairs:
    """Pairs of one source and one target row of the same document, by ratio margin, one to one, best first.

    Args:
        src, tgt: (n, dim), (m, dim) float32 rows of unit length.
        src_doc, tgt_doc: (n,), (m,) int64 document of each row, ascending.
        src_background, tgt_background: (n, k), (m, k) cosines to the background, from `background_cosines`; -1: none.
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
        mean = (_mean(similar, src_background[a:b])[:, None] + _mean(similar.T, tgt_background[c:d])) / 2
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


def _mean(similar: Floats32, background: Floats32) -> Floats32:
    """(n,) mean of the k highest cosines of each row to its document (n, m) and its background (n, k)."""
    k = background.shape[1]
    everyone = np.concatenate([similar, background], axis=1)
    best = np.partition(everyone, everyone.shape[1] - k, axis=1)[:, everyone.shape[1] - k :]
    there = best > -1
    return np.asarray(np.where(there, best, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1), dtype=np.float32)
