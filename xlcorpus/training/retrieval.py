"""Held-out measure of encoders: retrieval of translations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Floats32
from xlcorpus.mining.evaluate.measures import translation_ranks
from xlcorpus.training.bitext import Bitext
from xlcorpus.training.loop import HeldOutScore

Encode = Callable[[Sequence[str]], Floats32]


@dataclass(frozen=True)
class Retrieval:
    """Retrieval of translations; means of both directions and of the language pairs."""

    p_at_1: float
    """share of sentences whose translation ranks first"""
    mrr: float
    """mean reciprocal rank"""


def retrieval(encode: Encode, held_out: Bitext) -> HeldOutScore | None:
    """The mean reciprocal rank of translations among the held-out sentences; None without held-out pairs."""
    if not len(held_out):
        return None
    found = retrieval_of(encode(held_out.src.tolist()), encode(held_out.tgt.tolist()), held_out)
    return HeldOutScore(found.mrr, f"held-out P@1 {found.p_at_1:.3f}, MRR {found.mrr:.3f}")


def retrieval_of(src: Floats32, tgt: Floats32, data: Bitext) -> Retrieval:
    """Retrieval of each side by the other, within each language pair; every language pair counts the same.

    Args:
        src, tgt: (n, d) vectors of the n pairs' sides.
        data: the n > 0 pairs; copies of the right sentence are not counted before it.
    """
    ranks = []
    for group in np.unique(data.group):
        rows = np.flatnonzero(data.group == group)
        ranks.append(translation_ranks(src[rows], tgt[rows], data.src_id[rows].tolist(), data.tgt_id[rows].tolist()))
    return Retrieval(float(np.mean([r.p_at_1 for r in ranks])), float(np.mean([r.mrr for r in ranks])))
