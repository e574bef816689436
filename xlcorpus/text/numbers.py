"""Numbers in running text: decimal digits of every script, separators of every locale.

What a separator means depends on the language: 1.234 is a thousand in German and about one in English. CLDR (package
`babel`) says which one a language writes; a number that only makes sense the other way is read the other way
("1,234.56" in a German text). Numbers in words, and digits that are no decimal ones (Roman, Ethiopic, Chinese), are not
read, and a sign is no part of a number.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError

from xlcorpus import languages

_APOSTROPHES, _SPACES, _COMMAS = "'’", "\u00a0\u2009\u202f", ",،⹁，"
_WRITTEN_AS = (
    dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_SPACES, " ") | dict.fromkeys(_COMMAS, ",") | {"٬": "'", "．": "."}
)
"""Separators that differ in the typed character alone. Like the apostrophe, the Arabic ٬ separates thousands only."""

_SEPARATOR = rf"[.٫٬,،⹁{_APOSTROPHES}{_SPACES}]|(?<=[０-９])[，．](?=[０-９])"
_WITHOUT_SPACE = re.compile(rf"\d+(?:(?:{_SEPARATOR})\d+)*")
_WITH_SPACE = re.compile(rf"\d+(?:(?:{_SEPARATOR}| (?=\d{{3}}(?!\d)))\d+)*")
_DIGITS = re.compile(r"\d+")


class Number(NamedTuple):
    """A number in a text."""

    start: int
    end: int
    """characters of the text: `text[start:end]`"""
    value: Decimal


class _Separators(NamedTuple):
    decimal: str
    thousands: str


def numbers(text: str, lang: str) -> list[Number]:
    """The numbers of a text in a language (tag), in order.

    Dates, versions and other digits that are no one number are as many numbers as they have parts.

    >>> [number.value for number in numbers("1.234,5 km am 3.10.2026", "deu_Latn")]
    [Decimal('1234.5'), Decimal('3'), Decimal('10'), Decimal('2026')]
    """
    usual = _separators(languages.parse(lang))
    pattern = _WITH_SPACE if usual.thousands == " " else _WITHOUT_SPACE
    return [number for match in pattern.finditer(text) for number in _read(match, usual)]


def decimal_separator(lang: str) -> str:
    """What stands before the decimals in a language (tag): "." or ","; as English where CLDR does not know it.

    >>> decimal_separator("deu_Latn")
    ','
    """
    return _separators(languages.parse(lang)).decimal


def numbers_kept(before: str, after: str, before_lang: str, after_lang: str) -> float:
    """Share of the numbers of a text and its translation that both have (Jaccard index of multisets); 1.0 if none.

    Two are the same if they have the same value in their languages (1,000.5 in English, 1.000,5 in German), or the
    same characters: a format that was left as it was is no lost number.
    """
    ours, theirs = numbers(before, before_lang), numbers(after, after_lang)
    written = _written(before, ours) & _written(after, theirs)
    values = _values(before, ours, written) & _values(after, theirs, written)
    same = written.total() + values.total()
    union = len(ours) + len(theirs) - same
    return same / union if union else 1.0


def _written(text: str, found: list[Number]) -> Counter[str]:
    return Counter(text[number.start : number.end] for number in found)


def _values(text: str, found: list[Number], but: Counter[str]) -> Counter[Decimal]:
    """The values of numbers, but for those that stand for some characters."""
    but = but.copy()
    values: Counter[Decimal] = Counter()
    for number in found:
        characters = text[number.start : number.end]
        if but[characters]:
            but[characters] -= 1
        else:
            values[number.value] += 1
    return values


@lru_cache(maxsize=4096)
def _separators(tag: str) -> _Separators:
    """What a language writes with European digits; as English where CLDR does not know the language."""
    if tag == languages.UNKNOWN:
        return _Separators(".", ",")
    try:
        symbols = Locale.parse(f"{languages.hub_tag(tag)}_{languages.script(tag)}").number_symbols["latn"]
    except (UnknownLocaleError, ValueError):
        return _Separators(".", ",")
    decimal, thousands = symbols["decimal"], symbols["group"]
    return _Separators(_WRITTEN_AS.get(decimal, decimal), _WRITTEN_AS.get(thousands, thousands))


def _read(match: re.Match[str], usual: _Separators) -> list[Number]:
    """The number of a match, or those of its parts."""
    groups = _DIGITS.findall(match.group())
    separators = [_WRITTEN_AS.get(c, c) for c in match.group() if not c.isdecimal()]
    whole = _thousands(groups, separators)
    if _has_fraction(groups, separators, usual, whole):
        return [Number(*match.span(), Decimal("".join(groups[:-1]) + "." + groups[-1]))]
    if whole:
        return [Number(*match.span(), Decimal("".join(groups)))]
    at = match.start()
    return [Number(at + d.start(), at + d.end(), Decimal(d.group())) for d in _DIGITS.finditer(match.group())]


def _has_fraction(groups: list[str], separators: list[str], usual: _Separators, whole: bool) -> bool:
    """Whether the last separator is a decimal one. `whole`: whether all may separate thousands."""
    if not separators or separators[-1] not in ".,٫" or separators.count(separators[-1]) > 1:
        return False
    if len(separators) > 1:
        return _thousands(groups[:-1], separators[:-1])
    return separators[-1] == usual.decimal or not whole


def _thousands(groups: list[str], separators: list[str]) -> bool:
    """Whether separators stand where thousands end (1,234,567), or lakhs and crores (12,34,567)."""
    if not separators:
        return True
    first, *middle, last = map(len, groups)
    sizes = set(middle)
    regular = (sizes <= {3} and first <= 3) or (sizes <= {2} and first <= 2)
    return len(set(separators)) == 1 and separators[0] != "٫" and int(groups[0][0]) > 0 and last == 3 and regular
