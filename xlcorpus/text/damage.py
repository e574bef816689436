"""Which texts a repair of their encoding may change: most are proved sound without asking `ftfy`, 100 times as fast."""

from __future__ import annotations

import re
from functools import cache

import polars as pl
from ftfy.badness import BADNESS_RE

from xlcorpus.text.misread_lines import misread_pattern

_ENTITY = r"&#?[0-9A-Za-z]{1,24};"
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u206a-\u206f\ufeff\ufff9-\ufffc]"
"""Control characters, escapes of terminals, and line ends other than the usual one."""


def damaged_expr(text: pl.Expr, entities: bool = True) -> pl.Expr:
    """Whether `ftfy.fix_text` or `read_anew` may change each text of an expression; false proves that neither does.

    Args:
        text: String expression.
        entities: whether HTML entities are to be replaced.
    """
    pattern = f"{mojibake_pattern()}|{misread_pattern()}|{_CONTROL}" + (f"|{_ENTITY}" if entities else "")
    return text.str.contains(pattern) | (text.str.normalize("NFC") != text)


@cache
def mojibake_pattern() -> str:
    """ftfy's heuristic for mojibake as a Rust regex; a little wider."""
    return rust_pattern(BADNESS_RE.pattern)


def rust_pattern(verbose: str) -> str:
    """A verbose regex of Python, without lookaround, as a Rust regex that finds all that it finds.

    A line begins where Python's text does: ftfy looks at lines one by one.
    """
    without_notes = re.sub(r"(?m)^\s*#.*$", "", verbose)
    pieces = re.split(r"(\[(?:\\.|[^\]\\])*\])", without_notes)
    found = []
    for piece in pieces:
        if piece.startswith("["):
            found.append("[" + re.sub(r"[\[&~]", r"\\\g<0>", piece[1:-1]) + "]")
        else:
            found.append(re.sub(r"\s+", "", piece).replace("^", "(?m:^)"))
    return "".join(found).replace(r"\w", r"[\w\p{N}]").replace(r"\s", r"[\s\x1c-\x1f]")
