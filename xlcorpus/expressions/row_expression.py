"""Expressions over the columns of one row: `where:`, `accept:`, `select`.

>>> row_expression("lang = 'deu_Latn' AND length(text) > 20", frame.schema).evaluate(frame)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import polars as pl

from xlcorpus.errors import UserError
from xlcorpus.expressions.connection import locked
from xlcorpus.expressions.refused import aggregates, check
from xlcorpus.expressions.result import plain
from xlcorpus.expressions.syntax import Node, functions, nodes, of_class, parse, words
from xlcorpus.expressions.told import told
from xlcorpus.expressions.unknown_types import bound

_ROWS, _VALUE = "_rows", "_value"


@dataclass(frozen=True)
class RowExpression:
    """A checked expression. It can be pickled; `evaluate` may be called in several threads."""

    text: str
    """as it was written"""
    reads: tuple[str, ...]
    """the columns that it reads, in the order of the schema it was checked with"""
    dtype: pl.DataType | None
    """of its value; None: not known before there are rows"""

    def evaluate(self, frame: pl.DataFrame, seed: int = 0) -> pl.Series:
        """(rows,) the value of each row, in their order, named `value`.

        Args:
            frame: rows with the columns that it reads; others do not matter.
            seed: of the pipeline, for `draw`.

        Raises:
            UserError: a column is missing, or a value cannot be computed (a text that is no number, say).
        """
        missing = [column for column in self.reads if column not in frame.columns]
        if missing:
            raise UserError(f"{_shown(self.text)}: the rows have no column {missing[0]!r}")
        own = locked()
        own.functions.seed, own.functions.problem = seed, None
        # Without columns a frame has no rows.
        rows = frame.select(self.reads) if self.reads else pl.DataFrame({"": pl.repeat(0, frame.height, eager=True)})
        own.create(_ROWS, rows)
        try:
            table = own.duck.sql(_select(self.text)).to_arrow_table()
        except duckdb.Error as problem:
            why = own.functions.problem or told(problem, self.reads, ())
            raise UserError(f"{_shown(self.text)}: {why}") from None
        finally:
            own.duck.unregister(_ROWS)
        values = plain(table)[_VALUE].alias("value")
        if len(values) != frame.height:
            raise UserError(f"{_shown(self.text)}: gives {len(values):,} values for {frame.height:,} rows")
        return values


def row_expression(text: str, columns: Mapping[str, pl.DataType | None] | Iterable[str]) -> RowExpression:
    """Check an expression against the columns of the rows it is for.

    It holds no aggregate, window or subquery: options like `top` and `by` of a step serve groups.

    Args:
        text: in SQL.
        columns: the rows' columns with their types (a frame's `schema`); a type that is not known is None.

    Raises:
        UserError: not an expression, something `refused` refuses, an unknown column or function, wrong types.
    """
    if not text.strip():
        raise UserError("an expression is empty; it is SQL over the columns of a row, as in length(text) > 20")
    schema = dict(columns) if isinstance(columns, Mapping) else dict.fromkeys(columns)
    try:
        tree = parse(_select(text), schema)
        _check_shape(tree)
        check(tree, {column.lower() for column in schema})
        reads = _reads(tree, schema)
        dtype = bound(_select(text), {_ROWS: {name: schema[name] for name in reads}}, tuple(schema), probe=True)
    except UserError as problem:
        # The bracket behind the text is ours.
        why = str(problem) if ")" in text else str(problem).replace('error at or near ")"', "error at its end")
        raise type(problem)(f"{_shown(text)}: {why}") from None
    return RowExpression(text, reads, None if dtype is None else dtype[_VALUE])


def _select(text: str) -> str:
    # The line break ends a comment in the text.
    return f"SELECT (\n{text}\n) AS {_VALUE} FROM {_ROWS}"


def _check_shape(tree: Node) -> None:
    """Refuse a text that closes the bracket around it and goes on with SQL, and what is no expression of a row."""
    node, model = ({k: v for k, v in t["node"].items() if k != "select_list"} for t in (tree, parse(_select("1"))))
    if len(tree["node"].get("select_list", ())) != 1 or _placeless(node) != _placeless(model):
        raise UserError("one expression over columns belongs here, as in length(text) > 20; a query belongs in reshape")
    for _ in of_class(tree, "SUBQUERY"):
        raise UserError("an expression of a row holds no subquery; the reshape step joins tables")
    for _ in of_class(tree, "WINDOW"):
        raise UserError("an expression of a row holds no window (OVER); top, quantile and by of select serve groups")
    for name in aggregates(tree):
        raise UserError(
            f"an expression of a row holds no aggregate, as {name}() is; list_sum, list_max, ... are for lists, "
            "the options of select and the reshape step for groups"
        )
    if any(call["function_name"] == "unnest" for call in functions(tree)):
        raise UserError("unnest() makes rows, an expression one value of each; the reshape step makes rows")
    for _ in of_class(tree, "STAR"):
        raise UserError("* and COLUMNS stand for several columns; name one")


def _placeless(tree: Node) -> list[dict[str, object]]:
    """All objects of a tree without the places in the text."""
    return [
        {k: v for k, v in node.items() if not k.startswith("query_location") and not isinstance(v, dict | list)}
        for node in nodes(tree)
    ]


def _reads(tree: Node, schema: Mapping[str, pl.DataType | None]) -> tuple[str, ...]:
    """The columns named in the text; SQL does not tell upper case from lower case."""
    named = words(tree)
    reads = tuple(column for column in schema if column.lower() in named)
    seen: dict[str, str] = {}
    for column in reads:
        other = seen.setdefault(column.lower(), column)
        if other != column:
            raise UserError(f"the columns {other!r} and {column!r} differ in case alone, and SQL sees one; rename one")
    return reads


def _shown(text: str) -> str:
    flat = " ".join(text.split())
    return f"`{flat if len(flat) <= 100 else flat[:97] + '...'}`"
