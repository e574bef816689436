"""One form for texts that differ in case, punctuation, spaces or the composition of letters alone."""

from __future__ import annotations

import unicodedata
from functools import cache

import polars as pl

from xlcorpus.text.casing import USUAL_CAPITALS, small_expr


@cache
def _folded_letters() -> dict[str, str]:
    """Small letters that capitals do not tell apart, by Unicode's full case folding: ß and ss, ς and σ, ﬁ and fi.

    The capital of the Armenian և is ԵՎ, and typed as two letters it is եւ. Cherokee folds to capitals in Unicode, and
    to small letters here.
    """
    found = {"և": "եվ", "եւ": "եվ"}
    for c in map(chr, (*range(0xD800), *range(0xE000, 0x20000))):
        folded = unicodedata.normalize("NFC", c.casefold())
        if unicodedata.is_normalized("NFC", c) and c == c.lower() and folded not in (c, c.upper()):
            found.setdefault(c, folded)
    return found


_APOSTROPHE = "ʼ"
_APOSTROPHE_LETTERS = "[ʻʼꞌ]"
APOSTROPHES = "['’‘‛`´＇՚׳ʻʼꞌ]"
"""What stands for an apostrophe or a glottal stop between letters."""
IGNORED = r"[\p{Default_Ignorable_Code_Point}\u0640\u07fa]"
"""What is invisible (soft hyphen, joiners, zero-width spaces, variation selectors) or only stretches a word."""
_GERSHAYIM = '["״”“]'
_OF_UZBEK = ("uzn", "kaa")
"""ISO 639-3 codes of languages in which oʻ and gʻ are letters, also at the end of a word."""


def folded_expr(text: pl.Expr, lang: pl.Expr) -> pl.Expr:
    """A String expression in which case, punctuation and spaces do not count: a key, not a text to read.

    All that is no letter, mark or digit of any script becomes one space. Letters are small ones of their language (I is
    ı in Turkish) in NFC; ß is ss. An apostrophe inside a word is a letter, however it is typed. What is invisible (soft
    hyphen, joiners, zero-width spaces, variation selectors) and what stretches a word (tatweel) is left out. Marks all
    count: vowel signs, tones, Hebrew and Arabic points. A text of symbols alone stays as it is: it would fold to
    nothing and meet every other.

    Args:
        text: String expression.
        lang: its tags (`tur_Latn`), String expression.
    """
    bare = text.str.replace_all(IGNORED, "")
    letters = small_expr(bare, lang).str.replace_many(_folded_letters())
    letters = letters.str.replace_all(_APOSTROPHE_LETTERS, _APOSTROPHE)
    uzbek = letters.str.replace_all(rf"([og]){APOSTROPHES}", "${1}" + _APOSTROPHE)
    letters = pl.when(lang.str.slice(0, 3).is_in(list(_OF_UZBEK))).then(uzbek).otherwise(letters)
    for _ in range(2):  # a letter between two apostrophes belongs to one match only
        letters = letters.str.replace_all(rf"([\p{{L}}\p{{M}}]){APOSTROPHES}(\p{{L}})", "${1}" + _APOSTROPHE + "${2}")
    letters = letters.str.replace_all(rf"(\p{{Hebrew}}){_GERSHAYIM}(\p{{Hebrew}})", "${1}" + _APOSTROPHE + "${2}")
    folded = letters.str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ").str.strip_chars()
    return pl.when(folded == "").then(text).otherwise(folded)


MIN_CAPITALS, MIN_CAPITAL_SHARE = 8, 0.85
"""A text is a heading in capitals if so many letters are capitals, and this share of all its letters.

"NATO", "UNESCO" and "BBC NEWS" have fewer and stay: short texts of capitals are mostly acronyms. The share leaves
room for the small letters that capitals keep ("STRAßE", "MUINTIR NA hÉIREANN", "McDONALD'S"), and none for acronyms
in a sentence, also in a script without case.
"""

CASED = rf"[\p{{Lu}}--[\p{{Common}}\p{{Inherited}}{USUAL_CAPITALS}]]"
"""Capitals of scripts in which small letters are the usual ones, without mathematical letters."""


def unshouted_expr(text: pl.Expr, lang: pl.Expr) -> pl.Expr:
    """A text as encoders and language identifiers know texts: in NFC, headings in capitals in small letters.

    Other texts keep their case. Small letters are those of the language: of "DIŞ" in Turkish "dış"; a sigma at the end
    of a Greek word is ς; Georgian Mtavruli becomes Mkhedruli. Accents that capitals do not show do not come back.

    Args:
        text: String expression.
        lang: its tags (`tur_Latn`), String expression.
    """
    composed = text.str.normalize("NFC")
    capitals = composed.str.count_matches(CASED)
    letters = composed.str.count_matches(r"\p{L}")
    heading = (capitals >= MIN_CAPITALS) & (capitals >= MIN_CAPITAL_SHARE * letters)
    return pl.when(heading).then(small_expr(text, lang)).otherwise(composed)
