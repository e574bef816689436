"""A text written again with tags in it: which of its parts they mark."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TypedDict

from xlcorpus.models.chat.unreadable import UnreadableError


class Span(TypedDict):
    """A part of a text between two tags."""

    tag: str
    start: int
    """code points before it"""
    end: int
    text: str


def tagged_spans(tagged: str, source: str, tags: Sequence[str]) -> list[Span]:
    """The marked parts of a text, in the order of their starts.

    The tagged text may differ from the source in Unicode form and in white space; offsets are those of the source.
    White space at the borders of a mark is not part of it.

    >>> tagged_spans("Die <a>Ostsee</a> ist kalt.", "Die Ostsee ist kalt.", ["a"])
    [{'tag': 'a', 'start': 4, 'end': 10, 'text': 'Ostsee'}]

    Raises:
        UnreadableError: without the tags it is another text, a tag is not closed, or nothing stands in one.
    """
    names = "|".join(map(re.escape, tags))
    plain: list[str] = []
    letters, at = 0, 0
    opened: list[tuple[str, int]] = []
    marks: list[tuple[str, int, int]] = []
    for tag in re.finditer(rf"<(/?)({names})>", tagged):
        plain.append(tagged[at : tag.start()])
        letters, at = letters + len(_letters(plain[-1])), tag.end()
        if not tag[1]:
            opened.append((tag[2], letters))
        elif not opened or opened[-1][0] != tag[2]:
            raise UnreadableError(f"</{tag[2]}> closes no tag")
        else:
            marks.append((*opened.pop(), letters))
    if opened:
        raise UnreadableError(f"<{opened[-1][0]}> is not closed")
    plain.append(tagged[at:])
    places = _places(source)
    if _letters("".join(plain)) != _letters(source):
        raise UnreadableError("without the tags it is not the text that was given")
    found: list[Span] = []
    for name, first, last in sorted(marks, key=lambda mark: (mark[1], -mark[2])):
        if first == last:
            raise UnreadableError(f"nothing stands between <{name}> and </{name}>")
        start, end = places[first], places[last - 1] + 1
        # Marks of a letter belong to it.
        while end < len(source) and unicodedata.combining(source[end]):
            end += 1
        found.append({"tag": name, "start": start, "end": end, "text": source[start:end]})
    return found


def _letters(text: str) -> str:
    """The text decomposed, without white space."""
    return "".join(unicodedata.normalize("NFD", text).split())


def _places(source: str) -> list[int]:
    """Where in the source each character of `_letters` stands."""
    return [place for place, char in enumerate(source) for _ in _letters(char)]
