"""Parallel texts: pairs as they are, groups as one pair for every two languages."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from xlcorpus.release.columns import plain
from xlcorpus.release.exports.made import Made, Settings, UnfitRow, fitting

_COLUMNS = ("id", "src_lang", "tgt_lang", "src_text", "tgt_text")
_BREAKS = "\r\n|[\t\n\x0b\x0c\r\x1c-\x1e\u0085\u2028\u2029]"
"""Where Python, Perl or the shell may end a line (`str.splitlines`), and tabs."""


def pairs(kind: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Columns `id`, `src_lang`, `tgt_lang`, `src_text`, `tgt_text`; the languages of a group in order of their tags."""
    if kind == "pair":
        return rows.select(_COLUMNS)
    texts = rows.select("id", pl.int_range(pl.len()).alias("row"), pl.col("texts").list.sort()).explode("texts")
    texts = texts.drop_nulls("texts").with_columns(pl.col("texts").struct.field("lang", "text")).drop("texts")
    texts = texts.with_columns(pl.int_range(pl.len()).over("row").alias("place"))
    both = texts.join(texts, on="row", suffix="_2", maintain_order="left_right").filter(
        pl.col("place") < pl.col("place_2")
    )
    return both.select("id", src_lang="lang", tgt_lang="lang_2", src_text="text", tgt_text="text_2")


def alone(kind: str, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[UnfitRow]]:
    """The groups of at least two texts, and the others; pairs as they are."""
    if kind == "pair":
        return rows, []
    return fitting(rows, {("texts", "there are less than two texts"): pl.col("texts").list.len().fill_null(0) < 2})


def moses(kind: str, rows: pl.DataFrame, settings: Settings) -> Made:
    """Pairs whose texts are one line each: line breaks and tabs are spaces."""
    rows, unfit = alone(kind, rows)
    two = pl.col("src_lang") != pl.col("tgt_lang")
    if kind == "group":
        two = pl.col("texts").list.eval(pl.element().struct.field("lang").is_unique()).list.all()
    rows, same = fitting(rows, {("texts" if kind == "group" else "tgt_lang", "two texts are of one language"): ~two})
    both = pairs(kind, rows)
    broken = both.filter(pl.any_horizontal(pl.col("src_text", "tgt_text").str.contains(_BREAKS)))["id"].n_unique()
    both = both.with_columns(pl.col("src_text", "tgt_text").str.replace_all(_BREAKS, " "))
    changed = {"line breaks and tabs became spaces": broken} if broken else {}
    return Made(_arrow(both), unfit + same, changed)


def trl_texts(rows: pl.DataFrame, settings: Settings) -> Made:
    """`prompt` is the source text, `completion` its translation."""
    return Made(_arrow(rows.select(prompt="src_text", completion="tgt_text")))


def anchor_positive(kind: str, rows: pl.DataFrame, settings: Settings) -> Made:
    """`anchor` is the source text, `positive` its translation."""
    rows, unfit = alone(kind, rows)
    return Made(_arrow(pairs(kind, rows).select(anchor="src_text", positive="tgt_text")), unfit)


def triplets(rows: pl.DataFrame, settings: Settings) -> Made:
    """`anchor` is the prompt, `positive` and `negative` the answers: rows of one question and one turn an answer."""
    speakers = {"prompt": "user", "chosen": "assistant", "rejected": "assistant"}
    names = {"prompt": "anchor", "chosen": "positive", "rejected": "negative"}
    turns = {column: pl.col(column).list.first().struct for column in speakers}
    unfit: dict[tuple[str, str], pl.Expr] = {}
    for column, role in speakers.items():
        unfit[column, f"it is not one turn of the {role}"] = (pl.col(column).list.len() != 1) | (
            turns[column].field("role") != role
        )
        unfit[column, "a turn calls a tool"] = turns[column].field("tool_calls").is_not_null()
        if settings.reasoning in ("keep", "refuse"):
            unfit[column, "a turn has reasoning"] = turns[column].field("reasoning").is_not_null()
    rows, found = fitting(rows, unfit)
    thought = {
        column: pl.format("<think>\n{}\n</think>\n\n", turn.field("reasoning")).fill_null("")
        if settings.reasoning == "inline"
        else pl.lit("")
        for column, turn in turns.items()
    }
    texts = [(thought[c] + turn.field("content")).alias(names[c]) for c, turn in turns.items()]
    return Made(_arrow(rows.select(texts)), found)


def _arrow(frame: pl.DataFrame) -> pa.Table:
    table = frame.to_arrow()
    return table.cast(pa.schema([pa.field(f.name, plain(f.type)) for f in table.schema]))
