"""Classes of characters for texts that an identifier reads, and their small letters and capitals."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from xlcorpus.text.code_points import Codes, flags, members, small_letters
from xlcorpus.text.fold import CASED
from xlcorpus.text.scripts import UNICODE_SCRIPTS
from xlcorpus.text.word_units import UNSPACED

SCRIPTS = tuple(sorted({name for names in UNICODE_SCRIPTS.values() for name in names}))
"""Unicode names of the scripts whose letters are counted."""

IS_LETTER, IS_MARK, IS_DIGIT, IS_SPACE, IS_CAPITAL, IS_SMALL, IS_DENSE, IS_HALF_DENSE, IS_UNSPACED, IS_END, IS_RULE = (
    np.uint16(1 << bit) for bit in range(11)
)


@cache
def tables() -> tuple[npt.NDArray[np.uint16], Codes, Codes, npt.NDArray[np.uint8]]:
    """(0x110000,) each: classes, small letters, capitals at the beginning of a sentence, scripts (by place)."""
    classes = flags(
        (
            r"\p{L}",
            r"[\p{M}\x{200C}\x{200D}]",
            r"\p{N}",
            r"[\s\x00-\x1F]",
            r"\p{Lu}",
            r"\p{Ll}",
            r"\p{Han}",
            r"[\p{Hiragana}\p{Katakana}\p{Hangul}]",
            rf"[{UNSPACED}]",
            r"[.!?…]",
            "[-_*=~#]",
        )
    )
    small = small_letters().copy()
    small[~members(CASED)] = np.flatnonzero(~members(CASED))
    capital = np.arange(0x110000, dtype=np.uint32)
    # Georgian has no capitals at the beginnings of sentences.
    of_sentences = members(CASED) & ~members(r"[\x{1C90}-\x{1CBF}]")
    # From the end: of two capitals of one letter (K and the sign of Kelvin) the first is the usual one.
    for code in np.flatnonzero(of_sentences & (small != capital))[::-1].tolist():
        capital[small[code]] = code
    scripts = np.full(0x110000, len(SCRIPTS), dtype=np.uint8)
    for place, name in enumerate(SCRIPTS):
        scripts[members(rf"\p{{{name}}}")] = place
    return classes, small, capital, scripts
