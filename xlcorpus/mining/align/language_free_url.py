"""URLs of translated pages without their language, so that they are equal in all languages.

Sites put the language in the host (de.example.org), in the path (/de/x.html, /de-CH/x), in the query (?lang=de) or in
the file's name (x.de.md, x_de.html), as STRAND found (Resnik & Smith 2003, J03-3002); the site's own language often
goes without. It is removed, not replaced, so that /de/x.html and /x.html meet.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import langcodes

from xlcorpus import languages

LANGUAGE_KEYS = ("lang", "language", "locale", "hl", "lng", "l", "setlang", "uselang")
"""Query parameters that hold a language."""

_INFIX = re.compile(r"[._-]")


def language_free_url(url: str, lang: str) -> str:
    """The address without the marks of one language.

    >>> language_free_url("https://de.example.org/de-CH/x.html?lang=de", "deu_Latn")
    '//example.org/x.html'

    The scheme, `www.`, a final slash and `index.*` go too, and case; other marks stay: a page of another language than
    the given one keeps its code.

    Args:
        url: an address or a path.
        lang: language tag of the text behind it.
    """
    parts = urlsplit(url.strip())
    labels = [label for label in parts.netloc.lower().split(".") if label != "www"]
    if len(labels) > 2 and _names(labels[0], lang):
        labels = labels[1:]
    steps = [unquote(step) for step in parts.path.split("/") if step]
    kept = [step for step in steps[:-1] if not _names(step, lang)]
    if steps and not _names(steps[-1], lang):
        last = _plain_file(steps[-1], lang)
        kept += [last] if not last.startswith("index.") and last != "index" else []
    query = [(key, value) for key, value in parse_qsl(parts.query) if not _language_value(key, value, lang)]
    host = f"//{'.'.join(labels)}" if labels else ""
    return "/".join([host, *kept]).lower() + (f"?{urlencode(sorted(query))}" if query else "")


def _plain_file(name: str, lang: str) -> str:
    """`x.de.md` and `x_de.md` as `x.md`; a code that is all of the stem (`de.md`) stays away too."""
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    if _names(stem, lang):
        return f"index{dot}{ending}"
    for split in list(_INFIX.finditer(stem))[::-1][:2]:
        if _names(stem[split.end() :], lang):
            return stem[: split.start()] + dot + ending
    return name if not _names(ending, lang) else stem


def _language_value(key: str, value: str, lang: str) -> bool:
    return key.lower() in LANGUAGE_KEYS and _names(value, lang)


@lru_cache(maxsize=1 << 16)
def _names(word: str, lang: str) -> bool:
    """Whether a part of an address is the language: `de`, `deu`, `de-CH`, `de_ch`, `german`, `deutsch`."""
    word = word.lower().replace("_", "-")
    if word in _spelt(lang):
        return True
    code, dash, region = word.partition("-")
    return bool(dash) and code in _codes(lang) and re.fullmatch(r"[a-z]{2}|[a-z]{4}|\d{3}", region) is not None


@lru_cache(maxsize=1024)
def _codes(lang: str) -> frozenset[str]:
    return frozenset({languages.hub_tag(lang), languages.iso639_3(lang)})


@lru_cache(maxsize=1024)
def _spelt(lang: str) -> frozenset[str]:
    language = langcodes.Language.get(languages.hub_tag(lang))
    return _codes(lang) | {language.language_name().lower(), language.autonym().lower()}
