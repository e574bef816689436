"""Splitting text into sentences."""

from __future__ import annotations

import re

import sentencex

from xlcorpus import languages

_FURTHER_ENDS = re.compile(r"(?<=[។៕།༎])\s+")
"""Khmer and Tibetan sentence ends, which `sentencex` does not know."""


def sentences(text: str, lang: str, lines: bool = True) -> list[str]:
    """The sentences of a text, in order, without surrounding white space and without empty ones.

    Rules and abbreviations by language from `sentencex` (Wikimedia Language team); languages it has none for
    get the rules of a related one. Thai and Lao put a mere space between sentences: they come out unsplit.

    Args:
        lang: language tag.
        lines: a line end ends a sentence; otherwise only an empty line does (text wrapped at a fixed width).
    """
    code = languages.hub_tag(lang)
    blocks = text.split("\n") if lines else [text]
    parts = (part for block in blocks if block.strip() for part in sentencex.segment(code, block))
    found = (" ".join(piece.split()) for part in parts for piece in _FURTHER_ENDS.split(part))
    return [sentence for sentence in found if sentence]
