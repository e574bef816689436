"""Replacing words of a text, with the exact places."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

import polars as pl

from xlcorpus.text.casing import capital, case_of, small, title
from xlcorpus.text.protect import protect
from xlcorpus.text.word_units import word_units_expr

_OPENING = " \t\"'„“”«»‹›([{¿¡*_–—-"
_STOPS = frozenset(".!?…:\n。！？।؟")
_JOINT = re.compile(r"[ \t\u00a0]?|[-‐‑'’]")
_NOUNS_IN_CAPITALS = frozenset({"deu", "ltz"})


class Word(NamedTuple):
    """A word and where it starts in its text, in characters."""

    start: int
    text: str
    initial: bool
    """whether it begins a text, a line or a sentence"""


class Replacement(NamedTuple):
    """`new_text[start:end] == replacement`; `original` stood there before."""

    start: int
    end: int
    original: str
    replacement: str


def free_words(texts: Sequence[str]) -> list[list[Word]]:
    """The words of each text that stand outside protected spans (code, addresses, ...), in order."""
    column = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    found = column.select(word_units_expr(pl.col("text"))).to_series().to_list()
    return [_outside(text, _placed(text, words)) for text, words in zip(texts, found, strict=True)]


class Known(NamedTuple):
    """One or several words of a text that a word list knows as one entry."""

    first: int
    """place of its first among the words"""
    size: int
    """how many words"""
    word: Word
    """from the first to the last"""
    key: str
    """how the list has it"""


def known_words(text: str, words: Sequence[Word], lang: str, entries: Collection[str], longest: int) -> list[Known]:
    """The entries that a text has, in order and disjoint; where several begin at a word, the longest.

    Args:
        text, words: a text and words of it (`free_words`).
        lang: its tag; words are looked up in its small letters.
        entries: words in small letters; those of several, as `xlcorpus.text.word_units` cuts them, joined by spaces.
        longest: words of the longest entry.
    """
    keys = [small(word.text, lang) for word in words]
    found: list[Known] = []
    at = 0
    while at < len(words):
        for size in range(min(longest, len(words) - at), 0, -1):
            key = " ".join(keys[at : at + size])
            run = words[at : at + size]
            if key in entries and all(_joined(text, a, b) for a, b in pairwise(run)):
                end = run[-1].start + len(run[-1].text)
                found.append(Known(at, size, Word(run[0].start, text[run[0].start : end], run[0].initial), key))
                at += size
                break
        else:
            at += 1
    return found


def _joined(text: str, one: Word, two: Word) -> bool:
    """Whether nothing but a space, a hyphen or an apostrophe stands between two words."""
    return _JOINT.fullmatch(text, one.start + len(one.text), two.start) is not None


def replace(text: str, words: Sequence[tuple[Word, str]]) -> tuple[str, list[Replacement]]:
    """Put each word's replacement in its place. `words`: ascending and disjoint.

    Returns:
        the new text and the places that changed, in order; undoing them gives the text again.
    """
    pieces: list[str] = []
    places: list[Replacement] = []
    last, length = 0, 0
    for word, new in words:
        pieces += [text[last : word.start], new]
        start = length + word.start - last
        last, length = word.start + len(word.text), start + len(new)
        if new != word.text:
            places.append(Replacement(start, length, word.text, new))
    return "".join([*pieces, text[last:]]), places


def carry_case(word: Word, replacement: str, lang: str, into: str) -> str:
    """The replacement with the first letter's case of the word, or in capitals where the word is.

    Where the language of the word writes nouns with a capital, a capital inside a sentence says nothing about the
    replacement and is not carried over. A language whose script has no case, or no capitals at the beginning
    (Georgian), keeps the replacement as it is.

    Args:
        word: what is replaced.
        replacement: a word or some.
        lang, into: tags of the word's language and of the replacement's, whose capitals are written.
    """
    case = case_of(word.text)
    if case == "capitals":
        return capital(replacement, into)
    tells = word.initial or lang.split("_")[0] not in _NOUNS_IN_CAPITALS
    return title(replacement, into) if case == "title" and tells else replacement


def _placed(text: str, words: Sequence[str]) -> list[Word]:
    placed: list[Word] = []
    end = 0
    for word in words:
        start = text.index(word, end)
        before = text[max(0, start - 8) : start].rstrip(_OPENING)
        placed.append(Word(start, word, not before or before[-1] in _STOPS))
        end = start + len(word)
    return placed


def _outside(text: str, words: list[Word]) -> list[Word]:
    segments = protect(text)
    if all(s.translatable for s in segments):
        return words
    free: list[Word] = []
    at, end = 0, 0
    remaining = iter(segments)
    for word in words:
        while end <= word.start:
            segment = next(remaining)
            at, end = end, end + len(segment.text)
            open_here = segment.translatable
        if open_here and at <= word.start and word.start + len(word.text) <= end:
            free.append(word)
    return free
