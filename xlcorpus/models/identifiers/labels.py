"""Labels of published identifiers as our tags."""

from __future__ import annotations

from xlcorpus import languages
from xlcorpus.errors import UserError

PREFIX = "__label__"
"""What fastText puts before every label."""

_WIKIPEDIA = {"als": "gsw_Latn", "bh": "bho_Deva", "eml": "egl_Latn", "sh": "hrv_Latn"}
"""Labels of lid.176 that are Wikipedia's codes and mean something else, or nothing, in ISO 639."""

_WITH_HAN = ("Hans", "Hant", "Jpan", "Hang")


def tag_of(label: str) -> str:
    """The tag of a label: `deu_Latn` of `__label__de` (lid.176), `__label__deu_Latn` (NLLB, GlotLID, OpenLID).

    `zxx` of what a model calls no language (`zxx_Zxxx` of OpenLID-v3), `und` of a label that names no language we know.
    A label with Hani (`cmn_Hani` of GlotLID) gets the usual script of the language: the model does not tell the two
    ways of writing Chinese apart.

    >>> tag_of("__label__cmn_Hani")
    'zho_Hans'
    """
    code = label.removeprefix(PREFIX)
    if code.split("_")[0] == languages.NO_LANGUAGE:
        return languages.NO_LANGUAGE
    try:
        tag = languages.parse(_WIKIPEDIA.get(code, code))
    except UserError:  # a code that no standard has
        return languages.UNKNOWN
    if tag == languages.UNKNOWN:
        return tag
    usual = languages.default_script(tag)
    return f"{languages.iso639_3(tag)}_{usual}" if languages.script(tag) == "Hani" and usual in _WITH_HAN else tag
