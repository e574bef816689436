"""Words and signs that multiply the number beside them: thousand, लाख, 万, elfu.

They are those of CLDR's compact numbers ("00 thousand", "0 लाख", "elfu 0"), in their long and short forms, so that all
languages of CLDR are known.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError

from xlcorpus import languages

_HAN_SCALES = {"千": 10**3, "万": 10**4, "萬": 10**4, "億": 10**8, "亿": 10**8, "兆": 10**12}
_SHORT = {"k": 10**3, "K": 10**3}
"""A single letter stands right behind the number ("70k"); M, B and T are metres, bytes and tonnes too."""
_FURTHER = {
    "eng": {"lakh": 10**5, "lakhs": 10**5, "crore": 10**7, "crores": 10**7, "thousands": 10**3, "millions": 10**6},
    "hin": {"हजार": 10**3, "मिलियन": 10**6},
    "fra": {"milliers": 10**3},
    "ita": {"mille": 10**3},
    "rus": {"тысячи": 10**3, "тысяч": 10**3, "миллионов": 10**6, "миллиардов": 10**9},
}
"""Forms that CLDR does not have: other spellings, plurals that only stand in running text."""


class Scales(NamedTuple):
    """What multiplies a number in a language."""

    behind: re.Pattern[str]
    """matches at the end of a number"""
    before: re.Pattern[str] | None
    """matches where it ends at the start of a number; None: the language has none"""
    values: dict[str, int]
    """by the word in lower case"""


@lru_cache(maxsize=512)
def scales(lang: str) -> Scales:
    """Those of a language (tag), and the signs of East Asia; as English where CLDR does not know the language."""
    behind: dict[str, int] = {}
    before: dict[str, int] = {}
    for pattern, size in _patterns(lang):
        zeros = pattern.count("0")
        word = pattern.replace("'", "").strip("0 \u00a0\u202f\u200f").lower()
        # One letter is a unit too.
        if zeros and len(word) > 1 - (not word.isascii()) and not any(c.isdecimal() for c in word):
            side = before if pattern.strip().endswith("0") else behind
            side.setdefault(word, size // 10 ** (zeros - 1))
    behind |= _FURTHER.get(languages.iso639_3(lang) if lang != languages.UNKNOWN else "eng", {})
    if languages.script(lang) in ("Hans", "Hant", "Hani", "Jpan", "Kore") or lang == languages.UNKNOWN:
        behind |= _HAN_SCALES
    return Scales(_behind(behind), _before(before), before | behind | {k.lower(): v for k, v in _SHORT.items()})


def _patterns(lang: str) -> list[tuple[str, int]]:
    """(pattern, the number that it is for): ("00 thousand", 10000)."""
    try:
        written = f"{languages.hub_tag(lang)}_{languages.script(lang)}"
        locale = Locale.parse("en" if lang == languages.UNKNOWN else written)
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en")
    found: list[tuple[str, int]] = []
    for style in ("long", "short"):
        for sizes in locale.compact_decimal_formats.get(style, {}).values():
            found += [(str(made.pattern).split(";")[0], int(size)) for size, made in sizes.items()]
    return found


def _behind(words: dict[str, int]) -> re.Pattern[str]:
    spaced = [w for w in words if not _dense(w)]
    dense = [w for w in words if _dense(w)]
    one = [rf"[ \u00a0\u202f-]?(?:{_either(spaced)})(?!\w)"] if spaced else []
    one += [rf"[ \u00a0]?(?:{_either(dense)})"] if dense else []
    one += [rf"(?:{_either(list(_SHORT))})(?!\w)"]
    return re.compile("|".join(one), re.IGNORECASE)


def _before(words: dict[str, int]) -> re.Pattern[str] | None:
    return re.compile(rf"(?<!\w)(?:{_either(list(words))})[ \u00a0]$", re.IGNORECASE) if words else None


def _either(words: list[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _dense(word: str) -> bool:
    """Whether a word is of a script without spaces: what follows it may be a letter."""
    return (
        re.search(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", word) is not None
    )
