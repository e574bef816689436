"""Language tags: ISO 639-3 + "_" + ISO 15924, as FLORES-200, GlotLID and FineWeb-2 write them (`deu_Latn`).

FLORES-200 (NLLB Team et al. 2022, arXiv:2207.04672) names most macrolanguages by one individual language
(Arabic is `arb_Arab`, Malay `zsm_Latn`) and keeps a few macrolanguages (`zho`, `est`); so does `parse`.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache, lru_cache

import langcodes
from langcodes.data_dicts import LIKELY_SUBTAGS, MACROLANGUAGES

from xlcorpus.errors import UserError

UNKNOWN = "und"
"""Tag of a text whose language nobody has said."""

_INDIVIDUAL = {
    "ar": "arb", "ay": "ayr", "az": "azj", "bih": "bho", "din": "dik", "fa": "pes", "ff": "fuv", "fil": "tgl",
    "kr": "knc", "ku": "kmr", "lv": "lvs", "mg": "plt", "mn": "khk", "ms": "zsm", "ne": "npi", "no": "nob",
    "om": "gaz", "or": "ory", "ps": "pbt", "qu": "quy", "sq": "als", "sw": "swh", "uz": "uzn", "yi": "ydd",
}  # fmt: skip
"""FLORES-200's choice, by the shortest code of the macrolanguage (as `langcodes` normalises it)."""

_KEPT = {"cmn": "zho", "ekk": "est"}
"""Where FLORES-200 keeps the macrolanguage."""

_MACRO = {individual: macro for macro, individual in _INDIVIDUAL.items()} | {"tgl": "tl"}

_SCRIPTS = {"azb": "Arab", "crh": "Latn"}
"""Where CLDR's likely subtags have nothing, or differ from FLORES-200."""

_SCRIPT_ALIASES = {"Kore": "Hang"}
"""FLORES-200 writes `kor_Hang`."""


@lru_cache(maxsize=4096)
def parse(name: str) -> str:
    """The tag for a name ("German"), code ("de", "deu"), BCP-47 tag ("de-CH", "zh-TW") or tag ("deu_Latn").

    Raises:
        UserError: no such language; names the nearest.
    """
    wanted = name.strip()
    if wanted.lower() == UNKNOWN:
        return UNKNOWN
    try:
        found = langcodes.Language.get(wanted)
    except langcodes.LanguageTagError:
        found = None
    if found is None or not found.language or not found.is_valid():
        try:
            found = langcodes.find(wanted)
        except LookupError:
            raise UserError(f"no language {name!r}; {_advice(wanted)}") from None
    if (found.language, found.territory) == ("fa", "AF"):  # how CLDR writes Dari
        return f"prs_{found.script or 'Arab'}"
    iso = (_INDIVIDUAL | _KEPT).get(found.language) or found.to_alpha3()
    written = found.script or _likely_script(str(found))
    return f"{iso}_{_SCRIPT_ALIASES.get(written, written)}"


@lru_cache(maxsize=4096)
def name(tag: str) -> str:
    """English name, with the script where it is not the usual one: "German", "Hindi (Latin)"."""
    tag = parse(tag)
    if tag == UNKNOWN:
        return "unknown language"
    language = langcodes.Language.get(hub_tag(tag))
    if script(tag) == default_script(tag):
        return str(language.language_name())
    return str(langcodes.Language.make(language=language.language, script=script(tag)).display_name())


@lru_cache(maxsize=4096)
def hub_tag(tag: str) -> str:
    """The tag for a Hub card: ISO 639-1 if there is one ("de", "ar" for `arb_Arab`), else ISO 639-3."""
    iso = iso639_3(tag)
    shortest = _MACRO.get(iso) or str(langcodes.Language.get(iso).language)
    if iso == "nob":
        return "nb"
    return shortest if len(shortest) == 2 and iso != "prs" else iso


def iso639_3(tag: str) -> str:
    """ISO 639-3 code of a tag: "deu"."""
    return parse(tag).split("_")[0]


def script(tag: str) -> str:
    """ISO 15924 script of a tag: "Latn"; "Zyyy" (undetermined) for `und`."""
    return "Zyyy" if parse(tag) == UNKNOWN else parse(tag).split("_")[1]


def default_script(tag: str) -> str:
    """The script the language is usually written in: "Deva" for `hin_Latn`."""
    return script(iso639_3(tag))


@lru_cache(maxsize=65536)
def same_language(a: str, b: str) -> bool:
    """Whether two tags name one language, whatever the script.

    Members of one ISO 639-3 macrolanguage count as one: identifiers and corpora do not tell `arb` from `arz`,
    `hrv` from `srp` or `ind` from `zsm` reliably.
    """
    return _macrolanguage(a) == _macrolanguage(b)


def _macrolanguage(tag: str) -> str:
    iso = iso639_3(tag)
    shortest = str(langcodes.Language.get(iso).language)
    return _MACRO.get(iso) or str(MACROLANGUAGES.get(shortest, shortest))


def _likely_script(tag: str) -> str:
    """Script from CLDR's likely subtags; of the macrolanguage where CLDR has none; else Latin."""
    code = tag.split("-")[0]
    if code in _SCRIPTS:
        return _SCRIPTS[code]
    if code not in LIKELY_SUBTAGS and code in MACROLANGUAGES:
        tag = MACROLANGUAGES[code]
    return langcodes.Language.get(tag).maximize().script or "Latn"


def _advice(wanted: str) -> str:
    close = get_close_matches(wanted.title(), _english_names(), n=1, cutoff=0.7)
    if close:
        return f"did you mean {close[0]!r}?"
    return "give an English name, an ISO 639 code or a tag such as deu_Latn"


@cache
def _english_names() -> list[str]:
    codes = [code for code in LIKELY_SUBTAGS if len(code) in (2, 3) and code != UNKNOWN]
    return sorted({langcodes.Language.get(code).language_name() for code in codes})
