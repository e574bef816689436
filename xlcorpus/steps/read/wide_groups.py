"""Tables of groups with a column for each language (`id en de hi`), as test sets are often given."""

from __future__ import annotations

import re

import polars as pl

from xlcorpus import languages, records
from xlcorpus.errors import UserError
from xlcorpus.steps.read.found import Found

TEXTS = "texts"

_CODE = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]+)*")


def with_texts(found: Found) -> Found:
    """The rows with a column `texts` of all columns that are named by the code of a language (`de`, `zho_Hant`).

    A blank cell gives no text. Rows that have `texts`, and files without such columns, stay as they are; `id` is
    always the id, so write `ind` for Indonesian.
    """
    named = [] if TEXTS in found.columns else [name for name in found.columns if _is_code(name)]
    columns = {name: found.columns[name] for name in named}
    if not all(
        isinstance(values, pl.Series) or all(isinstance(v, str | None) for v in values) for values in columns.values()
    ):
        return found
    if not columns:
        return found
    frame = pl.DataFrame({name: pl.Series(values, dtype=pl.String) for name, values in columns.items()})
    entries = [
        pl.when(pl.col(name).str.strip_chars() != "").then(
            pl.struct(lang=pl.lit(name), text=pl.col(name), id=pl.lit(None, dtype=pl.String))
        )
        for name in named
    ]
    texts = frame.select(pl.concat_list(entries).list.drop_nulls().alias(TEXTS))[TEXTS]
    rest = {name: values for name, values in found.columns.items() if name not in columns}
    return Found(found.places, {**rest, TEXTS: texts.to_list()})


def _is_code(name: str) -> bool:
    if name in records.kind("group").schema.names or not _CODE.fullmatch(name):
        return False
    try:
        languages.parse(name)
    except UserError:
        return False
    return True
