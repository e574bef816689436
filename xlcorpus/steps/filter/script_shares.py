"""How much of each text is in the script of its language, for the texts of any record kind."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from xlcorpus import languages, records
from xlcorpus.records import TextField
from xlcorpus.text import quality


def script_shares(rows: pl.DataFrame, kind: str) -> list[pl.Expr]:
    """One Float64 expression for each text of a row, see `quality.script_share`; null where there is no verdict.

    Args:
        rows: rows of the kind; the expressions hold for the languages that occur in them.
        kind: record kind.
    """
    fields = records.kind(kind).texts
    if kind == "variant":
        return [_variant_script_share(rows, fields[0])]
    return [
        quality.script_share_by_tag(
            field.expr(), pl.col(field.lang), {tag: _scripts([tag]) for tag in _distinct(rows[field.lang])}
        )
        for field in fields
    ]


def _variant_script_share(rows: pl.DataFrame, field: TextField) -> pl.Expr:
    """A code-switched text may use the script of every language in it."""
    mixed = pl.concat_list("lang", "langs").list.unique(maintain_order=True).list.join(" ")
    combinations = _distinct(rows.select(mixed).to_series())
    return quality.script_share_by_tag(field.expr(), mixed, {mix: _scripts(mix.split()) for mix in combinations})


def _distinct(tags: pl.Series) -> list[str]:
    return tags.unique().drop_nulls().sort().to_list()


def _scripts(tags: Sequence[str]) -> list[str]:
    return sorted({languages.script(tag) for tag in tags})
