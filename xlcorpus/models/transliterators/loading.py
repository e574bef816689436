"""Transliteration into Latin script: `load_transliterator` gives a `Transliterator` by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any, Protocol

import langcodes

from xlcorpus import languages
from xlcorpus.errors import UserError, nearest
from xlcorpus.models.stand_ins.latin import AnyLatin
from xlcorpus.rehearsing import rehearsing

METHODS = ("uroman",)

_TOKEN = re.compile(r"\S+")
_CACHE_WORDS = 200_000
"""Words kept by a transliterator: with their romanisations some 40 MB."""


@dataclass(frozen=True)
class Span:
    """A place that changed: `text[start:end]` of the new text is `replacement` and was `original`."""

    start: int
    end: int
    original: str
    replacement: str


class Transliterator(Protocol):
    """Writes texts in Latin script."""

    def transliterate(self, texts: Sequence[str], tag: str) -> list[tuple[str, list[Span]]]:
        """New text and its changed places, for each text in the language of `tag`."""


class Uroman:
    """Universal romanisation (Hermjakob et al. 2018, ACL P18-4003), by rules for every script of Unicode.

    Works on what stands between spaces, and remembers it: real text repeats its words. Kanji are read as
    Chinese; Arabic, Hebrew and other unvowelled scripts come out without the vowels they do not write.
    """

    def __init__(self, tables: Any) -> None:
        """`tables`: a `uroman.Uroman`."""
        self._uroman = tables
        self._known: dict[tuple[str, str], str] = {}

    def transliterate(self, texts: Sequence[str], tag: str) -> list[tuple[str, list[Span]]]:
        """See `Transliterator.transliterate`. Spans are whole runs between spaces (a clause of Thai)."""
        code = _language_code(tag)
        return [self._one(text, code) for text in texts]  # uroman takes one string at a time

    def _one(self, text: str, code: str) -> tuple[str, list[Span]]:
        pieces: list[str] = []
        spans: list[Span] = []
        length, last = 0, 0
        for match in _TOKEN.finditer(text):
            original, replacement = match[0], self._word(match[0], code)
            pieces += [text[last : match.start()], replacement]
            start = length + match.start() - last
            last, length = match.end(), start + len(replacement)
            if replacement != original:
                spans.append(Span(start, length, original, replacement))
        return "".join([*pieces, text[last:]]), spans

    def _word(self, word: str, code: str) -> str:
        if word.isascii():
            return word
        key = (word, code)
        if key not in self._known:
            if len(self._known) >= _CACHE_WORDS:
                self._known.clear()
            self._known[key] = self._uroman.romanize_string(word, lcode=code).strip()
        return self._known[key]


def load_transliterator(method: str = "uroman") -> Uroman:
    """The transliterator of that name.

    Raises:
        UserError: no such method; names the nearest.
    """
    if method not in METHODS:
        raise UserError(f"no transliterator {method!r}; {nearest(method, METHODS)}")
    return Uroman(AnyLatin()) if rehearsing() else _uroman()


def identity(method: str = "uroman") -> str:
    """Name and version: what decides whether a result must be computed anew."""
    return f"{method}@{version(method)}"


@cache
def _uroman() -> Uroman:
    import uroman

    # Its tables take 2 s to read; one for each process is enough.
    return Uroman(uroman.Uroman())


@cache
def _language_code(tag: str) -> str:
    """ISO 639-3 as uroman has it: the macrolanguage (`fas`, not `pes`)."""
    return str(langcodes.Language.get(languages.hub_tag(tag)).to_alpha3())
