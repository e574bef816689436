"""Texts as a language identifier reads them, and what is counted in them on the way.

What says nothing about the language is left out, so that it does not change the answer: capitals, line breaks,
addresses, rules of Markdown. Capitals are put where a sentence has them, since identifiers are trained on sentences:
on Tatoeba small letters alone cost German 0.7 points of accuracy, capitals at the beginnings of sentences 0.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from xlcorpus.arrays import Bools, Ints64
from xlcorpus.compiled import compiled
from xlcorpus.text.code_points import CodePoints, Codes, flags, members, small_letters
from xlcorpus.text.fold import CASED, is_dotless
from xlcorpus.text.scripts import UNICODE_SCRIPTS
from xlcorpus.text.word_units import UNSPACED

SCRIPTS = tuple(sorted({name for names in UNICODE_SCRIPTS.values() for name in names}))
"""Unicode names of the scripts whose letters are counted."""

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

_LETTER, _MARK, _DIGIT, _SPACE, _CAPITAL, _SMALL, _DENSE, _HALF_DENSE, _UNSPACED, _END, _RULE = (
    np.uint16(1 << bit) for bit in range(11)
)

WORDS, CODES, DIGITS, LENGTH = range(4)
"""Columns of `Lines.counts`: letters in words, a Chinese character as three; letters and digits in codes (hashes, names
of variables, part numbers); other digits; the length in characters as `xlcorpus.text.quality.length` counts them,
without addresses and without spaces that follow spaces."""

MIN_WORD_SHARE = 0.25
"""Share of letters in words among all letters and digits, below which a text is in no language."""

MAX_ASCII_WORD = 45
"""ASCII letters in a row that can be a word; more are a code."""


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
    dotless = pl.select(is_dotless(langs)).to_series().fill_null(False).to_numpy()[owner]
    codes = np.empty(len(points.codes), dtype=np.uint32)
    bounds, counts, letters = _prepare(
        points.codes, points.bounds, dotless, *_tables(), codes, len(SCRIPTS)
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


@cache
def _tables() -> tuple[npt.NDArray[np.uint16], Codes, Codes, npt.NDArray[np.uint8]]:
    """(0x110000,) each: classes, small letters, capitals at the beginning of a sentence, scripts (by place)."""
    classes = flags(
        (
            r"\p{L}",
            r"[\p{M}\x{200C}\x{200D}]",
            r"\p{N}",
            r"[\s\x00-\x1F]",
            r"\p{Lu}",
            r"\p{Ll}",
            r"\p{Han}",
            r"[\p{Hiragana}\p{Katakana}\p{Hangul}]",
            rf"[{UNSPACED}]",
            r"[.!?…]",
            "[-_*=~#]",
        )
    )
    small = small_letters().copy()
    small[~members(CASED)] = np.flatnonzero(~members(CASED))
    capital = np.arange(0x110000, dtype=np.uint32)
    # Georgian has no capitals at the beginnings of sentences.
    of_sentences = members(CASED) & ~members(r"[\x{1C90}-\x{1CBF}]")
    # From the end: of two capitals of one letter (K and the sign of Kelvin) the first is the usual one.
    for code in np.flatnonzero(of_sentences & (small != capital))[::-1].tolist():
        capital[small[code]] = code
    scripts = np.full(0x110000, len(SCRIPTS), dtype=np.uint8)
    for place, name in enumerate(SCRIPTS):
        scripts[members(rf"\p{{{name}}}")] = place
    return classes, small, capital, scripts


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
            if kind & _RULE and i + 2 < last and codes[i + 1] == code and codes[i + 2] == code:
                while i < last and codes[i] == code:
                    i += 1
                continue
            if kind & _SPACE:
                breaks = code == 10 or code == 13
                while i + 1 < last and classes[codes[i + 1]] & _SPACE:
                    i += 1
                    breaks = breaks or codes[i] == 10 or codes[i] == 13
                begins = begins or ended
                # A line break inside text without spaces is none of its words.
                inside = (
                    breaks
                    and i + 1 < last
                    and written > ends[text]
                    and classes[codes[i + 1]] & _UNSPACED
                    and classes[out[written - 1]] & _UNSPACED
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
            if kind & _DENSE:
                counts[text, LENGTH] += 2
            elif kind & _HALF_DENSE:
                counts[text, LENGTH] += 1
            if kind & _LETTER:
                letters[text, scripts[code]] += 1
                if code == 0x130:
                    code = np.uint32(0x69)
                elif code == 0x49 and turkic:
                    code = np.uint32(0x131)
                elif (
                    code == 0x3A3
                    and written > ends[text]
                    and out[written - 1] != 32
                    and (i + 1 == last or not classes[codes[i + 1]] & _LETTER)
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
            elif kind & _DIGIT:
                begins = ended = False
            elif kind & _END:
                ended = True
            out[written] = code
            written += 1
            i += 1
        ends[text + 1] = written
        _count_words(codes, first, last, classes, counts[text])
    return ends, counts, letters


@compiled
def _count_words(codes: Codes, first: int, last: int, classes: npt.NDArray[np.uint16], counts: Ints64) -> None:
    """Add the letters in words, the characters of codes and the digits of one text.

    A code is a run of ASCII letters with digits, underscores or several capitals inside, or capitals and digits that a
    hyphen, point, slash or colon joins. Other scripts have digits inside words (2026年).
    """
    words = codes_in = digits = 0  # of a token: runs that are joined
    joined = small = foreign = False
    run_letters = run_digits = switches = 0
    under = run_foreign = False
    for i in range(first, last + 1):
        kind = classes[codes[i]] if i < last else np.uint16(0)
        if kind & (_LETTER | _DIGIT | _MARK):
            if kind & _DIGIT:
                run_digits += 1
            elif kind & _LETTER:
                run_letters += 3 if kind & _DENSE else 1
                if kind & _CAPITAL and run_letters > 1 and classes[codes[i - 1]] & _SMALL:
                    switches += 1
                small = small or (kind & _SMALL) != 0
                run_foreign = run_foreign or codes[i] > 127
            continue
        inside = (
            i < last
            and i > first
            and i + 1 < last
            and classes[codes[i - 1]] & (_LETTER | _DIGIT)
            and classes[codes[i + 1]] & (_LETTER | _DIGIT)
        )
        if inside and codes[i] == 95:
            under = True
            continue
        if run_letters == 0:
            digits += run_digits
        elif not run_foreign and (run_digits or under or switches > 1 or run_letters > MAX_ASCII_WORD):
            codes_in += run_letters + run_digits
        else:
            words += run_letters
            digits += run_digits
        foreign = foreign or run_foreign
        run_letters = run_digits = switches = 0
        under = run_foreign = False
        if inside and (codes[i] == 45 or codes[i] == 46 or codes[i] == 47 or codes[i] == 58):
            joined = True
            continue
        if joined and digits and not small and not foreign:
            codes_in += words + digits
            words = digits = 0
        counts[WORDS] += words
        counts[CODES] += codes_in
        counts[DIGITS] += digits
        words = codes_in = digits = 0
        joined = small = foreign = False
