"""Several rows of one."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from xlcorpus import records
from xlcorpus.arrays import Ints64
from xlcorpus.errors import UserError, nearest
from xlcorpus.expressions.row_expression import row_expression
from xlcorpus.row_random import draws
from xlcorpus.step import MAIN, Columns, Port, RowEnv, RowStep
from xlcorpus.steps.item_key import item_key

VALUES = "values"
Value = str | bool | int | float


class FanOut(RowStep):
    """Makes a row for each value of a list (languages, personas, levels), or for some that are drawn.

    Several lists are crossed. Values may also be the rows of another table (input `values`), of which `columns` names
    what goes along. `draw` sends each row to so many of the values only, none twice; rows that agree in `by` are sent
    to the same ones. New rows keep the content of their row and name it in `parents`.

    ```yaml
    fan_out: {over: {to_lang: [deu_Latn, hin_Deva], level: [easy, hard]}}            # four rows of each
    fan_out: {over: {to_lang: [deu_Latn, hin_Deva]}, draw: 1, by: group_id, weights: {to_lang: [3, 1]}}
    fan_out: {inputs: {rows: read, values: personas}, columns: {persona: text}, draw: 2}
    ```
    """

    light = 50_000
    batch_rows = 512

    over: dict[str, list[Value]] = {}
    """new columns, each with its values"""
    columns: dict[str, str] = {}
    """new columns, each with the column of the table `values` that it is filled from"""
    draw: int | None = Field(default=None, ge=1)
    """values (of crossed lists: combinations) to draw for each row; default: all"""
    by: str = "id"
    """column or expression: rows that agree in it are sent to the same values; `group_id`: the versions of an item"""
    weights: dict[str, list[float]] = {}
    """how often values are drawn, by column of `over`: as many numbers as it has values"""

    @model_validator(mode="after")
    def _fits(self) -> FanOut:
        if not self.over and not self.columns:
            raise ValueError("there is nothing to fan out over; write over: {to_lang: [deu_Latn, hin_Deva]}")
        for name, values in self.over.items():
            if not values:
                raise ValueError(f"over.{name} has no values")
            if len({type(value) for value in values}) > 1:
                raise ValueError(f"over.{name}: values of one column are of one type, got {values}")
            twice = [value for value in values if values.count(value) > 1]
            if twice:
                raise ValueError(f"over.{name} has the value {twice[0]!r} twice; weights says what is drawn more often")
            if name in self.columns:
                raise ValueError(f"{name!r} stands in over and in columns")
        for name, weights in self.weights.items():
            if name not in self.over:
                raise ValueError(f"weights: no column {name!r} in over; {nearest(name, self.over or ['(none)'])}")
            if min(weights, default=0) < 0:
                raise ValueError(f"weights.{name}: no weight is below 0, got {weights}")
            if len(weights) != len(self.over[name]):
                raise ValueError(f"weights.{name} has {len(weights)} numbers for {len(self.over[name])} values")
        possible = int(np.prod([sum(w > 0 for w in self._weights(name)) for name in self.over], dtype=np.int64))
        if self.draw is not None and not self.columns and self.draw > possible:
            raise ValueError(f"draw: {self.draw} of {possible} values; none is drawn twice for a row")
        return self

    def _weights(self, name: str) -> list[float]:
        return self.weights.get(name) or [1.0] * len(self.over[name])

    def idle(self) -> dict[str, str]:
        """What only counts where values are drawn."""
        return {} if self.draw else dict.fromkeys(("by", "weights"), "it is for draw")

    def ports(self) -> dict[str, Port]:
        """`rows`: any kind; `values`: any kind, where `columns` names some of its columns."""
        kinds = tuple(records.kinds())
        return {MAIN: Port(kinds)} | ({VALUES: Port(kinds)} if self.columns else {})

    def adds(self, kind: str) -> tuple[str, ...]:
        """The new columns."""
        return (*self.over, *self.columns)

    def measures(self, kind: str) -> tuple[str, ...]:
        """Nothing: values that a row was made for hold for its versions too."""
        return ()

    def out_columns(self, kinds: Mapping[str, str], inputs: Mapping[str, Columns]) -> tuple[str, ...]:
        """Checks that the new columns are new, and those of `values` there."""
        _check_new(self.adds(kinds[MAIN]), inputs[MAIN])
        for column in self.columns.values():
            if column not in inputs[VALUES]:
                raise UserError(f"columns: no column {column!r} in values; {nearest(column, inputs[VALUES])}")
        if self.draw:
            row_expression(item_key(self.by), inputs[MAIN])
        return super().out_columns(kinds, inputs)

    def open(self, env: RowEnv) -> Any:
        """The combinations of all values, with their weights."""
        frame, weights = self._combinations(env)
        possible = int((weights > 0).sum())
        if self.draw is not None and self.draw > possible:
            raise UserError(f"fan_out: draw: {self.draw} of {possible} values; none is drawn twice for a row")
        return frame, weights

    def _combinations(self, env: RowEnv) -> tuple[pl.DataFrame, Any]:
        """One row for each combination, with what its row in `values` is called (`_id`); (combinations,) weights."""
        lists = list(self.over.values())
        frame = pl.DataFrame(
            {name: pl.Series([c[i] for c in itertools.product(*lists)]) for i, name in enumerate(self.over)}
        )
        each = itertools.product(*(self._weights(name) for name in self.over))
        weights = np.array([np.prod(numbers) for numbers in each], dtype=np.float64)
        if not self.columns:
            return frame.with_columns(_id=pl.lit(None, dtype=pl.String)), weights
        table = env.side(VALUES)
        values = table.select(*(pl.col(column).alias(name) for name, column in self.columns.items()), _id="id")
        if not self.over:
            return values, np.ones(values.height)
        return frame.join(values, how="cross", maintain_order="left_right"), np.repeat(weights, values.height)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The rows of each, side by side, in the order of the values."""
        frame, weights = env.loaded
        _check_new(self.adds(env.kind), rows.columns)
        if self.draw is None:
            chosen = np.tile(np.arange(frame.height), (rows.height, 1))
        else:
            keys = row_expression(item_key(self.by), rows.schema).evaluate(rows, env.seed).cast(pl.String)
            purpose = f"fan_out {','.join(self.adds(env.kind))}"
            drawn = {
                key: drawn_values(key, env.seed, purpose, weights, self.draw) for key in keys.drop_nulls().unique()
            }
            own = zip(keys, rows["id"], strict=True)
            chosen = np.array(
                [drawn[k] if k is not None else drawn_values(i, env.seed, purpose, weights, self.draw) for k, i in own],
                dtype=np.int64,
            ).reshape(rows.height, self.draw)
        made = rows[np.repeat(np.arange(rows.height), chosen.shape[1])].hstack(frame[chosen.ravel()])
        parents = pl.concat_list("id", "_id").list.drop_nulls()
        return made.with_columns(
            pl.Series("id", _ids(made, self.adds(env.kind)), dtype=pl.String), parents=parents
        ).drop("_id", "step", "recipe")


def drawn_values(key: str, seed: int, purpose: str, weights: Any, n: int) -> Ints64:
    """(n,) places of the values drawn for a key, ascending; none twice, each by its weight.

    The n values with the largest u^(1/weight), u being a draw for each (Efraimidis & Spirakis 2006): as if they were
    drawn one after the other.

    Args:
        weights: (values,) at least `n` are above 0.
    """
    u = draws(key, seed, purpose, len(weights))
    with np.errstate(divide="ignore"):
        scores = np.where(weights > 0, np.log(u + 2.0**-33) / np.maximum(weights, 1e-300), -np.inf)
    return np.sort(np.argsort(-scores, kind="stable")[:n]).astype(np.int64)


def _ids(made: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    """An id of each row from that of its row and the values; one hash a row, as `records.content_ids`."""
    values = made.select(pl.struct("id", "_id", *columns).struct.json_encode()).to_series()
    salt = json.dumps([*columns]).encode()
    return [hashlib.blake2b(salt + value.encode(), digest_size=16, person=b"fan_out").hexdigest() for value in values]


def _check_new(columns: Sequence[str], known: Mapping[str, Any] | Sequence[str]) -> None:
    for name in columns:
        if name in known:
            raise UserError(f"the rows have a column {name!r} already; give the new one another name")
