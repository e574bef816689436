"""Embeddings as rows of length 1, without a second copy of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Floats32, Floats64, Ints64
from xlcorpus.errors import UserError
from xlcorpus.mining.search.threads import blas_threads

T = TypeVar("T")

CHUNK_VALUES = 1 << 18
"""Values normalised at once by one thread; in float64 they fill a second-level cache."""

_ONE = 2.0**-23
"""A length this near to 1 is 1: float32 rows, once normalised, stay bit by bit what they are."""


class UnitRows:
    """The rows of an array of embeddings with length 1 (zero rows stay zero), normalised as they are read.

        rows = UnitRows(np.load("german.npy", mmap_mode="r"), "source")
        rows.block(0, 1000)  # (1000, dim) float32

    `len(rows)`, `rows.dim`; `rows.ready` tells that the array is float32 of unit rows already: blocks are then views
    and take no memory.

    Args:
        x: (n, dim), any real dtype; may be memory-mapped. It is read once here, never changed.
        side: what error messages call it ("source", "target").
        threads: how many read and normalise at once; None: as many as BLAS would use.

    Raises:
        UserError: not (n, dim) numbers, or a row with NaN or infinity (names the first).
    """

    def __init__(self, x: npt.ArrayLike, side: str, threads: int | None = None) -> None:
        given = np.asanyarray(x)
        if given.ndim != 2 or given.dtype.kind not in "fiu":
            raise UserError(
                f"{side} embeddings must be numbers of shape (rows, dim), not {given.dtype} of shape {given.shape}"
            )
        self._array = given
        self._rows: Ints64 | None = None
        self._threads = threads or blas_threads()
        self.dim = int(given.shape[1])
        self._chunk = max(1, CHUNK_VALUES // max(self.dim, 1))

        def check(rows: slice) -> bool:
            length = _lengths(given[rows])[1]
            if not np.isfinite(length).all():
                row = rows.start + int((~np.isfinite(length)).argmax())
                raise UserError(f"{side} embeddings hold NaN or infinity in row {row} (counted from 0)")
            return bool(((length == 0) | (np.abs(length - 1) <= _ONE)).all())

        unit = all(self._map(check, len(given)))
        self.ready = unit and given.dtype == np.float32 and given.flags.c_contiguous and given.dtype.isnative

    def __len__(self) -> int:
        return len(self._array) if self._rows is None else len(self._rows)

    def block(self, first: int, last: int) -> Floats32:
        """(last - first, dim) float32: the rows first to last, C order; not to be written to."""
        if self._rows is not None:
            return self.at(np.arange(first, min(last, len(self))))
        if self.ready:
            return np.asarray(self._array[first:last], dtype=np.float32)
        return self._read(
            min(last, len(self)) - first, lambda part: self._array[first + part.start : first + part.stop]
        )

    def at(self, rows: Ints64) -> Floats32:
        """(len(rows), dim) float32: the rows of these numbers."""
        numbers = rows if self._rows is None else self._rows[rows]
        return self._read(len(numbers), lambda part: self._array[numbers[part]])

    def take(self, rows: Ints64) -> UnitRows:
        """Only these rows, in this order; without a copy, so blocks are gathered when read."""
        part = object.__new__(UnitRows)
        part.__dict__.update(self.__dict__)
        part._rows = rows if self._rows is None else self._rows[rows]
        part.ready = False
        return part

    def _read(self, n: int, chunk_of: Callable[[slice], npt.NDArray[Any]]) -> Floats32:
        out = np.empty((n, self.dim), dtype=np.float32)

        def read(part: slice) -> None:
            block, length = _lengths(chunk_of(part))
            out[part] = block / np.where((length > 0) & (np.abs(length - 1) > _ONE), length, 1.0)[:, None]

        self._map(read, n)
        return out

    def _map(self, function: Callable[[slice], T], n: int) -> list[T]:
        """`function` of every chunk of n rows, in order."""
        parts = [slice(a, min(a + self._chunk, n)) for a in range(0, n, self._chunk)]
        if self._threads == 1 or len(parts) < 2:
            return [function(part) for part in parts]
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(function, parts))


def unit_rows(x: npt.ArrayLike, side: str) -> Floats32:
    """All of `x` (n, dim) at once as float32 rows of length 1; zero rows stay zero. Raises as `UnitRows`."""
    rows = UnitRows(x, side)
    return rows.block(0, len(rows))


def _lengths(chunk: npt.NDArray[Any]) -> tuple[Floats64, Floats64]:
    """The chunk in float64, scaled where squares would leave its range, and the lengths of those rows."""
    block = chunk.astype(np.float64)
    if chunk.dtype.kind == "f" and chunk.dtype.itemsize > 4:
        peak = np.abs(block).max(axis=1, initial=0.0, keepdims=True)
        block /= np.where(((peak > 0) & (peak < 1e-100)) | ((peak > 1e100) & (peak < np.inf)), peak, 1.0)
    return block, np.sqrt(np.einsum("nd,nd->n", block, block))
