"""Matching documents of two languages that are translations.

Evidence is used in order of its strength: the same key (an id, or an address without its language), then near vectors.
Matched documents leave the search. A key that several documents of one side share is no evidence: it is reported as a
conflict, and its documents are left to the next evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.errors import UserError
from xlcorpus.mining.select.bitext import mine_pairs

THRESHOLD = 1.06
"""Least ratio margin of documents matched by their vectors."""


@dataclass(frozen=True)
class Conflict:
    """A key with a partner on the other side that more than one document has."""

    evidence: str
    """what the key is: "id", "url" """
    key: str
    src: tuple[int, ...]
    """source documents with that key"""
    tgt: tuple[int, ...]


@dataclass(frozen=True)
class DocumentMatches:
    """Pairs of documents, one to one, by source document."""

    src: Ints64
    """(p,) int64"""
    tgt: Ints64
    """(p,) int64"""
    evidence: tuple[str, ...]
    """(p,) by which evidence each was found"""
    score: Floats32
    """(p,) float32: the margin of those found by vectors, NaN for others"""
    conflicts: tuple[Conflict, ...] = ()

    def __len__(self) -> int:
        return len(self.src)

    def joined(self, further: DocumentMatches) -> DocumentMatches:
        """These matches and those of further evidence among the remaining documents."""
        src = np.concatenate([self.src, further.src])
        order = np.argsort(src, kind="stable")
        evidence = (*self.evidence, *further.evidence)
        return DocumentMatches(
            src[order],
            np.concatenate([self.tgt, further.tgt])[order],
            tuple(evidence[i] for i in order),
            np.concatenate([self.score, further.score])[order],
            (*self.conflicts, *further.conflicts),
        )

    def rest(self, src: int, tgt: int) -> tuple[Ints64, Ints64]:
        """The source and the target documents without partner, of so many there are."""
        return np.setdiff1d(np.arange(src), self.src), np.setdiff1d(np.arange(tgt), self.tgt)


def no_matches() -> DocumentMatches:
    """Nothing found yet."""
    none = np.zeros(0, dtype=np.int64)
    return DocumentMatches(none, none, (), np.zeros(0, dtype=np.float32))


def match_by_key(
    src: Sequence[str | None], tgt: Sequence[str | None], evidence: str, found: DocumentMatches | None = None
) -> DocumentMatches:
    """Documents that have the same key and are the only ones of their side that have it.

        match_by_key(["a", "b"], ["b", "c"], "id").src  # array([1])

    Args:
        src, tgt: (n,) and (m,) keys; None for a document without.
        evidence: what to call them.
        found: matches so far; their documents are left out.

    Returns:
        `found` and the new ones; a key on both sides that is not alone on its side is a conflict.
    """
    found = found or no_matches()
    left, right = found.rest(len(src), len(tgt))
    sides = [
        pl.DataFrame({"key": pl.Series([keys[i] for i in rows], dtype=pl.String), name: rows})
        .drop_nulls("key")
        .group_by("key", maintain_order=True)
        .agg(name)
        for keys, rows, name in ((src, left, "src"), (tgt, right, "tgt"))
    ]
    both = sides[0].join(sides[1], on="key", maintain_order="left")
    alone = (pl.col("src").list.len() == 1) & (pl.col("tgt").list.len() == 1)
    pairs = both.filter(alone)
    conflicts = tuple(Conflict(evidence, key, tuple(s), tuple(t)) for key, s, t in both.filter(~alone).iter_rows())
    return found.joined(
        DocumentMatches(
            pairs["src"].list.first().to_numpy().astype(np.int64),
            pairs["tgt"].list.first().to_numpy().astype(np.int64),
            (evidence,) * pairs.height,
            np.full(pairs.height, np.nan, dtype=np.float32),
            conflicts,
        )
    )


def match_by_vectors(
    src: Floats32, tgt: Floats32, found: DocumentMatches | None = None, threshold: float = THRESHOLD
) -> DocumentMatches:
    """Documents whose vectors are nearer to each other than to others, one to one, by ratio margin.

    Args:
        src: (n, dim) float32, see `document_vectors`; zero vectors never match.
        tgt: (m, dim) float32.
        found: matches so far; their documents are left out.
        threshold: least margin. With two documents a side a margin means little, for lack of other candidates.

    Raises:
        UserError: vectors of different dimensions.
    """
    found = found or no_matches()
    left, right = found.rest(len(src), len(tgt))
    if not len(left) or not len(right):
        return found
    if src.shape[1] != tgt.shape[1]:
        raise UserError(f"document vectors of {src.shape[1]} and {tgt.shape[1]} dimensions are not of one encoder")
    pairs = mine_pairs(src[left], tgt[right], threshold=threshold)
    return found.joined(
        DocumentMatches(left[pairs.src], right[pairs.tgt], ("embedding",) * len(pairs), pairs.score.copy())
    )
