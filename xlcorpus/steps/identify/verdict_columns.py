"""Verdicts of a language identifier as columns of a table."""

from __future__ import annotations

import numpy as np
import polars as pl

from xlcorpus import languages
from xlcorpus.arrays import Bools, Floats32, Ints8
from xlcorpus.models.identifiers.verdicts import Verdicts


def best_languages(found: Verdicts, judged: Bools) -> tuple[pl.Series, Floats32, Ints8]:
    """(texts,) each: tag (String), probability and votes of the most probable language.

    A text in no language is `zxx` with probability 1, one for which the model names no language `und` with 0; one that
    was not judged has a null tag.

    Args:
        found: the verdicts.
        judged: (texts,) which of them the model was asked about.
    """
    best = found.best
    there = best >= 0
    tags = found.tags().gather(np.maximum(best, 0)[there])
    nothing = found.prepared.no_language
    lang = pl.Series([None] * len(best), dtype=pl.String)
    lang = lang.scatter(np.flatnonzero(judged), languages.UNKNOWN)
    lang = lang.scatter(np.flatnonzero(nothing), languages.NO_LANGUAGE)
    lang = lang.scatter(np.flatnonzero(there), tags)
    probability = np.where(nothing, np.float32(1), np.float32(0))
    votes = np.zeros(len(best), dtype=np.int8)
    probability[there], votes[there] = found.probability[best[there]], found.votes[best[there]]
    return lang, probability, votes


def likely_languages(found: Verdicts, judged: Bools, k: int) -> tuple[pl.Series, pl.Series]:
    """(texts,) each: List(String) tags and List(Float32) probabilities of the k most probable languages, best first.

    Both are null for a text that was not judged, and empty where the model names no language.

    Args:
        found: the verdicts.
        judged: (texts,) which of them the model was asked about.
        k: languages, at most.
    """
    frame = pl.DataFrame({"text": found.text, "tag": found.tags(), "probability": found.probability})
    top = frame.group_by("text", maintain_order=True).agg(pl.col("tag", "probability").head(k))
    every = pl.DataFrame({"text": np.arange(len(judged)), "judged": judged}).join(
        top, on="text", how="left", maintain_order="left"
    )
    empty = pl.when("judged").then(pl.col("tag", "probability").fill_null([]))
    return every.select(empty)["tag"], every.select(empty)["probability"]


def null_unless(there: Bools, values: Floats32 | Ints8) -> pl.Series:
    """(n,) the values where `there` is true, null elsewhere."""
    return pl.select(pl.when(pl.Series(there)).then(pl.Series(values))).to_series()
