"""Training pairs as arrays: checked, and a part of them held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.errors import UserError
from xlcorpus.training.trainer import PAIR_COLUMNS

Say = Callable[[str, bool], None]

FEWEST_PAIRS = 2
"""Contrastive losses need a second pair as negative."""
FEWEST_HELD_OUT = 20
"""If the share gives fewer, nothing is held out: the measure would be noise."""
MOST_HELD_OUT = 1000
"""Enough for a standard error of a share below 0.016."""


@dataclass(frozen=True)
class Bitext:
    """n pairs of any number of languages."""

    src: npt.NDArray[np.object_]
    """(n,) str"""
    tgt: npt.NDArray[np.object_]
    """(n,) str"""
    group: Ints64
    """(n,) int64: which of `languages` each pair is"""
    languages: tuple[tuple[str, str], ...]
    """(source tag, target tag) of each group"""
    weight: Floats64
    """(n,) float64, mean 1: how much each pair counts"""
    src_id: Ints64
    """(n,) int64: equal for equal source texts"""
    tgt_id: Ints64
    """(n,) int64: equal for equal target texts"""

    def __len__(self) -> int:
        return len(self.src)

    def take(self, rows: Ints64) -> Bitext:
        """Some of the pairs."""
        columns = (self.src[rows], self.tgt[rows], self.group[rows])
        return Bitext(*columns, self.languages, self.weight[rows], self.src_id[rows], self.tgt_id[rows])


def bitext(pairs: pl.DataFrame) -> Bitext:
    """Pairs as a trainer takes them (`PAIR_COLUMNS`, perhaps `weight`), checked; exact repetitions fall away.

    Raises:
        UserError: a missing column, a null, an empty text, a weight that is not above 0, fewer than two pairs.
    """
    missing = [c for c in PAIR_COLUMNS if c not in pairs.columns]
    if missing:
        raise UserError(f"training pairs need a column {missing[0]!r}; there are {', '.join(pairs.columns) or 'none'}")
    if "weight" not in pairs.columns:
        pairs = pairs.with_columns(weight=pl.lit(1.0))
    pairs = pairs.select(*PAIR_COLUMNS, pl.col("weight").cast(pl.Float64))
    for column in ("src_text", "tgt_text"):
        empty = pairs[column].is_null() | (pairs[column].str.strip_chars() == "")
        if empty.any():
            raise UserError(f"training pairs: {column} of row {empty.arg_max()} is empty ({empty.sum():,} such rows)")
    for column in ("src_lang", "tgt_lang"):
        if pairs[column].null_count():
            raise UserError(f"training pairs: {column} of row {pairs[column].is_null().arg_max()} is not given")
    wrong = ~(pairs["weight"].fill_null(0.0).is_finite() & (pairs["weight"].fill_null(0.0) > 0))
    if wrong.any():
        row = wrong.arg_max() or 0
        raise UserError(f"training pairs: the weight of row {row} is {pairs['weight'][row]}, it must be above 0")
    pairs = pairs.unique(PAIR_COLUMNS, keep="first", maintain_order=True)
    if pairs.height < FEWEST_PAIRS:
        raise UserError(f"training needs at least {FEWEST_PAIRS} different pairs; there {_are(pairs.height)}")
    keys = pairs.select("src_lang", "tgt_lang").unique().sort("src_lang", "tgt_lang").with_row_index("group")
    group = pairs.join(keys, on=["src_lang", "tgt_lang"], how="left", maintain_order="left")["group"]
    weight = pairs["weight"].to_numpy()
    return Bitext(
        pairs["src_text"].to_numpy(),
        pairs["tgt_text"].to_numpy(),
        group.cast(pl.Int64).to_numpy(),
        tuple(keys.select("src_lang", "tgt_lang").iter_rows()),
        weight / weight.mean(),
        *(pairs[c].rank("dense").cast(pl.Int64).to_numpy() for c in ("src_text", "tgt_text")),
    )


def hold_out(data: Bitext, share: float, seed: int) -> tuple[Bitext, Bitext]:
    """(pairs to train on, pairs to measure on), drawn at random, never by score; the second may have no pairs.

    A pair whose source or target is also in the held-out part is left out of the training part.

    Args:
        data: all pairs.
        share: of the pairs to hold out, at most `MOST_HELD_OUT`.
        seed: of the draw.
    """
    n = min(round(len(data) * share), MOST_HELD_OUT)
    everything = np.arange(len(data))
    if n < FEWEST_HELD_OUT:
        return data, data.take(everything[:0])
    held = np.sort(np.random.default_rng(seed).choice(len(data), n, replace=False))
    seen = np.isin(data.src_id, data.src_id[held]) | np.isin(data.tgt_id, data.tgt_id[held])
    kept = everything[~seen]
    if len(kept) < FEWEST_PAIRS:
        return data, data.take(everything[:0])
    return data.take(kept), data.take(held)


def _are(n: int) -> str:
    return "is one" if n == 1 else f"are {n}" if n else "is none"
