"""Pairs whose two sides are the same text: copies, no translations.

Web text of one language holds lines of another (menus, calls to share or subscribe), alike on both sides but for case,
spaces, punctuation or a word. Names and numbers are the same in many languages, so a text of these alone is no copy
("Windows 11", "東京").
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from xlcorpus.text.casing import USUAL_CAPITALS, small_for_any_expr
from xlcorpus.text.word_units import UNSPACED, word_units_expr

LEAST_SHARED = 0.8
"""Dice coefficient of the sides' distinct words from which they are the same text."""
LEAST_WORDS = 2
"""Words that begin with a small letter, or belong to a script without case: with fewer, a text is a name."""
LEAST_CHARACTERS = 5
"""The same for scripts written without spaces, where a character counts as a word."""
NAME_WORDS = 4
"""Capitalised words that a name has at most: more of them are a heading."""

_CAPITALISED = rf"^[[\p{{Lu}}\p{{Lt}}]--[{USUAL_CAPITALS}]]"
_NUMBER = r"^[\p{N}\p{P}]+$"


def copied_expr(src: pl.Expr, tgt: pl.Expr, langs: Sequence[pl.Expr]) -> pl.Expr:
    """Whether the two texts (String) of each row are the same but for case, spaces, punctuation or few words; Boolean.

    Args:
        src, tgt: String expressions.
        langs: String expressions, the tags of both: a copy may be in either language.

    >>> langs = pl.lit("eng_Latn"), pl.lit("tur_Latn")
    >>> pl.select(copied_expr(pl.lit("Is it a copy?"), pl.lit("IS IT A COPY"), langs)).item()
    True
    """
    src_words, tgt_words = _words(src, langs), _words(tgt, langs)
    shared = src_words.list.set_intersection(tgt_words)
    dice = 2 * shared.list.len() / (src_words.list.len() + tgt_words.list.len())
    original = word_units_expr(src).list.unique()
    small = original.list.eval(
        pl.element().filter(~pl.element().str.contains(_CAPITALISED) & ~pl.element().str.contains(_NUMBER))
    )
    characters = small.list.eval(pl.element().filter(pl.element().str.contains(rf"^[{UNSPACED}]"))).list.len()
    spaced = small.list.len() - characters
    capitalised = original.list.eval(pl.element().filter(pl.element().str.contains(_CAPITALISED))).list.len()
    # Signed: lengths are unsigned, and most texts have fewer capitals than a name may have.
    headings = (capitalised.cast(pl.Int64) - NAME_WORDS).clip(lower_bound=0)
    running = (spaced + headings >= LEAST_WORDS) | (characters >= LEAST_CHARACTERS)
    return (dice.fill_nan(0.0) >= LEAST_SHARED) & running


def _words(text: pl.Expr, langs: Sequence[pl.Expr]) -> pl.Expr:
    """The distinct words of a text, without case and numbers."""
    found = word_units_expr(small_for_any_expr(text, langs)).list.unique()
    return found.list.eval(pl.element().filter(~pl.element().str.contains(_NUMBER)))
