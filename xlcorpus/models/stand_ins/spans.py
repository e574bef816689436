"""Languages inside of texts, told without a model."""

from __future__ import annotations

import re

import polars as pl

from xlcorpus.models.stand_ins.scores import drawn
from xlcorpus.text.language_spans.spans import SPAN

_OTHERS = ("fra_Latn", "deu_Latn")


def stand_in_spans(texts: pl.Series, langs: pl.Series) -> pl.Series:
    """(texts,) List(SPAN): all in its own language, or of half of the texts the second half in another."""
    found = []
    for text, lang in zip(texts.fill_null(""), langs, strict=True):
        words = list(re.finditer(r"\S+", text))
        half = len(words) // 2 if drawn(text) < 0.5 else len(words)
        parts = [part for part in (words[:half], words[half:]) if part]
        other = next(tag for tag in _OTHERS if tag != lang)
        found.append(
            [
                {"start": part[0].start(), "end": part[-1].end(), "lang": tag, "words": len(part)}
                for part, tag in zip(parts, (lang or "eng_Latn", other), strict=False)
            ]
        )
    return pl.Series("spans", found, dtype=pl.List(SPAN))
