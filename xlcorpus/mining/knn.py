"""Exact nearest neighbours by cosine, in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xlcorpus.errors import UserError
from xlcorpus.mining.faiss_backend import Device, faiss_module, flat_index, resolve_device

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

BLOCK_ROWS = 16_384
"""Rows worked on at once: bounds the working memory to about 16 * BLOCK_ROWS * dim bytes."""


@dataclass(frozen=True)
class Neighbours:
    """The nearest rows of the other side for every row of both sides, nearest first.

    Equal similarities stand in order of index. Where a row has fewer than k neighbours the rest is index -1,
    similarity 0.
    """

    fwd_sim: Floats
    """(n, k) float32: cosines of source rows to their nearest target rows"""
    fwd_index: Indices
    """(n, k) int64: those target rows"""
    bwd_sim: Floats
    """(m, k) float32: cosines of target rows to their nearest source rows"""
    bwd_index: Indices
    """(m, k) int64: those source rows"""


def knn(
    x: npt.ArrayLike, y: npt.ArrayLike, k: int, device: Device = "auto", block_rows: int = BLOCK_ROWS
) -> Neighbours:
    """The k nearest rows by cosine in both directions, exact.

    A zero vector is no one's neighbour and has none. The arrays given are not changed.

    Args:
        x: (n, dim) source embeddings of any real dtype, not necessarily of unit length.
        y: (m, dim) target embeddings.
        k: neighbours per row; rows have fewer where the other side is smaller.
        device: where FAISS searches; auto is the GPU when FAISS has one.
        block_rows: rows normalised, searched and re-scored at once.

    Raises:
        UserError: not two-dimensional, unequal dimensions, NaN or infinity, k below 1, no GPU for `cuda`.
        MissingExtra: FAISS is not installed.
    """
    src, tgt = unit_rows(x, "source", block_rows), unit_rows(y, "target", block_rows)
    return knn_unit(src, tgt, k, device, block_rows)


def knn_unit(x: Floats, y: Floats, k: int, device: Device = "auto", block_rows: int = BLOCK_ROWS) -> Neighbours:
    """As `knn`, for float32 rows that `unit_rows` has normalised."""
    if k < 1 or block_rows < 1:
        raise UserError(f"k and block_rows must be at least 1, not {k} and {block_rows}")
    if x.shape[1] != y.shape[1]:
        raise UserError(
            f"source embeddings have {x.shape[1]} dimensions, target embeddings {y.shape[1]}: "
            "both sides must come from one encoder"
        )
    faiss = faiss_module()
    on = resolve_device(device, faiss)
    fwd_sim, fwd_index = _nearest(x, y, k, block_rows, lambda rows: flat_index(rows, on, faiss))
    bwd_sim, bwd_index = _nearest(y, x, k, block_rows, lambda rows: flat_index(rows, on, faiss))
    return Neighbours(fwd_sim, fwd_index, bwd_sim, bwd_index)


def unit_rows(x: npt.ArrayLike, side: str, block_rows: int = BLOCK_ROWS) -> Floats:
    """A float32 copy of `x` (n, dim) with rows of length 1; zero rows stay zero.

    Args:
        x: any real dtype; a memory-mapped array is read block by block.
        side: what error messages call it ("source", "target").
        block_rows: rows normalised at once, in float64.

    Raises:
        UserError: not (n, dim) numbers, or a row with NaN or infinity (names the first).
    """
    given = np.asanyarray(x)
    if given.ndim != 2 or given.dtype.kind not in "fiu":
        raise UserError(
            f"{side} embeddings must be numbers of shape (rows, dim), not {given.dtype} of shape {given.shape}"
        )
    out = np.empty(given.shape, dtype=np.float32)
    for start in range(0, len(given), block_rows):
        block = given[start : start + block_rows].astype(np.float64)
        bad = ~np.isfinite(block).all(axis=1)
        if bad.any():
            raise UserError(
                f"{side} embeddings hold NaN or infinity in row {start + int(bad.argmax())} (counted from 0)"
            )
        # Scaled by the largest value first: squares of very large or small values leave the range of float64.
        peak = np.abs(block).max(axis=1, initial=0.0, keepdims=True)
        block /= np.where(peak > 0, peak, 1.0)
        length = np.sqrt(np.einsum("nd,nd->n", block, block))[:, None]
        out[start : start + block_rows] = block / np.where(length > 0, length, 1.0)
    return out


def _nearest(queries: Floats, rows: Floats, k: int, block_rows: int, build: Any) -> tuple[Floats, Indices]:
    """(n, k) similarities and indices of the rows nearest to each query."""
    sim = np.zeros((len(queries), k), dtype=np.float32)
    index = np.full((len(queries), k), -1, dtype=np.int64)
    asking, present = (np.flatnonzero(side.any(axis=1)) for side in (queries, rows))
    found_k = min(k, len(present))
    if not found_k or not len(asking):
        return sim, index
    searcher = build(rows if len(present) == len(rows) else rows[present])
    for start in range(0, len(asking), block_rows):
        ask = asking[start : start + block_rows]
        block = queries[ask]
        _, found = searcher.search(block, found_k)
        found = present[found]
        exact = _cosines(block, rows, found)
        order = np.lexsort((found, -exact), axis=1)
        sim[ask, :found_k] = np.take_along_axis(exact, order, axis=1)
        index[ask, :found_k] = np.take_along_axis(found, order, axis=1)
    return sim, index


def _cosines(queries: Floats, rows: Floats, found: Indices) -> Floats:
    """(n, k) float32 cosines of the candidates, summed in float64.

    The matrix product's own sums depend on its block size and thread count; these are the same for (x, y) as
    for (y, x) and on every run, so that ties and thresholds fall the same way.
    """
    out = np.empty(found.shape, dtype=np.float32)
    for column in range(found.shape[1]):
        out[:, column] = np.einsum("nd,nd->n", queries, rows[found[:, column]], dtype=np.float64)
    return out
