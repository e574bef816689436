"""What asks the question of an item, where it has no prompt of its own."""

from __future__ import annotations

from string import ascii_uppercase

import polars as pl

from xlcorpus import records


def with_prompts(rows: pl.DataFrame) -> pl.DataFrame:
    """Items whose `prompt` is nowhere null.

    Where it was, it is one turn of the user: context, question, and the choices, a line each after "A. ", "B. ", ...
    (numbers where there are more than 26), with a blank line between the three.
    """
    parts = [pl.col("context"), pl.col("question"), _lettered("choices")]
    asked = records.message("user", pl.concat_str(parts, separator="\n\n", ignore_nulls=True))
    made = rows.select(pl.coalesce("prompt", records.messages([asked]))).to_series()
    return rows.with_columns(made.cast(records.turns_dtype()).alias("prompt"))


def _lettered(column: str) -> pl.Expr:
    """The choices in one text (String); null where there are none."""
    place = pl.int_range(pl.len())
    letters = dict(enumerate(ascii_uppercase))
    letter = place.replace_strict(letters, default=None, return_dtype=pl.String)
    number = (place + 1).cast(pl.String)
    label = pl.when(pl.len() <= len(letters)).then(letter).otherwise(number)
    lines = pl.col(column).list.eval(pl.concat_str(label, pl.element(), separator=". "))
    return pl.when(pl.col(column).list.len() > 0).then(lines.list.join("\n"))
