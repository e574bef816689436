"""The sentences of a document, each with its place, without the marks and labels around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from xlcorpus.text.segment import sentences
from xlcorpus.text.spaces import single_spaced

_LABEL = re.compile(r"[^\W\d_][\w()'’ -]{0,30}?\s?[:：]\s+(?=\S)|[^\W\d_]\w{0,15}[：]")
"""What stands before a colon at the start of a line or sentence: "Deutsch: ", "English translation: "."""
_LABEL_WORDS = 2
_LABEL_ALONE = re.compile(r"[^\W\d_][^\s:：]*(?: [^\s:：]+)?\s?[:：]")
"""A label that the language of what follows has cut off."""

_CELL = re.compile(r"\s*\|\s*|\t+")
"""What separates the cells of a table."""

_OPEN = "\"'“”‘’«»‹›„‚(（[［{「『【<>*_#-–—•·|/=→~`"
_CLOSE = "\"'“”‘’«»‹›„‚)）]］}」』】<>*_#-–—•·|/=→~`"
_LETTER = re.compile(r"[^\W\d_]")


class PlacedSentence(NamedTuple):
    """A sentence, by its characters in the document."""

    start: int
    end: int
    text: str
    """with single spaces"""


def document_sentences(text: str, start: int, end: int, lang: str) -> list[PlacedSentence]:
    """The sentences of the span start:end of a text.

    A label of one or two words before a colon ("Deutsch: ") is no part of a sentence; every cell of a table and every
    line is at least one. Marks around a sentence (bullets, quotation marks, brackets) are left out, and so is what
    holds no letter.
    """
    found: list[PlacedSentence] = []
    for line_start, line_end in _lines(text, start, end):
        for first, last in _places(text, line_start, line_end, lang):
            found += _bare(text, first, last)
    return found


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Lines and cells of the span."""
    at = start
    for cut in re.finditer(rf"\s*\n\s*|{_CELL.pattern}", text[start:end]):
        yield at, start + cut.start()
        at = start + cut.end()
    yield at, end


def _places(text: str, start: int, end: int, lang: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence of a line. The segmenter gives texts: they are counted off by their letters."""
    line = text[start:end]
    solid = np.flatnonzero([not c.isspace() for c in line])
    at = 0
    for sentence in sentences(line, lang) if len(solid) else ():
        length = sum(not c.isspace() for c in sentence)
        yield start + int(solid[at]), start + int(solid[at + length - 1]) + 1
        at += length


def _bare(text: str, start: int, end: int) -> Iterator[PlacedSentence]:
    """The sentence start:end without label and marks, if letters are left."""
    start, end = _stripped(text, start, end)
    label = _LABEL.match(text, start, end)
    if label and len(label.group().split()) <= _LABEL_WORDS:
        start, end = _stripped(text, label.end(), end)
    if _LETTER.search(text, start, end) and not _LABEL_ALONE.fullmatch(text, start, end):
        yield PlacedSentence(start, end, single_spaced(text[start:end]))


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start] in _OPEN or text[start].isspace()):
        start += 1
    while start < end and (text[end - 1] in _CLOSE or text[end - 1].isspace()):
        end -= 1
    return start, end
