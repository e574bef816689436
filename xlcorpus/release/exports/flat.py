"""CSV (RFC 4180): every column of the release as one cell; lists and objects as JSON text."""

from __future__ import annotations

import polars as pl

from xlcorpus.errors import UserError
from xlcorpus.release.exports.made import Made, Settings


def flat(rows: pl.DataFrame, settings: Settings) -> Made:
    """The columns as they are; lists and objects as JSON text.

    Raises:
        UserError: a column holds bytes.
    """
    for name, dtype in rows.schema.items():
        if dtype == pl.Binary:
            raise UserError(f"csv cannot hold the column {name!r}, which is bytes")
    nested = [_json(name) for name, dtype in rows.schema.items() if dtype.is_nested()]
    return Made(rows.with_columns(nested).to_arrow())


def _json(name: str) -> pl.Expr:
    """polars encodes structs alone: what stands between `{"x":` and `}`."""
    encoded = pl.struct(x=pl.col(name)).struct.json_encode().str.strip_prefix('{"x":').str.strip_suffix("}")
    return pl.when(pl.col(name).is_not_null()).then(encoded).alias(name)
