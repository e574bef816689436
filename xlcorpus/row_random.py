"""Random numbers that belong to a row: the same on every machine, in every batch, with every library."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt


def draws(row_id: str, seed: int, purpose: str, n: int) -> npt.NDArray[np.float64]:
    """`n` numbers in [0, 1) from the row's id, the seed and what they are for; shape (n,).

    >>> draws("1f0c", seed=0, purpose="code_switch", n=2).shape
    (2,)
    """
    digest = hashlib.shake_256(f"{seed}\0{purpose}\0{row_id}".encode()).digest(4 * n)
    return np.frombuffer(digest, dtype="<u4") / 2.0**32


def first_draws(row_ids: Iterable[str], seed: int, purpose: str) -> npt.NDArray[np.float64]:
    """(rows,) the first of the `draws` of each id: 0.5 million a second, one hash a row."""
    start = f"{seed}\0{purpose}\0".encode()
    shake = hashlib.shake_256
    digests = b"".join([shake(start + row_id.encode()).digest(4) for row_id in row_ids])
    return np.frombuffer(digests, dtype="<u4") / 2.0**32


def long_draws(row_ids: Iterable[str], seed: int, purpose: str) -> npt.NDArray[np.uint64]:
    """(rows,) 64 bits for each id, from the bytes of its `draws`: rows of one table are put in order by them.

    With 64 bits no two of ten million ids meet (3 in a million tables); with the 32 of `first_draws` some do.
    """
    start = f"{seed}\0{purpose}\0".encode()
    shake = hashlib.shake_256
    digests = b"".join([shake(start + row_id.encode()).digest(8) for row_id in row_ids])
    return np.frombuffer(digests, dtype="<u8")
