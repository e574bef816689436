"""The option `pairs` of steps that pair languages: which ones, and in which direction."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from xlcorpus import languages
from xlcorpus.errors import UserError


class Pivots(BaseModel):
    """Each pivot against every other language, as CRISS pairs its 25 languages with four (Tran et al. 2020)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pivots: list[str] = Field(min_length=1)


LanguagePairs = Literal["all"] | Pivots | list[str]
"""all, {pivots: [en, es]}, or a list such as [de-en, fr-en]."""


def language_pairs(pairs: LanguagePairs, have: Sequence[str], work: str) -> list[tuple[str, str]]:
    """The pairs of tags to work on, given the languages there are.

    Args:
        pairs: the option.
        have: tags of the languages of the corpus, sorted.
        work: what error messages call it ("mining").

    Raises:
        UserError: fewer than two languages, or one that is named is not there.
    """
    if len(have) < 2:
        raise UserError(f"{work} needs two languages, but the corpus holds only {', '.join(have) or 'none'}")
    if pairs == "all":
        return list(combinations(have, 2))
    named = named_pairs(pairs)
    if isinstance(pairs, Pivots):
        pivots = [src for src, _ in named]
        named = [(lang, p) for p in pivots for lang in have if lang not in pivots] + list(combinations(pivots, 2))
        missing = next((p for p in pivots if p not in have), None)
    else:
        missing = next((tag for pair in named for tag in pair if tag not in have), None)
    if missing:
        raise UserError(f"pairs name {missing}, but the corpus holds no {missing}; it holds {', '.join(have)}")
    return named


def named_pairs(pairs: LanguagePairs) -> list[tuple[str, str]]:
    """The languages that the option names, as tags; none for `all`, a pivot as a pair with itself.

    Raises:
        UserError: an unknown language, one language twice, or a pair that is not written `source-target`.
    """
    if pairs == "all":
        return []
    if isinstance(pairs, Pivots):
        return [(languages.parse(p), languages.parse(p)) for p in pairs.pivots]
    out = []
    for pair in pairs:
        sides = pair.split("-")
        if len(sides) != 2:
            raise UserError(f"pairs: write source-target (de-en), not {pair!r}")
        src, tgt = (languages.parse(side) for side in sides)
        if src == tgt:
            raise UserError(f"pairs: {pair!r} names one language twice")
        out.append((src, tgt))
    return out
