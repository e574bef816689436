"""The places of each row in all arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from xlcorpus.arms import ARM, ARMS, PLACE
from xlcorpus.arrays import Ints32, Ints64
from xlcorpus.repeated_rows import COPY
from xlcorpus.steps.mix.lay import Ordered


@dataclass(frozen=True)
class Spots:
    """Places by row; they are sorted by row, then by arm and place."""

    starts: Ints64
    """(rows + 1,) where the places of each row begin"""
    arm: Ints32
    """(places,) number of the arm"""
    fields: dict[str, Ints32]
    """(places,) each: `place` and what else is told"""
    names: tuple[str, ...]

    @property
    def places(self) -> int:
        """Places of all rows in all arms."""
        return len(self.arm)

    @classmethod
    def of(cls, arms: Sequence[Ordered], names: Sequence[str], fields: Sequence[str], rows: int) -> Spots:
        """The places of the rows of some arms.

        Args:
            arms: rows in order.
            names: of the arms.
            fields: of `place`, `copy`, `phase`, `pack`, `batch` those that are told.
            rows: number of rows.
        """
        row = np.concatenate([one.row for one in arms])
        order = np.argsort(row, kind="stable")
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(row, minlength=rows))])
        del row
        held: dict[str, Ints32] = {}
        for name in fields:
            # How often a row stood before is counted below, over the places.
            plain = name in (PLACE, COPY)
            columns = [np.arange(len(one.row), dtype=np.int32) if plain else one.fields[name] for one in arms]
            held[name] = np.concatenate(columns)[order]
        arm = np.repeat(np.arange(len(arms), dtype=np.int32), [len(one.row) for one in arms])[order]
        if COPY in held:
            # In the order of places: the first is no repetition, whatever pass it is of.
            again = np.diff(np.repeat(np.arange(rows), np.diff(starts)) * len(arms) + arm, prepend=-1) == 0
            since = np.arange(len(arm))
            held[COPY] = (since - np.maximum.accumulate(np.where(again, 0, since))).astype(np.int32)
        return cls(starts, arm, held, tuple(names))

    def lists(self, rows: slice) -> pl.Series:
        """(rows,) lists of structs: what the column `arms` holds."""
        starts = self.starts[rows.start : rows.stop + 1]
        own = slice(int(starts[0]), int(starts[-1]))
        told = {ARM: pl.Series(np.array(self.names, dtype=object)[self.arm[own]], dtype=pl.String)}
        told |= {name: pl.Series(column[own], dtype=pl.Int64) for name, column in self.fields.items()}
        flat = pl.DataFrame(told).with_columns(_row=pl.Series(np.repeat(np.arange(len(starts) - 1), np.diff(starts))))
        lists = flat.group_by("_row", maintain_order=True).agg(pl.struct(*told).alias(ARMS))
        every = pl.DataFrame({"_row": np.arange(len(starts) - 1)})
        found = every.join(lists, on="_row", how="left", maintain_order="left")[ARMS]
        return found.fill_null(pl.lit([], dtype=found.dtype))
