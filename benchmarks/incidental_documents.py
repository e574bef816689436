"""Documents of known languages: Tatoeba sentences as monolingual text, with pairs planted in several layouts.

The languages of every character and the planted pairs are known; the method sees only the text and, as on the web, the
main language of a document or none.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import langcodes

from xlcorpus import languages

ENGLISH = "eng_Latn"
TUNED_ON = ("deu", "spa", "rus", "cmn", "hin")
"""Languages on which the constants of the method were chosen; figures are of the others."""

DOCUMENTS = 105
"""Documents per language. Of seven two hold pairs, two are monolingual, one has paragraphs in two languages that are
no translations, one names in English, one changes its language where no mark shows it."""
NAMES = ("Microsoft Office", "The New York Times", "Rolling Stones", "Harvard University", "Star Wars", "iPhone Pro")


@dataclass
class Planted:
    """A document and what is known of it."""

    lang: str
    layout: str
    text: str = ""
    spans: list[tuple[int, int, str]] = field(default_factory=list)
    """(start, end, language) of what is in one; labels and marks stand between them"""
    pairs: list[tuple[tuple[int, int], tuple[int, int], str, str]] = field(default_factory=list)
    """(span, span of its translation, language, language)"""

    def say(self, text: str, lang: str) -> tuple[int, int]:
        """Add text in a language; returns its place."""
        start = len(self.text)
        self.text += text
        self.spans.append((start, len(self.text), lang))
        return start, len(self.text)

    def mark(self, text: str) -> None:
        """Add what is in no language."""
        self.text += text

    @property
    def languages(self) -> set[str]:
        """Languages it has text in."""
        return {lang for _, _, lang in self.spans}


Pair = tuple[str, str]
Layout = Callable[[Planted, list[Pair], str, str], None]


def line_by_line(doc: Planted, pairs: list[Pair], one: str, two: str) -> None:
    """A sentence, its translation on the next line."""
    for a, b in pairs:
        first = doc.say(a, one)
        doc.mark("\n")
        doc.pairs.append((first, doc.say(b, two), one, two))
        doc.mark("\n\n")


def blocks(doc: Planted, pairs: list[Pair], one: str, two: str) -> None:
    """A paragraph, then its translation."""
    spans: list[list[tuple[int, int]]] = []
    for side, lang in ((0, one), (1, two)):
        spans.append([])
        for pair in pairs:
            spans[-1].append(doc.say(pair[side], lang))
            doc.mark(" ")
        doc.mark("\n\n")
    doc.pairs += [(a, b, one, two) for a, b in zip(*spans, strict=True)]


def labelled(doc: Planted, pairs: list[Pair], one: str, two: str) -> None:
    """Each side behind the name of its language."""
    names = [langcodes.Language.get(languages.hub_tag(tag)).language_name() for tag in (one, two)]
    for a, b in pairs:
        doc.mark(f"{names[0]}: ")
        first = doc.say(a, one)
        doc.mark(f"\n{names[1]}: ")
        doc.pairs.append((first, doc.say(b, two), one, two))
        doc.mark("\n")


def bracketed(doc: Planted, pairs: list[Pair], one: str, two: str) -> None:
    """The translation in brackets behind the sentence."""
    for a, b in pairs:
        first = doc.say(a, one)
        doc.mark(" (")
        doc.pairs.append((first, doc.say(b, two), one, two))
        doc.mark(")\n")


def table(doc: Planted, pairs: list[Pair], one: str, two: str) -> None:
    """Two columns."""
    for a, b in pairs:
        doc.mark("| ")
        first = doc.say(a, one)
        doc.mark(" | ")
        doc.pairs.append((first, doc.say(b, two), one, two))
        doc.mark(" |\n")


LAYOUTS: dict[str, Layout] = {f.__name__: f for f in (line_by_line, blocks, labelled, bracketed, table)}


def planted(data: Path, code: str, seed: int = 0) -> Iterator[Planted]:
    """`DOCUMENTS` documents from the Tatoeba pairs of a language with English."""
    lines = (data / "tatoeba" / f"{code}-eng.tsv").read_text("utf8").splitlines()
    pool = [(a, b) for a, b in (line.split("\t")[:2] for line in lines)]
    draw = random.Random(f"{code} {seed}")
    tag = languages.parse("zho" if code == "cmn" else code)
    for number in range(DOCUMENTS):
        home, away = (tag, ENGLISH) if draw.random() < 0.5 else (ENGLISH, tag)
        own = [pair[0] if home == tag else pair[1] for pair in draw.sample(pool, 8)]
        kind = number % 7
        if kind < 2:
            layout = list(LAYOUTS)[number // 7 % len(LAYOUTS)]
            doc = Planted(home, layout)
            _prose(doc, own[:4], home)
            pairs = draw.sample(pool, draw.randint(3, 6))
            LAYOUTS[layout](doc, pairs if home == tag else [(b, a) for a, b in pairs], home, away)
            _prose(doc, own[4:], home)
        elif kind < 4:
            doc = Planted(home, "monolingual")
            _prose(doc, own, home)
        elif kind == 4:  # two languages, nothing translated
            doc = Planted(home, "mixed")
            _prose(doc, own[:4], home)
            _prose(doc, [pair[1] if home == tag else pair[0] for pair in draw.sample(pool, 4)], away)
            _prose(doc, own[4:], home)
        elif kind == 5:
            doc = Planted(home, "switched")
            for sentence, pair in zip(own, draw.sample(pool, len(own)), strict=True):
                doc.say(_open(sentence), home)
                doc.mark(" ")
                doc.say(_open(pair[1] if home == tag else pair[0]), away)
                doc.mark(" ")
        else:
            doc = Planted(home, "names")
            for sentence in own:
                doc.say(sentence, home)
                doc.mark(f" „{draw.choice(NAMES)}“ ")
        yield doc


def _open(sentence: str) -> str:
    """A sentence without what marks its beginning and end."""
    bare = sentence.strip(string.punctuation + "。！？¿¡।؟… „“«»")
    return bare[:1].lower() + bare[1:]


def _prose(doc: Planted, sentences: list[str], lang: str) -> None:
    for sentence in sentences:
        doc.say(sentence, lang)
        doc.mark(" ")
    doc.mark("\n\n")


def codes(data: Path) -> list[str]:
    """Languages of which there are Tatoeba pairs."""
    return sorted(path.name.split("-")[0] for path in (data / "tatoeba").glob("*-eng.tsv"))
