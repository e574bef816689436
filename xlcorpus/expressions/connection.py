"""DuckDB as recipes use it: one thread, no files, no settings, and the functions of `functions`.

On two threads sums, `list`, `string_agg`, `first` and `row_number` with ties differ from one thread's result.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from xlcorpus.expressions.functions import Functions

OPENED: dict[str, str | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "1500MiB",
    "python_enable_replacements": False,
}
"""What a connection is opened with: the same on every machine, so that queries are planned and spilled alike."""

_LOCK = (
    "SET TimeZone = 'UTC'",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


class Connection:
    """An in-memory database; `lock` it before SQL that a user wrote is run. No two threads may use one at a time."""

    def __init__(self, spill: Path | None = None) -> None:
        """Open it; `spill` is a folder for what does not fit into memory."""
        self.functions = Functions()
        self.duck = duckdb.connect(":memory:", config={**OPENED, "temp_directory": "" if spill is None else str(spill)})
        self.functions.register(self.duck)

    def lock(self) -> None:
        """Refuse files, extensions and changes of settings from here on."""
        for setting in _LOCK:
            self.duck.execute(setting)

    def create(self, name: str, frame: pl.DataFrame) -> None:
        """Give the rows of a frame a name in SQL, for as long as it is not created again."""
        self.duck.register(name, frame.to_arrow())

    def rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        """The rows that a statement gives; `values` stand for its `?`."""
        return self.duck.execute(sql, list(values)).fetchall()

    def close(self) -> None:
        """Give memory and spilled files back."""
        self.duck.close()


_OWN = threading.local()


def locked() -> Connection:
    """This thread's locked connection, for parsing, checks and row expressions."""
    if not hasattr(_OWN, "connection"):
        _OWN.connection = Connection()
        _OWN.connection.lock()
    found: Connection = _OWN.connection
    return found


def quoted(name: str) -> str:
    """A name as SQL writes it, whatever its characters."""
    return '"' + name.replace('"', '""') + '"'
