"""Word units: words of a text in any script by a fixed pattern, without dictionaries.

Vocabularies of saved encoders and entries of saved lexicons are such units, so the pattern stays as it is;
`xlcorpus.text.words` cuts a text as its language does.

A unit is a run of letters, marks and digits (Unicode L, M, N); an apostrophe or the Hebrew gershayim between
letters, and a point or comma between digits, belong to it. Scripts written without spaces give the smallest
unit that can be told without a dictionary:

- Chinese characters and Hiragana: one character; Katakana: a run,
- Thai, Lao, Khmer, Tai Tham, Javanese, Balinese: one orthographic cluster (letter and vowel signs),
- Burmese: one syllable.
"""

from __future__ import annotations

import polars as pl

_CLUSTERED = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tai_Tham}\p{Javanese}\p{Balinese}"
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Yi}" + _CLUSTERED
"""Scripts written without spaces, for use inside a Rust regex class."""

_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}\u200c\u200d]--[{UNSPACED}]]"
_CLUSTER = rf"[[{_CLUSTERED}]&&\p{{L}}]"
WORD_UNIT = "|".join(
    [
        r"[က-အ](?:\u1039[က-အ]|[က-အ]\u1037?\u103a|\p{M})*",  # stacked and closing consonants
        rf"[เแโใไເແໂໃໄ]?{_CLUSTER}(?:\u17d2{_CLUSTER}|[ะาำๅະາຳ]|\p{{M}})*",  # subscripts, vowels
        r"[\p{Katakana}ー]+",
        r"[\p{Han}\p{Hiragana}\p{Yi}]\p{M}*",
        rf"{_LETTER}+(?:['’ʼ׳״]{_LETTER}+|[.,]\p{{N}}+)*",
        r"\p{N}+(?:[.,]\p{N}+)*",  # digits of the scripts above
    ]
)
"""A word unit, as a Rust regex."""


def word_units_expr(text: pl.Expr) -> pl.Expr:
    """The word units of a String expression; List(String)."""
    return text.str.extract_all(WORD_UNIT)


def word_units(text: str) -> list[str]:
    """The word units of one text.

    >>> word_units("Es regnet, oder?")
    ['Es', 'regnet', 'oder']
    """
    found: list[str] = pl.select(word_units_expr(pl.lit(text))).item().to_list()
    return found
