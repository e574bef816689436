"""Whether texts are in their language, formulas, code and addresses apart."""

from __future__ import annotations

import numpy as np
import polars as pl

from xlcorpus import languages
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.models.identifiers.lines import lines
from xlcorpus.models.identifiers.verdicts import MAX_OWN_PROBABILITY, MIN_CHARACTERS, MIN_PROBABILITY, verdicts
from xlcorpus.models.identifiers.words_and_codes import LENGTH

_MASKED = (
    r"(?s)```.*?```",
    r"`[^`\n]*`",
    r"(?s)\$\$.*?\$\$",
    r"\$[^$\n]*\$",
    r"(?s)\\\(.*?\\\)",
    r"(?s)\\\[.*?\\\]",
    r"\\boxed\{[^{}]*\}",
    r"https?://\S+",
)


def in_language(texts: pl.Series, langs: pl.Series, model: FastTextIdentifier) -> pl.Series:
    """(texts,) Float64: 1.0 for a text in its language or too short to tell, 0.0 for one in another, null without text.

    Formulas, code and addresses are no language and do not count, as in the language reward of M-Thinker (Zhang et al.
    2025). A text is in another language as `identify` says. No verdict is passed on languages that the model was not
    trained on: those texts get null.

    Args:
        texts: (n,) String.
        langs: (n,) String, their tags.
        model: a language identifier.
    """
    bare = texts.fill_null("")
    for pattern in _MASKED:
        bare = bare.str.replace_all(pattern, " ")
    langs = langs.fill_null(languages.UNKNOWN)
    prepared = lines(bare, langs)
    judged = (prepared.counts[:, LENGTH] >= MIN_CHARACTERS) & ~prepared.no_language
    found = verdicts(model, prepared, judged)
    best = found.best
    probability = np.where(best >= 0, found.probability[np.maximum(best, 0)] if len(found.probability) else 0, 0)
    own = found.own(pl.Series([[lang] for lang in langs], dtype=pl.List(pl.String)))
    other = (probability >= MIN_PROBABILITY) & (own < MAX_OWN_PROBABILITY) & judged
    known = langs.replace_strict({t: model.knows(t) for t in sorted(set(langs))}, return_dtype=pl.Boolean)
    verdict = pl.Series(np.where(other, 0.0, 1.0))
    there = texts.is_not_null() & (known | ~pl.Series(judged))
    return pl.select(pl.when(there).then(verdict)).to_series()
