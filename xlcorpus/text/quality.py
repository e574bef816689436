"""Measures of a text as polars expressions: each takes a String expression and gives one number a row.

Letters are Unicode L, M and N throughout and words are those of `xlcorpus.text.word_units`: no script is worse
off for its vowel signs or for being written without spaces. A text without what is measured (letters,
words) gives null: no measurement is no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from xlcorpus.text.boilerplate import PHRASES
from xlcorpus.text.damage import mojibake_pattern
from xlcorpus.text.misread_lines import misread_run_pattern
from xlcorpus.text.scripts import UNICODE_SCRIPTS
from xlcorpus.text.word_units import UNSPACED

_URL = r"(?:https?://|www\.)\S+"

_MOJIBAKE = "|".join(
    [
        "\ufffd+",
        "[ÃÂ][\u0080-\u009f\u00a1-\u00bf€‚ƒ„…†‡ˆ‰‹Œ™›œž˜“”•–]",  # UTF-8 of é read as Windows-1252
        "â€[\u0080-\u00bf™œ“”˜¦¢]?",  # of quotation marks
        "(?:[ÐÑØÙÎÏ×à-ï][\u0080-\u009f\u00a1-\u00bf€‚ƒ„…†‡ˆ‰‹Œ™›œž˜“”•–—]{1,2}){3,}",  # of others
    ]
)


def length(text: pl.Expr) -> pl.Expr:
    """Length in characters as if written in an alphabet (UInt32): Han counts 3, Kana and Hangul 2.

    Measured on Tatoeba: for one English character Chinese has 0.32, Japanese 0.46, Korean 0.52 and languages
    with alphabets 0.8 to 1.3; with these weights it is 0.87, 0.99 and 0.89.
    """
    dense = 2 * text.str.count_matches(r"\p{Han}")
    return text.str.len_chars() + dense + text.str.count_matches(r"[\p{Hiragana}\p{Katakana}\p{Hangul}]")


def length_ratio(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """Length of the longer text over that of the shorter, 15 added to both: short texts vary more.

    Of 27,991 Tatoeba pairs (30 languages with English) 99.97 % are below 2 and all below 2.5.
    """
    x, y = length(a) + 15, length(b) + 15
    return pl.max_horizontal(x / y, y / x)


def url_share(text: pl.Expr) -> pl.Expr:
    """Characters inside web addresses among all; 0 to 1, null for an empty text."""
    return _share(text.str.extract_all(_URL).list.join("").str.len_chars(), text.str.len_chars())


def boilerplate_share(text: pl.Expr) -> pl.Expr:
    """Characters inside stock phrases of web pages among all; 0 to 1, null for an empty text."""
    return _share(text.str.extract_all(PHRASES).list.join("").str.len_chars(), text.str.len_chars())


def broken_share(text: pl.Expr) -> pl.Expr:
    """Places with replacement characters (U+FFFD) or mojibake for each character; null for an empty text.

    Mojibake is what `ftfy` takes for it, and bytes of other scripts read as Windows-1252, Windows-1251 or Mac OS Roman.
    """
    broken = f"{_MOJIBAKE}|{misread_run_pattern()}|{mojibake_pattern()}"
    return _share(text.str.count_matches(broken), text.str.len_chars())


def script_share(text: pl.Expr, scripts: Sequence[str]) -> pl.Expr:
    """Words in one of the ISO 15924 scripts among the words that have letters; 0 to 1.

    Words, not letters, so that `WhatsApp` weighs as much as one word in a Chinese or Hindi sentence. Letters
    common to all scripts count for none. Null if there are no words, or for a script Unicode has no name for.
    """
    if not all(script in UNICODE_SCRIPTS for script in scripts):
        return pl.lit(None, dtype=pl.Float64)
    wanted = "".join(rf"\p{{{name}}}" for script in scripts for name in UNICODE_SCRIPTS[script])
    inside = text.str.count_matches(_words_of(rf"[[\p{{L}}]&&[{wanted}]]"))
    outside = text.str.count_matches(_words_of(rf"[[\p{{L}}]--[{wanted}\p{{Common}}\p{{Inherited}}]]"))
    return _share(inside, inside + outside)


def script_share_by_tag(text: pl.Expr, tags: pl.Expr, scripts: Mapping[str, Sequence[str]]) -> pl.Expr:
    """`script_share` of each row with the scripts that belong to its tag; null for tags without an entry."""
    share = pl.lit(None, dtype=pl.Float64)
    for tag, wanted in scripts.items():
        share = pl.when(tags == tag).then(script_share(text, wanted)).otherwise(share)
    return share


def _words_of(letter: str) -> str:
    """Runs of a class of letters; single letters where the script is written without spaces."""
    return rf"[{letter}&&[{UNSPACED}]]|[{letter}--[{UNSPACED}]][\p{{M}}\p{{L}}&&[{letter}\p{{M}}]]*"


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)
