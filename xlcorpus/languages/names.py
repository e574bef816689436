"""What languages are called: in a given language, and by people."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import langcodes
from langcodes.data_dicts import LANGUAGE_ALPHA3, LANGUAGE_ALPHA3_BIBLIOGRAPHIC, MACROLANGUAGES
from language_data.name_data import CODE_TO_NAMES

from xlcorpus.languages import by_name
from xlcorpus.languages.tags import hub_tag, iso639_3, script

_SHORTEST = 4
"""Letters of a further name at least: shorter ones are words of other languages."""

_ALSO = {"zho": ("zh", "cmn"), "tgl": ("tl", "fil"), "nld": ("nl", "nl-BE"), "ron": ("ro", "ro-MD"),
         "prs": ("prs", "fa-AF")}  # fmt: skip
"""Further codes that CLDR has names for and that are the same language here."""

_EVERYDAY = {
    "azj": ("Azeri",), "ben": ("Bangla",), "ckb": ("Sorani", "Kurdish"), "div": ("Dhivehi",),
    "khm": ("Cambodian",), "kmr": ("Kurmanji",), "mya": ("Myanmar",), "nob": ("Bokmål", "Bokmal"),
    "nno": ("Nynorsk",), "nld": ("Flemish",), "pes": ("Farsi",), "prs": ("Dari", "Farsi"), "ron": ("Moldovan",),
    "tgl": ("Pilipino",), "zho": ("Mandarin", "Putonghua"),
}  # fmt: skip
"""English names in everyday use that the tables of CLDR and IANA lack for the code that FLORES-200 uses."""

_EVERYDAY_NATIVE = {
    "cat": ("valencià",), "ind": ("Bahasa Indonesia",), "jav": ("Basa Jawa",), "rus": ("русский язык",),
    "sun": ("Basa Sunda",), "ukr": ("українська мова",), "zsm": ("Bahasa Melayu", "Bahasa Malaysia"),
    "spa": ("castellano",), "uzn": ("o‘zbekcha", "o‘zbek tili"),
}  # fmt: skip
"""The same in the language itself."""


@lru_cache(maxsize=65536)
def in_language(tag: str, other: str) -> str | None:
    """What a language is called in another, without its script: ("deu_Latn", "fra_Latn") -> "allemand".

    None where CLDR has no name for it in that language (`langcodes` gives the English one then, in silence).
    """
    display = hub_tag(other)
    for code in (hub_tag(tag), iso639_3(tag), *_ALSO.get(iso639_3(tag), ())):
        if found := CODE_TO_NAMES.get(code, {}).get(display):
            return str(found)
    return None


@lru_cache(maxsize=4096)
def other_names(tag: str, other: str | None = None) -> list[str]:
    """Further names of a language, the more specific first: in itself, or in another language if that is given.

    What CLDR and IANA list for it, in parts too ("Kurdish (Kurmanji)": "Kurdish"), with its script ("Serbian
    (Latin)", "Simplified Chinese"), and the names of its macrolanguage ("Norwegian" for `nob_Latn`).
    """
    iso = iso639_3(tag)
    display = hub_tag(other or tag)
    known = {hub_tag(tag), iso, *_ALSO.get(iso, ())}
    macro = _macro(iso)
    names: list[str] = []
    for codes in (sorted(known), [macro] if macro else []):
        names += [found for code in codes if (found := CODE_TO_NAMES.get(code, {}).get(display))]
        names += [name for code in codes for name in _listed(display).get(code, ())]
    names += _EVERYDAY.get(iso, ()) if display == "en" else ()
    names += _EVERYDAY_NATIVE.get(iso, ()) if display == hub_tag(tag) else ()
    names += [found for name in names for found in re.split(r"\s*[(（,，)）]\s*", name) if found != name]
    written = CODE_TO_NAMES.get(script(tag), {}).get(display)
    if written:
        names = [form for name in names for form in (f"{name} ({written})", f"{written} {name}")] + names
    return list(dict.fromkeys(name for name in names if len(name) >= _SHORTEST or not name.isascii()))


@lru_cache(maxsize=4096)
def further_codes(tag: str) -> list[str]:
    """Codes beside those of `hub_tag` and `iso639_3`, in capitals: of the macrolanguage, the bibliographic one."""
    iso = iso639_3(tag)
    short = [code for code in (hub_tag(tag), _macro(iso), *_ALSO.get(iso, ())) if code and "-" not in code]
    tables: tuple[dict[str, str], ...] = (LANGUAGE_ALPHA3, LANGUAGE_ALPHA3_BIBLIOGRAPHIC)
    codes = [*short, *(table[code] for code in short for table in tables if code in table)]
    return [code.upper() for code in dict.fromkeys(codes) if code not in (hub_tag(tag), iso)]


def _macro(iso: str) -> str | None:
    """Shortest code of the macrolanguage of a language, None if it is in none."""
    found = MACROLANGUAGES.get(iso) or MACROLANGUAGES.get(str(langcodes.Language.get(iso).language))
    return str(found) if found else None


@cache
def _listed(display: str) -> dict[str, list[str]]:
    """Names of languages in one language, by code, as `by_name` knows them (in small letters)."""
    found: dict[str, list[str]] = {}
    for name, code in by_name.known_names(display):
        found.setdefault(code, []).append(name)
    return found
