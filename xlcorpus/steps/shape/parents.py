"""What rows of a query are made of: parents, and what is inherited of them.

The expressions of `parents` (`a.id`, `list(r.id ORDER BY r.id)`) are put behind the columns of the query, and once more
for each inherited column (`a.source`, `list(r.source ORDER BY r.id)`).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from xlcorpus.errors import UserError
from xlcorpus.expressions.connection import locked
from xlcorpus.expressions.query import Query, query
from xlcorpus.expressions.syntax import Node, nodes, of_class, parse
from xlcorpus.step import Columns
from xlcorpus.steps.provenance import item_of_rows, provenance_of_rows

INHERITED = ("group_id", "source", "license", "origin")


@dataclass(frozen=True)
class WithParents:
    """A checked query that also gives the parents of its rows."""

    query: Query
    parents: int
    """number of the columns `_parent_0`, ...; 0: the query gives a column `parents` itself"""
    inherited: tuple[str, ...]
    """the columns of parents that it gives too, as `_source_0`, ..."""

    @property
    def columns(self) -> dict[str, pl.DataType] | None:
        """The columns of the query alone; None: not known before there are rows."""
        if self.query.columns is None:
            return None
        return {name: dtype for name, dtype in self.query.columns.items() if name not in self._added()}

    def _added(self) -> set[str]:
        return {f"_{column}_{i}" for column in ("parent", *self.inherited) for i in range(self.parents)}

    def finished(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows of the query with `parents`, and what they inherit in the columns that the query does not give."""
        rows = frame.drop(*self._added(), strict=False).with_row_index("_row")
        if not self.parents:
            return _with_origin(rows.drop("_row"))
        long = pl.concat([self._of_parent(frame, i) for i in range(self.parents)]).filter(pl.col("id").is_not_null())
        # The rows' parents one after the other, as the expressions stand.
        of_rows = long.sort("_row", maintain_order=True).group_by("_row", maintain_order=True)
        made = of_rows.agg(
            parents=pl.col("id").unique(maintain_order=True),
            group_id=item_of_rows("id"),
            **provenance_of_rows(),
            origin=pl.when(pl.col("origin").n_unique() == 1).then(pl.col("origin").first()),
        )
        made = made.select("_row", "parents", *self.inherited)
        given = [c for c in self.inherited if c in rows.columns and c != "group_id"]
        rows = rows.drop("parents", strict=False).join(
            made.drop(given), on="_row", how="left", suffix="_inherited", maintain_order="left"
        )
        if "group_id_inherited" in rows.columns:
            rows = rows.with_columns(pl.coalesce("group_id", "group_id_inherited").alias("group_id"))
        rows = rows.drop("_row", "group_id_inherited", strict=False)
        return _with_origin(rows.with_columns(pl.col("parents").fill_null(pl.lit([], dtype=pl.List(pl.String)))))

    def _of_parent(self, frame: pl.DataFrame, i: int) -> pl.DataFrame:
        """A row for each parent that the expression gives: `_row`, `id` and the inherited columns."""
        columns = {"id": f"_parent_{i}", **{c: f"_{c}_{i}" for c in self.inherited}}
        part = frame.with_row_index("_row").select("_row", **{name: pl.col(c) for name, c in columns.items()})
        if isinstance(part.schema["id"], pl.List):
            part = part.explode(*columns)
        missing = [pl.lit(None).alias(c) for c in INHERITED if c not in self.inherited]
        return (
            part.with_columns(missing)
            .select("_row", "id", *INHERITED)
            .cast(dict.fromkeys(("id", *INHERITED), pl.String))
        )


def _with_origin(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with an `origin`: transformed where nothing says another."""
    given = pl.col("origin") if "origin" in rows.columns else pl.lit(None, dtype=pl.String)
    return rows.with_columns(given.fill_null("transformed").alias("origin"))


def with_parents(sql: str, parents: Sequence[str], tables: Mapping[str, Columns]) -> WithParents:
    """Check a query and the expressions of its rows' parents.

    Raises:
        UserError: as `query`, for either.
    """
    plain = query(sql, tables)
    if not parents:
        if plain.columns is not None and plain.columns.get("parents") != pl.List(pl.String):
            raise UserError(
                "nothing says what rows are made of: write parents: [a.id] (behind an aggregate "
                "'list(r.id ORDER BY r.id)'), or give a column parents, a list of ids, in the query"
            )
        return WithParents(plain, 0, ())
    bare = WithParents(query(_composed(sql, parents, ()), tables), len(parents), ())
    _check_ids(bare, parents)
    # One by one only where not all can be inherited: rows of a subquery may have an id alone.
    some: tuple[str, ...] = INHERITED
    if not _binds(sql, parents, INHERITED, tables):
        some = tuple(column for column in INHERITED if _binds(sql, parents, (column,), tables))
    return WithParents(query(_composed(sql, parents, some), tables), len(parents), some)


def _check_ids(found: WithParents, parents: Sequence[str]) -> None:
    for i, text in enumerate(parents):
        dtype = (found.query.columns or {}).get(f"_parent_{i}")
        if dtype not in (None, pl.String(), pl.List(pl.String)):
            raise UserError(f"parents: `{text}` is {dtype}, neither an id nor a list of ids")


def _binds(sql: str, parents: Sequence[str], inherited: tuple[str, ...], tables: Mapping[str, Columns]) -> bool:
    try:
        query(_composed(sql, parents, inherited), tables)
    except UserError:
        return False
    return True


def _composed(sql: str, parents: Sequence[str], inherited: Sequence[str]) -> str:
    """The query with the parents, and the columns inherited of them, behind its own."""
    tree = parse(sql)
    top = tree["node"]
    if top["type"] != "SELECT_NODE":
        raise UserError(
            "parents cannot be put behind a UNION, INTERSECT or EXCEPT; give a column parents in each part of the query"
        )
    for i, text in enumerate(parents):
        [expression, *more] = parse(f"SELECT {text}\n")["node"]["select_list"]
        if more:
            raise UserError(f"parents: `{text}` are several expressions; write them one by one in the list")
        top["select_list"].append({**expression, "alias": f"_parent_{i}"})
        for column in inherited:
            top["select_list"].append({**_instead_of_id(expression, column, text), "alias": f"_{column}_{i}"})
    whole = {"error": False, "statements": [tree]}
    [[composed]] = locked().rows("SELECT json_deserialize_sql(?::JSON)", json.dumps(whole))
    return str(composed)


def _instead_of_id(expression: Node, column: str, text: str) -> Node:
    """The expression with another column in place of `id`, but for what orders it.

    Raises:
        UserError: the values would not stand beside the ids.
    """
    made = copy.deepcopy(expression)
    ordering = {id(node) for call in nodes(made) if call.get("order_bys") for node in nodes(call["order_bys"])}
    named = [n for n in of_class(made, "COLUMN_REF") if n["column_names"][-1].lower() == "id" and id(n) not in ordering]
    if not named or any(node.get("distinct") for node in nodes(made)):
        raise UserError(f"{column} is not inherited by `{text}`")
    for node in named:
        node["column_names"][-1] = column
    return made
