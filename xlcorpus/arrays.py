"""Types of numpy arrays by dtype (docstrings give the shapes), and rows of unit length."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Ints8 = npt.NDArray[np.int8]
Ints32 = npt.NDArray[np.int32]
Ints64 = npt.NDArray[np.int64]
UInts64 = npt.NDArray[np.uint64]
Floats32 = npt.NDArray[np.float32]
Floats64 = npt.NDArray[np.float64]


def unit_length(rows: Floats32) -> Floats32:
    """(n, dim) float32: the rows divided by their lengths; zero rows stay zero."""
    size = np.sqrt(np.einsum("nd,nd->n", rows, rows))[:, None]
    return np.asarray(rows / np.where(size > 0, size, 1), dtype=np.float32)
