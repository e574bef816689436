"""Sentences of Thai, which puts a mere space between them: a model finds them, where it is installed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version

EXTRA = "thai"
"""The extra that brings the model."""

_WINDOW = 2_000
"""Characters that the model sees at once: its features take far more memory than the text."""
_ABBREVIATION = re.compile(r"[\u0e01-\u0e4e]\.\s*\Z")


@cache
def thai_model() -> str | None:
    """Identity of the model that cuts Thai: "crfcut@pythainlp-5.4.0"; None where the extra `thai` is not installed."""
    try:
        version("python-crfsuite")
        return f"crfcut@pythainlp-{version('pythainlp')}"
    except PackageNotFoundError:
        return None


def without_cut_abbreviations(parts: Iterable[str]) -> list[str]:
    """Parts of a text, joined where a cut stands behind a Thai letter and a full stop, which is an abbreviation.

    >>> without_cut_abbreviations(["พ.", "ศ. ", "2567"])
    ['พ.ศ. 2567']
    """
    found: list[str] = []
    for part in parts:
        if found and _ABBREVIATION.search(found[-1][-8:]):
            found[-1] += part
        else:
            found.append(part)
    return found


def thai_parts(text: str) -> list[str]:
    """A text cut into sentences, with the white space behind them; their join is the text. Whole without the model.

    The model is `crfcut` of pythainlp (a conditional random field over dictionary words); long texts pass it in
    windows, each from the start of the last sentence of the one before.
    """
    if thai_model() is None:
        return [text]
    segment = _crfcut()
    parts: list[str] = []
    at = 0
    while at < len(text):
        window = text[at : at + _WINDOW]
        found = without_cut_abbreviations(_cut(window, segment))
        if len(found) > 1 and at + len(window) < len(text):
            found.pop()
        parts += found
        at += sum(map(len, found))
    return parts


def _cut(window: str, segment: Callable[[str], list[str]]) -> list[str]:
    """What the model finds, with the white space that it drops at the end of a text."""
    found = segment(window) if window.strip() else []
    rest = window.removeprefix("".join(found))
    if not found or rest.strip():
        return [window]
    return [*found[:-1], found[-1] + rest]


@cache
def _crfcut() -> Callable[[str], list[str]]:
    os.environ.setdefault("PYTHAINLP_READ_ONLY", "1")  # it makes a folder in the user's home otherwise
    from pythainlp.tokenize.crfcut import segment

    found: Callable[[str], list[str]] = segment
    return found
