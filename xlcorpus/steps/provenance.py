"""Source and licence of a row that is made of others: unknown (null) if one of theirs is."""

from __future__ import annotations

import polars as pl

SEPARATORS = {"source": "; ", "license": " AND "}
"""Column, and what stands between several values; `AND` as in SPDX licence expressions."""


def provenance_of_sides() -> dict[str, pl.Expr]:
    """`source` and `license` of a pair from `src_source`, `tgt_source`, `src_license`, `tgt_license`.

    One value if both sides have the same, else that of the source side first.
    """
    return {column: _sides(column, separator) for column, separator in SEPARATORS.items()}


def provenance_of_rows() -> dict[str, pl.Expr]:
    """`source` and `license` of an aggregate from those of its rows: the distinct values in order."""
    return {column: _rows(column, separator) for column, separator in SEPARATORS.items()}


def _sides(column: str, separator: str) -> pl.Expr:
    src, tgt = pl.col(f"src_{column}"), pl.col(f"tgt_{column}")
    return pl.when(src == tgt).then(src).otherwise(pl.concat_str(src, tgt, separator=separator))


def _rows(column: str, separator: str) -> pl.Expr:
    value = pl.col(column)
    return pl.when(value.null_count() == 0).then(value.unique().sort().str.join(separator))
