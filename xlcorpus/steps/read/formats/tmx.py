"""TMX translation memories: pairs of segments, or the segments of one language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice, product

import polars as pl

from xlcorpus import languages
from xlcorpus.errors import UserError
from xlcorpus.steps.read.formats import moses, xml_stream
from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.reading import FRAME_ROWS, Reading

CODES = frozenset({"bpt", "ept", "it", "ph", "ut", "sub"})
"""Elements inside a segment that hold codes of another format, not text (TMX 1.4b); `hi` holds text."""
BREAKS = frozenset({"lb", "br", "cr", "linebreak", "newline"})
"""Types of `ph` that stand for a line break."""
SINGLE = ("sentence", "document")


@dataclass
class Unit:
    """One translation unit."""

    line: int
    source: str
    """language of its source, as the file writes it"""
    variants: list[tuple[str, str | None]] = field(default_factory=list)
    """(language, text) in the file's order; None: there is no segment"""


@dataclass
class _Memory:
    """Collects the units of a file."""

    done: list[Unit] = field(default_factory=list)
    _unit: Unit | None = None
    _source: str = "*all*"
    _lang: str = ""
    _segment: str | None = None
    _parts: list[str] = field(default_factory=list)
    _in_segment: bool = False
    _codes: int = 0
    root: str = ""

    def start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        """An element begins."""
        self.root = self.root or tag
        if self._in_segment:
            if tag in CODES or self._codes:
                self._codes += 1
            if tag == "ph" and attributes.get("type", "").lower() in BREAKS:
                self._parts.append("\n")
            else:
                self._parts.append("")
        elif tag == "header":
            self._source = attributes.get("srclang", self._source)
        elif tag == "tu":
            self._unit = Unit(line, attributes.get("srclang", self._source))
        elif tag == "tuv":
            self._lang = attributes.get("xml:lang") or attributes.get("lang", "")
            self._segment = None
        elif tag == "seg":
            self._in_segment, self._parts = True, []

    def text(self, text: str) -> None:
        """Characters; those of codes are dropped."""
        if self._in_segment and not self._codes:
            self._parts.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._codes:
            self._codes -= 1
        elif tag == "seg":
            self._in_segment, self._segment = False, _joined(self._parts)
        elif tag == "tuv" and self._unit is not None:
            self._unit.variants.append((self._lang, self._segment))
        elif tag == "tu" and self._unit is not None:
            self.done.append(self._unit)
            self._unit = None

    def take(self) -> Iterator[Unit]:
        """The units that are whole, once."""
        units, self.done = self.done, []
        yield from units


def _joined(parts: list[str]) -> str:
    """The text of a segment; where a code stood between two spaces, one stays."""
    text = ""
    for part in parts:
        text += part.lstrip(" ") if text.endswith(" ") and part.startswith(" ") else part
    return text.strip()


def rows(reading: Reading) -> Iterator[Found]:
    """The pairs of a memory; for sentences and documents the segments of one language.

    Sides are found by their language, in whatever order they stand; where a language has several segments each makes
    a pair. Without languages given, each pair has the unit's source language on its first side. Codes of other
    formats inside a segment (`bpt`, `ept`, `it`, `ph`, `ut`) are left out. A unit is rejected as `missing_side` where
    no segment has the language, as `empty` where a segment is empty.

    Raises:
        UserError: the file is no TMX; the record kind is another one.
    """
    if reading.kind in moses.COLUMNS:
        names: tuple[str, ...] = moses.COLUMNS[reading.kind]
    elif reading.kind in SINGLE:
        names = ("text",)
    else:
        raise reading.wrong(f"a translation memory holds pairs or sentences, no {reading.kind}: write kind: pair")
    memory = _Memory()
    units = xml_stream.parse(reading, memory, memory.take)
    found = islice(_texts(reading, units), reading.limit)
    count = 0
    while batch := list(islice(found, FRAME_ROWS)):
        count += len(batch)
        yield _found(batch, names, reading)
    if memory.root != "tmx":
        raise reading.wrong(f"no TMX: its root element is <{memory.root}>")


Row = tuple[int, tuple[str, ...], tuple[str, ...]]
"""line, texts, languages"""


def _found(batch: list[Row], names: tuple[str, ...], reading: Reading) -> Found:
    columns = {
        name: pl.Series(name, [texts[i] for _, texts, _ in batch], dtype=pl.String) for i, name in enumerate(names)
    }
    if reading.lang is None:
        tags = ("lang",) if len(names) == 1 else ("src_lang", "tgt_lang")
        for i, tag in enumerate(tags):
            columns[tag] = pl.Series(tag, [langs[i] for _, _, langs in batch], dtype=pl.String)
    return Found(pl.Series("line", [line for line, _, _ in batch], dtype=pl.Int64), dict(columns))


def _texts(reading: Reading, units: Iterator[Unit]) -> Iterator[Row]:
    wanted = tuple(reading.lang.split("-")) if reading.lang else ()
    single = reading.kind in SINGLE
    for unit in units:
        sides = [(lang, text) for lang, text in unit.variants if text]
        if not wanted:
            rows = [((text,), (lang,)) for lang, text in sides] if single else list(_by_source(unit.source, sides))
        else:
            choices = [[(text, lang) for lang, text in sides if _tag(lang) == tag] for tag in wanted]
            rows = [(tuple(t for t, _ in c), tuple(g for _, g in c)) for c in product(*choices)]
        if not rows:
            _refuse(reading, unit, wanted)
        for texts, langs in rows:
            yield unit.line, texts, langs


def _by_source(source: str, sides: list[tuple[str, str]]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Each segment of the source language with each of the others."""
    tag = _tag(source) or (_tag(sides[0][0]) if sides else None)
    for lang, text in sides:
        for other, translation in sides:
            if _tag(lang) == tag != _tag(other):
                yield (text, translation), (lang, other)


def _refuse(reading: Reading, unit: Unit, wanted: tuple[str, ...]) -> None:
    text = "\t".join(f"{lang}: {segment or ''}" for lang, segment in unit.variants)
    there = [lang for lang, _ in unit.variants]
    empty = any(not segment for lang, segment in unit.variants if not wanted or _tag(lang) in wanted)
    has = ", ".join(lang or "a segment without language" for lang in there) or "no segment"
    rule = "empty" if empty else "missing_side"
    reading.reject([unit.line], [text], rule, [f"line {unit.line}" if empty else f"line {unit.line}: has {has}"])


@cache
def _tag(lang: str) -> str | None:
    """The language tag of a name in a file; None for what is no language (`*all*`)."""
    if not re.match(r"[A-Za-z]", lang):
        return None
    try:
        return languages.parse(lang.replace("_", "-"))
    except UserError:
        return None
