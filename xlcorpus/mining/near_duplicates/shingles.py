"""Shingles: the hashed n-grams of texts (Broder 1997), of words or of characters.

A text is folded as its bytes are read: case, punctuation and spaces do not count, marks and digits of every script do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from xlcorpus.arrays import Bools, Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.text.casing import is_dotless
from xlcorpus.text.folding_table import APOSTROPHE, BITS, BORDER, NO_DIGIT, NOTHING, SIZE, folding_table

Unit = Literal["auto", "words", "characters"]

GRAM = 5
"""Words or characters of a shingle; as FineWeb (Penedo et al. 2024, arXiv 2406.17557) for words."""
FEW_WORDS = 20
"""A text of fewer words has shingles of characters: one other word among so few changes most shingles of words."""
UNSPACED_SHARE = 0.25
"""A text of which more letters belong to scripts without spaces has shingles of characters."""

_MODES = {"auto": 0, "words": 1, "characters": 2}


@dataclass(frozen=True)
class Shingles:
    """Shingles of n texts, text after text."""

    hashes: UInts64
    """(m,) hashes in the order of the text, equal ones as often as they occur"""
    offsets: Ints64
    """(n + 1,) where the shingles of each text begin; every text has one at least"""
    numbers: UInts64
    """(n,) hash of the multiset of a text's numbers (runs of digits of any script), 0 without numbers"""


def shingles(texts: pl.Series, langs: pl.Series, unit: Unit = "auto", ignore_numbers: bool = False) -> Shingles:
    """Shingles of some texts. A text shorter than a shingle is a shingle as a whole; so is a text of symbols, unfolded.

    Args:
        texts: (n,) String; null is empty.
        langs: (n,) String, their tags: capitals of Turkic languages have small letters of their own.
        unit: words; characters; auto: characters for texts under `FEW_WORDS` and for scripts without spaces.
        ignore_numbers: every number is the same number.
    """
    composed = texts.fill_null("").str.normalize("NFC")
    array = composed.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.large_string())
    _, ends, data = array.buffers()
    starts = np.frombuffer(ends, np.int64)[array.offset : array.offset + len(array) + 1]
    octets = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    dotless = pl.select(is_dotless(pl.lit(langs))).to_series().fill_null(False).to_numpy()
    table = folding_table()
    found = _shingles(
        octets,
        starts,
        dotless,
        table.folded,
        table.role,
        table.digit,
        table.unspaced,
        _MODES[unit],
        ignore_numbers,
    )
    return Shingles(*found)


@compiled
def mixed(x: np.uint64) -> np.uint64:
    """A 64-bit value with its bits mixed (the end of MurmurHash3, Appleby 2011); 0 stays 0."""
    x ^= x >> np.uint64(33)
    x *= np.uint64(0xFF51AFD7ED558CCD)
    x ^= x >> np.uint64(33)
    x *= np.uint64(0xC4CEB9FE1A85EC53)
    return x ^ (x >> np.uint64(33))


_BASE = np.uint64(0x9E3779B97F4A7C15)
_SMALL_I, _DOTLESS_I, _CAPITAL_I, _DOTTED_I = 0x69, 0x131, 0x49, 0x130


@compiled
def _shingles(
    octets: npt.NDArray[np.uint8],
    starts: Ints64,
    dotless: Bools,
    folded: UInts64,
    role: npt.NDArray[np.uint8],
    digit: npt.NDArray[np.uint8],
    unspaced: Bools,
    mode: int,
    ignore_numbers: bool,
) -> Any:
    n = len(starts) - 1
    longest = 0
    for t in range(n):
        longest = max(longest, starts[t + 1] - starts[t])
    points = np.empty(2 * longest + 2, np.uint32)
    words = np.empty(longest + 2, np.uint64)
    hashes = np.empty(2 * (starts[n] - starts[0]) + n, np.uint64)
    offsets = np.zeros(n + 1, np.int64)
    numbers = np.zeros(n, np.uint64)
    full = 0
    for t in range(n):
        length, count, letters, spaceless, found = _fold(
            octets, starts[t], starts[t + 1], dotless[t], folded, role, digit, unspaced, ignore_numbers, points, words
        )
        numbers[t] = found
        of_characters = mode == 2 or (mode == 0 and (count < FEW_WORDS or spaceless > UNSPACED_SHARE * letters))
        if count == 0:
            whole = _BASE
            for i in range(starts[t], starts[t + 1]):
                whole = (whole ^ octets[i]) * _BASE
            hashes[full] = mixed(whole)
            full += 1
        elif of_characters:
            full = _of_characters(points, length, hashes, full)
        else:
            full = _of_words(words, count, hashes, full)
        offsets[t + 1] = full
    return hashes[:full], offsets, numbers


@compiled
def _fold(
    octets: npt.NDArray[np.uint8],
    start: int,
    end: int,
    dotless: bool,
    folded: UInts64,
    role: npt.NDArray[np.uint8],
    digit: npt.NDArray[np.uint8],
    unspaced: Bools,
    ignore_numbers: bool,
    points: npt.NDArray[np.uint32],
    words: UInts64,
) -> Any:
    """Fill `points` with the folded code points, one space between words, and `words` with the words' hashes.

    Returns the number of points, of words, of letters, of letters of scripts without spaces, and the hash of the
    numbers.
    """
    length, count, letters, spaceless = 0, 0, 0, 0
    word, number, numbers = np.uint64(0), np.uint64(0), np.uint64(0)
    in_word, in_number, apostrophe = False, False, False
    i = start
    while i < end:
        c = np.int64(octets[i])
        if c < 0x80:
            i += 1
        elif c < 0xE0:
            c = (c & 0x1F) << 6 | np.int64(octets[i + 1]) & 0x3F
            i += 2
        elif c < 0xF0:
            c = (c & 0x0F) << 12 | (np.int64(octets[i + 1]) & 0x3F) << 6 | np.int64(octets[i + 2]) & 0x3F
            i += 3
        else:
            c = (c & 0x07) << 18 | (np.int64(octets[i + 1]) & 0x3F) << 12
            c |= (np.int64(octets[i + 2]) & 0x3F) << 6 | np.int64(octets[i + 3]) & 0x3F
            i += 4
        beyond = NOTHING if c >> 12 == 0xE0 else BORDER
        what = role[c] if c < SIZE else beyond
        if what == NOTHING:
            continue
        if what == APOSTROPHE:
            if in_word and not apostrophe:
                apostrophe = True
                continue
            what = BORDER
        if what == BORDER:
            if in_word:
                words[count] = mixed(word)
                count += 1
                if in_number:
                    numbers += mixed(number)
                in_word, in_number, apostrophe = False, False, False
            continue
        if not in_word:
            if count:
                points[length] = 32
                length += 1
            in_word = True
            word = _BASE
        apostrophe = False
        letters += 1
        spaceless += unspaced[c]
        if digit[c] != NO_DIGIT:
            if not in_number:
                number = _BASE
                in_number = True
            elif ignore_numbers:
                continue
            value = np.uint64(digit[c] + 48)
            if ignore_numbers:
                value = np.uint64(48)
            number = (number ^ value) * _BASE
            points[length] = value
            length += 1
            word = (word ^ value) * _BASE
            continue
        if in_number:
            numbers += mixed(number)
            in_number = False
        letter = folded[c]
        if dotless and c == _CAPITAL_I:
            letter = np.uint64(_DOTLESS_I)
        elif dotless and c == _DOTTED_I:
            letter = np.uint64(_SMALL_I)
        while letter:
            value = letter & np.uint64((1 << BITS) - 1)
            letter >>= np.uint64(BITS)
            points[length] = value
            length += 1
            word = (word ^ value) * _BASE
    if in_word:
        words[count] = mixed(word)
        count += 1
        if in_number:
            numbers += mixed(number)
    return length, count, letters, spaceless, np.uint64(0) if ignore_numbers else numbers


@compiled
def _of_words(words: UInts64, count: int, hashes: UInts64, full: int) -> int:
    """Append the hashes of the n-grams of words, or that of all words if they are fewer; returns the new length."""
    size = min(GRAM, count)
    for i in range(count - size + 1):
        gram = np.uint64(0)
        for j in range(i, i + size):
            gram = (gram + words[j]) * _BASE
            gram ^= gram >> np.uint64(32)
        hashes[full] = mixed(gram)
        full += 1
    return full


@compiled
def _of_characters(points: npt.NDArray[np.uint32], length: int, hashes: UInts64, full: int) -> int:
    """Append the hashes of the n-grams of code points, or that of all if they are fewer; returns the new length.

    A polynomial over the code points modulo 2^64, whose oldest term falls out as the next one comes.
    """
    size = min(GRAM, length)
    oldest = np.uint64(1)
    for _ in range(size):
        oldest *= _BASE
    gram = np.uint64(0)
    for i in range(length):
        gram = gram * _BASE + np.uint64(points[i] + 1)
        if i >= size:
            gram -= oldest * np.uint64(points[i - size] + 1)
        if i >= size - 1:
            hashes[full] = mixed(gram)
            full += 1
    return full
