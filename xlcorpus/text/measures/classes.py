"""Classes of characters that measures of documents count, as bits of one table over all code points."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from xlcorpus.text.code_points import flags

Flags = npt.NDArray[np.uint16]

LETTER, MARK, DIGIT, SYMBOL, SPACE, SENTENCE_END, TERMINAL, BULLET, SEPARATOR, HAN, KANA_HANGUL = (
    np.uint16(1 << bit) for bit in range(11)
)

WORD_CHARACTER = LETTER | MARK | DIGIT

_PATTERNS = {
    LETTER: r"\p{L}",
    MARK: r"[\p{M}\u200c\u200d]",  # joiners belong to the word as marks do
    DIGIT: r"\p{N}",
    SYMBOL: r"[\p{P}\p{S}\p{Z}\p{C}--\u200c\u200d]",
    SPACE: r"\s",
    SENTENCE_END: r"[\p{Sentence_Terminal}…⋯\x{0F0D}-\x{0F11}]",  # Unicode does not count the Tibetan shad
    TERMINAL: r"[\p{Terminal_Punctuation}…⋯]",  # commas and colons of all scripts too
    BULLET: "[-•・]",
    SEPARATOR: "[|·•»›>\t\n]",  # between entries of a menu
    HAN: r"\p{Han}",
    KANA_HANGUL: r"[\p{Hiragana}\p{Katakana}\p{Hangul}]",
}
"""Rust regexes of one character."""


@cache
def character_classes() -> Flags:
    """(0x110000,) uint16: the bits `LETTER`, `MARK`, ... of each code point."""
    return flags([_PATTERNS[bit] for bit in sorted(_PATTERNS)])
