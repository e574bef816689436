r"""What SQL of recipes may not hold: chance, clocks, settings, files, and patterns that know ASCII alone.

>>> check(parse("SELECT random()"))
Traceback (most recent call last):
xlcorpus.errors.UserError: random(): gives other values at each call; draw('purpose', id) gives ...
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache

from xlcorpus.errors import UserError, nearest
from xlcorpus.expressions.connection import locked
from xlcorpus.expressions.syntax import (
    Node,
    arguments,
    functions,
    nodes,
    of_class,
    strings,
    subtrees_named,
)

CHANCE = "gives other values at each call; draw('purpose', id) gives a number from 0 to 1 that belongs to the row"
CLOCK = "tells when it runs, and equal rows must give equal results; write the date as a literal"
HASH = "its values change between versions of DuckDB; md5(x) does not"
STATE = "tells or changes what the database is set to, not what the rows are"
FILES = "reads files or the database's state; a query reads the tables it is given"
SAMPLE = "SAMPLE draws other rows each time; write WHERE draw('purpose', id) < 0.1"

_CLOCKS = """now today age ago transaction_timestamp get_current_time get_current_timestamp current_date current_time
    current_timestamp localtime localtimestamp current_localtime current_localtimestamp"""
_STATES = """current_setting getvariable version user session_user in_search_path format_type current_user current_role
    current_catalog current_schema current_schemas current_database"""
_REASONS: Mapping[str, str] = {
    **dict.fromkeys(_CLOCKS.split(), CLOCK),
    **dict.fromkeys(_STATES.split(), STATE),
    **dict.fromkeys(("hash", "approx_count_distinct", "list_approx_count_distinct"), HASH),
    "reservoir_quantile": "draws a sample; quantile_cont(x, 0.5) does not",
}
_STATE_PREFIXES = ("pg_", "has_", "inet_", "txid_", "duckdb_")
_WITHOUT_BRACKETS = frozenset(name for name in _REASONS if name.startswith(("current_", "local", "session_", "user")))
"""Functions that SQL also calls without (), as if they were columns."""

_ROWS_OF = ("unnest", "range", "generate_series", "json_each", "json_tree", "repeat")
"""Functions that make rows of their arguments alone."""

_CHANGES = ("INSERT_QUERY_NODE", "UPDATE_QUERY_NODE", "DELETE_QUERY_NODE", "MERGE_INTO_QUERY_NODE")

_PATTERNS = ("string_split_regex", "str_split_regex")
_ASCII = re.compile(r"(?<!\\)(?:\\\\)*(\\[wWdDsSbB]|\[:\^?[a-z]+:\])")
_INSTEAD = {
    "w": r"[\p{L}\p{M}\p{N}_]",
    "d": r"\p{Nd}",
    "s": r"[\p{Z}\t\n\r]",
    "b": r"nothing: cut words with words(t, lang), or name what stands around one, as in (^|[^\p{L}\p{M}\p{N}])",
}
_CLASSES = {"alpha": r"[\p{L}\p{M}]", "digit": r"\p{Nd}", "space": r"[\p{Z}\t\n\r]", "punct": r"[\p{P}\p{S}]"}
_CLASSES |= {"upper": r"\p{Lu}", "lower": r"\p{Ll}"}


def check(tree: Node, columns: Collection[str] = ()) -> None:
    """Refuse what makes results differ between runs, machines or scripts, with the reason.

    Args:
        tree: of one SELECT.
        columns: names that are columns of its tables, in lower case.

    Raises:
        UserError: it holds such a thing.
    """
    for node in nodes(tree):
        if node.get("sample"):
            raise UserError(SAMPLE)
    for node in subtrees_named(tree, ("SHOW_REF",)):
        raise UserError(f"SHOW, DESCRIBE and SUMMARIZE are no SELECT: the query must make rows of {node['table_name']}")
    for node in subtrees_named(tree, _CHANGES):
        raise UserError(f"{node['type'].partition('_')[0]} changes a table; SQL of a recipe is one SELECT")
    for _ in of_class(tree, "PARAMETER"):
        raise UserError("? and $1 stand for values that nobody gives; write the value")
    for call in functions(tree):
        _check_call(call)
    for node in subtrees_named(tree, ("TABLE_FUNCTION",)):
        name = node["function"].get("function_name", "")
        if name not in _ROWS_OF:
            raise UserError(f"{name}(): {FILES}")
    ours = {*columns, *_aliases(tree)}
    for node in of_class(tree, "COLUMN_REF"):
        name = node["column_names"][0].lower()
        if len(node["column_names"]) == 1 and name in _WITHOUT_BRACKETS and name not in ours:
            raise UserError(f"{name}: {_REASONS[name]}")


def check_tables(tree: Node, tables: Collection[str]) -> None:
    """Refuse tables that are neither given nor made by the query itself.

    Raises:
        UserError: there is one.
    """
    own = {entry["key"].lower() for node in nodes(tree) for entry in _ctes(node)}
    known = {name.lower() for name in tables} | own
    for node in subtrees_named(tree, ("BASE_TABLE",)):
        place, name = node.get("catalog_name") or node.get("schema_name"), node["table_name"]
        if place or name.lower() not in known:
            whole = f"{place}.{name}" if place else name
            raise UserError(f"no table {whole!r}; {nearest(name, {*tables, *own})}")


def aggregates(tree: Node) -> Iterator[str]:
    """Names of the aggregate functions that a tree calls."""
    known = catalog()
    for call in of_class(tree, "FUNCTION"):
        if "aggregate" in known.get(call["function_name"].lower(), ()):
            yield call["function_name"]


@cache
def catalog() -> Mapping[str, frozenset[str]]:
    """The sorts of each function that DuckDB has (scalar, aggregate, macro, ...), ours among them."""
    sorts: dict[str, set[str]] = {}
    for name, sort in locked().rows("SELECT DISTINCT function_name, function_type FROM duckdb_functions()"):
        sorts.setdefault(name.lower(), set()).add(sort)
    return {name: frozenset(found) for name, found in sorts.items()}


@cache
def _volatile() -> frozenset[str]:
    found = locked().rows("SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability = 'VOLATILE'")
    return frozenset(name.lower() for (name,) in found)


def _check_call(call: Node) -> None:
    name = call["function_name"].lower()
    if name in _REASONS and not (name == "age" and len(arguments(call)) == 2):
        raise UserError(f"{name}(): {_REASONS[name]}")
    if name.startswith(_STATE_PREFIXES):
        raise UserError(f"{name}(): {STATE}")
    if name in _volatile():
        raise UserError(f"{name}(): {CHANCE}")
    if name.startswith("regexp_") or name in _PATTERNS:
        for pattern in (text for argument in arguments(call)[1:] for text in strings(argument)):
            _check_pattern(pattern)
    if name == "draw":
        _check_draw(arguments(call))


def _check_pattern(pattern: str) -> None:
    found = _ASCII.search(pattern)
    if found is None:
        return
    written = found[1]
    if written.startswith("\\"):
        instead = _INSTEAD[written[1].lower()]
        if written[1].isupper() and written[1] != "B":
            instead = f"[^{instead.removeprefix('[').removesuffix(']')}]"
    else:
        instead = _CLASSES.get(written.strip("[:^]"), r"[\p{L}\p{M}\p{N}]")
    raise UserError(f"the pattern {pattern!r} holds {written}, which knows ASCII alone; write {instead}")


def _check_draw(given: list[Node]) -> None:
    if len(given) != 2 or not list(strings(given[0])):
        raise UserError("draw() takes what it is for, as text, and the key of the row: draw('split', id)")
    if not any(of_class(given[1], "COLUMN_REF")):
        raise UserError("draw() needs a column as its key, or all rows draw the same number: draw('split', id)")


def _ctes(node: Node) -> list[Node]:
    found = node.get("cte_map")
    return found["map"] if isinstance(found, dict) else []


def _aliases(tree: Node) -> Iterator[str]:
    for node in nodes(tree):
        if isinstance(node.get("alias"), str):
            yield node["alias"].lower()
        for name in node.get("column_name_alias") or ():
            yield name.lower()
