"""Words of texts that another step has just cut: a chain of steps cuts each text once.

What was cut is known by a hash of the text and its language, so a text that a step changed is cut anew. Nothing of it
is written: only columns of numbers leave a step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from threading import local

import numpy as np
import polars as pl

from xlcorpus.arrays import Ints64, UInts64
from xlcorpus.text.words import WordSpans, word_spans

BATCHES = 4
"""Batches of texts that are remembered in each thread: those of a shard."""


@dataclass(frozen=True)
class _Batch:
    keys: UInts64
    """(texts, 2) hashes, ascending"""
    order: Ints64
    """(texts,) row of each key"""
    spans: WordSpans


_local = local()


def shared_word_spans(texts: pl.Series, langs: pl.Series) -> WordSpans:
    """As `word_spans`; texts that were cut before in this thread are not cut again.

    Args:
        texts: (texts,) String.
        langs: (texts,) their tags.
    """
    row = pl.DataFrame({"text": texts, "lang": langs}).select(pl.struct("text", "lang")).to_series()
    keys = np.column_stack([row.hash(0).to_numpy(), row.hash(1).to_numpy()])
    seen = _seen()
    found = np.full(len(keys), -1, dtype=np.int64)
    first, known = 0, []
    for batch in seen:
        place = np.minimum(np.searchsorted(batch.keys[:, 0], keys[:, 0]), len(batch.keys) - 1)
        there = (batch.keys[place] == keys).all(axis=1)
        found[there] = first + batch.order[place[there]]
        known.append(batch.spans)
        first += len(batch.keys)
    new = np.flatnonzero(found < 0)
    if len(new):
        spans = word_spans(texts.gather(new), langs.gather(new))
        order = np.lexsort((keys[new, 1], keys[new, 0]))
        seen.append(_Batch(keys[new][order], order, spans))
        if len(new) == len(keys):
            return spans
        found[new] = first + np.arange(len(new))
        known.append(spans)
    return _taken(known, found)


def _seen() -> deque[_Batch]:
    """The batches that this thread has cut last."""
    if not hasattr(_local, "seen"):
        _local.seen = deque(maxlen=BATCHES)
    seen: deque[_Batch] = _local.seen
    return seen


def _taken(known: Sequence[WordSpans], rows: Ints64) -> WordSpans:
    """The spans of some of the texts of all batches, in the order of `rows`."""
    empty = np.empty(0, dtype=np.int64)
    counts = np.concatenate([empty, *(spans.counts for spans in known)])
    start = np.concatenate([empty, *(spans.start for spans in known)])
    end = np.concatenate([empty, *(spans.end for spans in known)])
    first = np.cumsum(counts) - counts
    own = counts[rows]
    bounds = np.concatenate([[0], np.cumsum(own)]).astype(np.int64)
    at = np.arange(bounds[-1]) + np.repeat(first[rows] - bounds[:-1], own)
    return WordSpans(bounds, start[at], end[at])
