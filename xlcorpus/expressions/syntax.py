"""SQL as a tree: DuckDB's own parser, asked for JSON (`json_serialize_sql`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import duckdb

from xlcorpus.errors import UserError
from xlcorpus.expressions.connection import locked

Node = dict[str, Any]
"""An object of the tree. Expressions have a `class` (COLUMN_REF, FUNCTION, ...), tables only a `type`."""


def parse(sql: str, columns: Iterable[str] = ()) -> Node:
    """The tree of one SELECT.

    Args:
        sql: the text.
        columns: names that it may hold; of those that are reserved words the error says how they are written.

    Raises:
        UserError: not SQL, no SELECT, or several statements.
    """
    duck = locked().duck
    try:
        statements = duck.extract_statements(sql)
    except duckdb.Error as problem:
        hint = _reserved(sql, columns)
        raise UserError(f"this is not SQL: {_without_picture(str(problem))}{hint}") from None
    if len(statements) != 1:
        raise UserError(f"there are {len(statements)} SQL statements where one SELECT belongs")
    [[text]] = locked().rows("SELECT json_serialize_sql(?)", sql)
    tree: Node = json.loads(text)
    if tree["error"]:
        kind = str(statements[0].type).rpartition(".")[2]
        if kind == "SELECT" or "pivot" in sql.lower():
            raise UserError("PIVOT needs its values, so that its columns are known: PIVOT t ON lang IN ('deu', 'hin')")
        raise UserError(f"this is {kind}, not SELECT; SQL of a recipe reads the rows it is given, and makes rows")
    statement: Node = tree["statements"][0]
    return statement


def _reserved(sql: str, columns: Iterable[str]) -> str:
    kept = "keyword_category IN ('reserved', 'type_function')"
    words_of_sql = {word for (word,) in locked().rows(f"SELECT keyword_name FROM duckdb_keywords() WHERE {kept}")}
    for column in columns:
        if column.lower() in words_of_sql and re.search(
            rf"(?<![\w\"]){re.escape(column)}(?![\w\"])", sql, re.IGNORECASE
        ):
            return f'; {column} is a word of SQL too: the column is written "{column}", in double quotes'
    return ""


def _without_picture(message: str) -> str:
    """DuckDB's message without the line that it shows and the marks below."""
    kept = message.partition("\n\nLINE ")[0].partition(":")[2].strip()
    return kept or message


def nodes(tree: Any) -> Iterator[Node]:
    """All objects of a tree, each before those in it."""
    waiting = [tree]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield here
            waiting.extend(reversed(here.values()))
        elif isinstance(here, list):
            waiting.extend(reversed(here))


def of_class(tree: Any, name: str) -> Iterator[Node]:
    """The expressions of a class in a tree."""
    return (node for node in nodes(tree) if node.get("class") == name)


def functions(tree: Any) -> Iterator[Node]:
    """The calls of functions in a tree, operators and window functions among them."""
    return (node for node in nodes(tree) if node.get("class") in ("FUNCTION", "WINDOW"))


def arguments(call: Node) -> list[Node]:
    """The arguments of a call."""
    return [argument["expression"] for argument in call["arguments"]]


def strings(tree: Any) -> Iterator[str]:
    """The text literals in a tree."""
    for node in of_class(tree, "CONSTANT"):
        literal = node.get("literal") or {}
        if literal.get("kind") == "STRING":
            yield literal["text"]


def words(tree: Any) -> set[str]:
    """Every text in a tree, lower-cased: a column that is not among them is not named in the SQL."""
    found: set[str] = set()
    for node in nodes(tree):
        for value in node.values():
            for text in value if isinstance(value, list) else (value,):
                if isinstance(text, str):
                    found.add(text.lower())
    return found


def subtrees_named(tree: Any, kinds: tuple[str, ...]) -> Iterator[Node]:
    """The objects of a tree whose `type` is one of these."""
    return (node for node in nodes(tree) if node.get("type") in kinds)
