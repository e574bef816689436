"""Lengths of the texts of a config, by field and language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from xlcorpus import languages, records
from xlcorpus.release.shards import Written

HELD = 100_000
"""Rows of a histogram from which on equal lengths are added up."""


@dataclass(frozen=True)
class Length:
    """Lengths of one text field in one language, in characters (Unicode code points)."""

    field: str
    lang: str
    texts: int
    mean: float
    p5: float
    median: float
    p95: float


def histogram(written: Written) -> pl.DataFrame:
    """How many texts have which length: columns field, lang (String), chars (UInt32), texts (Int64), distinct.

    The files are read a few rows at a time: their texts together may be larger than memory.
    """
    kind = records.kind(written.kind)
    columns = {c for text in kind.texts for e in (text.expr(), pl.col(text.lang)) for c in e.meta.root_names()}
    if n_way(kind):
        columns.add("texts")
    held = [_added([])]
    for part in written.parts(sorted(columns)):
        held.append(_texts(part.lazy(), kind).group_by("field", "lang", "chars").agg(texts=pl.len()).collect())
        if sum(frame.height for frame in held[1:]) > max(HELD, held[0].height):
            held = [_added(held)]
    return _added(held)


def lengths(counts: pl.DataFrame) -> tuple[Length, ...]:
    """Means and quantiles (nearest rank) of a `histogram`; most texts first."""
    known = pl.col("chars").is_not_null()
    chars, texts = pl.col("chars").filter(known), pl.col("texts").filter(known)
    frame = (
        counts.sort("chars")
        .group_by("field", "lang", maintain_order=True)
        .agg(
            texts=pl.col("texts").sum(),
            mean=pl.when(texts.sum() > 0).then((chars * texts).sum() / texts.sum()),
            p5=_quantile(chars, texts, 0.05),
            median=_quantile(chars, texts, 0.5),
            p95=_quantile(chars, texts, 0.95),
        )
        .sort(pl.col("texts"), "lang", "field", descending=[True, False, False])
    )
    return tuple(Length(**row) for row in frame.iter_rows(named=True))


def n_way(kind: records.Kind) -> bool:
    """Whether rows hold a list `texts` of {lang, text} instead of columns."""
    return not kind.lang_columns and "texts" in kind.own.names


def _quantile(values: pl.Expr, counts: pl.Expr, share: float) -> pl.Expr:
    """The value at the nearest rank of ascending values that occur so often; polars' `quantile(share, "nearest")`."""
    rank = (share * (counts.sum() - 1) + 0.5).floor()
    return values.filter(counts.cum_sum() > rank).first().cast(pl.Float64)


def _added(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    nothing = pl.DataFrame(schema={"field": pl.String, "lang": pl.String, "chars": pl.UInt32, "texts": pl.Int64})
    together = pl.concat([nothing, *frames], how="vertical_relaxed")
    return together.group_by("field", "lang", "chars").agg(pl.col("texts").sum())


def _texts(rows: pl.LazyFrame, kind: records.Kind) -> pl.LazyFrame:
    """All texts that the rows have: columns field, lang (String), chars (UInt32)."""
    frames = [
        rows.select(
            pl.lit(t.name).alias("field"),
            pl.col(t.lang).fill_null(languages.UNKNOWN).alias("lang"),
            t.expr().str.len_chars().alias("chars"),
        ).drop_nulls("chars")
        for t in kind.texts
    ]
    if n_way(kind):
        item = pl.col("texts").struct
        lists = rows.select("texts").filter(pl.col("texts").list.len() > 0).explode("texts")
        frames.append(
            lists.select(
                pl.lit("text").alias("field"),
                item.field("lang"),
                item.field("text").str.len_chars().alias("chars"),
            )
        )
    nothing = pl.LazyFrame(schema={"field": pl.String, "lang": pl.String, "chars": pl.UInt32})
    return pl.concat([nothing, *frames])
