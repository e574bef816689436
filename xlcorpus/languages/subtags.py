"""What the IANA registry and CLDR say of codes: which name no single language, and which scripts a language has."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from langcodes.data_dicts import LIKELY_SUBTAGS, MACROLANGUAGES
from language_data.util import data_filename

_SPECIAL = {
    "mis": "a language without a code",
    "mul": "several languages, not one",
    "unk": "an unknown language in many files, and Enawené-Nawé in ISO 639-3",
    "zxx": "text that is in no language",
}
"""Codes whose meaning is no language. `unk` is a real code that nearly always stands for "unknown"."""

_LOCAL_USE = re.compile("q[a-t][a-z]")
"""ISO 639-2 reserves qaa to qtz for local use: without an agreement they mean nothing."""


def no_language(code: str) -> str | None:
    """What a code of ISO 639 stands for if that is not one language ("a group of languages"), else None."""
    if code in _SPECIAL:
        return _SPECIAL[code]
    if _LOCAL_USE.fullmatch(code):
        return "a language by private agreement only"
    return "a group of languages, not one" if code in _collections() else None


def scripts(*codes: str) -> frozenset[str]:
    """Scripts that CLDR knows a language to be written in (ISO 15924), of the first code it has any for.

    Args:
        codes: codes of the language, as CLDR may have it, the most specific first; empty if CLDR has none of them.
    """
    for code in codes:
        if found := _scripts().get(code):
            return found
    return frozenset()


def likely_script(tag: str) -> str | None:
    """The script of CLDR's likely subtags for a BCP 47 tag; of the macrolanguage where CLDR has no entry.

    None where neither has one: `langcodes` answers for "undetermined" then (`Latn`, territory US).
    """
    parts = tag.split("-")
    for code in (parts[0], MACROLANGUAGES.get(parts[0])):
        if code in LIKELY_SUBTAGS:
            territory = next((part for part in parts[1:] if re.fullmatch("[A-Z]{2}|[0-9]{3}", part)), "")
            likely = LIKELY_SUBTAGS.get(f"{code}-{territory}", LIKELY_SUBTAGS[code])
            return str(likely.split("-")[1])
    return None


@cache
def _collections() -> frozenset[str]:
    """Codes of the registry whose scope is `collection` (ISO 639-5)."""
    registry = Path(data_filename("language-subtag-registry.txt")).read_text("utf8")
    found = set()
    for entry in registry.split("\n%%\n"):
        if "\nScope: collection" in entry and (code := re.search(r"^Subtag: (\w+)$", entry, re.MULTILINE)):
            found.add(code.group(1))
    return frozenset(found)


@cache
def _scripts() -> dict[str, frozenset[str]]:
    found = {code: {likely.split("-")[1]} for code, likely in LIKELY_SUBTAGS.items() if "-" not in code}
    languages = ElementTree.parse(data_filename("supplementalData.xml")).getroot().find("languageData")
    for language in languages if languages is not None else ():
        found.setdefault(language.get("type", ""), set()).update(language.get("scripts", "").split())
    return {code: frozenset(written) for code, written in found.items() if written}
