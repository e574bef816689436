"""Rows that stand in a table several times."""

from __future__ import annotations

import hashlib

import polars as pl

COPY = "copy"
"""Column: how often the row stands before this one; 0 the first time."""


def with_own_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """Give repetitions (`copy` above 0) ids of their own: a row made of the first one, and of its item.

    Args:
        rows: with `id`, `parents`, `group_id` and `copy` (integer).
    """
    again = rows.select("id", COPY).with_row_index("row").filter(pl.col(COPY) > 0)
    if not again.height:
        return rows
    # One hash a repetition.
    ids = [hashlib.blake2b(f"{i}\0{copy}".encode(), digest_size=16).hexdigest() for _, i, copy in again.iter_rows()]
    own = rows["id"].scatter(again["row"], pl.Series(ids, dtype=pl.String))
    made = pl.col(COPY) > 0
    return rows.with_columns(
        own.alias("id"),
        parents=pl.when(made).then(pl.concat_list("id")).otherwise("parents"),
        group_id=pl.when(made).then(pl.coalesce("group_id", "id")).otherwise("group_id"),
    )
