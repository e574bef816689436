"""Hard negatives for xSIM++ in any language: sentences with one change.

Rules of this project:

- `number`: a number becomes another of as many digits, in the same digits,
- `entity`: a capitalised word that does not begin the sentence becomes one of another sentence (scripts with case),
- `word`: a word becomes a word of another sentence.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import polars as pl

from xlcorpus.arrays import Ints64
from xlcorpus.errors import UserError, nearest
from xlcorpus.text.casing import case_of
from xlcorpus.text.word_units import word_units_expr

_NUMBER = re.compile(r"\d+")

Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class HardNegatives:
    """Changed sentences, and their originals."""

    texts: list[str]
    """(h,)"""
    made_of: Ints64
    """(h,) int64: row of the original"""
    kinds: list[str]
    """(h,)"""


def hard_negatives(
    texts: Sequence[str], kinds: Sequence[str] = ("number", "entity", "word"), seed: int = 0
) -> HardNegatives:
    """At most one negative of each kind for each sentence; fewer where it has no number or name.

    A negative is never one of `texts`.

    Args:
        texts: (n,) distinct sentences of one language.
        kinds: which rules.
        seed: of all choices.

    Raises:
        UserError: no such kind.
    """
    for kind in kinds:
        if kind not in _RULES:
            raise UserError(f"no hard negatives of kind {kind!r}; {nearest(kind, _RULES)}")
    spans = _word_spans(texts)
    there = set(texts)
    made: list[tuple[str, int, str]] = []
    for kind in kinds:
        # Each sentence has a random generator of its own, so that adding a sentence changes no other negative.
        change = _RULES[kind](texts, spans)
        for row in range(len(texts)):
            new = change(row, random.Random(f"{seed} {kind} {texts[row]}"))
            if new is not None and new not in there:
                there.add(new)
                made.append((new, row, kind))
    made.sort(key=lambda m: m[1])
    return HardNegatives([m[0] for m in made], np.array([m[1] for m in made], dtype=np.int64), [m[2] for m in made])


Change = Callable[[int, random.Random], str | None]


def _numbers(texts: Sequence[str], spans: list[Spans]) -> Change:
    def change(row: int, draw: random.Random) -> str | None:
        found = list(_NUMBER.finditer(texts[row]))
        if not found:
            return None
        at = draw.choice(found)
        zero = ord(at[0][-1]) - unicodedata.digit(at[0][-1])
        value, size = int(at[0]), len(at[0])
        # Numbers of several digits do not begin with 0, so that only the value changes.
        least = 10 ** (size - 1) if size > 1 else 0
        new = draw.randrange(least, 10**size - 1)
        new += new >= value >= least
        digits = "".join(chr(zero + int(d)) for d in str(new).rjust(size, "0"))
        return texts[row][: at.start()] + digits + texts[row][at.end() :]

    return change


def _entities(texts: Sequence[str], spans: list[Spans]) -> Change:
    names = [[(a, b) for a, b in found[1:] if case_of(texts[row][a:b]) != "small"] for row, found in enumerate(spans)]
    return _exchange(texts, names)


def _words(texts: Sequence[str], spans: list[Spans]) -> Change:
    return _exchange(texts, spans)


_RULES: dict[str, Callable[[Sequence[str], list[Spans]], Change]] = {
    "number": _numbers,
    "entity": _entities,
    "word": _words,
}


def _exchange(texts: Sequence[str], spans: list[Spans]) -> Change:
    """Replaces a word of the sentence by one of another sentence."""
    pool = sorted(set(chain.from_iterable((texts[row][a:b] for a, b in found) for row, found in enumerate(spans))))

    def change(row: int, draw: random.Random) -> str | None:
        if not spans[row]:
            return None
        start, end = draw.choice(spans[row])
        own = {texts[row][a:b].casefold() for a, b in spans[row]}
        for _ in range(10):
            new = draw.choice(pool)
            if new.casefold() not in own:
                return texts[row][:start] + new + texts[row][end:]
        return None

    return change


def _word_spans(texts: Sequence[str]) -> list[Spans]:
    """Start and end of the words of each sentence."""
    found = pl.DataFrame({"text": list(texts)}, schema={"text": pl.String}).select(word_units_expr(pl.col("text")))
    spans: list[Spans] = []
    for text, words in zip(texts, found.to_series().to_list(), strict=True):
        here, after = [], 0
        for word in words:
            start = text.index(word, after)
            after = start + len(word)
            here.append((start, after))
        spans.append(here)
    return spans
