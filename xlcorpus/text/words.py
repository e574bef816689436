"""Words of a text in any script, without dictionaries.

A word is a run of letters, marks and digits (Unicode L, M, N); an apostrophe or the Hebrew gershayim between
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
WORD = "|".join(
    [
        r"[က-အ](?:\u1039[က-အ]|[က-အ]\u1037?\u103a|\p{M})*",  # stacked and closing consonants
        rf"[เแโใไເແໂໃໄ]?{_CLUSTER}(?:\u17d2{_CLUSTER}|[ะาำๅະາຳ]|\p{{M}})*",  # subscripts, vowels
        r"[\p{Katakana}ー]+",
        r"[\p{Han}\p{Hiragana}\p{Yi}]\p{M}*",
        rf"{_LETTER}+(?:['’ʼ׳״]{_LETTER}+|[.,]\p{{N}}+)*",
        r"\p{N}+(?:[.,]\p{N}+)*",  # digits of the scripts above
    ]
)
"""A word, as a Rust regex."""


def words_expr(text: pl.Expr) -> pl.Expr:
    """The words of a String expression; List(String)."""
    return text.str.extract_all(WORD)


def words(text: str) -> list[str]:
    """The words of one text.

    >>> words("Es regnet, oder?")
    ['Es', 'regnet', 'oder']
    """
    found: list[str] = pl.select(words_expr(pl.lit(text))).item().to_list()
    return found
