"""DuckDB's errors in the words of a person who wrote one expression: what was wrong, and the nearest name."""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb

from xlcorpus.errors import UserError, XlcorpusError, nearest
from xlcorpus.expressions.connection import OPENED
from xlcorpus.expressions.refused import catalog

_COLUMN = re.compile(r'(?:Referenced column|does not have a column named) "(?P<name>(?:[^"]|"")*)"')
_AMBIGUOUS = re.compile(r'Ambiguous reference to column name "(?P<name>[^"]*)" \((?P<use>use: [^)]*)\)')
_TABLE = re.compile(r'Referenced table "(?P<name>(?:[^"]|"")*)" not found')
_FUNCTION = re.compile(r"Function with name (?P<name>\S+) does not exist")
_FIELD = re.compile(r'Could not find key "(?P<name>[^"]*)" in struct\s+Candidate Entries: (?P<others>.*)')
_CALL = re.compile(
    r"(?:No function matches the given name and argument types|for the function call) ['\"](?P<call>.*?)['\"]\."
)
_ARROW = "Deprecated lambda arrow"


class UnknownName(UserError):
    """A column, table, function or field that is not there, or a name that two tables have."""


def told(problem: duckdb.Error, columns: Iterable[str], tables: Iterable[str]) -> XlcorpusError:
    """The error as ours.

    Args:
        columns: names that the SQL may use, of all tables.
        tables: names of the tables.
    """
    message = str(problem)
    if isinstance(problem, duckdb.OutOfMemoryException):
        return XlcorpusError(
            f"it needs more than {OPENED['memory_limit']} of memory; by: group_id computes a query in parts, and "
            "list(...) of long texts takes the most"
        )
    if found := _COLUMN.search(message):
        return UnknownName(f"no column {found['name']!r}; {nearest(found['name'], columns)}")
    if found := _AMBIGUOUS.search(message):
        return UnknownName(f"several tables have a column {found['name']!r}: {found['use']}")
    if found := _TABLE.search(message):
        return UnknownName(f"no table {found['name']!r}; {nearest(found['name'], tables)}")
    if found := _FUNCTION.search(message):
        return UnknownName(f"no function {found['name']}(); {_near_function(found['name'])}")
    if found := _FIELD.search(message):
        others = re.findall(r'"([^"]*)"', found["others"])
        return UnknownName(f"no field {found['name']!r}; {nearest(found['name'], others)}")
    if found := _CALL.search(message):
        call = re.sub(r"(STRING|INTEGER)_LITERAL", lambda m: {"STRING": "VARCHAR"}.get(m[1], m[1]), found["call"])
        return UserError(f"wrong types: {call}; cast one of them, as in CAST(x AS DOUBLE) or try_cast(x AS DOUBLE)")
    if _ARROW in message:
        return UserError("x -> ... is no lambda any more; write list_transform(l, lambda x: ...)")
    kept = message.partition("\n\nLINE ")[0]
    kept = re.sub(r"^\w+ Error: ", "", " ".join(kept.split()))
    hint = "; try_cast gives null in place of an error" if isinstance(problem, duckdb.ConversionException) else ""
    return UserError(kept.rstrip(".") + hint)


def _near_function(name: str) -> str:
    return nearest(name.lower(), [known for known in catalog() if known.isidentifier()])
