"""Cutting a text into passages: whole paragraphs up to a length, never inside a sentence."""

from __future__ import annotations

import re

from xlcorpus.errors import UserError
from xlcorpus.text.segment import sentences

_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n\s*")


def passages(text: str, lang: str, length: int) -> list[str]:
    """The passages of a text, in order, each a run of its characters without white space at the ends.

    Paragraphs (an empty line ends one) stand together as long as they fit. One that is too long is cut between
    sentences, and a single sentence that is too long is a passage of its own.

    Args:
        lang: language tag, for the ends of sentences.
        length: characters (code points) that a passage holds at most.

    Raises:
        UserError: `length` is below 1.
    """
    if length < 1:
        raise UserError(f"length is {length}: a passage holds at least 1 character")
    found: list[str] = []
    start = end = 0
    for first, last in _paragraphs(text):
        if start < end and last - start <= length:
            end = last
            continue
        if start < end:
            found.append(text[start:end])
        start, end = first, last
        if last - first > length:
            end = first
            for one, other in _sentences(text, first, last, lang):
                if start < end and other - start > length:
                    found.append(text[start:end])
                    start = one
                end = other
    if start < end:
        found.append(text[start:end])
    return found


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Start and end of each paragraph, without the white space around it."""
    ends = [*((end.start(), end.end()) for end in _PARAGRAPH_END.finditer(text)), (len(text), len(text))]
    found, at = [], 0
    for last, following in ends:
        part = text[at:last]
        if part.strip():
            found.append((at + len(part) - len(part.lstrip()), at + len(part.rstrip())))
        at = following
    return found


def _sentences(text: str, first: int, last: int, lang: str) -> list[tuple[int, int]]:
    """Start and end of each sentence of `text[first:last]`; counted in letters, as `sentences` evens out spaces."""
    places = [first + at for at, letter in enumerate(text[first:last]) if not letter.isspace()]
    found, at = [], 0
    for sentence in sentences(text[first:last], lang, lines=False):
        letters = sum(not letter.isspace() for letter in sentence)
        if letters and at + letters <= len(places):
            found.append((places[at], places[at + letters - 1] + 1))
            at += letters
    if at < len(places):
        found.append((places[at], last))
    return found
