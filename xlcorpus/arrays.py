"""Types of numpy arrays by dtype; docstrings give the shapes."""

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
