"""Language tags: ISO 639-3 + "_" + ISO 15924, as FLORES-200, GlotLID and FineWeb-2 write them (`deu_Latn`).

FLORES-200 (NLLB Team et al. 2022, arXiv:2207.04672) names most macrolanguages by one individual language
(Arabic is `arb_Arab`, Malay `zsm_Latn`) and keeps a few macrolanguages (`zho`, `est`); so does `parse`.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache, lru_cache

import langcodes
from langcodes.data_dicts import LIKELY_SUBTAGS, MACROLANGUAGES

from xlcorpus.errors import UserError
from xlcorpus.languages import by_name, countries, subtags

UNKNOWN = "und"
"""Tag of a text whose language nobody has said."""

NO_LANGUAGE = "zxx"
"""What an identifier says of a text that is in no language: numbers, hashes, addresses. It never has a script, and no
row carries it: `parse` refuses it."""

_INDIVIDUAL = {
    "ar": "arb", "ay": "ayr", "az": "azj", "din": "dik", "fa": "pes", "ff": "fuv", "fil": "tgl",
    "kr": "knc", "ku": "kmr", "lv": "lvs", "mg": "plt", "mn": "khk", "ms": "zsm", "ne": "npi", "no": "nob",
    "om": "gaz", "or": "ory", "ps": "pbt", "qu": "quy", "sq": "als", "sw": "swh", "uz": "uzn", "yi": "ydd",
}  # fmt: skip
"""FLORES-200's choice, by the shortest code of the macrolanguage (as `langcodes` normalises it)."""

_KEPT = {"cmn": "zho", "ekk": "est"}
"""Where FLORES-200 keeps the macrolanguage."""

_MACRO = {individual: macro for macro, individual in _INDIVIDUAL.items()} | {"tgl": "tl"}

_LATIN = (
    "abl btd btm crh kaw lus non nrn osi sga sxu tbk tes"  # of Indonesia and the Philippines, and of runes and ogham
    " sjn tlh"  # invented
    " zch zeh zgb zgm zgn zhd zlj zln zlq zqe zyg zyn zzj"  # Zhuang, of which SIL has the characters
)
_SCRIPTS = dict.fromkeys(_LATIN.split(), "Latn") | {"azb": "Arab", "grc": "Grek", "och": "Hant", "tmr": "Hebr"}
"""Where the likely subtags of CLDR and SIL differ from FLORES-200 or are wrong, or give the script of the oldest
inscriptions or of tradition, in which next to nothing of what people have is written (Ancient Greek in Cypriot, Old
Norse in runes, Batak in Batak letters)."""

_NO_SCRIPTS = {"Zinh", "Zmth", "Zsye", "Zsym", "Zxxx", "Zyyy", "Zzzz"}
"""Codes of ISO 15924 for no script: unwritten, undetermined, symbols."""

_SCRIPT_ALIASES = {"Kore": "Hang", "Aran": "Arab", "Latf": "Latn", "Latg": "Latn"}
"""FLORES-200 writes `kor_Hang`; Nastaliq is a style of the Arabic script, Fraktur and Gaelic are styles of Latin."""

_UNDETERMINED = "Zyyy"

_ROMANISED = {"alalc97", "hepburn", "heploc", "jyutping", "pinyin", "tongyong", "wadegile"}
"""BCP 47 variants that are romanisations: `zh-pinyin` is Chinese in the Latin script."""

_TAG = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{1,8})*|i[-_][a-z]{3,8}", re.IGNORECASE)
"""What may be a BCP 47 tag. `x-...` is none: private use alone names no language."""

_IN_BRACKETS = re.compile(r"^([a-z]{2,3}) ?\(([A-Z]{2}|[A-Z][a-z]{3})\)$")
"""A code with a territory or a script in brackets: `de (AT)`, `zh (Hant)`."""

_CAPITALISED_CODES = {"En", "Hu", "Ko"}
"""Codes of large languages that are also, with a capital, names of small ones: read as the codes."""


class NoScript(UserError):
    """A language was named without a script, and none is known for it."""


@lru_cache(maxsize=4096)
def parse(name: str) -> str:
    """The tag for a name ("German"), code ("de", "deu"), BCP-47 tag ("de-CH", "zh-TW") or tag ("deu_Latn").

    Names may be in any language and may hold a script or a territory: "Serbian (Latin)", "Chinese, Traditional".
    A short name with a capital is a name where English has it ("Ha" is not the code `ha`).

    Raises:
        UserError: no such language (names the nearest), the code of a country (names its language), a code that
            stands for no single language (`mul`, `zxx`, collections such as `cel`, `x-...`), or a language without a
            script of which none is known. `und` is the tag of an unknown language.
    """
    if not isinstance(name, str):
        raise UserError(f"a language is named by a text such as 'de' or 'German', not by {name!r}")
    wanted = " ".join(name.split())
    wanted = _IN_BRACKETS.sub(r"\1-\2", wanted)
    coded = bool(_TAG.fullmatch(wanted)) and (wanted in _CAPITALISED_CODES or not by_name.is_main_name(wanted))
    if coded and re.split("[-_]", wanted.lower())[0] == UNKNOWN:
        return UNKNOWN
    found = _by_code(wanted) if coded else None
    if found is None and not (coded and len(wanted) == 2):
        found = by_name.find(wanted)
    if found is None or not found.language:
        raise UserError(f"no language {name!r}; {_advice(wanted)}")
    _refuse_collection(found.language, wanted)
    if (found.language, found.territory) == ("fa", "AF"):  # how CLDR writes Dari
        return f"prs_{found.script or 'Arab'}"
    iso = (_INDIVIDUAL | _KEPT).get(found.language) or found.to_alpha3()
    written = found.script or _script_of_variants(found) or _likely_script(found)
    if written is None:
        raise NoScript(
            f"no script is known for {found.language_name()} ({iso}); give that of the text too, as in {iso}_Latn"
        )
    if written in _NO_SCRIPTS:
        raise UserError(f"no language {name!r}: {written} is no script; leave it out, or give that of the text")
    return f"{iso}_{_SCRIPT_ALIASES.get(written, written)}"


def _by_code(wanted: str) -> langcodes.Language | None:
    """The language of a code or BCP 47 tag; None if no standard has it.

    Raises:
        UserError: it stands for no language, or for a country.
    """
    first = re.split("[-_]", wanted.lower())[0]
    try:
        found = langcodes.Language.get(wanted)
        valid = bool(found.language) and found.is_valid() and bool(found.to_alpha3())
    except (langcodes.LanguageTagError, LookupError):
        valid = False
    if valid:
        return found
    _refuse_collection(first, wanted)
    if (place := countries.territory(first)) is not None and not langcodes.Language.get(first).is_valid():
        raise UserError(f"{wanted} is the code of a country ({countries.country_name(place)}); {answer(place)}")
    return None


def _refuse_collection(code: str, wanted: str) -> None:
    meaning = subtags.no_language(code)
    if meaning is not None:
        raise UserError(
            f"no language {wanted!r}: it stands for {meaning}; give the code of one language, or und if it is unknown"
        )


def answer(place: str, spoken: str | None = None) -> str:
    """What to write for a language of a country: "the language Japanese is ja".

    Args:
        place: ISO 3166 alpha-2 code of the country.
        spoken: BCP 47 tag of the language; default: the dominant one.
    """
    tag = parse(spoken or countries.spoken_in(place)[0])
    return f"the language {name(tag)} is {hub_tag(tag) if script(tag) == default_script(tag) else tag}"


@lru_cache(maxsize=4096)
def name(tag: str) -> str:
    """English name, with the script where it is not the usual one: "German", "Hindi (Latin)"."""
    tag = parse(tag)
    if tag == UNKNOWN:
        return "unknown language"
    if tag == "prs_Arab":  # CLDR has a name for fa-AF, its tag of Dari, alone
        return "Dari"
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
    return _UNDETERMINED if parse(tag) == UNKNOWN else parse(tag).split("_")[1]


def default_script(tag: str) -> str:
    """The script the language is usually written in: "Deva" for `hin_Latn`; "Zyyy" (undetermined) if none is known."""
    try:
        return script(iso639_3(tag))
    except NoScript:
        return _UNDETERMINED


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


def _script_of_variants(language: langcodes.Language) -> str | None:
    return "Latn" if _ROMANISED & set(language.variants or ()) else None


def _likely_script(language: langcodes.Language) -> str | None:
    """The script a language is usually written in; None where nothing is known of it."""
    return _SCRIPTS.get(str(language.language)) or subtags.likely_script(str(language))


def _advice(wanted: str) -> str:
    names = _english_names()
    longer = [english for english in names if len(wanted) > 1 and english.startswith(wanted.title())]
    close = sorted(longer, key=names.__getitem__, reverse=True) or get_close_matches(wanted.title(), names, 1, 0.7)
    if close:
        return f"did you mean {close[0]!r}?"
    return "give an English name, an ISO 639 code or a tag such as deu_Latn"


@cache
def _english_names() -> dict[str, int]:
    """Names of the languages in CLDR, with the number of their speakers."""
    codes = [langcodes.Language.get(code) for code in LIKELY_SUBTAGS if len(code) in (2, 3) and code != UNKNOWN]
    return {code.language_name(): code.speaking_population() for code in sorted(codes, key=str)}
