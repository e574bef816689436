"""Features of `datasets` that are no text: left out, refused, or given by name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pyarrow as pa

from xlcorpus.errors import UserError

_BINARY = ("Image", "Audio", "Video", "Pdf", "Nifti")


def plain_columns(features: Any, asked: Collection[str]) -> list[str]:
    """The columns without pictures, sound and the like.

    Raises:
        UserError: one that is asked for holds them.
    """
    found = []
    for column, feature in features.items():
        if type(feature).__name__ not in _BINARY:
            found.append(column)
        elif column in asked:
            raise UserError(f"the column {column!r} holds {type(feature).__name__.lower()}s, no text")
    return found


def with_names(table: pa.Table, features: Any) -> pa.Table:
    """The table with the names of labels in place of their numbers."""
    for column in table.column_names:
        feature = features.get(column)
        if type(feature).__name__ == "ClassLabel":
            names = [
                None if value is None or value < 0 else feature.int2str(value) for value in table[column].to_pylist()
            ]
            table = table.set_column(table.column_names.index(column), column, pa.array(names, pa.string()))
    return table
