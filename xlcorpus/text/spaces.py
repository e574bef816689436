"""White space that separates, and white space that belongs to a word."""

from __future__ import annotations

import re

SPACE = r"(?!(?<=\S)\u202f[\u1800-\u18af])\s"
"""A character of white space, as a Python regex; the narrow space before a Mongolian suffix is none."""

_SPACES = re.compile(rf"(?:{SPACE})+")


def single_spaced(text: str) -> str:
    """A text in one line, with one space between its words and none around them.

    >>> single_spaced(" ein\\n  Wort ")
    'ein Wort'
    """
    if "\u202f" not in text:  # ten times faster
        return " ".join(text.split())
    return _SPACES.sub(" ", text).strip()
