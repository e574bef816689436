"""How much of each text is in its language, sentence by sentence."""

from __future__ import annotations

import numpy as np
import polars as pl

from xlcorpus.arrays import Floats64
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.models.identifiers.lines import lines
from xlcorpus.models.identifiers.verdicts import MAX_OWN_PROBABILITY, MIN_CHARACTERS, MIN_PROBABILITY, verdicts
from xlcorpus.models.identifiers.words_and_codes import LENGTH
from xlcorpus.text.segment import sentences


def language_shares(model: FastTextIdentifier, texts: pl.Series, langs: pl.Series) -> Floats64:
    """(n,) float64: share of the sentences of each text that are in its language; NaN where none can be judged.

    A sentence is in another language if the model names one with `MIN_PROBABILITY` and gives less than
    `MAX_OWN_PROBABILITY` to its own. Sentences shorter than `MIN_CHARACTERS`, and languages and scripts that the model
    does not know, are not judged.

    Args:
        texts: (n,) String.
        langs: (n,) their tags.
    """
    # Text by text: sentences are found by rules of each language.
    cut = [[] if text is None else sentences(text, lang) for text, lang in zip(texts, langs, strict=True)]
    counts = np.array([len(found) for found in cut], dtype=np.int64)
    said = pl.Series([sentence for found in cut for sentence in found], dtype=pl.String)
    row = np.repeat(np.arange(len(cut)), counts)
    tags = langs.gather(row)
    if not len(said):
        return np.full(len(cut), np.nan)
    prepared = lines(said, tags)
    known = {tag: model.knows(tag) for tag in sorted(set(tags))}
    judged = (prepared.counts[:, LENGTH] >= MIN_CHARACTERS) & ~prepared.no_language
    judged &= tags.replace_strict(known, return_dtype=pl.Boolean).to_numpy()
    found = verdicts(model, prepared, judged)
    best = found.best
    probability = np.append(found.probability, 0.0)[best]
    other = (probability >= MIN_PROBABILITY) & (
        found.own(pl.select(pl.concat_list(tags)).to_series()) < MAX_OWN_PROBABILITY
    )
    every = np.bincount(row[judged], minlength=len(cut)).astype(np.float64)
    own = np.bincount(row[judged & ~other], minlength=len(cut))
    return np.where(every > 0, own / np.maximum(every, 1), np.nan)
