"""Characters of documents: letters and digits, symbols for each word (Gopher: Rae et al. 2021, arXiv:2112.11446, A1.1),
line breaks (FineWeb: Penedo et al. 2024, arXiv:2406.17557, 3.6), and menus and lists of links."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.compiled import compiled
from xlcorpus.text.code_points import CodePoints, Codes
from xlcorpus.text.measures.classes import (
    DIGIT,
    HAN,
    KANA_HANGUL,
    SEPARATOR,
    SPACE,
    TERMINAL,
    WORD_CHARACTER,
    Flags,
)

NAMES = ("letters", "digits", "menus", "hashes", "ellipses", "line_breaks")
"""Columns of `character_measures`."""

MAX_ENTRY = 25
"""Characters of a menu entry, at most; Han counts 3, Kana and Hangul 2."""
MIN_ENTRIES = 4
"""Entries of a menu, at least."""

_NEWLINE, _DOT, _ELLIPSIS, _HASH = (np.uint32(ord(c)) for c in "\n.…#")
_COLON, _SLASH, _BRACKET, _PARENTHESIS = (np.uint32(ord(c)) for c in ":/](")


def character_measures(texts: CodePoints, n_words: Ints64, classes: Flags) -> Floats64:
    """(texts, 6) float64:

    - `letters`: share of letters, marks and digits among the characters other than white space, NaN without any,
    - `digits`: share of digits among letters, marks and digits, NaN without any,
    - `menus`: share of letters, marks and digits that are in entries of menus, NaN without any. An entry stands between
      line ends, tabs, bars, dots and arrows; it is short and ends without punctuation, or holds a link. 0 for a text
      with fewer than four entries,
    - `hashes`, `ellipses`, `line_breaks`: number for each word, NaN without words.

    Args:
        texts: the texts.
        n_words: (texts,) words of each, those that are symbols alone among them.
        classes: (0x110000,) `character_classes()`.
    """
    return _character_measures(texts.codes, texts.bounds, n_words, classes)


@compiled
def _character_measures(codes: Codes, bounds: Ints64, n_words: Ints64, classes: Flags) -> Floats64:
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
                    if link or (weight <= MAX_ENTRY and not stopped):
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
            if kind & WORD_CHARACTER:
                entry += 1
                weight += 3 if kind & HAN else 2 if kind & KANA_HANGUL else 1
                stopped = False
                digits += (kind & DIGIT) > 0
            elif kind & TERMINAL:
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
            out[t, 1], out[t, 2] = digits / worded, in_menu / worded if entries >= MIN_ENTRIES else 0.0
        if n_words[t]:
            out[t, 3], out[t, 4], out[t, 5] = hashes / n_words[t], ellipses / n_words[t], newlines / n_words[t]
    return out
