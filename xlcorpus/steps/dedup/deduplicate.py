"""Removing duplicates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import polars as pl

from xlcorpus import records
from xlcorpus.step import CorpusEnv, CorpusStep, Port, Table
from xlcorpus.text.fold import folded_expr

KINDS = ("sentence", "document", "pair", "variant", "instruction", "preference", "feedback")


class Deduplicate(CorpusStep):
    """Keeps the first of rows with the same texts in the same languages; order is kept.

    The others are rejected as `duplicate`, with the id of the row that was kept as the value. Pairs, instructions
    and preferences are compared as a whole: all texts of the row count, and the tools it calls.
    """

    match: Literal["exact", "folded"] = "folded"
    """exact: the same characters; folded: case (by the language: I is ı in Turkish), punctuation, spaces and what is
    invisible do not count (letters, marks and digits of every script do)"""

    def ports(self) -> dict[str, Port]:
        """`rows`: any kind with texts."""
        return {"rows": Port(KINDS)}

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """Holds 16 bytes of hash and the id of each row in memory, not the texts."""
        table = inputs["rows"]
        key = self._key(table.kind)
        first = (
            table.scan()
            .select(key=key, id="id")
            .with_row_index("row")
            .group_by("key", maintain_order=True)
            .agg(pl.col("row").first(), first_id=pl.col("id").first())
            .collect()
        )
        start = 0
        for path in table.shards:
            frame = pl.read_parquet(path).with_row_index("_row", offset=start).with_columns(_key=key)
            start += frame.height
            frame = frame.join(first, left_on="_key", right_on="key", maintain_order="left")
            again = frame.filter(pl.col("_row") != pl.col("row"))
            if again.height:
                env.reject(again.drop("_row", "_key", "row"), "duplicate", pl.col("first_id"))
            yield frame.filter(pl.col("_row") == pl.col("row")).drop("_row", "_key", "row", "first_id")

    def _key(self, kind: str) -> pl.Expr:
        """128 bits of hash over texts and languages: two rows that differ meet by chance once in 10^19 pairs."""
        parts: list[pl.Expr] = []
        for field in records.kind(kind).texts:
            text = field.expr().fill_null("")
            if self.match == "folded":
                text = folded_expr(text, pl.col(field.lang))
            parts += [text, pl.col(field.lang)]
        calls = pl.element().struct.field("tool_calls").fill_null("")
        parts += [pl.col(name).list.eval(calls).list.join("\x1f") for name in records.message_columns(kind)]
        row = pl.concat_str(parts, separator="\x1f", ignore_nulls=False)
        return pl.struct(a=row.hash(0), b=row.hash(1))
