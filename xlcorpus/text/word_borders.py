"""Borders of words for search in texts, which respect marks: Python's `\\b` finds कल in कला."""

from __future__ import annotations

import numpy as np

from xlcorpus.text.code_points import members


def _marks() -> str:
    """Unicode category M as ranges of a Python regex."""
    codes = np.flatnonzero(members(r"\p{M}"))
    runs = np.split(codes, np.flatnonzero(np.diff(codes) > 1) + 1)
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in runs)


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
