"""Which rows of a file are versions of one item: `group_id`, from a column or from the line."""

from __future__ import annotations

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from xlcorpus.steps.read.column_types import Values, identifiers


class SameLine(BaseModel):
    """Rows on the same line of several files are one item."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    line: str = Field(min_length=1, pattern=r"\S")
    """name of what the files are parts of; the item of line 3 is `NAME:3`"""


def item_ids(values: Values | None, of: str | SameLine | None, places: pl.Series) -> pl.Series:
    """`group_id` of rows (String), null where a row is an item of its own.

    Args:
        values: the column that names the item; blank is none.
        of: what `read` says of items.
        places: (rows,) line or number of each row in its file.
    """
    if isinstance(of, SameLine):
        return (pl.Series([f"{of.line}:"]).new_from_index(0, len(places)) + places.cast(pl.String)).alias("group_id")
    if values is None:
        return pl.Series("group_id", [None], dtype=pl.String).new_from_index(0, len(places))
    named = identifiers(values).alias("group_id")
    return named.set(named.str.strip_chars() == "", None)
