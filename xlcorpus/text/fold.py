"""One form for texts that differ in case, punctuation, spaces or the composition of letters alone."""

from __future__ import annotations

import unicodedata

import polars as pl


def folded_expr(text: pl.Expr) -> pl.Expr:
    """A String expression in lower case, with one space for all that is no letter, mark or digit of any script.

    A text of symbols alone stays as it is: it would fold to nothing and meet every other.
    """
    folded = text.str.to_lowercase().str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ").str.strip_chars()
    return pl.when(folded == "").then(text).otherwise(folded)


MIN_CAPITALS, MIN_CAPITAL_SHARE = 8, 0.85
"""A text is a heading in capitals if so many letters are capitals, and this share of all its letters.

"NATO", "UNESCO" and "BBC NEWS" have fewer and stay: short texts of capitals are mostly acronyms. The share leaves
room for the small letters that capitals keep ("STRAßE", "MUINTIR NA hÉIREANN", "McDONALD'S"), and none for acronyms
in a sentence, also in a script without case.
"""

_CAPITAL = r"[\p{Lu}&&[\p{Latin}\p{Greek}\p{Cyrillic}\p{Armenian}\p{Adlam}\u{1C90}-\u{1CBF}]]"
"""Capitals of scripts in which small letters are the usual ones; Cherokee is written in what Unicode calls capitals."""

_DOTLESS = ("tur", "azj", "crh", "gag", "kaa", "tat")
"""ISO 639-3 codes of languages in which I is the capital of ı and İ that of i."""


def small_expr(text: pl.Expr, lang: pl.Expr) -> pl.Expr:
    """A String expression in small letters of its language (tags), in NFC; any text, not headings alone."""
    composed = text.str.normalize("NFC")
    turkish = composed.str.replace_all("İ", "i", literal=True).str.replace_all("I", "ı", literal=True)
    dotless = lang.str.slice(0, 3).is_in(list(_DOTLESS))
    return pl.when(dotless).then(turkish).otherwise(composed).str.to_lowercase()


def small(text: str, lang: str) -> str:
    """`small_expr` of one text."""
    text = unicodedata.normalize("NFC", text)
    if lang[:3] in _DOTLESS:
        text = text.replace("İ", "i").replace("I", "ı")
    return text.lower()


def unshouted_expr(text: pl.Expr, lang: pl.Expr) -> pl.Expr:
    """A text as encoders and language identifiers know texts: in NFC, headings in capitals in small letters.

    Other texts keep their case. Small letters are those of the language: of "DIŞ" in Turkish "dış"; a sigma at the end
    of a Greek word is ς; Georgian Mtavruli becomes Mkhedruli. Accents that capitals do not show do not come back.

    Args:
        text: String expression.
        lang: its tags (`tur_Latn`), String expression.
    """
    composed = text.str.normalize("NFC")
    capitals = composed.str.count_matches(_CAPITAL)
    letters = composed.str.count_matches(r"\p{L}")
    heading = (capitals >= MIN_CAPITALS) & (capitals >= MIN_CAPITAL_SHARE * letters)
    return pl.when(heading).then(small_expr(text, lang)).otherwise(composed)
