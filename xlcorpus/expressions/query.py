"""One SELECT over several tables of Parquet shards.

The rows of each table are brought into the order of their ids first, and one thread computes the query: the result
does not depend on how the rows were cut into shards. Columns that the query does not name are not read.

>>> made = query("SELECT a.id, b.text FROM a JOIN b USING (group_id)", {"a": schema_of_a, "b": schema_of_b})
>>> list(made.columns)
['id', 'text']
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from xlcorpus.errors import UserError
from xlcorpus.expressions.connection import Connection
from xlcorpus.expressions.in_order import load
from xlcorpus.expressions.refused import check, check_tables
from xlcorpus.expressions.result import plain
from xlcorpus.expressions.syntax import Node, nodes, of_class, parse, subtrees_named, words
from xlcorpus.expressions.told import told
from xlcorpus.expressions.unknown_types import Schema, bound

BATCH_ROWS = 10_000


@dataclass(frozen=True)
class Query:
    """A checked query. It can be pickled."""

    sql: str
    tables: Mapping[str, tuple[str, ...]]
    """the columns of each table that it may read; `id` first"""
    columns: Mapping[str, pl.DataType] | None
    """of the result; None: not known before there are rows"""
    arrays: Mapping[str, str]
    """columns that are arrays of a fixed length (embeddings), with that type in SQL; Parquet knows lists alone"""

    def run(self, shards: Mapping[str, Sequence[Path]], spill: Path, seed: int = 0) -> Iterator[pl.DataFrame]:
        """Frames of the result, in its order; one without rows if there are none.

        Args:
            shards: the Parquet files of each table, in order; a column that a file does not have is null there.
            spill: folder for what does not fit into memory.
            seed: of the pipeline, for `draw`.

        Raises:
            UserError: a value cannot be computed.
            XlcorpusError: it needs too much memory at once.
        """
        spill.mkdir(parents=True, exist_ok=True)
        own = Connection(spill)
        own.functions.seed = seed
        try:
            for name, columns in self.tables.items():
                load(own, name, columns, shards[name], self.arrays, spill)
            own.lock()
            reader = own.duck.sql(self.sql).to_arrow_reader(BATCH_ROWS)
            some = False
            for batch in reader:
                if batch.num_rows or not some:
                    some = True
                    yield plain(pa.Table.from_batches([batch]))
            if not some:
                yield plain(reader.schema.empty_table())
        except duckdb.Error as problem:
            names = {column for columns in self.tables.values() for column in columns}
            raise own.functions.problem or told(problem, names, self.tables) from None
        finally:
            own.close()


def query(sql: str, tables: Mapping[str, Schema]) -> Query:
    """Check a query against the tables it is for, before they have rows.

    Args:
        sql: one SELECT.
        tables: the columns of each table with their types; a type that is not known yet is None.

    Raises:
        UserError: no SQL, something `refused` refuses, an unknown table, column or function, wrong types.
    """
    every = {column for schema in tables.values() for column in schema}
    tree = parse(sql, sorted(every))
    check_tables(tree, tables)
    check(tree, {column.lower() for column in every})
    read: dict[str, tuple[str, ...]] = {}
    for name, schema in tables.items():
        _refuse_case(name, schema)
        named = schema if _reads_whole_rows(tree, tables) else _named(tree, schema)
        read[name] = tuple(dict.fromkeys(("id", *named))) if "id" in schema else tuple(named)
    asked = {name: {column: tables[name][column] for column in columns} for name, columns in read.items()}
    arrays = {c: sql_type for schema in asked.values() for c, t in schema.items() if (sql_type := _array(t))}
    return Query(sql, read, bound(sql, asked, sorted(every)), arrays)


def tables_of(sql: str) -> list[str]:
    """The tables that a SELECT reads beside those it makes itself, in the order in which it names them.

    Raises:
        UserError: no SQL.
    """
    tree = parse(sql)
    own = {entry["key"].lower() for node in nodes(tree) for entry in (node.get("cte_map") or {}).get("map", ())}
    found = [str(node["table_name"]) for node in subtrees_named(tree, ("BASE_TABLE",))]
    return list(dict.fromkeys(name for name in found if name.lower() not in own))


def _array(dtype: pl.DataType | None) -> str | None:
    """The type in SQL of an array of numbers; None for other types."""
    names = {pl.Float32: "FLOAT", pl.Float64: "DOUBLE"}
    if isinstance(dtype, pl.Array) and type(dtype.inner) in names:
        return f"{names[type(dtype.inner)]}[{dtype.size}]"  # type: ignore[index]
    return None


def _reads_whole_rows(tree: Node, tables: Mapping[str, Schema]) -> bool:
    """Whether a query reads columns that it does not name: *, NATURAL, PIVOT, or a table as a value."""
    if any(True for _ in of_class(tree, "STAR")) or any(True for _ in subtrees_named(tree, ("PIVOT",))):
        return True
    named = {name.lower() for name in tables}
    for node in nodes(tree):
        if node.get("ref_type") in ("NATURAL", "POSITIONAL"):
            return True
        if node.get("type") == "BASE_TABLE":
            named.add((node.get("alias") or "").lower())
    return any(
        len(node["column_names"]) == 1 and node["column_names"][0].lower() in named
        for node in of_class(tree, "COLUMN_REF")
    )


def _named(tree: Node, schema: Schema) -> list[str]:
    named = words(tree)
    return [column for column in schema if column.lower() in named]


def _refuse_case(table: str, schema: Schema) -> None:
    seen: dict[str, str] = {}
    for column in schema:
        other = seen.setdefault(column.lower(), column)
        if other != column:
            raise UserError(
                f"the columns {other!r} and {column!r} of {table!r} differ in case alone, and SQL sees one; rename one"
            )
