"""Languages that identifiers mistake for each other, and what tells Chinese and Japanese texts in Han alone apart."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from xlcorpus import languages
from xlcorpus.arrays import Bools, Ints64
from xlcorpus.text.code_points import CodePoints

_CLOSE = ({"swe", "dan", "nob", "nno"},)
"""ISO 639-3 codes of close languages that are in no common macrolanguage."""

_CHINESE = "zho"
_JAPANESE = "jpn"


def close(a: str, b: str, han: bool = False) -> bool:
    """Whether an identifier may take a text in the language `a` for one in `b`: tags.

    Members of one macrolanguage are close (Croatian, Serbian and Bosnian; both forms of Norwegian; Indonesian and
    Malay; all Chinese ones), and so are Swedish, Danish and Norwegian.

    Args:
        han: the text is in Chinese characters alone: it may be Japanese too.
    """
    if languages.same_language(a, b):
        return True
    codes = {languages.iso639_3(a), languages.iso639_3(b)}
    if han and _JAPANESE in codes:
        return any(languages.same_language(tag, _CHINESE) for tag in (a, b))
    return any(codes <= group for group in _CLOSE)


@cache
def _characters() -> tuple[Bools, Bools, Bools]:
    """(0x110000,) each: characters of simplified Chinese, of traditional Chinese and of Japanese alone.

    Those that the national standard of one has (GB 2312, Big5, JIS X 0208) and those of the others lack.
    """
    found = [np.zeros(0x110000, dtype=np.bool_) for _ in range(3)]
    for table, standard in zip(found, ("gb2312", "big5", "shift_jis"), strict=True):
        for code in range(0x4E00, 0xA000):
            table[code] = bool(chr(code).encode(standard, "ignore"))
    simplified, traditional, japanese = found
    return simplified & ~traditional, traditional & ~simplified, japanese & ~simplified & ~traditional


def han_evidence(texts: pl.Series) -> Ints64:
    """(texts, 3) characters that only simplified Chinese, traditional Chinese and Japanese have."""
    points = CodePoints.of(texts)
    sums = [np.concatenate([[0], np.cumsum(table[points.codes])]) for table in _characters()]
    return np.stack([np.diff(total[points.bounds]) for total in sums], axis=1).astype(np.int64)
