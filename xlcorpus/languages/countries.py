"""Codes of countries, which people write where the code of a language belongs."""

from __future__ import annotations

from functools import cache

import langcodes
from langcodes.data_dicts import LIKELY_SUBTAGS, TERRITORY_REPLACEMENTS
from language_data.name_data import CODE_TO_NAMES
from language_data.population_data import LANGUAGE_SPEAKING_POPULATION

_SPOKEN = {"KZ": "kk", "LU": "lb"}
"""Where the language that a country's code is written for is not the one CLDR's likely subtags name."""


def territory(code: str) -> str | None:
    """ISO 3166 alpha-2 code of a country by its code of two or three letters, in any case; None if it is none."""
    wanted = code.lower()
    if len(wanted) not in (2, 3) or not (wanted.isascii() and wanted.isalpha()):
        return None
    found = str(TERRITORY_REPLACEMENTS.get(wanted, wanted.upper())).split()[0]
    return found if found in _languages() else None


def country_name(territory: str) -> str:
    """English name of a country: "UA" -> "Ukraine"."""
    return str(CODE_TO_NAMES[territory]["en"])


def spoken_in(territory: str) -> list[str]:
    """BCP 47 tags of the languages of a country, the dominant one first, the others by their speakers."""
    likely = LIKELY_SUBTAGS.get(f"und-{territory}", "").split("-")
    by_speakers = _languages()[territory]
    first = _SPOKEN.get(territory) or ("-".join(likely[:2]) if likely[0] else by_speakers[0])
    return [first, *(code for code in by_speakers if code != first.split("-")[0])]


@cache
def _languages() -> dict[str, list[str]]:
    """Languages of every country, most speakers first."""
    speakers: dict[str, list[tuple[int, str]]] = {}
    for tag, number in LANGUAGE_SPEAKING_POPULATION.items():
        code, _, place = tag.rpartition("-")
        if code and len(place) == 2 and CODE_TO_NAMES.get(place) and langcodes.Language.get(code).is_valid():
            speakers.setdefault(place, []).append((-number, code))
    return {place: [code for _, code in sorted(found)] for place, found in speakers.items()}
