"""Borders of words for search in texts, which respect marks: Python's `\\b` finds कल in कला."""

from __future__ import annotations

import sys
import unicodedata
from itertools import groupby


def _marks() -> str:
    """Unicode category M as ranges of a Python regex."""
    codes = (code for code in range(0x300, sys.maxunicode + 1) if unicodedata.category(chr(code))[0] == "M")
    runs = (list(run) for _, run in groupby(enumerate(codes), lambda pair: pair[1] - pair[0]))
    return "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" for run in runs)


WORD_CHARACTER = rf"[\w\u200c\u200d{_marks()}]"
"""A letter, mark or digit of any script, an underscore or a joiner, as a Python regex."""

WORD_END = f"(?!{WORD_CHARACTER})"
"""Stands behind a word, as a Python regex."""


def whole_word(pattern: str) -> str:
    r"""A Python regex that finds a pattern where no letter, mark or digit stands beside it.

    >>> re.search(whole_word("कल"), "कला") is None
    True
    """
    return f"(?<!{WORD_CHARACTER})(?:{pattern}){WORD_END}"
