"""Letters in words, characters of codes, digits: whether a text is in a language at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Ints64
from xlcorpus.compiled import compiled
from xlcorpus.models.identifiers.line_characters import IS_CAPITAL, IS_DENSE, IS_DIGIT, IS_LETTER, IS_MARK, IS_SMALL
from xlcorpus.text.code_points import Codes

WORDS, CODES, DIGITS, LENGTH = range(4)
"""Columns of `Lines.counts`: letters in words, a Chinese character as three; letters and digits in codes (hashes, names
of variables, part numbers); other digits; the length in characters as `xlcorpus.text.quality.length` counts them,
without addresses and without spaces that follow spaces."""

MIN_WORD_SHARE = 0.25
"""Share of letters in words among all letters and digits, below which a text is in no language."""

MAX_ASCII_WORD = 45
"""ASCII letters in a row, capitals among them, that can be a word; more are a code. Small ones may be a sentence
written without spaces (romanised Chinese)."""
LETTERS_TO_DIGIT = 8
"""Letters for each digit in a code, at most."""


@compiled
def count_words(codes: Codes, first: int, last: int, classes: npt.NDArray[np.uint16], counts: Ints64) -> None:
    """Add the letters in words, the characters of codes and the digits of one text.

    A code is a run of ASCII letters with many digits, underscores or several capitals inside, or capitals and digits
    that a hyphen, point, slash or colon joins. Other scripts have digits inside words (2026年).
    """
    words = codes_in = digits = 0  # of a token: runs that are joined
    joined = small = foreign = False
    run_letters = run_digits = switches = capitals = 0
    under = run_foreign = False
    for i in range(first, last + 1):
        kind = classes[codes[i]] if i < last else np.uint16(0)
        if kind & (IS_LETTER | IS_DIGIT | IS_MARK):
            if kind & IS_DIGIT:
                run_digits += 1
            elif kind & IS_LETTER:
                run_letters += 3 if kind & IS_DENSE else 1
                if kind & IS_CAPITAL and run_letters > 1 and classes[codes[i - 1]] & IS_SMALL:
                    switches += 1
                if kind & IS_CAPITAL:
                    capitals += 1
                small = small or (kind & IS_SMALL) != 0
                run_foreign = run_foreign or codes[i] > 127
            continue
        inside = (
            i < last
            and i > first
            and i + 1 < last
            and classes[codes[i - 1]] & (IS_LETTER | IS_DIGIT)
            and classes[codes[i + 1]] & (IS_LETTER | IS_DIGIT)
        )
        if inside and codes[i] == 95:
            under = True
            continue
        if run_letters == 0:
            digits += run_digits
        elif not run_foreign and (
            run_digits * LETTERS_TO_DIGIT > run_letters
            or under
            or switches > 1
            or (run_letters > MAX_ASCII_WORD and capitals > 1)
        ):
            codes_in += run_letters + run_digits
        else:
            words += run_letters
            digits += run_digits
        foreign = foreign or run_foreign
        run_letters = run_digits = switches = capitals = 0
        under = run_foreign = False
        if inside and (codes[i] == 45 or codes[i] == 46 or codes[i] == 47 or codes[i] == 58):
            joined = True
            continue
        if joined and digits and not small and not foreign:
            codes_in += words + digits
            words = digits = 0
        counts[WORDS] += words
        counts[CODES] += codes_in
        counts[DIGITS] += digits
        words = codes_in = digits = 0
        joined = small = foreign = False
