"""Words, lines and characters of documents: the measures of Gopher's quality rules (Rae et al. 2021, arXiv:2112.11446,
A1.1), of FineWeb (Penedo et al. 2024, arXiv:2406.17557, 3.6), and some that see lists of links and dumps of data.

Words that are symbols alone (other tokenizers have them) count as words only where a share of all words is measured.
"""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Bools, Floats64, Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.text.code_points import CodePoints, Codes
from xlcorpus.text.measures.classes import (
    BULLET,
    DIGIT,
    HAN,
    KANA,
    LETTER,
    MARK,
    SENTENCE_END,
    SEPARATOR,
    SPACE,
    STOP,
    SYMBOL,
    Flags,
)
from xlcorpus.text.measures.rolling_hash import BASE, mixed

LINE_MEASURES = ("bullets", "ellipsis_lines", "line_ends", "short_lines")
WORD_MEASURES = ("words", "word_length", "letter_words", "mixed_words", "stop_words", "stop_word_share")
CHARACTER_MEASURES = ("letters", "digits", "menus", "hashes", "ellipses", "line_breaks")

SHORT_LINE = 30
"""Characters of a short line, at most (FineWeb)."""
MENU_ENTRY, MENU_ENTRIES = 25, 4
"""Characters of a menu entry, at most (Han counts 3, Kana and Hangul 2), and entries that make a menu, at least."""

STOP_WORDS_FROM = 15
"""Words of a text in which stop words are to be expected."""

_WORD = LETTER | MARK | DIGIT
_NEWLINE, _RETURN, _DOT, _ELLIPSIS, _HASH = (np.uint32(ord(c)) for c in "\n\r.…#")
_COLON, _SLASH, _BRACKET, _PARENTHESIS = (np.uint32(ord(c)) for c in ":/](")


@compiled
def _ends_line(code: np.uint32) -> bool | np.bool_:
    return 10 <= code <= 13 or 28 <= code <= 30 or code in (0x85, 0x2028, 0x2029)


@compiled
def line_measures(codes: Codes, bounds: Ints64, classes: Flags) -> Floats64:
    """(texts, 4) float64, NaN for a text without lines:

    - `bullets`: lines that begin with a bullet; `ellipsis_lines`: that end with an ellipsis,
    - `line_ends`: lines, of those that are not blank, whose last character ends a sentence in some script,
    - `short_lines`: that have at most 30 characters.

    Args:
        codes, bounds: the texts (`CodePoints`).
        classes: (0x110000,) `character_classes()`.
    """
    texts = len(bounds) - 1
    out = np.full((texts, 4), np.nan)
    for t in range(texts):
        lines = filled = bullets = ellipses = ends = short = 0
        at, end = bounds[t], bounds[t + 1]
        while at < end:
            first = at
            while at < end and not _ends_line(codes[at]):
                at += 1
            last = at
            at += 1
            if at < end and codes[at - 1] == _RETURN and codes[at] == _NEWLINE:
                at += 1
            lines += 1
            size = last - first
            while first < last and classes[codes[first]] & SPACE:
                first += 1
            closing = last
            while last > first and classes[codes[last - 1]] & SPACE:
                last -= 1
            if first == last:
                continue
            filled += 1
            bullets += (classes[codes[first]] & BULLET) > 0
            ellipses += codes[last - 1] == _ELLIPSIS or (
                last - first > 2 and codes[last - 1] == _DOT and codes[last - 2] == _DOT and codes[last - 3] == _DOT
            )
            ends += (classes[codes[closing - 1]] & SENTENCE_END) > 0
            short += size <= SHORT_LINE
        if lines:
            out[t, 0], out[t, 1] = bullets / lines, ellipses / lines
        if filled:
            out[t, 2], out[t, 3] = ends / filled, short / filled
    return out


@compiled
def word_measures(
    codes: Codes,
    start: Ints64,
    end: Ints64,
    first_word: Ints64,
    classes: Flags,
    small: Codes,
    language: Ints64,
    stop_hashes: UInts64,
    stop_bounds: Ints64,
) -> Floats64:
    """(texts, 6) float64:

    - `words`: words with a letter, mark or digit; `word_length`: their mean length in characters, NaN without any,
    - `letter_words`: words with a letter among all, NaN without any,
    - `mixed_words`: characters in words of letters and digits among those in words, NaN without any,
    - `stop_words`: different stop words of the language, NaN where the language has none,
    - `stop_word_share`: stop words of more than one letter (or one of East Asia) among all words, NaN where the
      language has none, or the text fewer than 15 words.

    Args:
        codes, start, end, first_word: the words (`Words`).
        classes: (0x110000,) `character_classes()`.
        small: (0x110000,) how each code point is compared with stop words (`small_letters()`).
        language: (texts,) place of the language of each text in `stop_bounds`, -1: none.
        stop_hashes, stop_bounds: (stop words,), (languages + 1,) sorted hashes of the stop words of each.
    """
    texts = len(first_word) - 1
    out = np.full((texts, 6), np.nan)
    seen = np.zeros(len(stop_hashes), dtype=np.bool_)
    for t in range(texts):
        lettered = worded = characters = mixed_characters = stopped = 0
        n_words = first_word[t + 1] - first_word[t]
        own = language[t]
        for w in range(first_word[t], first_word[t + 1]):
            kinds, value = np.uint16(0), np.uint64(0)
            for i in range(start[w], end[w]):
                kinds |= classes[codes[i]]
                if own >= 0:
                    value = value * BASE + mixed(np.uint64(small[codes[i]]))
            if kinds & LETTER:
                lettered += 1
            size = end[w] - start[w]
            if kinds & _WORD or not kinds & SYMBOL:
                worded += 1
                characters += size
                if kinds & LETTER and kinds & DIGIT:
                    mixed_characters += size
            if own >= 0:
                stops = stop_hashes[stop_bounds[own] : stop_bounds[own + 1]]
                nearest = np.searchsorted(stops, value)
                if nearest < len(stops) and stops[nearest] == value:
                    seen[stop_bounds[own] + nearest] = True
                    if size > 1 or kinds & (HAN | KANA):
                        stopped += 1
        out[t, 0] = worded
        if worded:
            out[t, 1], out[t, 3] = characters / worded, mixed_characters / characters
        if n_words:
            out[t, 2] = lettered / n_words
        if own >= 0 and stop_bounds[own + 1] > stop_bounds[own]:
            if worded >= STOP_WORDS_FROM:
                out[t, 5] = stopped / worded
            out[t, 4] = _taken(seen, stop_bounds[own], stop_bounds[own + 1])
    return out


@compiled
def _taken(seen: Bools, start: int, end: int) -> int:
    """How many are set, which are no more afterwards."""
    number = 0
    for i in range(start, end):
        number += seen[i]
        seen[i] = False
    return number


@compiled
def character_measures(codes: Codes, bounds: Ints64, n_words: Ints64, classes: Flags) -> Floats64:
    """(texts, 6) float64:

    - `letters`: letters, marks and digits among the characters other than white space, NaN without any,
    - `digits`: digits among letters, marks and digits, NaN without any,
    - `menus`: letters, marks and digits in entries of menus among all; an entry stands between line ends, tabs, bars,
      dots and arrows, is short and ends with no punctuation, or is a link; 0 where there are fewer than four entries,
    - `hashes`, `ellipses`, `line_breaks`: number for each word, NaN without words.

    Args:
        codes, bounds: the texts (`CodePoints`).
        n_words: (texts,) words of each, symbols among them.
        classes: (0x110000,) `character_classes()`.
    """
    texts = len(bounds) - 1
    out = np.full((texts, 6), np.nan)
    for t in range(texts):
        worded = digits = filled = hashes = dots = ellipses = newlines = 0
        entries = in_menu = entry = weight = 0
        stopped = link = False
        for i in range(bounds[t], bounds[t + 1] + 1):
            last = i == bounds[t + 1]
            code = _NEWLINE if last else codes[i]
            kind = classes[code]
            if kind & SEPARATOR:
                if entry:
                    if link or (weight <= MENU_ENTRY and not stopped):
                        entries += 1
                        in_menu += entry
                    worded += entry
                entry = weight = 0
                stopped = link = False
            if last:
                break
            if kind & SPACE:
                newlines += code == _NEWLINE
                dots = 0
                continue
            filled += 1
            if kind & _WORD:
                entry += 1
                weight += 3 if kind & HAN else 2 if kind & KANA else 1
                stopped = False
                digits += (kind & DIGIT) > 0
            elif kind & STOP:
                stopped = True
            hashes += code == _HASH
            ellipses += code == _ELLIPSIS
            dots = dots + 1 if code == _DOT else 0
            if dots == 3:
                ellipses += 1
                dots = 0
            if i > bounds[t] and (
                (code == _SLASH and codes[i - 1] == _SLASH and i - 1 > bounds[t] and codes[i - 2] == _COLON)
                or (code == _PARENTHESIS and codes[i - 1] == _BRACKET)
            ):
                link = True
        if filled:
            out[t, 0] = worded / filled
        if worded:
            out[t, 1], out[t, 2] = digits / worded, in_menu / worded if entries >= MENU_ENTRIES else 0.0
        if n_words[t]:
            out[t, 3], out[t, 4], out[t, 5] = hashes / n_words[t], ellipses / n_words[t], newlines / n_words[t]
    return out


def stop_word_hashes(words: CodePoints, small: Codes) -> UInts64:
    """(words,) the hashes under which `word_measures` looks for stop words."""
    found = np.zeros(len(words.bounds) - 1, dtype=np.uint64)
    _hash_words(words.codes, words.bounds, small, found)
    return found


@compiled
def _hash_words(codes: Codes, bounds: Ints64, small: Codes, out: UInts64) -> None:
    for w in range(len(out)):
        value = np.uint64(0)
        for i in range(bounds[w], bounds[w + 1]):
            value = value * BASE + mixed(np.uint64(small[codes[i]]))
        out[w] = value
