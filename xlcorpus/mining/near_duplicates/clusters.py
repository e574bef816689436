"""Who stands for whom: rows are taken in a given order, and one that resembles a row that stays goes.

A row that goes itself stands for nobody, so each row that goes resembles the very row that stands for it: no chain of
small changes joins texts that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Bools, Ints32, Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.mining.near_duplicates.verify import resemble

MOST_COMPARED = 1000
"""Rows of a bucket that a row is compared with, at most: those that came to stay last.

It bounds the work where very many rows are like each other and no two are alike enough (one template, filled in)."""

CHUNK = 16_384
"""Rows between two calls of `forget`."""

NO_SPLIT = -1


@dataclass(frozen=True)
class Sets:
    """The sets of shingles that candidates are verified by; each row has some fields (source and target of a pair)."""

    hashes: UInts64
    """sorted shingles, row after row and field after field"""
    offsets: Ints64
    """(rows * fields + 1,) where each set begins"""
    threshold: float
    """Jaccard index from which on two fields resemble each other"""
    views: Sequence[Sequence[int]]
    """fields that must all resemble each other for two rows to do so; with several views, in one of them"""
    forget: Callable[[], None] = lambda: None
    """called every `CHUNK` rows: lets go of memory of hashes that are mapped from a file"""


@dataclass
class Standing:
    """The result of `stand_ins`."""

    stand_in: Ints32
    """(n,) the row that stands for each row: itself if it stays"""
    joins: Bools
    """(n,) rows that resemble rows of two splits; (0,) without splits"""
    capped: int = 0
    """searches that ended at `MOST_COMPARED`"""


def stand_ins(
    buckets: Ints32,
    view_of: Sequence[int],
    order: npt.NDArray[Any] | None = None,
    sets: Sets | None = None,
    splits: npt.NDArray[np.int8] | None = None,
) -> Standing:
    """Decide which rows stay.

    Args:
        buckets: (bands, n) int32: rows with the same number in a band are candidates; negative: no candidate there.
            It is used as working memory.
        view_of: (bands,) the view of the sets that a band belongs to; bands of a view stand together.
        order: (n,) rows, those that are to stay first; default: as they come.
        sets: to verify candidates; without, every candidate is a duplicate.
        splits: (n,) numbers of the splits of rows of an earlier release. Such rows stay, must come first in the order,
            and every row is compared with all of them; `NO_SPLIT` for others.
    """
    n = buckets.shape[1]
    sizes = [int(band.max(initial=-1)) + 1 for band in buckets]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    heads = np.full(starts[-1], -1, np.int32)
    nothing = Sets(np.empty(0, np.uint64), np.zeros(1, np.int64), 1.0, [[]])
    verified = sets or nothing
    limits = np.concatenate([[0], np.cumsum([len(view) for view in verified.views])]).astype(np.int64)
    fields = np.array([field for view in verified.views for field in view], np.int64)
    made = Standing(np.arange(n, dtype=np.int32), np.zeros(0 if splits is None else n, np.bool_))
    seen = np.full(n if sets else 0, -1, np.int64)
    split = np.empty(0, np.int8) if splits is None else splits
    for start in range(0, n, CHUNK):
        rows = np.arange(start, min(start + CHUNK, n)) if order is None else order[start : start + CHUNK]
        made.capped += _stand_ins(
            rows.astype(np.int64),
            buckets,
            np.array(view_of, np.int64),
            heads,
            starts,
            seen,
            verified.hashes,
            verified.offsets,
            1 + max(fields, default=0),
            fields,
            limits,
            verified.threshold,
            sets is not None,
            split,
            made.stand_in,
            made.joins,
        )
        verified.forget()
    return made


@compiled
def _stand_ins(
    rows: Ints64,
    buckets: Ints32,
    view_of: Ints64,
    heads: Ints32,
    starts: Ints64,
    seen: Ints64,
    hashes: UInts64,
    offsets: Ints64,
    width: int,
    fields: Ints64,
    limits: Ints64,
    threshold: float,
    verify: bool,
    splits: npt.NDArray[np.int8],
    stand_in: Ints32,
    joins: Bools,
) -> int:
    """One chunk of rows. `heads` holds the row that came to stay last in each bucket; behind it, `buckets` of a row
    that stays holds the one before it."""
    bands = len(buckets)
    capped = 0
    for row in rows:
        found, joined = np.int64(-1), np.int64(NO_SPLIT)
        fixed = len(splits) > 0 and splits[row] != NO_SPLIT
        for band in range(0 if fixed else bands):
            bucket = buckets[band, row]
            if bucket < 0:
                continue
            view = view_of[band]
            stamp = row * len(limits) + view
            other = np.int64(heads[starts[band] + bucket])
            compared = 0
            while other >= 0 and (found < 0 or len(splits) > 0):
                if compared == MOST_COMPARED:
                    capped += 1
                    break
                compared += 1
                alike = True
                if verify:
                    alike = seen[other] != stamp
                    seen[other] = stamp
                    for k in range(limits[view], limits[view + 1]):
                        if not alike:
                            break
                        a, b = row * width + fields[k], other * width + fields[k]
                        alike = resemble(
                            hashes[offsets[a] : offsets[a + 1]], hashes[offsets[b] : offsets[b + 1]], threshold
                        )
                if alike:
                    released = len(splits) > 0 and splits[other] != NO_SPLIT
                    if found < 0 or (released and joined == NO_SPLIT):
                        found = other
                    if released:
                        joins[row] = joins[row] or (joined != NO_SPLIT and joined != splits[other])
                        joined = splits[other]
                other = np.int64(buckets[band, other])
            if found >= 0 and len(splits) == 0:
                break
        if found >= 0:
            stand_in[row] = found
            continue
        for band in range(bands):
            bucket = buckets[band, row]
            if bucket >= 0:
                place = starts[band] + bucket
                buckets[band, row] = heads[place]
                heads[place] = row
    return capped
