"""Source, licence and item of a row that is made of others: unknown (null) if one of theirs is, or they differ."""

from __future__ import annotations

import polars as pl

SEPARATORS = {"source": "; ", "license": " AND "}
"""Column, and what stands between several values; `AND` as in SPDX licence expressions."""


def provenance_of_sides() -> dict[str, pl.Expr]:
    """`source`, `license` and `group_id` of a pair from `src_source`, `tgt_source`, `src_license`, and so on.

    One source and licence if both sides have the same, else that of the source side first. An item if both sides
    (`src_group_id`, or `src_id`) are of the same one.
    """
    src, tgt = (pl.coalesce(f"{side}_group_id", f"{side}_id") for side in ("src", "tgt"))
    sides = {column: _sides(column, separator) for column, separator in SEPARATORS.items()}
    return sides | {"group_id": pl.when(src == tgt).then(src)}


def provenance_of_rows() -> dict[str, pl.Expr]:
    """`source` and `license` of an aggregate from those of its rows: the distinct values in order."""
    return {column: _rows(column, separator) for column, separator in SEPARATORS.items()}


def item_of_rows(row_id: str) -> pl.Expr:
    """`group_id` of an aggregate: the item of its rows if they are all of one.

    Args:
        row_id: column of the rows' ids.
    """
    item = pl.coalesce("group_id", row_id)
    return pl.when(item.n_unique() == 1).then(item.first())


def _sides(column: str, separator: str) -> pl.Expr:
    src, tgt = pl.col(f"src_{column}"), pl.col(f"tgt_{column}")
    return pl.when(src == tgt).then(src).otherwise(pl.concat_str(src, tgt, separator=separator))


def _rows(column: str, separator: str) -> pl.Expr:
    value = pl.col(column)
    return pl.when(value.null_count() == 0).then(value.unique().sort().str.join(separator))
