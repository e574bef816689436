"""Bitext mining in one call: embeddings in, pairs out."""

from __future__ import annotations

import numpy.typing as npt

from xlcorpus.mining.duplicates import distinct_rows
from xlcorpus.mining.faiss_backend import Device
from xlcorpus.mining.knn import BLOCK_ROWS, Floats, Indices, knn_unit, unit_rows
from xlcorpus.mining.margin import Margin, margins
from xlcorpus.mining.select import Pairs, Retrieval, select

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
    block_rows: int = BLOCK_ROWS,
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
        device: where FAISS searches.
        block_rows: rows worked on at once; memory is 4 * dim * (n + m + max(n, m)) bytes beside the blocks.

    Raises:
        UserError: see `knn`, `margins`, `select`.
        MissingExtra: FAISS is not installed.
    """
    src, src_rows = _distinct(unit_rows(x, "source", block_rows), block_rows)
    tgt, tgt_rows = _distinct(unit_rows(y, "target", block_rows), block_rows)
    neighbours = knn_unit(src, tgt, k, device, block_rows)
    found = select(neighbours, margins(neighbours, margin), retrieval, threshold, min_cosine)
    return Pairs(src_rows[found.src], tgt_rows[found.tgt], found.score, found.cosine)


def _distinct(unit: Floats, block_rows: int) -> tuple[Floats, Indices]:
    rows = distinct_rows(unit, block_rows)
    return (unit if len(rows) == len(unit) else unit[rows]), rows
