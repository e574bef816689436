"""Which row of a table rows made of it by row steps come from."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from xlcorpus.step import Table


def traced(entries: pl.Series, made: Iterable[Table]) -> pl.DataFrame:
    """The row that each made row comes from, by the ids of both.

    A row that keeps the id of a known row comes from where that comes from, any other from where the first of its
    `parents` that is known comes from.

    Args:
        entries: (n,) ids of the rows that the first step read.
        made: the tables of the steps, each made of the one before it.

    Returns:
        Columns `id` (unique) and `entry`, those of the entries themselves among them.
    """
    known = pl.DataFrame({"id": entries, "entry": entries}).unique("id", keep="first", maintain_order=True)
    for table in made:
        rows = table.scan().select("id", "parents").collect().unique("id", keep="first", maintain_order=True)
        new = (
            rows.join(known, on="id", how="anti", maintain_order="left")
            .explode("parents", empty_as_null=True)
            .join(known.rename({"id": "parents"}), on="parents", maintain_order="left")
            .unique("id", keep="first", maintain_order=True)
            .select("id", "entry")
        )
        known = pl.concat([known, new])
    return known
