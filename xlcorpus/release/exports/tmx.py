"""TMX 1.4 (LISA OSCAR, "TMX 1.4b Specification"): translation units of pairs and groups."""

from __future__ import annotations

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
    """One `<tu>` a row, with a `<tuv>` for each text; the source language of a pair in `srclang`."""
    rows, unfit = alone(kind, rows)
    columns = ("texts",) if kind == "group" else ("src_text", "tgt_text")
    text = pl.element().struct.field("text").str.contains(_NO_XML)
    control = {
        c: pl.col(c).list.eval(text).list.any() if kind == "group" else pl.col(c).str.contains(_NO_XML) for c in columns
    }
    rows, bad = fitting(
        rows, {(c, "a text has a control character, which XML cannot hold"): e for c, e in control.items()}
    )
    begun = pl.format('<tu tuid="{}"', _escaped(pl.col("id")))
    if kind == "pair":
        variants = pl.concat_str(
            _variant(pl.col("src_lang"), pl.col("src_text")), _variant(pl.col("tgt_lang"), pl.col("tgt_text"))
        )
        begun = pl.concat_str(begun, pl.format(' srclang="{}"', _tag(pl.col("src_lang"))))
    else:
        element = pl.element().struct
        variants = pl.col("texts").list.eval(_variant(element.field("lang"), element.field("text"))).list.join("")
    units = rows.select(unit=pl.concat_str(begun, pl.lit(">"), variants, pl.lit("</tu>")))
    return Made(units.to_arrow().cast(SCHEMA), unfit + bad)


def _variant(lang: pl.Expr, text: pl.Expr) -> pl.Expr:
    return pl.format('<tuv xml:lang="{}"><seg>{}</seg></tuv>', _tag(lang), _escaped(text))


def _tag(lang: pl.Expr) -> pl.Expr:
    return lang.map_elements(languages.bcp47, return_dtype=pl.String)


def _escaped(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
