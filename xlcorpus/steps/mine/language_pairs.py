"""Which languages of a corpus are mined against each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from xlcorpus import languages
from xlcorpus.errors import UserError


class Pivots(BaseModel):
    """Each pivot against every other language, as CRISS pairs its 25 languages with four (Tran et al. 2020)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pivots: list[str] = Field(min_length=1)


def _two_languages(pairs: Any) -> Any:
    for pair in pairs if isinstance(pairs, list) else ():
        if len(pair.split("-")) != 2:
            raise ValueError(f"write source-target (de-en), not {pair!r}")
    return pairs


LanguagePairs = Annotated[Literal["all"] | Pivots | list[str], AfterValidator(_two_languages)]
"""all, {pivots: [en, es]}, or a list such as [de-en, fr-en]."""


def language_pairs(pairs: Literal["all"] | Pivots | list[str], have: Sequence[str]) -> list[tuple[str, str]]:
    """The pairs of tags to mine, given the languages there are.

    Raises:
        UserError: fewer than two languages, or one that is named is not there.
    """
    if len(have) < 2:
        raise UserError(f"mining needs two languages, but the corpus holds only {', '.join(have) or 'none'}")
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


def named_pairs(pairs: Pivots | list[str]) -> list[tuple[str, str]]:
    """The option as tags; a pivot as a pair with itself.

    Raises:
        UserError: an unknown language, or one language twice.
    """
    if isinstance(pairs, Pivots):
        return [(languages.parse(p), languages.parse(p)) for p in pairs.pivots]
    out = []
    for pair in pairs:
        src, tgt = (languages.parse(part) for part in pair.split("-"))
        if src == tgt:
            raise UserError(f"pairs: {pair!r} names one language twice")
        out.append((src, tgt))
    return out
