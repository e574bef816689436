"""Where the words of texts stand, in which script, and what separates them: flat arrays over many texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from xlcorpus.arrays import Bools, Floats64, Ints8, Ints32, Ints64
from xlcorpus.text.scripts import UNICODE_SCRIPTS
from xlcorpus.text.word_units import UNSPACED, WORD_UNIT

NONE, WEAK, STRONG, LINE = range(4)
"""What stands between two words: spaces; a comma; the end of a sentence, a colon, a quotation mark, a bracket, a
dash, a table's border; the end of a line."""

COMMON = "Common"
"""Script of a word without letters."""

UNSPACED_WORDS = 0.5
"""How many words a unit of a script without spaces counts as: a Chinese, Japanese or Thai word has about two."""

_OPAQUE = (
    r"```[^`]*```|`[^`\n]+`|(?:https?://|www\.)[^\s<>\"]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|"
    r"\{\{[^{}\n]*\}\}|</?[A-Za-z][^<>\n]*>"
)
"""Code, addresses, placeholders, tags: no words of any language."""
_IS_OPAQUE = r"^[`<{].+|://|@.|^www\."
_BETWEEN = r"[^\p{L}\p{M}\p{N}\u200c\u200d`<{]+"
_PIECE = rf"{_OPAQUE}|{WORD_UNIT}|{_BETWEEN}|(?s:.)"

_LINE = r"[\n\r\u2028\u2029]"
_STRONG = r"[.!?…:;。！？：；।॥۔؟؛։។།\t|/=\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Pd}\"„*•·→]"
_WEAK = r"[,،、，]"
_CLOSING = r"^[^\s\p{Ps}\p{Pi}„]*"

KANA = "Kana"
HAN = "Han"
FAMILIES = {"Hiragana": KANA, "Katakana": KANA, "Bopomofo": HAN}
"""Scripts that go by one name here."""


@dataclass(frozen=True)
class WordPlaces:
    """The words of many texts one after the other; those of text i are `bounds[i]:bounds[i + 1]`."""

    bounds: Ints64
    """(texts + 1,)"""
    start: Ints64
    """(words,) character at which each begins in its text"""
    end: Ints64
    """(words,) character after its last"""
    closed: Ints64
    """(words,) character after the punctuation that follows it without a space"""
    before: Ints8
    """(words,) NONE, WEAK, STRONG or LINE: what separates it from the word before; LINE at the start of a text"""
    script: Ints32
    """(words,) index into `scripts`"""
    scripts: tuple[str, ...]
    """Unicode names of the scripts that occur; Kana for Hiragana and Katakana, Common for words without letters"""
    size: Floats64
    """(words,) 1, or `UNSPACED_WORDS` for a unit of a script without spaces; 0 for a word without letters"""

    @property
    def text_of(self) -> Ints64:
        """(words,) the text each word stands in."""
        return np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))

    @property
    def lettered(self) -> Bools:
        """(words,) whether it has letters."""
        return np.asarray(self.size > 0)


def word_places(texts: pl.Series) -> WordPlaces:
    """The words of each text (see `xlcorpus.text.word_units`), without those in code, addresses and tags.

    Args:
        texts: (texts,) String without nulls.
    """
    pieces = _pieces(texts)
    words = pieces.filter("word")
    counts = np.bincount(words["text"].to_numpy(), minlength=len(texts)) if words.height else np.zeros(len(texts))
    bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    before = words["before"].to_numpy().astype(np.int8)
    before[bounds[:-1][np.diff(bounds) > 0]] = LINE
    scripts = _scripts(words["piece"])
    names = tuple(scripts.unique().sort().to_list())
    lettered = (scripts != COMMON).to_numpy()
    unspaced = words["piece"].str.contains(rf"^[{UNSPACED}]").to_numpy()
    return WordPlaces(
        bounds=bounds,
        start=words["start"].to_numpy(),
        end=words["end"].to_numpy(),
        closed=words["closed"].to_numpy(),
        before=before,
        script=scripts.replace_strict(
            dict(zip(names, range(len(names)), strict=True)), return_dtype=pl.Int32
        ).to_numpy(),
        scripts=names,
        size=np.where(lettered, np.where(unspaced, UNSPACED_WORDS, 1.0), 0.0),
    )


def _pieces(texts: pl.Series) -> pl.DataFrame:
    """Words and what stands between them, in order, with their places and what came before and after each."""
    piece = pl.col("piece")
    return (
        pl.DataFrame({"piece": texts.str.extract_all(_PIECE)})
        .with_row_index("text")
        .filter(pl.col("piece").list.len() > 0)
        .explode("piece")
        .with_columns(
            pl.col("text").cast(pl.Int64),
            length=piece.str.len_chars().cast(pl.Int64),
            word=piece.str.contains(r"^[\p{L}\p{M}\p{N}\u200c\u200d]") & ~piece.str.contains(_IS_OPAQUE),
            level=pl.when(piece.str.contains(_LINE))
            .then(LINE)
            .when(piece.str.contains(_IS_OPAQUE))
            .then(WEAK)
            .when(piece.str.contains(_STRONG))
            .then(STRONG)
            .when(piece.str.contains(_WEAK))
            .then(WEAK)
            .otherwise(NONE),
        )
        .with_columns(end=pl.col("length").cum_sum().over("text"), level=pl.when("word").then(NONE).otherwise("level"))
        .with_columns(
            start=pl.col("end") - pl.col("length"),
            gap=pl.col("word").cast(pl.Int64).cum_sum(),
            after=pl.when(~pl.col("word").shift(-1).over("text")).then(piece.shift(-1)).fill_null(""),
        )
        .with_columns(
            closed=pl.col("end") + pl.col("after").str.extract(_CLOSING, 0).str.len_chars().cast(pl.Int64),
            # The separators before a word carry the count of the words before it.
            between=pl.col("level").max().over("gap"),
        )
        .with_columns(before=pl.col("between").shift(1, fill_value=LINE))
    )


def _scripts(words: pl.Series) -> pl.Series:
    """Script of each word by its first letter."""
    letters = words.str.extract(r"(\p{L})", 1).fill_null("")
    distinct = letters.unique()
    script = pl.lit(COMMON)
    for name in sorted({name for group in UNICODE_SCRIPTS.values() for name in group}):
        script = (
            pl.when(distinct.str.contains(rf"\p{{{name}}}")).then(pl.lit(FAMILIES.get(name, name))).otherwise(script)
        )
    return letters.replace_strict(distinct, pl.select(script.alias("script")).to_series(), return_dtype=pl.String)
