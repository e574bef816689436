"""Classes of characters that measures of documents count, as bits of one table over all code points."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from xlcorpus.text.code_points import flags

Flags = npt.NDArray[np.uint16]

LETTER, MARK, DIGIT, SYMBOL, SPACE, SENTENCE_END, STOP, BULLET, SEPARATOR, HAN, KANA = (
    np.uint16(1 << bit) for bit in range(11)
)


@cache
def character_classes() -> Flags:
    """(0x110000,) uint16: bits `LETTER`, `MARK`, ... of each code point."""
    return flags(
        (
            r"\p{L}",
            r"[\p{M}\u200c\u200d]",
            r"\p{N}",
            r"[\p{P}\p{S}\p{Z}\p{C}--\u200c\u200d]",
            r"\s",
            r"[\p{Sentence_Terminal}…⋯]",
            r"[\p{Terminal_Punctuation}…⋯]",
            "[-•・]",
            "[|·•»›>\t\n]",
            r"\p{Han}",
            r"[\p{Hiragana}\p{Katakana}\p{Hangul}]",
        )
    )
