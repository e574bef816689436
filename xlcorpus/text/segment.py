"""Splitting text into sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version
from itertools import pairwise

import sentencex
from icu4py.breakers import WordBreaker

from xlcorpus import languages
from xlcorpus.text.spaces import single_spaced
from xlcorpus.text.thai import EXTRA, thai_model, thai_parts, without_cut_abbreviations

_KNOWN_END = "\u104b"
"""Section mark of Burmese: `sentencex` ends a sentence there in every language, with a space after it or without."""

_ENDS = (
    "\u17d4\u17d5\u17da"  # Khmer
    "\u0f0d-\u0f11\u0f14"  # Tibetan
    "\u1b4e\u1b4f\u1b7f"  # Balinese
    "\u2cf9-\u2cfb"  # Coptic
    "\u037e"  # Greek question mark, where it is not written as a semicolon
    "\ufe12\ufe15\ufe16"  # vertical forms of 。！？
)
"""Ends of sentences that `sentencex` does not know."""
_END = re.compile(
    rf"(?P<etc>\u17d4(?=\u179b\u17d4))"  # Khmer "and so on": the first of its two marks ends nothing
    r"|(?<=\u1361)\u1361"  # the full stop of Ethiopic typed as two word separators
    rf"|[{_ENDS}]"
)

_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_CLOSING = re.compile(r"[」』）】〉》〕〗〙｣]+")
"""Closing marks of East Asia, which open nothing in any language (” and » do)."""
_MARKS_ALONE = re.compile(r"[^\w\s]+(?:\s+[^\w\s]+)*\s*")

_END_OF_QUOTATION = frozenset('」』）】〉》〕〗〙｣”"’»›')
_CASED = re.compile(r"\s*(?:[-–—]\s*)?([^\W\d_])")
_KOREAN = re.compile(r"[가-힣]|\s+(?:라고|하고|라며|라는)")
_JAPANESE = re.compile("と|って|という|といった|など|なんて|の|に|は|が|を|も|で|だ|です|へ|から|まで|や|か|[、，]")
"""Words (of ICU) that carry on a sentence behind a quotation."""
_WORD = 20
"""Characters that hold a first word."""
_WINDOW = 10_000
"""Characters that `sentencex` sees at once."""


def sentence_splitter() -> str:
    """What the ends of sentences depend on, for fingerprints: "sentencex 1.0.32, crfcut@pythainlp-5.4.0"."""
    return ", ".join(filter(None, (f"sentencex {version('sentencex')}", thai_model())))


def why_unsplit(lang: str) -> str | None:
    """Why texts of a language (tag) are cut at line ends and marks of other scripts only; None where they are split."""
    script = languages.script(lang)
    if script == "Thai" and languages.iso639_3(lang) == "tha":
        return None if thai_model() else f"pip install 'xlcorpus[{EXTRA}]' brings a model that splits them"
    return "a mere space stands between their sentences" if script in ("Thai", "Laoo") else None


def sentences(text: str, lang: str, lines: bool = True) -> list[str]:
    """The sentences of a text, in order, without surrounding white space and without empty ones.

    Rules and abbreviations by language from `sentencex` (Wikimedia Language team); languages it has none for
    get the rules of a related one. Ends of sentences of all scripts; a quotation inside a sentence does not end it.
    Thai and Lao put a mere space between sentences: Thai is cut by the model of `xlcorpus.text.thai` where it is
    installed; Lao, and Thai without it, come out unsplit but for marks of other scripts (? ! and, in Lao, the full
    stop). A full stop behind a Thai letter is that of an abbreviation.

    Args:
        lang: language tag.
        lines: a line end ends a sentence; otherwise only an empty line does (text wrapped at a fixed width).
    """
    # `sentencex` loses line ends of long texts with empty lines.
    blocks = text.split("\n") if lines else _EMPTY_LINE.split(text)
    code, iso = languages.hub_tag(lang), languages.iso639_3(lang)
    thai = languages.script(lang) == "Thai"
    parts = (part for block in blocks if block.strip() for part in _parts(block, code, iso, thai))
    if thai and iso == "tha":
        parts = (cut for part in parts for cut in thai_parts(part))
    return [sentence for part in parts if (sentence := single_spaced(part))]


def _parts(text: str, code: str, iso: str, thai: bool) -> list[str]:
    """A text cut into sentences, with the white space around them; their join is the text."""
    shown = _END.sub(lambda end: end["etc"] or _KNOWN_END, text)
    cuts: list[int] = []
    at, before, marks = 0, "", False
    for found in _segments(code, shown):
        part = text[at : at + len(found)]
        at += len(part)
        if cuts and (closing := _CLOSING.match(part)):
            cuts[-1] += closing.end()
            before, part = closing.group(), part[closing.end() :]
        alone = _MARKS_ALONE.fullmatch(part) is not None
        if cuts and before.strip() and (not part or alone or marks or _carries_on(before, part, iso)):
            cuts[-1] = at
            marks = marks and alone
        else:
            cuts.append(at)
            marks = alone
        before = part or before
    parts = [text[start:end] for start, end in pairwise([0, *cuts])]
    return without_cut_abbreviations(parts) if thai else parts


def _segments(code: str, text: str) -> Iterator[str]:
    """The segments of `sentencex`; their join is the text.

    Its time grows with the square of a text that has marks and no spaces (minified code, rows of marks), so a long text
    passes it in windows, each from the start of the last but one segment of the window before.
    """
    if len(text) <= _WINDOW:
        yield from sentencex.segment(code, text)
        return
    at, carried = 0, ""
    while at < len(text):
        found = sentencex.segment(code, text[at : at + _WINDOW])
        if at + _WINDOW < len(text):
            # How the last ones end depends on what stands behind the window.
            found = found[: max(1, len(found) - 2)]
            if len(found[0]) == _WINDOW:
                carried += found[0]
                at += _WINDOW
                continue
        at += sum(map(len, found))
        yield carried + found[0]
        yield from found[1:]
        carried = ""
    if carried:
        yield carried


def _carries_on(before: str, part: str, iso: str) -> bool:
    """Whether a part belongs to the sentence of the one before, which a quotation ends."""
    if before.rstrip()[-1:] not in _END_OF_QUOTATION:
        return False
    if iso == "jpn":
        start, end = next(WordBreaker(part[:_WORD], "ja").segments())
        return _JAPANESE.fullmatch(part, start, end) is not None
    if iso == "kor":
        return _KOREAN.match(part) is not None
    cased = _CASED.match(part)
    return cased is not None and cased.group(1).islower()
