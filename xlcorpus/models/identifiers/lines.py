"""Texts as a language identifier reads them, and what is counted in them on the way.

What says nothing about the language is left out, so that it does not change the answer: capitals, line breaks,
addresses, rules of Markdown. Capitals are put where a sentence has them, since identifiers are trained on sentences:
on Tatoeba small letters alone cost German 0.7 points of accuracy, capitals at the beginnings of sentences 0.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from xlcorpus.arrays import Bools, Ints64
from xlcorpus.compiled import compiled
from xlcorpus.models.identifiers.line_characters import (
    IS_DENSE,
    IS_DIGIT,
    IS_END,
    IS_HALF_DENSE,
    IS_LETTER,
    IS_RULE,
    IS_SPACE,
    IS_UNSPACED,
    SCRIPTS,
    tables,
)
from xlcorpus.models.identifiers.words_and_codes import DIGITS, LENGTH, MIN_WORD_SHARE, WORDS, count_words
from xlcorpus.text.casing import is_dotless
from xlcorpus.text.code_points import CodePoints, Codes
from xlcorpus.text.word_units import UNSPACED

MAX_CHARACTERS, WINDOWS, WINDOW_CHARACTERS = 10_000, 5, 2_000
"""A longer text is read in so many evenly spaced windows of that length."""

_ADDRESS_CHARACTER = rf"[^\s<>\"`。，、；：！？）」』》】{UNSPACED}]"
_ADDRESS = "|".join(
    [
        rf"(?:(?:https?|ftp)://|www\.){_ADDRESS_CHARACTER}+",
        r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
        rf"\b[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[a-z]{{2,10}}/{_ADDRESS_CHARACTER}*",
    ]
)
"""Addresses of pages and of mail; in text without spaces one ends where that text goes on."""

_COMPOSABLE = r"[\p{M}\x{1100}-\x{11FF}\x{2126}\x{212A}\x{212B}]"
"""What a text has that is not in NFC (and other texts too)."""


@dataclass(frozen=True)
class Lines:
    """What a model is asked, for some texts."""

    texts: list[str]
    """one line each, without the line end; several of a long text"""
    owner: Ints64
    """(lines,) the text that each line is of, ascending"""
    counts: Ints64
    """(texts, 4): see `WORDS`"""
    letters: Ints64
    """(texts, scripts) letters of each of `SCRIPTS`, and in the last column those of no script of them"""

    @property
    def windowed(self) -> Bools:
        """(texts,) whether a text is read in windows."""
        return np.asarray(np.bincount(self.owner, minlength=len(self.counts)) > 1)

    @property
    def no_language(self) -> Bools:
        """(texts,) whether a text has characters and is in no language: digits, hashes, addresses, symbols."""
        words, every = self.counts[:, WORDS], self.counts[:, : DIGITS + 1].sum(axis=1)
        return np.asarray((self.counts[:, LENGTH] > 0) & (words <= MIN_WORD_SHARE * every))


def lines(texts: pl.Series, langs: pl.Series) -> Lines:
    """Prepare texts for an identifier.

    Args:
        texts: (n,) String; a null is an empty text.
        langs: (n,) String, the tags they carry: I is the capital of ı in Turkish. A text with ı or İ in it is read
            so whatever its tag.
    """
    pieces, owner = _windows(texts.fill_null(""))
    bare = _composed(_without_addresses(pieces))
    points = CodePoints.of(bare)
    dotless = pl.select(is_dotless(pl.lit(langs))).to_series().fill_null(False).to_numpy()[owner]
    codes = np.empty(len(points.codes), dtype=np.uint32)
    bounds, counts, letters = _prepare(
        points.codes, points.bounds, dotless, *tables(), codes, len(SCRIPTS)
    )  # fmt: skip
    line = codes[: bounds[-1]].tobytes().decode("utf-32-le")
    # The model takes Python strings one by one anyway.
    cut = [line[a:b] for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)]
    # An address alone has characters.
    counts[:, LENGTH] = np.maximum(counts[:, LENGTH], pieces.str.contains(r"\S").to_numpy())
    if len(pieces) > len(texts):
        first = np.searchsorted(owner, np.arange(len(texts)))
        counts, letters = np.add.reduceat(counts, first), np.add.reduceat(letters, first)
    return Lines(cut, owner, counts, letters)


def _windows(texts: pl.Series) -> tuple[pl.Series, Ints64]:
    """(pieces,) what is read of the texts, and the text that each piece is of."""
    lengths = texts.str.len_chars().cast(pl.Int64)
    long = lengths > MAX_CHARACTERS
    if not long.any():
        return texts, np.arange(len(texts), dtype=np.int64)
    frame = pl.DataFrame({"text": texts, "length": lengths, "long": long}).with_row_index("row")
    step = (pl.col("length") - WINDOW_CHARACTERS) / (WINDOWS - 1)
    windows = [
        frame.filter("long").select(
            "row", text=pl.col("text").str.slice((i * step).cast(pl.Int64), WINDOW_CHARACTERS), window=i
        )
        for i in range(WINDOWS)
    ]
    pieces = pl.concat([frame.filter(~pl.col("long")).select("row", "text", window=0), *windows]).sort("row", "window")
    return pieces["text"], pieces["row"].cast(pl.Int64).to_numpy()


def _without_addresses(texts: pl.Series) -> pl.Series:
    """The texts with a space for every address; only those are searched that may have one."""
    places = texts.str.contains_any(["/", "www.", "@"]).arg_true()
    return texts.clone().scatter(places, texts.gather(places).str.replace_all(_ADDRESS, " ")) if len(places) else texts


def _composed(texts: pl.Series) -> pl.Series:
    """The texts in NFC; those that surely are so already are not touched, which is six times as fast."""
    places = texts.str.contains(_COMPOSABLE).arg_true()
    return texts.clone().scatter(places, texts.gather(places).str.normalize("NFC")) if len(places) else texts


@compiled
def _prepare(
    codes: Codes,
    bounds: Ints64,
    dotless: Bools,
    classes: npt.NDArray[np.uint16],
    small: Codes,
    capital: Codes,
    scripts: npt.NDArray[np.uint8],
    out: Codes,
    n_scripts: int,
) -> tuple[Ints64, Ints64, Ints64]:
    texts = len(bounds) - 1
    ends = np.zeros(texts + 1, dtype=np.int64)
    counts = np.zeros((texts, 4), dtype=np.int64)
    letters = np.zeros((texts, n_scripts + 1), dtype=np.int64)
    written = 0
    for text in range(texts):
        first, last = bounds[text], bounds[text + 1]
        turkic = dotless[text]
        for i in range(first, last):
            if codes[i] == 0x130 or codes[i] == 0x131:
                turkic = True
                break
        begins, ended, spaced = True, False, True
        i = first
        while i < last:
            code = codes[i]
            kind = classes[code]
            if kind & IS_RULE and i + 2 < last and codes[i + 1] == code and codes[i + 2] == code:
                while i < last and codes[i] == code:
                    i += 1
                continue
            if kind & IS_SPACE:
                breaks = code == 10 or code == 13
                while i + 1 < last and classes[codes[i + 1]] & IS_SPACE:
                    i += 1
                    breaks = breaks or codes[i] == 10 or codes[i] == 13
                begins = begins or ended
                # A line break inside text without spaces is none of its words.
                inside = (
                    breaks
                    and i + 1 < last
                    and written > ends[text]
                    and classes[codes[i + 1]] & IS_UNSPACED
                    and classes[out[written - 1]] & IS_UNSPACED
                )
                if not spaced and not inside:
                    out[written] = 32
                    written += 1
                    counts[text, LENGTH] += 1
                    spaced = True
                i += 1
                continue
            spaced = False
            counts[text, LENGTH] += 1
            if kind & IS_DENSE:
                counts[text, LENGTH] += 2
            elif kind & IS_HALF_DENSE:
                counts[text, LENGTH] += 1
            if kind & IS_LETTER:
                letters[text, scripts[code]] += 1
                if code == 0x130:
                    code = np.uint32(0x69)
                elif code == 0x49 and turkic:
                    code = np.uint32(0x131)
                elif (
                    code == 0x3A3
                    and written > ends[text]
                    and out[written - 1] != 32
                    and (i + 1 == last or not classes[codes[i + 1]] & IS_LETTER)
                ):
                    code = np.uint32(0x3C2)  # a sigma at the end of a word
                else:
                    code = small[code]
                if begins:
                    if turkic and code == 0x69:
                        code = np.uint32(0x130)
                    elif turkic and code == 0x131:
                        code = np.uint32(0x49)
                    else:
                        code = capital[code]
                begins = ended = False
            elif kind & IS_DIGIT:
                begins = ended = False
            elif kind & IS_END:
                ended = True
            out[written] = code
            written += 1
            i += 1
        ends[text + 1] = written
        count_words(codes, first, last, classes, counts[text])
    return ends, counts, letters
