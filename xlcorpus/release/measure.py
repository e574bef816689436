"""What the card says of a config, measured from the files that were written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa

from xlcorpus import records
from xlcorpus.arms import MEANINGS
from xlcorpus.release.lengths import Length, histogram, lengths, n_way
from xlcorpus.release.shards import Written

BINS = 20
"""Bars of a score's histogram."""
EXAMPLE_CHARS = 300
"""Examples are chosen among the rows whose texts together have at most this many characters."""

_QUANTILES = {"low": 0.0, "p5": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95, "high": 1.0}


@dataclass(frozen=True)
class Score:
    """Distribution of a score column; quantiles are values of rows (nearest rank)."""

    column: str
    rows: int
    missing: int
    """rows where it is null or not finite"""
    low: float
    p5: float
    p25: float
    median: float
    p75: float
    p95: float
    high: float
    histogram: tuple[int, ...]
    """rows in bins of equal width from `low` to `high`"""


@dataclass(frozen=True)
class Origin:
    """How rows came to be, and the step that made them."""

    origin: str
    step: str | None
    rows: int


@dataclass(frozen=True)
class Source:
    """A source of rows and its licence; None is unknown."""

    source: str | None
    license: str | None
    rows: int


@dataclass(frozen=True)
class Measured:
    """All that is measured of one config. Counts are sorted, the largest first."""

    written: Written
    rows_by_lang: dict[str, int]
    """rows by language (`deu_Latn`) or language pair (`deu_Latn-eng_Latn`); texts, for n-way groups"""
    languages: tuple[str, ...]
    """every language tag that stands in the config, sorted"""
    lengths: tuple[Length, ...]
    scores: tuple[Score, ...]
    origins: tuple[Origin, ...]
    sources: tuple[Source, ...]
    examples: tuple[dict[str, Any], ...]

    @property
    def kind(self) -> records.Kind:
        """The record kind of the rows."""
        return records.kind(self.written.kind)


def measure(written: Written, max_examples: int, kept: Collection[str] = ()) -> Measured:
    """Measure a config from its files; columns in `kept` come from source files and are no scores."""
    kind = records.kind(written.kind)
    rows = written.scan()
    texts = histogram(written)
    by_lang = _by_lang(texts if n_way(kind) else rows.select(lang=kind.lang_expr(), texts=1))
    return Measured(
        written=written,
        rows_by_lang=by_lang,
        languages=_languages(rows, kind),
        lengths=lengths(texts),
        scores=tuple(_score(rows, column) for column in score_columns(written.schema, kind) if column not in kept),
        origins=_origins(rows),
        sources=_sources(rows),
        examples=_examples(written, list(by_lang), max_examples),
    )


def score_columns(schema: pa.Schema, kind: records.Kind) -> list[str]:
    """Columns that hold a measure: all floats, and integers that the kind says are one or does not define.

    Places in the order of a mix are none.
    """
    return [
        f.name
        for f in schema
        if pa.types.is_floating(f.type)
        or (pa.types.is_integer(f.type) and (f.name in kind.measures or f.name not in {*kind.schema.names, *MEANINGS}))
    ]


def language_columns(kind: records.Kind) -> dict[str, pl.Expr]:
    """Where language tags stand in a kind: place -> expression (String or List(String), one value a row)."""
    names = [c for c in kind.own.names if c == "lang" or c.endswith("_lang")]
    places = {name: pl.col(name) for name in names}
    if "langs" in kind.own.names:
        places["langs"] = pl.col("langs")
    for field in (f for f in kind.own if pa.types.is_list(f.type)):
        item = field.type.value_type
        if pa.types.is_struct(item) and item.get_field_index("lang") >= 0:
            places[f"{field.name}.lang"] = pl.col(field.name).list.eval(pl.element().struct.field("lang"))
    return places


def _languages(rows: pl.LazyFrame, kind: records.Kind) -> tuple[str, ...]:
    places = language_columns(kind)
    dtypes = rows.select(**places).collect_schema()
    tags = [
        rows.select((e.explode() if isinstance(dtypes[n], pl.List) else e).alias("lang")).unique()
        for n, e in places.items()
    ]
    found = pl.concat(tags).unique().drop_nulls().collect().to_series()
    return tuple(sorted(found))


def _by_lang(counts: pl.LazyFrame | pl.DataFrame) -> dict[str, int]:
    """Sums of the column texts by lang, the largest first."""
    frame = counts.lazy().group_by("lang").agg(pl.col("texts").sum())
    return dict(frame.sort("texts", "lang", descending=[True, False]).collect().iter_rows())


def _origins(rows: pl.LazyFrame) -> tuple[Origin, ...]:
    counts = rows.group_by("origin", "step").agg(rows=pl.len())
    order = counts.sort("rows", "origin", "step", descending=[True, False, False], nulls_last=True)
    return tuple(Origin(**row) for row in order.collect().iter_rows(named=True))


def _sources(rows: pl.LazyFrame) -> tuple[Source, ...]:
    frame = (
        rows.group_by("source", "license")
        .agg(rows=pl.len())
        .sort("rows", "source", "license", descending=[True, False, False], nulls_last=True)
        .collect()
    )
    return tuple(Source(**row) for row in frame.iter_rows(named=True))


def _score(rows: pl.LazyFrame, column: str) -> Score:
    value = pl.col(column).cast(pl.Float64)
    finite = rows.select(value.filter(value.is_finite()).alias("value"))
    quantile = {n: pl.col("value").quantile(q, "nearest") for n, q in _QUANTILES.items()}
    summary = finite.select(rows=pl.len(), **quantile).collect().row(0, named=True)
    total = rows.select(pl.len()).collect().item()
    valid = summary.pop("rows")
    if not valid:
        nothing = dict.fromkeys(_QUANTILES, float("nan"))
        return Score(column=column, rows=0, missing=total, histogram=(), **nothing)
    low, width = summary["low"], (summary["high"] - summary["low"]) / BINS
    histogram: tuple[int, ...] = ()
    if width > 0:
        place = ((pl.col("value") - low) / width).floor().clip(0, BINS - 1).cast(pl.Int64)
        counts = dict(finite.group_by(place.alias("bin")).agg(pl.len()).collect().iter_rows())
        histogram = tuple(counts.get(i, 0) for i in range(BINS))
    return Score(column=column, rows=valid, missing=total - valid, histogram=histogram, **summary)


def _examples(written: Written, langs: Sequence[str], count: int) -> tuple[dict[str, Any], ...]:
    """Short rows, one language after the other, the largest first; within a language the smallest ids.

    An id is a hash of the row's content, so the smallest are a random sample that every run draws again.
    """
    if not count:
        return ()
    short, whole = _smallest_ids(written, count)
    ids = short or whole
    order = {lang: i for i, lang in enumerate(langs)}
    queues = [ids[lang] for lang in sorted(ids, key=lambda x: order.get(x, len(order)))]
    turns = [q[i] for i in range(count) for q in queues if i < len(q)][:count]
    found = written.scan().filter(pl.col("id").is_in(turns)).collect()
    by_id = {row["id"]: row for row in found.iter_rows(named=True)}
    return tuple(by_id[i] for i in turns)


def _smallest_ids(written: Written, count: int) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The smallest ids by language, in order: those of short rows, and those of all."""
    kind = records.kind(written.kind)
    chars = pl.sum_horizontal(pl.lit(0), *(t.expr().str.len_chars() for t in kind.texts))
    wanted = {"id": pl.col("id"), "lang": kind.lang_expr(), "chars": chars}
    columns = sorted({c for e in wanted.values() for c in e.meta.root_names()})
    few = [pl.DataFrame(schema={"lang": pl.String, "id": pl.String})] * 2
    for part in written.parts(columns):
        keyed = part.select(**wanted)
        fresh = [keyed.filter(pl.col("chars") <= EXAMPLE_CHARS), keyed]
        few = [
            _smallest(pl.concat([old, new.select("lang", "id")]), count) for old, new in zip(few, fresh, strict=True)
        ]
    short, whole = (dict(f.group_by("lang").agg(pl.col("id").sort()).iter_rows()) for f in few)
    return short, whole


def _smallest(keyed: pl.DataFrame, count: int) -> pl.DataFrame:
    return keyed.group_by("lang").agg(pl.col("id").bottom_k(count)).explode("id")
