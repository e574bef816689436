"""Ids of rows that are equal: a hash of content and parents gives them the same, and each needs its own."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import polars as pl


def repeated(ids: Iterable[pl.Series]) -> npt.NDArray[np.uint64]:
    """The first 64 bits of the ids (32 hex digits each) that stand more than once, ascending; holds 8 bytes a row."""
    heads = np.concatenate([np.empty(0, np.uint64), *map(_heads, ids)])
    values, counts = np.unique(heads, return_counts=True)
    return np.asarray(values[counts > 1], dtype=np.uint64)


def numbered(ids: pl.Series, among: npt.NDArray[np.uint64], seen: Counter[str]) -> pl.Series:
    """Ids in which the second, third, ... of equal rows have others.

    Args:
        ids: (rows,) 32 hex digits each.
        among: what `repeated` found.
        seen: how often ids stood in the rows before; is brought up to date.
    """
    found = ids.to_list()
    for place in np.flatnonzero(np.isin(_heads(ids), among)):
        row_id = found[place]
        if seen[row_id]:
            found[place] = hashlib.blake2b(f"{row_id}\0{seen[row_id]}".encode(), digest_size=16).hexdigest()
        seen[row_id] += 1
    return pl.Series(ids.name, found, dtype=pl.String)


def _heads(ids: pl.Series) -> npt.NDArray[np.uint64]:
    return np.frombuffer(bytes.fromhex("".join(ids)), dtype=">u8")[::2].astype(np.uint64)
