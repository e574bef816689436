"""Lines of documents: bullets and ellipses (Gopher: Rae et al. 2021, arXiv:2112.11446, A1.1), ends and length (FineWeb:
Penedo et al. 2024, arXiv:2406.17557, 3.6)."""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.compiled import compiled
from xlcorpus.text.code_points import CodePoints, Codes
from xlcorpus.text.measures.classes import BULLET, SENTENCE_END, SPACE, Flags

NAMES = ("bullets", "ellipsis_lines", "line_ends", "short_lines")
"""Columns of `line_measures`."""

SHORT_LINE = 30
"""Characters of a short line, at most (FineWeb)."""

_NEWLINE, _RETURN, _DOT, _ELLIPSIS = (np.uint32(ord(c)) for c in "\n\r.…")


def line_measures(texts: CodePoints, classes: Flags) -> Floats64:
    """(texts, 4) float64, NaN for a text without lines:

    - `bullets`: share of the lines that begin with a bullet,
    - `ellipsis_lines`: share of the lines that end with an ellipsis,
    - `line_ends`: share of the lines that are not blank whose last character (white space too) ends a sentence in
      some script,
    - `short_lines`: share of the lines that are not blank that have at most 30 characters.

    Args:
        texts: the texts.
        classes: (0x110000,) `character_classes()`.
    """
    return _line_measures(texts.codes, texts.bounds, classes)


@compiled
def _ends_line(code: np.uint32) -> bool | np.bool_:
    """As `str.splitlines` cuts."""
    return 10 <= code <= 13 or 28 <= code <= 30 or code in (0x85, 0x2028, 0x2029)


@compiled
def _line_measures(codes: Codes, bounds: Ints64, classes: Flags) -> Floats64:
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
            # FineWeb does not strip the line: with a space behind it a full stop does not end it.
            ends_sentence = size > 0 and (classes[codes[last - 1]] & SENTENCE_END) > 0
            while first < last and classes[codes[first]] & SPACE:
                first += 1
            while last > first and classes[codes[last - 1]] & SPACE:
                last -= 1
            if first == last:
                continue
            filled += 1
            bullets += (classes[codes[first]] & BULLET) > 0
            ellipses += codes[last - 1] == _ELLIPSIS or (
                last - first > 2 and codes[last - 1] == _DOT and codes[last - 2] == _DOT and codes[last - 3] == _DOT
            )
            ends += ends_sentence
            short += size <= SHORT_LINE
        if lines:
            out[t, 0], out[t, 1] = bullets / lines, ellipses / lines
        if filled:
            out[t, 2], out[t, 3] = ends / filled, short / filled
    return out
