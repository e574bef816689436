"""The columns of a SELECT before there are rows: DESCRIBE over empty tables.

The type of a column that a step adds is not known before the step has run. DuckDB's NULL type stands for it, which
fits nearly everywhere; then DOUBLE (scores are numbers), VARCHAR and BOOLEAN are tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import polars as pl

from xlcorpus.errors import UserError
from xlcorpus.expressions.connection import locked
from xlcorpus.expressions.result import plain
from xlcorpus.expressions.told import UnknownName, told

Schema = Mapping[str, pl.DataType | None]

_STAND_INS = (pl.Null(), pl.Float64(), pl.String(), pl.Boolean())


def bound(
    sql: str, tables: Mapping[str, Schema], names: Sequence[str], probe: bool = False
) -> dict[str, pl.DataType] | None:
    """The columns of a checked SELECT with their types; None if that depends on types that are not known yet.

    Args:
        sql: one SELECT.
        tables: the columns of each table.
        names: what an unknown column is compared with.
        probe: compute it of one row of nulls too, which finds literals that do not fit (score > 'high').

    Raises:
        UserError: an unknown name, wrong types, two columns of the same name.
    """
    unknown = any(dtype is None for schema in tables.values() for dtype in schema.values())
    first: UserError | None = None
    for stand_in in _STAND_INS if unknown else _STAND_INS[:1]:
        try:
            return _described(sql, tables, stand_in, names, probe)
        except UnknownName:
            raise
        except UserError as problem:
            first = first or problem
    if not unknown and first is not None:
        raise first
    return None


def _described(
    sql: str, tables: Mapping[str, Schema], stand_in: pl.DataType, names: Sequence[str], probe: bool
) -> dict[str, pl.DataType]:
    own = locked()
    for name, schema in tables.items():
        typed = {column: dtype or stand_in for column, dtype in schema.items()}
        own.create(name, pl.DataFrame(schema=typed or {"": pl.Null()}).clear(1 if probe else 0))
    try:
        made = [(str(name), str(dtype)) for name, dtype, *_ in own.rows(f"DESCRIBE {sql}")]
        seen: set[str] = set()
        for name, _ in made:
            if name.lower() in seen:
                raise UserError(f"two columns are named {name!r}; give one another name with AS")
            seen.add(name.lower())
        frame = plain(own.duck.sql(sql if probe else f"SELECT * FROM ({sql}\n) LIMIT 0").to_arrow_table())
    except duckdb.Error as problem:
        raise told(problem, names, tables) from None
    finally:
        for name in tables:
            own.duck.unregister(name)
    return dict(frame.schema)
