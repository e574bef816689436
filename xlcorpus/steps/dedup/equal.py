"""Rows with equal texts, by files of hashes, a range of hashes at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from xlcorpus.arrays import Ints32, UInts64
from xlcorpus.mining.near_duplicates.bands import ALONE, buckets
from xlcorpus.steps.dedup.fields import Field
from xlcorpus.steps.dedup.shards import Shard, names
from xlcorpus.text.fold import folded_expr
from xlcorpus.whole_files import whole_file

PASS_ROWS = 1 << 16
MOST_PASSES = 64


def key_exprs(
    fields: Sequence[Field], views: Sequence[Sequence[int]], rest: Sequence[pl.Expr], folded: bool
) -> list[pl.Expr]:
    """One String expression a view: the texts that must be equal, in one form, and what must be beside them.

    Args:
        fields: of the rows.
        views: as in `fields.views`.
        rest: String expressions that must be equal too.
        folded: whether case, punctuation and spaces do not count; if they do, the Unicode form (NFC) does not.
    """
    forms = [folded_expr(f.text, f.lang) if folded else f.text.str.normalize("NFC") for f in fields]
    return [
        pl.concat_str([*(forms[place] for place in view), *rest], separator="\x1f", ignore_nulls=False)
        for view in views
    ]


def equal_rows(shards: Sequence[Shard], kind: str, keys: Sequence[pl.Expr], scratch: Path) -> Ints32:
    """(views, rows) int32: `buckets` of the rows for each key, by 128 bits of hash.

    Two keys that differ meet by chance once in 10^38 pairs. Files in `scratch` hold 24 bytes a row and key; in memory
    are 4, and the hashes of one range.

    Args:
        shards: all of them, in order.
        kind: of the rows.
        keys: String expressions.
        scratch: folder for the files.
    """
    total = shards[-1].stop if shards else 0
    found = np.full((len(keys), total), ALONE, np.int32)
    files = [list(_hashed(shard, kind, keys, scratch)) for shard in shards]
    passes = min(MOST_PASSES, max(1, total // PASS_ROWS))
    limits = [(2**64 * i) // passes for i in range(passes + 1)]
    for view in range(len(keys)):
        used = 0
        for low, high in pairwise(limits):
            nothing = np.empty((3, 0), np.uint64)
            first, second, rows = np.concatenate([nothing, *(_range(held[view], low, high) for held in files)], 1)
            # In the order of the rows, so that numbers do not depend on how they lie in files.
            own = buckets(first, second)
            found[view, rows.astype(np.int64)] = np.where(own == ALONE, ALONE, own + used)
            used += int(own.max(initial=ALONE)) + 1
    return found


def _hashed(shard: Shard, kind: str, keys: Sequence[pl.Expr], scratch: Path) -> Iterator[Path]:
    """Files of (3, n) uint64, a key each: both halves of the hash and the row's number, by the first half."""
    paths = [scratch / f"equal-{view}-{shard.start:010d}.npy" for view in range(len(keys))]
    if not all(path.exists() for path in paths):
        halves: list[list[UInts64]] = [[np.empty((2, 0), np.uint64)] for _ in keys]
        for batch in shard.batches(kind, names(keys)):
            for view, key in enumerate(keys):
                told = batch.select(key).to_series()
                halves[view].append(np.stack([told.hash(seed).to_numpy() for seed in (0, 1)]))
        for path, parts in zip(paths, halves, strict=True):
            hashes = np.concatenate(parts, 1)
            order = np.argsort(hashes[0], kind="stable")
            numbers = (order + shard.start).astype(np.uint64)
            with whole_file(path) as unfinished, unfinished.open("wb") as file:
                np.save(file, np.vstack([hashes[:, order], numbers[None]]))
    return iter(paths)


def _range(path: Path, low: int, high: int) -> UInts64:
    """The columns of a file of `_hashed` whose first half lies in [low, high)."""
    held = np.load(path, mmap_mode="r")
    begin = int(np.searchsorted(held[0], np.uint64(low)))
    end = held.shape[1] if high == 2**64 else int(np.searchsorted(held[0], np.uint64(high)))
    return np.array(held[:, begin:end])
