"""Whether a text can be in the language that a user names, judged by its script."""

from __future__ import annotations

import re
from typing import NamedTuple

import langcodes
from langcodes.data_dicts import ALL_SCRIPTS

from xlcorpus.languages import countries, subtags, tags

_WRITTEN = {"Hans": "Hani", "Hant": "Hani", "Kore": "Hang", "Aran": "Arab"}
"""What a script is called that cannot be told from the letters alone."""

_ALSO = {"Jpan": ("Hani", "Hira", "Kana"), "Hang": ("Hani",)}
"""Scripts that a text in another may hold alone: Japanese without kana."""

_RARE = {"br", "ch", "co", "cr", "cu", "ee", "ie", "lu", "na", "se", "ve", "za"}
"""Codes of languages with little text, whose letters are also the code of a country with far more, in one script:
`se` is Northern Sami, Sweden's Swedish is `sv`."""

_ABBREVIATIONS = {
    "bcs": ("bs", "hr", "sr"), "can": ("yue",), "cro": ("hr",), "jap": ("ja",), "man": ("zh",), "rom": ("ro",),
    "ser": ("sr",),
}  # fmt: skip
"""Codes of rare languages that people write as an abbreviation of other languages' names."""


class Doubt(NamedTuple):
    """Why a text is probably not in the language that was named."""

    sentence: str
    refuse: bool
    """whether the name must be another: it is rather that of a country whose language has the text's script"""


def doubt(name: str, written_in: str | None) -> Doubt | None:
    """Compare the language a user names with the script of the text; None where nothing speaks against it.

    Args:
        name: as the user wrote it: `kr`, "Ukrainian", `sr-Latn`.
        written_in: ISO 15924 code of the script that most letters of the text are in, with Jpan for Han with kana,
            Hani for Han alone and Hang for Hangul; None: unknown.

    Raises:
        UserError: `name` is no language, see `parse`.
    """
    tag = tags.parse(name)
    if tag == tags.UNKNOWN:
        return None
    first = re.split("[-_]", name.strip().lower())[0]
    place = countries.territory(first)
    told = _script_given(name)
    known = {tags.script(tag)} if told else {tags.script(tag), *_scripts(tag)}
    if written_in is None or _fits(written_in, tags.script(tag)):
        return _rare(first, tag, place, written_in)
    text = f"the text is in the {_script_name(written_in)} script"
    if told:
        return Doubt(f"{name} is {tags.name(tag)}, but {text}", False)
    what = f"{name} is {tags.name(tag)} ({tag})"
    escape = f"{tags.iso639_3(tag)}_{_tagged(written_in)}"
    if any(_fits(written_in, script) for script in known):
        return Doubt(f"{what}, but {text}: write {escape}", False)
    if (other := _other(first, tag, place, written_in)) is not None:
        return Doubt(f"{what}, but {text}: {other}; if it is {tags.name(tag)} all the same, write {escape}", True)
    unusual = f", which {tags.name(tag)} is not written in" if _scripts(tag) else ""
    return Doubt(f"{what}, but {text}{unusual}: if that is right, write {escape}", False)


def _other(first: str, tag: str, place: str | None, written_in: str) -> str | None:
    """The language that is meant by the letters instead, in the script of the text."""
    there = countries.spoken_in(place) if place else []
    if there and tags.same_language(there[0], tag):
        return None
    for spoken in (*_ABBREVIATIONS.get(first, ()), *there):
        other = tags.parse(spoken)
        if tags.same_language(other, tag):
            continue
        scripts = {tags.script(other), *_scripts(other)}
        if any(_fits(written_in, script) for script in scripts):
            meant = f"{tags.name(tags.iso639_3(other))} is {tags.hub_tag(other)}"
            if place and first not in _ABBREVIATIONS:
                return f"{first} is also the code of a country ({countries.country_name(place)}), and {meant}"
            return meant
    return None


def _rare(first: str, tag: str, place: str | None, written_in: str | None) -> Doubt | None:
    """A warning for a code of a language with little text that is often written by mistake."""
    if first in _ABBREVIATIONS:
        meant = " or ".join(f"{tags.name(code)} ({code})" for code in _ABBREVIATIONS[first])
        return Doubt(f"{first} is {tags.name(tag)} ({tag}); is it {meant}?", False)
    if first in _RARE and place and written_in == tags.script(tag):
        country = countries.country_name(place)
        return Doubt(
            f"{first} is {tags.name(tag)} ({tag}), and also the code of a country ({country}); if that is meant: "
            f"{tags.answer(place)}",
            False,
        )
    return None


def _script_given(name: str) -> bool:
    """Whether a name holds its script: `hi-Latn`, "Serbian (Latin)"."""
    if any(part.title() in ALL_SCRIPTS for part in re.split("[-_ ]", name)[1:]):
        return True
    return "_" not in name and " " in name.strip() and tags.script(name) != tags.default_script(name)


def _scripts(tag: str) -> frozenset[str]:
    iso = tags.iso639_3(tag)
    code = str(langcodes.Language.get(iso).language)
    return subtags.scripts(iso, code, tags.hub_tag(tag).split("-")[0])


def _fits(written_in: str, script: str) -> bool:
    script = _WRITTEN.get(script, script)
    return written_in in (script, *_ALSO.get(script, ()))


def _tagged(written_in: str) -> str:
    return "Hans" if written_in == "Hani" else written_in


def _script_name(script: str) -> str:
    name = {"Hang": "Hangul", "Hani": "Han", "Jpan": "Japanese"}.get(script)
    return name or str(langcodes.Language.make(script=script).script_name())
