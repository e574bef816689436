"""What the IANA registry and CLDR say of codes: which name no single language, and which scripts a language has."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from babel.core import get_global
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
    """The script that a language is usually written in, by its BCP 47 tag; None where nothing is known of it.

    From CLDR's likely subtags in `langcodes` (which answers for "undetermined" where it has no entry: `Latn`, territory
    US); else the only script in CLDR's list; else the likely subtags in `babel`, which has those of SIL for thousands
    of languages; else the script of the macrolanguage.
    """
    code, *rest = tag.split("-")
    territory = next((part for part in rest if re.fullmatch("[A-Z]{2}|[0-9]{3}", part)), "")
    known = scripts(code)
    macro = MACROLANGUAGES.get(code)
    if code not in LIKELY_SUBTAGS:
        if len(known) == 1:
            return next(iter(known))
        if code in _sil() or macro not in LIKELY_SUBTAGS:
            return _sil().get(code) or _sil().get(macro)
        code = macro
    return str(LIKELY_SUBTAGS.get(f"{code}-{territory}", LIKELY_SUBTAGS[code]).split("-")[1])


@cache
def _sil() -> dict[str, str]:
    """Likely scripts by language code, as babel has them."""
    likely = {code: str(tag).split("_")[1] for code, tag in get_global("likely_subtags").items() if "_" not in code}
    return {code: script for code, script in likely.items() if len(script) == 4}


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
