"""Ids of rows that were read: hashes of what the row holds and of its place, never of a line number."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]


@dataclass
class Seen:
    """What has been read of one file so far; one is made for each file."""

    began: bool = False
    """whether rows of the file were seen: after the first of them a column may be missing"""
    _sorted: list[Hashes] = field(default_factory=list)
    """hashes of all rows, in sorted runs of falling size: 8 bytes a row"""

    def earlier(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        """How many equal rows stand before each row in the file; the rows are taken down.

        Args:
            hashes: (n,) of rows that follow those of the calls before.

        Returns:
            (n,) counts from 0.
        """
        order = np.argsort(hashes, kind="stable")
        run = hashes[order]
        counts = np.zeros(len(hashes), dtype=np.int64)
        counts[order] = np.arange(len(run)) - np.searchsorted(run, run)
        for known in self._sorted:
            counts += np.searchsorted(known, hashes, "right") - np.searchsorted(known, hashes, "left")
        self._sorted.append(run)
        while len(self._sorted) > 1 and len(self._sorted[-2]) <= 2 * len(self._sorted[-1]):
            last = self._sorted.pop()
            self._sorted[-1] = np.sort(np.concatenate([self._sorted[-1], last]), kind="stable")
        return counts


def row_ids(rows: pl.DataFrame, kind: str, file: str, seen: Seen) -> pl.Series:
    """128-bit ids of rows as 32 hex digits; shape (rows,), name `id`.

    Equal rows of a file have different ids by the number of equal rows before them, so a row keeps its id whatever
    other rows are added, removed or moved.

    Args:
        rows: what counts as content; nothing that depends on where in the file a row stands.
        kind: record kind.
        file: the file as the user named it.
        seen: of that file.
    """
    texts = rows.select(pl.struct(pl.all()).struct.json_encode()).to_series()
    start = hashlib.blake2b(file.encode() + b"\0", digest_size=16, person=kind.encode()[:16])
    digests = []
    for text in texts:  # polars has no 128-bit hash that stays the same between its versions
        one = start.copy()
        one.update(text.encode())
        digests.append(one.digest())
    # A chance collision of 64 bits only counts a row that is not equal: ids still differ, in every run alike.
    counts = seen.earlier(np.array([int.from_bytes(d[:8], "little") for d in digests], dtype=np.uint64))
    ids = [
        digest.hex() if not count else hashlib.blake2b(digest + count.to_bytes(8, "little"), digest_size=16).hexdigest()
        for digest, count in zip(digests, counts.tolist(), strict=True)
    ]
    return pl.Series("id", ids, dtype=pl.String)
