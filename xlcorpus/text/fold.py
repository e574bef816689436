"""One form for texts that differ in case, punctuation or spaces alone."""

from __future__ import annotations

import polars as pl


def folded_expr(text: pl.Expr) -> pl.Expr:
    """A String expression in lower case, with one space for all that is no letter, mark or digit of any script.

    A text of symbols alone stays as it is: it would fold to nothing and meet every other.
    """
    folded = text.str.to_lowercase().str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ").str.strip_chars()
    return pl.when(folded == "").then(text).otherwise(folded)
