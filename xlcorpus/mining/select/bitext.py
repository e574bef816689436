"""Bitext mining in one call: embeddings in, pairs out."""

from __future__ import annotations

import numpy.typing as npt

from xlcorpus.device import Device
from xlcorpus.mining.search.duplicates import distinct_rows
from xlcorpus.mining.search.knn import MEMORY_MB, UnitRows, knn
from xlcorpus.mining.select.margin import Margin, margins
from xlcorpus.mining.select.selection import Pairs, Retrieval, select

__all__ = ["Pairs", "mine_pairs"]


def mine_pairs(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    k: int = 4,
    margin: Margin = "ratio",
    retrieval: Retrieval = "max",
    threshold: float = 1.06,
    min_cosine: float = 0.0,
    device: Device = "auto",
    memory_mb: int = MEMORY_MB,
    min_count: int = 0,
    n_best: int = 4,
) -> Pairs:
    """Pairs of rows that are translations, by margin (Artetxe & Schwenk 2019, arXiv 1811.01136).

        pairs = mine_pairs(encoder.encode(german), encoder.encode(english))

    Of rows with the same vector the first stands for all. Zero vectors never pair.

    Args:
        x: (n, dim) source embeddings, any real dtype and length.
        y: (m, dim) target embeddings of the same encoder.
        k: neighbours per row, as candidates and for the margin.
        margin: cosine over (`ratio`), minus (`distance`) or without (`absolute`) the neighbourhood's mean.
        retrieval: see `select`.
        threshold: least margin, on the scale of the chosen one (1.06 is for `ratio`).
        min_cosine: least cosine beside the margin.
        device: see `knn`.
        memory_mb: see `knn`.
        min_count: pairs to return at least, as far as there are candidates; see `select`.
        n_best: pairs per source row in `n_best`.

    Raises:
        UserError: see `knn`, `margins`, `select`.
        MissingExtra: see `knn`.
    """
    sides = [UnitRows(side, name) for side, name in ((x, "source"), (y, "target"))]
    src_rows, tgt_rows = (distinct_rows(side) for side in sides)
    src, tgt = (s if len(s) == len(rows) else s.take(rows) for s, rows in zip(sides, (src_rows, tgt_rows), strict=True))
    neighbours = knn(src, tgt, k, device, memory_mb)
    found = select(neighbours, margins(neighbours, margin), retrieval, threshold, min_cosine, min_count, n_best)
    return Pairs(src_rows[found.src], tgt_rows[found.tgt], found.score, found.cosine)
