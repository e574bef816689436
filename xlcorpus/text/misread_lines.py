"""Lines whose UTF-8 was read in another encoding as a whole: `ftfy` looks for pairs of characters that are seldom
beside each other, and takes none of Arabic in Windows-1251 or Russian in Mac OS Roman for damaged.

The proof is the form of UTF-8: each character above ASCII stands for a first byte or for a further one, in the right
number. Text in the letters of an encoding does not have this form by chance.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import ftfy.bad_codecs  # noqa: F401  (its encodings have the names that begin with "sloppy")
from ftfy.chardata import CHARMAP_ENCODINGS

_LETTERS = 3
"""Different letters that a line must have when read anew: "√π" is no ù."""
_NOT_LATIN = r"[^\W\d_A-Za-z\u00aa-\u024f\u1e00-\u1eff]"
_MIXED = re.compile(rf"[A-Za-z]{_NOT_LATIN}|{_NOT_LATIN}[A-Za-z]")
"""A letter of ASCII beside one that is not Latin: "A–Ö" is no text in Mac OS Roman."""


@cache
def misread_pattern() -> str:
    """A Rust regex for lines that have the form of UTF-8 in one of ftfy's encodings of one byte a character."""
    forms = [
        rf"(?:[\x00-\x09\x0b-\x7f]*(?:{_bytes(0xC2, 0xDF, name)}{more}|{_bytes(0xE0, 0xEF, name)}{more}{more}"
        rf"|{_bytes(0xF0, 0xF4, name)}{more}{more}{more}))+[\x00-\x09\x0b-\x7f]*"
        for name in CHARMAP_ENCODINGS
        for more in [_bytes(0x80, 0xBF, name)]
    ]
    return rf"(?m:^(?:{'|'.join(forms)})$)"


@cache
def misread_run_pattern() -> str:
    """A Rust regex for runs of characters of UTF-8 that was read in Windows-1251 or Mac OS Roman, in lines of which
    the rest may be right.
    """
    forms = []
    for name in ("sloppy-windows-1251", "macroman"):
        more = _bytes(0x80, 0xBF, name)
        forms += [rf"(?:{_bytes(0xC2, 0xDF, name)}{more}){{4,}}", rf"(?:{_bytes(0xE0, 0xEF, name)}{more}{more}){{3,}}"]
    return "|".join(forms)


def read_anew(line: str) -> str | None:
    """A line as UTF-8, or None if it has not that form in any of the encodings, or does not look like text then.

    >>> read_anew("Ð¼Ð¸Ñ\\x80")
    'мир'
    """
    for encoding in CHARMAP_ENCODINGS:
        try:
            read = line.encode(encoding).decode()
        except UnicodeError:
            continue
        letters = {char for char in read if char > "\x7f" and unicodedata.category(char)[0] in "LM"}
        if len(letters) >= _LETTERS and not _MIXED.search(read):
            return read
    return None


def _bytes(first: int, last: int, encoding: str) -> str:
    """A class of the characters that bytes stand for in an encoding."""
    chars = bytes(range(first, last + 1)).decode(encoding, "ignore")
    return "[" + "".join(rf"\x{{{ord(char):x}}}" for char in chars) + "]"
