"""Texts without what is written alike in every language: formulas, code, addresses."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Literal

import polars as pl

from xlcorpus.text.protect import ADDRESSES, CODE, FORMULAS

Masked = Literal["math", "code", "url"]
"""What can be left out."""

_PATTERNS: dict[Masked, tuple[str, ...]] = {"math": FORMULAS, "code": CODE, "url": ADDRESSES}


def without(texts: pl.Series, masked: Collection[Masked]) -> pl.Series:
    """(n,) String: the texts with a space in place of each formula, piece of code or address.

    Formulas are those of LaTeX, in its marks or between dollar signs; code is fenced or inline as in Markdown;
    addresses are of the web or of mail.
    """
    if not masked:
        return texts
    pattern = _pattern(frozenset(masked))
    # Text by text: the patterns look around and back, which polars' do not.
    return pl.Series(texts.name, [None if t is None else pattern.sub(" ", t) for t in texts], dtype=pl.String)


@cache
def _pattern(masked: frozenset[Masked]) -> re.Pattern[str]:
    # Code first: a dollar sign in it begins no formula.
    spans = [span for kind in ("code", "math", "url") if kind in masked for span in _PATTERNS[kind]]
    return re.compile("|".join(spans), re.DOTALL)
