"""The languages that come into question for each text, from the evidence of its windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from xlcorpus import languages
from xlcorpus.arrays import Bools, Floats32, Floats64, Ints32, Ints64
from xlcorpus.text.language_spans.windows import Windows
from xlcorpus.text.language_spans.word_places import WordPlaces

STATES = 8
"""Languages a text may have, the most probable ones."""

MIN_MASS = 2.0
"""Words (by sum of probability) of which a text must have a language to be considered for it."""

TRUST = 0.1
"""A stated language is believed where the identifier is unsure. With 0, 0.1 and 0.25, of the documents in which several
languages are found, the share that has them is 0.84, 0.89 and 0.94 for three languages that lid.176 knows badly
(Swahili, Catalan, Estonian), and the share found is 0.99, 0.98 and 0.97 for five that it knows well."""


@dataclass(frozen=True)
class Evidence:
    """What is known of the language of windows of words."""

    windows: Windows
    lang: Ints32
    """(windows, k) places in `tags`, -1: none"""
    probability: Floats32
    """(windows, k)"""
    script: Ints32
    """(windows,) place in the words' `scripts`"""
    tags: tuple[str, ...]
    """language tags, those of the texts among them"""
    writes: Bools
    """(tags, scripts) whether a language may be written in a script"""
    blind: Bools
    """(tags,) languages that the identifier can never name"""


@dataclass(frozen=True)
class States:
    """The languages considered for each text; those of text i are `bounds[i]:bounds[i + 1]`."""

    bounds: Ints64
    """(texts + 1,)"""
    tag: Ints64
    """(states,) place in the evidence's `tags`: the one that stands for its class"""
    own: Bools
    """(states,) whether it is the language of the text as a whole; where nobody has said, that of most words"""
    trust: Floats64
    """(states,) part that a language has in what an unsure identifier leaves: 1 for a text's stated language that the
    identifier can never name, `TRUST` for another stated one, 0 for what nobody has stated"""
    classes: Ints64
    """(tags,) number of the language that a tag names, equal for members of a macrolanguage"""


def language_states(places: WordPlaces, evidence: Evidence, langs: Sequence[str]) -> States:
    """Each text's own language, and up to `STATES` by the words that the evidence gives them."""
    classes = _classes(evidence.tags)
    tag_of = {tag: i for i, tag in enumerate(evidence.tags)}
    own = np.array([tag_of.get(tag, -1) for tag in langs], dtype=np.int64)
    owns = pl.DataFrame({"text": np.arange(len(own)), "tag": own, "mass": 0.0, "own": True}).filter(pl.col("tag") >= 0)
    found = _masses(places, evidence, len(langs)).with_columns(own=pl.lit(False))
    by, descending = ["text", "own", "mass", "tag"], [False, True, True, False]
    most = pl.col("mass") == pl.col("mass").max().over("text")
    ranked = (
        pl.concat([found, owns])
        .with_columns(language=pl.lit(pl.Series(classes)).gather(pl.col("tag")))
        .sort(by, descending=descending)
        .group_by("text", "language", maintain_order=True)
        .agg(pl.col("tag").first(), pl.col("own").first(), pl.col("mass").sum())
        .filter(pl.col("own") | (pl.col("mass") >= MIN_MASS) | most)
        .sort(by, descending=descending)
        .group_by("text", maintain_order=True)
        .head(STATES)
    )
    counts = np.bincount(ranked["text"].to_numpy(), minlength=len(langs))
    bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    stated = ranked["own"].to_numpy()
    trust = np.where(stated, np.where(evidence.blind[ranked["tag"].to_numpy()], 1.0, TRUST), 0.0)
    is_own = stated.copy()
    is_own[bounds[:-1][counts > 0]] = True
    return States(bounds, ranked["tag"].to_numpy(), is_own, trust, classes)


def _masses(places: WordPlaces, evidence: Evidence, texts: int) -> pl.DataFrame:
    """`text`, `tag` and `mass`: of how many words of a text the windows say that they are in a language."""
    text = places.text_of[evidence.windows.first]
    words = evidence.windows.sums(places.size)
    share = words * _per_word(places, text, words, texts)[text]
    named = evidence.lang >= 0
    return (
        pl.DataFrame(
            {
                "text": np.repeat(text, named.shape[1])[named.ravel()],
                "tag": evidence.lang[named].astype(np.int64),
                "mass": (evidence.probability * share[:, None])[named].astype(np.float64),
            }
        )
        .group_by("text", "tag", maintain_order=True)
        .agg(pl.col("mass").sum())
    )


def _per_word(places: WordPlaces, text: Ints64, words: Floats64, texts: int) -> Floats64:
    """(texts,) one over how often windows cover a word of the text on average."""
    covered = np.bincount(text, words, minlength=texts)
    total = np.bincount(places.text_of, places.size, minlength=texts)
    return np.divide(total, covered, out=np.zeros(texts), where=covered > 0)


@lru_cache(maxsize=256)
def _classes(tags: tuple[str, ...]) -> Ints64:
    """(tags,) the first tag that names the same language."""
    first = [next(j for j in range(i + 1) if languages.same_language(tags[j], tag)) for i, tag in enumerate(tags)]
    return np.array(first, dtype=np.int64)
