"""TMX 1.4 (LISA OSCAR, "TMX 1.4b Specification"): translation units of pairs and groups."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

import polars as pl
import pyarrow as pa

from xlcorpus import languages
from xlcorpus.release.exports.made import Made, Settings, fitting
from xlcorpus.release.exports.parallel import alone

SCHEMA = pa.schema([("unit", pa.string())])

_NO_XML = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
"""Characters that XML 1.0 cannot hold, not even as references."""

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
"""A parser reads a bare CR as LF."""

BEGIN = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4">
<header creationtool="xlcorpus" creationtoolversion="{version}" segtype="block" o-tmf="xlcorpus" adminlang="en" \
srclang="*all*" datatype="plaintext"/>
<body>
"""
END = "</body>\n</tmx>\n"


def begin() -> str:
    """What stands before the units."""
    return BEGIN.format(version=version("xlcorpus"))


def tmx(kind: str, rows: pl.DataFrame, settings: Settings) -> Made:
    """One `<tu>` a row, with a `<tuv>` for each text; the source language of a pair in `srclang`.

    Raises:
        UserError: a tag is no language.
    """
    rows, unfit = alone(kind, rows)
    rows, bad = fitting(rows, {(c, _CONTROL): e for c, e in _control_characters(kind).items()})
    known = _tags(kind, rows)
    begun = pl.format('<tu tuid="{}"', _escaped(pl.col("id")))
    if kind == "pair":
        begun = pl.concat_str(begun, pl.format(' srclang="{}"', _tag(pl.col("src_lang"), known)))
        sides = (_variant(pl.col(f"{side}_lang"), pl.col(f"{side}_text"), known) for side in ("src", "tgt"))
        variants = pl.concat_str(*sides)
    else:
        element = pl.element().struct
        variants = _variant(element.field("lang"), element.field("text"), known)
        variants = pl.col("texts").list.eval(variants).list.join("")
    units = rows.select(unit=pl.concat_str(begun, pl.lit(">"), variants, pl.lit("</tu>")))
    return Made(units.to_arrow().cast(SCHEMA), unfit + bad)


_CONTROL = "a text has a control character, which XML cannot hold"


def _control_characters(kind: str) -> dict[str, pl.Expr]:
    """Which rows have some, by column."""
    if kind == "pair":
        return {column: pl.col(column).str.contains(_NO_XML) for column in ("src_text", "tgt_text")}
    text = pl.element().struct.field("text").str.contains(_NO_XML)
    return {"texts": pl.col("texts").list.eval(text).list.any()}


def _tags(kind: str, rows: pl.DataFrame) -> dict[str, str]:
    """The BCP 47 tags of the languages of some rows, by our own tags."""
    if kind == "pair":
        found = {*rows["src_lang"], *rows["tgt_lang"]}
    else:
        found = set(rows.select(pl.col("texts").list.eval(pl.element().struct.field("lang")).explode())["texts"])
    return {tag: languages.bcp47(tag) for tag in sorted(found - {None})}


def _variant(lang: pl.Expr, text: pl.Expr, known: Mapping[str, str]) -> pl.Expr:
    return pl.format('<tuv xml:lang="{}"><seg>{}</seg></tuv>', _tag(lang, known), _escaped(text))


def _tag(lang: pl.Expr, known: Mapping[str, str]) -> pl.Expr:
    return lang.replace_strict(known, return_dtype=pl.String)


def _escaped(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
