"""The text around two sides of a translation as a template with slots, and what sort of prompt it is.

Families after Briakou, Cherry & Foster 2023 (arXiv 2305.10266, section 4.2), who find four in what PaLM was trained on:
names of languages in English, codes, native names, and words for "translation".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

import langcodes

from xlcorpus import languages
from xlcorpus.text.word_borders import whole_word

Family = Literal["english_names", "codes", "native_names", "translation_words", "words", "marks"]
"""The paper's four; `words`: other words; `marks`: quotation marks, brackets, a dash, a line end and the like."""

WORDS = 8
"""Words that may stand before or between two sides; with more, the text there is no prompt."""

SOURCE, TARGET = "{source_text}", "{target_text}"

_TRANSLATION = re.compile(
    "translat|übersetz|tradu[cizç]|traduit|tradu[cç]|перевод|переве|переклад|przekład|tłumacz|překlad|přelož|preklad|"
    "vertal|översätt|oversæt|overset|käänn|tõlk|fordít|çevir|tercüme|terjemah|tafsiri|μετάφρα|dịch|แปล|अनुवाद|"
    "অনুবাদ|மொழிபெயர்|번역|翻译|翻譯|译文|譯文|翻訳|ترجم|תרגום|თარგმან|"
    "意思|" + whole_word("means|heißt|bedeutet|signifi(?:ca|e)|означает|значит|मतलब"),
    re.IGNORECASE,
)
"""Words for translating and meaning in languages we know them of."""

_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"\d+")
_SENTENCE_END = re.compile(r"[.!?…]\s|[。！？।]")
_SLOT = re.compile(r"\{\w+\}")

_APOSTROPHES = "'’‘ʻʼ`´ʹ′＇"
"""What people type for the letter or mark in o‘zbek."""
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")


class Template(NamedTuple):
    """A prompt with slots, and its sort."""

    text: str
    """with {source_text} and {target_text}, and slots for what names their languages: {source_english} (French),
    {source_native} (français), {source_code} (FR), {source_other} (Französisch, in the language of the other side),
    the same with target; numbers are {number}"""
    family: Family


def template(before: str, between: str | None, after: str, source: str, target: str) -> Template | None:
    """The template of two sides in a text; None where too much stands between them.

    Args:
        before: text before the side that comes first: its source.
        between: text between the two; None: they stand far apart.
        after: text after the second.
        source, target: language tags of the first and the second side.
    """
    if between is None or between.count("\n") > 2 or len(between.split()) > WORDS:
        return None
    lead = before[before.rfind("\n") + 1 :]
    for end in _SENTENCE_END.finditer(lead):
        before = lead[end.end() :]
    lead = before[before.rfind("\n") + 1 :]
    if len(lead.split()) > WORDS:
        lead = _marks(lead[::-1])[::-1]
    tail = _tail(after)
    parts = [_slotted(part, source, target) for part in (lead, between, tail)]
    text = f"{parts[0]}{SOURCE}{parts[1]}{TARGET}{parts[2]}"
    return Template(text := _matched(text.strip()), _family(text))


def fill(text: str, source: str, target: str, source_text: str) -> str:
    """The prompt of a template: all up to where the translation goes."""
    asked = text.partition(TARGET)[0]
    for side, tag, other in (("source", source, target), ("target", target, source)):
        for sort, name in _names(tag, other).items():
            asked = asked.replace(f"{{{side}_{sort}}}", name[0])
    asked = asked.replace("{number}", "1")
    return asked.replace(SOURCE, source_text).rstrip()


def is_general(text: str) -> bool:
    """Whether a template has no words of its own, so that it serves every pair of languages."""
    return not _LETTER.search(_SLOT.sub("", text))


def _tail(after: str) -> str:
    """What follows on the line if that is a few words to its end, else the marks that close."""
    line = after.partition("\n")[0]
    return line.rstrip() if len(line.split()) <= 3 else _marks(line).rstrip()


def _marks(text: str) -> str:
    """What stands before the first letter, digit or space of a text."""
    found = re.match(r"[^\w\s]*", text)
    return found.group() if found else ""


def _slotted(part: str, source: str, target: str) -> str:
    """One part with slots for names and codes of the languages, numbers and white space evened out."""
    part = re.sub(r"[ \t\r]*\n\s*", "\n", part)
    part = re.sub(r"[^\S\n]+", " ", part).replace("{", "(").replace("}", ")")
    found, slots = _finder(source, target)
    slotted = found.sub(lambda m: slots[_key(m.group())], part)
    return "".join(
        piece if _SLOT.fullmatch(piece) else _NUMBER.sub("{number}", piece) for piece in re.split(r"(\{\w+\})", slotted)
    )


@lru_cache(maxsize=4096)
def _finder(source: str, target: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern for the names and codes of two languages, and the slot of each by its `_key`."""
    slots: dict[str, str] = {}
    sides = (("source", source, target), ("target", target, source))
    for side, tag, other in sides:
        for sort, names in _names(tag, other).items():
            for name in names:
                slots.setdefault(_key(name), f"{{{side}_{sort}}}")
    further = [_further(tag, other) for _, tag, other in sides]
    for (side, _, _), own, foreign in zip(sides, further, reversed(further), strict=True):
        for name, sort in own.items():
            if name not in foreign:  # a name of both languages ("Norwegian") says nothing
                slots.setdefault(name, f"{{{side}_{sort}}}")
    capitals = {_key(code) for _, tag, _ in sides for code in languages.further_codes(tag)}
    for side, tag, _ in sides:
        for code in languages.further_codes(tag):
            slots.setdefault(_key(code), f"{{{side}_code}}")
    names = [
        f"(?-i:{name.upper()})" if name in capitals else re.escape(name).replace("'", f"[{_APOSTROPHES}]")
        for name in sorted(slots, key=len, reverse=True)
    ]
    # Languages whose script has no spaces write names next to other words.
    return re.compile("|".join(rf"(?<![^\W\d_]){n}(?![^\W\d_])" for n in names), re.IGNORECASE), slots


@lru_cache(maxsize=4096)
def _names(tag: str, other: str) -> dict[str, list[str]]:
    """What a language is usually called: in English, in itself, by codes, in the other language; the usual form
    first."""
    language = langcodes.Language.get(languages.hub_tag(tag))
    codes = dict.fromkeys([languages.hub_tag(tag).upper(), languages.iso639_3(tag).upper()])
    return {
        "english": [str(language.language_name())],
        "native": [str(language.autonym())],
        "code": list(codes),
        "other": [str(language.language_name(languages.hub_tag(other)))],
    }


def _further(tag: str, other: str) -> dict[str, str]:
    """What people also call a language ("Farsi", "Norwegian" for Bokmål, "Serbian (Latin)"), by `_key`: its sort."""
    found: dict[str, str] = {}
    for sort, display in (("english", "eng_Latn"), ("native", tag), ("other", other)):
        for name in languages.other_names(tag, display):
            found.setdefault(_key(name), sort)
    return found


def _key(name: str) -> str:
    """A name without regard to case and to which apostrophe it is written with."""
    return _APOSTROPHE.sub("'", name.casefold())


def _matched(text: str) -> str:
    """English is called English in English and in itself: the slot is the sort that the other language has."""
    for side, other in (("source", "target"), ("target", "source")):
        if f"{{{other}_native}}" in text:
            text = text.replace(f"{{{side}_english}}", f"{{{side}_native}}")
    return text


def _family(text: str) -> Family:
    bare = _SLOT.sub("", text)
    if _TRANSLATION.search(bare):
        return "translation_words"
    for sort, family in _OF_SORT.items():
        if re.search(rf"\{{(?:source|target)_{sort}\}}", text):
            return family
    return "words" if _LETTER.search(bare) else "marks"


_OF_SORT: dict[str, Family] = {
    "native": "native_names",
    "other": "native_names",
    "english": "english_names",
    "code": "codes",
}
