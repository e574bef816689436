"""What a mix knows of each row in memory: its draw, language and size. Texts stay on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from xlcorpus import records
from xlcorpus.arrays import Floats64, Ints32, Ints64, UInts64
from xlcorpus.errors import UserError
from xlcorpus.expressions.row_expression import RowExpression, row_expression
from xlcorpus.row_random import long_draws
from xlcorpus.step import Columns, CorpusEnv, Table
from xlcorpus.steps.mix.sizes import Unit, row_sizes, text_columns
from xlcorpus.whole_files import whole_file

UNKNOWN = "und"
"""Name of the language of rows without one."""


@dataclass(frozen=True)
class Measured:
    """What is asked of the rows of a table."""

    kind: str
    unit: Unit
    tokenizer: Path | None
    lang: RowExpression | None
    """the language of a row; None: that of its kind"""
    orders: tuple[RowExpression, ...]
    """numbers by which rows are put in order"""
    items: bool
    """whether the item of a row is asked for"""
    seed: int
    purpose: str

    def columns(self) -> list[str]:
        """The columns that are read."""
        of_kind = records.kind(self.kind).lang_columns if self.lang is None else ()
        texts = text_columns(self.kind) if self.unit != "rows" else []
        read = [c for e in (self.lang, *self.orders) if e is not None for c in e.reads]
        return list(dict.fromkeys(["id", "group_id", *of_kind, *texts, *read]))

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Columns `draw`, `lang`, `size`, `item` where it is asked for, and a column by the text of each order."""
        if self.lang is None:
            lang = rows.select(records.kind(self.kind).lang_expr()).to_series()
        else:
            lang = self.lang.evaluate(rows, self.seed).cast(pl.String)
        found = pl.DataFrame(
            {
                "draw": pl.Series(long_draws(rows["id"], self.seed, self.purpose), dtype=pl.UInt64),
                "lang": lang.fill_null(UNKNOWN),
                "size": row_sizes(rows, self.kind, self.unit, self.tokenizer),
            }
        )
        if self.items:
            item = rows.select(pl.coalesce("group_id", "id")).to_series()
            found = found.with_columns(item=pl.Series(long_draws(item, self.seed, self.purpose), dtype=pl.UInt64))
        for order in self.orders:
            value = order.evaluate(rows, self.seed).cast(pl.Float64).fill_nan(None)
            # Rows without a value go last.
            found = found.with_columns(value.fill_null(np.inf).alias(f"by {order.text}"))
        return found


@dataclass(frozen=True)
class _Task:
    path: Path
    out: Path
    measured: Measured
    types: dict[str, pl.DataType]
    """of the columns of the table, for shards that lack some"""


@dataclass(frozen=True)
class Index:
    """The rows of some tables, one table after the other; all arrays (rows,)."""

    names: tuple[str, ...]
    """languages, sorted"""
    draw: UInts64
    lang: Ints32
    """number in `names`"""
    size: Ints64
    table: Ints32
    """number of the table"""
    item: UInts64 | None
    """the draw of the row's item"""
    values: Mapping[str, Floats64]
    """by the text of an order: the number by which rows are put in order; infinite where it was not asked for"""

    def there(self, rows: Ints64 | None = None) -> dict[str, int]:
        """Size of all rows, or some, by language."""
        lang, size = (self.lang, self.size) if rows is None else (self.lang[rows], self.size[rows])
        # Not by bincount with weights, which are floats.
        sums = np.zeros(len(self.names), np.int64)
        np.add.at(sums, lang, size)
        return {name: int(n) for name, n in zip(self.names, sums, strict=True)}


def expression(option: str, text: str | None, columns: Columns) -> RowExpression | None:
    """A checked expression of an option.

    Raises:
        UserError: no expression over these columns.
    """
    try:
        return None if text is None else row_expression(text, columns)
    except UserError as problem:
        raise UserError(f"{option}: {problem}") from None


def index(tables: Sequence[Table], measured: Sequence[Measured], env: CorpusEnv) -> Index:
    """Measure the rows of some tables, a shard at a time, on all cores or the cluster.

    Args:
        tables: of one kind.
        measured: what is asked of the rows of each.
        env: of the step; what a shard gave is left in its scratch folder.
    """
    tasks: list[_Task] = []
    of_table: list[int] = []
    for number, (table, asked) in enumerate(zip(tables, measured, strict=True)):
        types = dict(table.scan().collect_schema())
        for path in table.shards:
            # Of other questions the files are others, where a folder serves several steps.
            name = blake2b(repr((path, asked)).encode(), digest_size=8).hexdigest()
            tasks.append(_Task(path, env.scratch / f"index-{name}.parquet", asked, types))
            of_table.append(number)
    for _ in (map if len(tasks) == 1 else env.map)(_leave, tasks):
        pass
    parts = [pl.read_parquet(task.out) for task in tasks]
    names = sorted({name for part in parts for name in part["lang"].unique()})
    numbers = pl.DataFrame(
        {"lang": names, "_number": range(len(names))}, schema={"lang": pl.String, "_number": pl.Int32}
    )
    lang = [
        part.select("lang").join(numbers, on="lang", how="left", maintain_order="left")["_number"] for part in parts
    ]

    def joined(column: str, dtype: type[np.generic], missing: float = 0) -> npt.NDArray[Any]:
        filled = (p[column].to_numpy() if column in p.columns else np.full(p.height, missing, dtype) for p in parts)
        return np.concatenate([np.empty(0, dtype), *filled])

    orders = dict.fromkeys(order.text for m in measured for order in m.orders)
    return Index(
        tuple(names),
        joined("draw", np.uint64),
        np.concatenate([np.empty(0, np.int32), *(n.to_numpy() for n in lang)]),
        joined("size", np.int64),
        np.repeat(np.array(of_table, np.int32), [part.height for part in parts]),
        joined("item", np.uint64) if any(m.items for m in measured) else None,
        {text: joined(f"by {text}", np.float64, np.inf) for text in orders},
    )


def _leave(task: _Task) -> None:
    """Leave what is asked of a shard in a file."""
    if task.out.exists():
        return
    there = pl.read_parquet_schema(task.path)
    wanted = task.measured.columns()
    rows = pl.read_parquet(task.path, columns=[c for c in wanted if c in there])
    of_kind = records.polars_schema(task.measured.kind)
    rows = rows.with_columns(
        pl.lit(None, dtype=task.types.get(c, of_kind.get(c))).alias(c) for c in wanted if c not in there
    )
    with whole_file(task.out) as unfinished:
        task.measured.of(rows).write_parquet(unfinished)
