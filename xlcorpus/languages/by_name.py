"""A language by what people call it: "German", "Serbian (Latin)", "Chinese, Traditional", "Deutsch"."""

from __future__ import annotations

import re
from functools import cache

import langcodes
from langcodes.data_dicts import ALL_SCRIPTS, MACROLANGUAGES
from language_data.names import get_trie_value, load_trie, normalize_name
from language_data.util import data_filename

from xlcorpus.languages.countries import territory
from xlcorpus.languages.subtags import scripts

_IN_ENGLISH, _IN_ANY = "en", "und"
"""Name tables of language_data. English goes first: many rare languages bear the name that another language has
elsewhere (Fala is French in Kwasio)."""

_ABOUT = re.compile(
    r"\b(?:languages?|lang|dialects?|macrolanguage|individual|standard|modern|contemporary|common|generic|general|"
    r"script|alphabet|letters|characters?|writing|written|in|the|sprache|schrift|idioma|lengua|langue|lingua|língua|"
    r"taal|språk|sprog|język|jazyk|язык|мова|език|jezik|dili|tili|bahasa|γλώσσα)\b"
)
"""Words that say nothing of which language it is."""

_WAYS_OF_WRITING = {
    "pinyin": "Latn", "romaji": "Latn", "rōmaji": "Latn", "roman": "Latn", "romanized": "Latn", "romanised": "Latn",
    "transliterated": "Latn", "kanji": "Jpan", "jawi": "Arab", "shahmukhi": "Arab", "perso arabic": "Arab",
    "nastaliq": "Arab", "latinica": "Latn", "ćirilica": "Cyrl", "cirilica": "Cyrl",
}  # fmt: skip
"""Names of ways of writing that the table of scripts lacks."""

_NO_TEXT = re.compile("[\x00-\x1f\ud800-\udfff]")
"""Characters that no name has, and that the tables cannot look up."""

_CODES = re.compile(r"[\W_]*[a-z]{2,3}([\W_]+[A-Za-z]{2,4})*[\W_]*")
"""Codes, and what people put between them: no part of it is a name (`de en` is not En, a language of Vietnam)."""

_FULL_WIDTH = str.maketrans({"（": " (", "(": " (", "）": ")", "，": ", ", "、": ", "})

_TRADITIONAL = {"mn": "Mong"}
"""The script that is called traditional, in languages other than Chinese."""


def find(wanted: str) -> langcodes.Language | None:
    """The language of a name, with the script or territory that the name holds, or None.

    A name is a known one, or a known one with a script, a territory or a variety in brackets, after a comma or
    beside it.
    """
    wanted = wanted.translate(_FULL_WIDTH)
    words = normalize_name(re.sub(r"[\[\]_/;:–—]", " ", wanted)).split()
    if not words or len(words) > 8 or _NO_TEXT.search(wanted):
        return None
    apart = bool(re.search(r"[(,]| - ", wanted))
    codes = bool(_CODES.fullmatch(wanted))
    if codes and len(words) == 1 and wanted not in words:
        return None
    for table in (_IN_ENGLISH, _IN_ANY):
        code = _code("language", " ".join(words), table)
        if code is None and not codes:
            parted = (_parted(words, at, table, apart) for at in range(len(words) - 1, 0, -1))
            code = next(filter(None, parted), None)
        if code is not None:
            return langcodes.Language.get(code)
    return None


def is_main_name(word: str) -> bool:
    """Whether a word, written as a name is, is the usual English name of a language: "Ha", not "ha" or "HA"."""
    if word != word.title() or (code := _code("language", word.lower(), _IN_ENGLISH)) is None:
        return False
    return bool(langcodes.Language.get(code).language_name() == word)


def _parted(words: list[str], at: int, table: str, apart: bool) -> str | None:
    """The tag where a name has two parts: a language's name and what tells which of its forms is meant.

    Args:
        apart: whether brackets or a comma set them apart. If not, a second language is no form of the first:
            "English Greek" is two languages, and no English in Greek letters.
    """
    for name, rest in ((words[:at], words[at:]), (words[at:], words[:at])):
        if not apart and rest != ["latin"] and _code("language", " ".join(rest), _IN_ENGLISH) is not None:
            continue
        code = _code("language", " ".join(name), table) or _code("language", _bare(name), table)
        if code is not None and (found := _form(code, " ".join(name), rest, table)) is not None:
            return found
    return None


def _form(code: str, name: str, words: list[str], table: str) -> str | None:
    """The tag of a form of a language, told by words beside its name; None if they are not understood."""
    rest = " ".join(words)
    for whole in (f"{rest} {name}", f"{name} {rest}"):
        if (found := _code("language", whole, table)) is not None:
            return found
    rest = _bare(words)
    if not rest:
        return code
    language = langcodes.Language.get(code)
    if (script := _script(rest)) is not None:
        return _written(language, script)
    place = territory(rest) if len(rest) == 2 else _code("territory", rest, table)
    if place is not None and len(place) == 2:
        return str(language.update_dict({"territory": place}))
    variety = _code("language", rest, table)
    if variety is not None and _family(variety) == _family(code):
        return variety
    return None


def _written(language: langcodes.Language, script: str) -> str | None:
    if script == "Hant" and language.language in _TRADITIONAL:
        script = _TRADITIONAL[str(language.language)]
    if script in ("Hans", "Hant") and script not in scripts(str(language.language)):
        return None
    return str(language.update_dict({"script": script}))


def _script(name: str) -> str | None:
    if name.title() in ALL_SCRIPTS:
        return name.title()
    return _WAYS_OF_WRITING.get(name) or _code("script", name, _IN_ENGLISH) or _code("script", name, _IN_ANY)


def _family(code: str) -> str:
    language = str(langcodes.Language.get(code).language)
    return str(MACROLANGUAGES.get(language, language))


def _bare(words: list[str]) -> str:
    return " ".join(_ABOUT.sub(" ", " ".join(words)).split())


def _code(category: str, name: str, table: str) -> str | None:
    """The code of exactly this name (`langcodes.find` also takes the beginning of a name for the name)."""
    trie = _table(category, table)
    return str(get_trie_value(trie, name)) if name and name in trie else None


@cache
def _table(category: str, table: str):  # type: ignore[no-untyped-def]  # a class of marisa_trie, which has no types
    return load_trie(data_filename(f"trie/{table}/name_to_{category}.marisa"))


def known_names(display: str) -> list[tuple[str, str]]:
    """All names of languages in one language (its code as CLDR has it), in small letters, with their codes."""
    try:
        table = _table("language", display)
    except OSError:  # language_data has no names in that language
        return []
    return [(name, code.decode()) for name, code in table.items()]
