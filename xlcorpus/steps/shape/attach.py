"""Rows of another table beside each row: demonstrations, passages, neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
import polars as pl
import pyarrow as pa
from pydantic import Field, model_validator

from xlcorpus import records
from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.errors import UserError, nearest
from xlcorpus.expressions.row_expression import row_expression
from xlcorpus.row_random import draws
from xlcorpus.step import MAIN, Columns, CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.item_key import item_key
from xlcorpus.steps.provenance import SEPARATORS, provenance_of_rows
from xlcorpus.steps.shape.attached import Pool, chosen_places, nearest_places

POOL = "pool"
TOO_FEW = "too_few_attached"
VECTOR = "embedding"


class Attach(CorpusStep):
    """Gives each row `k` rows of another table, in a column: examples to show, passages to answer from.

    The rows are drawn, or the nearest by the column `embedding` of both tables (see `embed`), or the first by id; with
    `key` only rows that agree with the row in it. A row never gets itself or a version of its own item. The column is
    a list of structs, or one text with `join`; in templates `{{ shots[0].response }}`. Sources and licences of what a
    row gets join its own (null where one is unknown). The pool is held in memory; the rows are not, but for ids and
    vectors. The result is the same for any number of shards.

    ```yaml
    attach: {by: draw, k: 3, key: lang, take: [prompt, response], into: shots, inputs: {rows: read, pool: examples}}
    attach: {by: vector, k: 2, take: [text], join: "\\n\\n", into: passages, inputs: {rows: ask, pool: embed}}
    ```
    """

    light = 100_000

    by: Literal["draw", "key", "vector"]
    """draw: at random, none twice; key: the first by id of those that agree in `key`; vector: the nearest by cosine"""
    k: int = Field(default=1, ge=1)
    """rows to attach to each row"""
    take: list[str] = Field(min_length=1)
    """columns of the pool that go along"""
    into: str = Field(default="attached", pattern=r"^[a-z][a-z0-9_]*$")
    """name of the new column"""
    join: str | None = None
    """text between the texts of the one column in `take`, where the new column is to be a text"""
    key: str | None = None
    """column or expression in which a row and what it gets agree (`lang`, `group_id`); null agrees with nothing"""
    pool_key: str | None = None
    """the same in the pool, where it is called otherwise there"""
    own_item: bool = False
    """whether versions of the row's own item (rows of the same `group_id`) may be attached; the row itself never is"""
    at_least: int = Field(default=1, ge=0)
    """rows that get fewer are rejected as `too_few_attached`"""

    @model_validator(mode="after")
    def _fits(self) -> Attach:
        if self.by == "key" and self.key is None:
            raise ValueError("by: key needs key, the column in which rows agree; write key: group_id")
        if self.pool_key is not None and self.key is None:
            raise ValueError("pool_key stands beside key, the column of the rows")
        if self.key == "group_id" and not self.own_item:
            raise ValueError("key: group_id finds versions of the row's own item alone; write own_item: true")
        if self.join is not None and len(self.take) != 1:
            raise ValueError(f"join makes one text of one column, but take names {len(self.take)}: {self.take}")
        if self.at_least > self.k:
            raise ValueError(f"at_least: {self.at_least} is more than k: {self.k}, so every row would be rejected")
        return self

    def ports(self) -> dict[str, Port]:
        """`rows` and `pool`, any kinds; with an embedding for `by: vector`."""
        kinds = tuple(records.kinds())
        columns = (VECTOR,) if self.by == "vector" else ()
        return {MAIN: Port(kinds, columns), POOL: Port(kinds, columns)}

    def adds(self, kind: str) -> tuple[str, ...]:
        """The column `into`."""
        return (self.into,)

    def measures(self, kind: str) -> tuple[str, ...]:
        """Nothing: what is attached is no measurement of the row's texts."""
        return ()

    def out_columns(self, kinds: Mapping[str, str], inputs: Mapping[str, Columns]) -> tuple[str, ...]:
        """Checks that `into` is new, and `take` and the keys are there."""
        self._check(inputs[MAIN], inputs[POOL])
        return super().out_columns(kinds, inputs)

    def _check(self, rows: Columns, pool: Columns) -> None:
        if self.into in rows:
            raise UserError(f"into: the rows have a column {self.into!r} already; give the new one another name")
        for column in self.take:
            if column not in pool:
                raise UserError(f"take: no column {column!r} in the pool; {nearest(column, pool)}")
        if self.join is not None and pool[self.take[0]] not in (None, pl.String):
            raise UserError(f"join makes a text of texts, but {self.take[0]!r} is {pool[self.take[0]]}")
        for name, key, columns in (("key", self.key, rows), ("pool_key", self.pool_key or self.key, pool)):
            if key is not None:
                try:
                    row_expression(item_key(key), columns)
                except UserError as problem:
                    table = "the rows" if columns is rows else "the pool"
                    raise UserError(f"{name}, in {table}: {problem}") from None

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """The rows with what they get, shard by shard."""
        self._check(*(inputs[port].scan().collect_schema() for port in (MAIN, POOL)))
        ids = inputs[POOL].frame(["id"])["id"]
        order = ids.arg_sort()
        taken = inputs[POOL].frame(self.take)[order].to_struct(self.into)
        known = inputs[POOL].frame(list(SEPARATORS))[order]
        found = self._places(inputs, order, env.seed)
        at = 0
        for path in inputs[MAIN].shards:
            frame = pl.read_parquet(path)
            places = found[at : at + frame.height]
            at += frame.height
            frame = frame.with_columns(self._column(taken, places), *_provenance(frame, known, places))
            few = pl.Series([len(own) < self.at_least for own in places], dtype=pl.Boolean)
            if few.any():
                count = pl.Series("_count", [len(own) for own in places], dtype=pl.Int64)
                env.reject(frame.with_columns(count).filter(few), TOO_FEW, pl.col("_count"))
            yield frame.filter(~few)

    def _places(self, inputs: Mapping[str, Table], order: pl.Series, seed: int) -> list[Ints64]:
        """The places in the ordered pool that each row gets."""
        rows, pool = (
            self._codes(inputs[MAIN], self.key, seed),
            self._codes(inputs[POOL], self.pool_key or self.key, seed),
        )
        both = pl.concat([pool[order], rows])
        numbers = both.select(
            key=pl.col("key").rank("dense").fill_null(0).cast(pl.Int64) - 1,
            item=pl.col("item").rank("dense").cast(pl.Int64),
        )
        key, item = numbers["key"].to_numpy(), numbers["item"].to_numpy()
        known, n = Pool(key[: len(order)], item[: len(order)]), len(order)
        if self.by == "vector":
            vectors = _vectors(inputs[POOL])[order.to_numpy()]
            return nearest_places(known, key[n:], item[n:], self.k, _vectors(inputs[MAIN]), vectors)
        ids = rows["id"].to_list()
        drawing = (lambda row: draws(ids[row], seed, f"attach {self.into}", self.k)) if self.by == "draw" else None
        return chosen_places(known, key[n:], item[n:], self.k, drawing)

    def _codes(self, table: Table, key: str | None, seed: int) -> pl.DataFrame:
        """Columns `id`, `key` and `item` of all rows, as text."""
        item = pl.col("id") if self.own_item else records.item()
        found = table.scan().select("id", item=item).collect()
        if key is None:
            return found.select("id", "item", key=pl.lit(""))
        expression = row_expression(item_key(key), table.scan().collect_schema())
        read = table.frame(list(dict.fromkeys(("id", *expression.reads))))
        return found.select("id", "item", expression.evaluate(read, seed).cast(pl.String).alias("key"))

    def _column(self, taken: pl.Series, places: list[Ints64]) -> pl.Series:
        """The column `into` of rows with these places."""
        offsets = np.cumsum([0, *(len(own) for own in places)], dtype=np.int64)
        flat = taken[_flat(places)]
        values = flat if self.join is None else flat.struct.field(self.take[0])
        lists = pl.Series(self.into, pl.from_arrow(pa.LargeListArray.from_arrays(pa.array(offsets), values.to_arrow())))
        return lists if self.join is None else lists.list.join(self.join)


def _flat(places: list[Ints64]) -> Ints64:
    return np.concatenate([np.empty(0, dtype=np.int64), *places])


def _provenance(rows: pl.DataFrame, pool: pl.DataFrame, places: list[Ints64]) -> list[pl.Series]:
    """`source` and `license` of the rows with what they get: the texts of both stand in them."""
    number = np.repeat(np.arange(len(places)), [len(own) for own in places])
    got = pool[_flat(places)].with_columns(pl.Series("_row", number, dtype=pl.Int64))
    own = rows.select(*SEPARATORS, _row=pl.int_range(pl.len(), dtype=pl.Int64))
    return pl.concat([own, got]).group_by("_row").agg(**provenance_of_rows()).sort("_row").drop("_row").get_columns()


def _vectors(table: Table) -> Floats32:
    """(rows, dim) the vectors; zero where there is none."""
    column = table.frame([VECTOR])[VECTOR]
    dim = getattr(column.dtype, "size", 1)
    found = np.zeros((len(column), dim), dtype=np.float32)
    there = column.drop_nulls()
    if len(there):
        found[column.is_not_null().to_numpy()] = there.to_numpy()
    return found
