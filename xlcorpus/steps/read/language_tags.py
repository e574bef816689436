"""Names of languages in columns of a file as tags."""

from __future__ import annotations

import polars as pl

from xlcorpus import languages
from xlcorpus.errors import UserError
from xlcorpus.steps.read.column_types import Misfit

UNKNOWN_LANGUAGE = "unknown_language"


def is_language(name: str) -> bool:
    """Whether a column or field holds the name of a language, or several."""
    return name in ("lang", "langs") or name.endswith("_lang")


def as_tags(column: pl.Series) -> tuple[pl.Series, dict[int, Misfit]]:
    """A column of language names as tags.

    Args:
        column: String, List(String), or a list of structs with a field `lang`.

    Returns:
        The column, null where a row names what is no language, and that name by row.
    """
    nested = isinstance(column.dtype, pl.List)
    names = column.explode(empty_as_null=False) if nested else column
    if isinstance(names.dtype, pl.Struct):
        names = names.struct.field("lang")
    tags = _tags(names)
    unknown = [name for name, tag in tags.items() if tag is None]
    name = pl.element().struct.field("lang") if isinstance(names_dtype(column), pl.Struct) else pl.element()
    first_unknown = (
        pl.col(column.name).list.eval(name.filter(name.is_in(unknown))).list.first()
        if nested
        else pl.when(pl.col(column.name).is_in(unknown)).then(column.name)
    )
    frame = column.to_frame()
    wrong = frame.select(first_unknown.alias("wrong"))["wrong"]
    parsed = pl.when(pl.lit(wrong).is_null()).then(_replaced(column, tags)).alias(column.name)
    rows = wrong.is_not_null().arg_true().to_list()
    return frame.select(parsed).to_series(), {row: Misfit(UNKNOWN_LANGUAGE, wrong[row]) for row in rows}


def names_dtype(column: pl.Series) -> pl.DataType:
    """Dtype of a column's items."""
    return getattr(column.dtype, "inner", column.dtype)


def _tags(names: pl.Series) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in names.unique(maintain_order=True).drop_nulls().to_list():
        try:
            found[name] = languages.parse(name)
        except UserError:
            found[name] = None
    return found


def _replaced(column: pl.Series, tags: dict[str, str | None]) -> pl.Expr:
    known = {name: tag for name, tag in tags.items() if tag is not None}

    def tag(name: pl.Expr) -> pl.Expr:
        return name.replace_strict(known, default=None, return_dtype=pl.String)

    if not isinstance(column.dtype, pl.List):
        return tag(pl.col(column.name))
    if isinstance(column.dtype.inner, pl.Struct):
        return pl.col(column.name).list.eval(pl.element().struct.with_fields(tag(pl.field("lang")).alias("lang")))
    return pl.col(column.name).list.eval(tag(pl.element()))
