"""Functions of SQL beside DuckDB's own: draws that belong to a row, words and numbers of a language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from xlcorpus.errors import UserError
from xlcorpus.row_random import first_draws
from xlcorpus.text import numbers as numbers_of_text

NAMES = ("draw", "numbers", "words")

_TEXT = "VARCHAR"


class Functions:
    """The functions of one connection.

    - `draw('purpose', id)`: a number in [0, 1), as `row_random.draws` makes it.
    - `words(t, lang)`: the words of a text, as `text.words` cuts them.
    - `numbers(t, lang)`: the values of its numbers, in the digits and separators of any language.

    All give null for null.
    """

    def __init__(self) -> None:
        self.seed = 0
        """of the pipeline; goes into every draw"""
        self.problem: UserError | None = None
        """what the last query broke off for, if one of these functions refused a value"""

    def register(self, duck: duckdb.DuckDBPyConnection) -> None:
        """Make them known to a connection (1 ms in all)."""
        made: tuple[tuple[str, Callable[..., Any], str], ...] = (
            ("draw", self._draw, "DOUBLE"),
            ("words", self._words, "VARCHAR[]"),
            ("numbers", self._numbers, "DOUBLE[]"),
        )
        create: Any = duck.create_function  # whose types know no functions over Arrow columns
        for name, function, result in made:
            create(name, function, [_TEXT, _TEXT], result, type="arrow", null_handling="special")

    def _draw(self, purposes: pa.ChunkedArray, ids: pa.ChunkedArray) -> pa.Array:
        given = _frame(purpose=purposes, id=ids).with_row_index("row").drop_nulls()
        drawn = [
            part.select("row", value=pl.Series(first_draws(part["id"], self.seed, str(purpose)), dtype=pl.Float64))
            for (purpose,), part in given.group_by("purpose")
        ]
        return _at(drawn, len(ids), pl.Float64())

    def _words(self, texts: pa.ChunkedArray, langs: pa.ChunkedArray) -> pa.Array:
        from xlcorpus.text.words import word_lists

        given = _frame(text=texts, lang=langs).with_row_index("row").drop_nulls()
        found = self._checked(lambda: word_lists(given["text"], given["lang"]))
        return _at([given.select("row", value=found)], len(texts), pl.List(pl.String))

    def _numbers(self, texts: pa.ChunkedArray, langs: pa.ChunkedArray) -> pa.Array:
        given = _frame(text=texts, lang=langs).with_row_index("row").drop_nulls()
        # Row by row: numbers are found by a pattern that depends on the language.
        found = self._checked(
            lambda: [[float(n.value) for n in numbers_of_text.numbers(t, lang)] for _, t, lang in given.iter_rows()]
        )
        values = pl.Series("value", found, dtype=pl.List(pl.Float64))
        return _at([given.select("row", value=values)], len(texts), pl.List(pl.Float64))

    def _checked(self, compute: Callable[[], Any]) -> Any:
        """What is computed; a refusal is kept, because DuckDB makes a text of it."""
        try:
            return compute()
        except UserError as problem:
            self.problem = problem
            raise


def _frame(**columns: pa.ChunkedArray) -> pl.DataFrame:
    return pl.DataFrame({name: pl.Series(pl.from_arrow(column), dtype=pl.String) for name, column in columns.items()})


def _at(parts: list[pl.DataFrame], rows: int, dtype: pl.DataType) -> pa.Array:
    """(rows,) the values of the rows that have one, null elsewhere."""
    empty = pl.DataFrame(schema={"row": pl.UInt32, "value": dtype})
    places = pl.DataFrame({"row": pl.Series(range(rows), dtype=pl.UInt32)})
    values = places.join(pl.concat([empty, *parts]), on="row", how="left", maintain_order="left")["value"]
    array = values.to_arrow(compat_level=pl.CompatLevel.oldest())
    return array.cast(pa.list_(pa.string())) if dtype == pl.List(pl.String) else array
