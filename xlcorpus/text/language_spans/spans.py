"""Which words of a text are in which language: contiguous spans from the evidence of windows.

A hidden Markov model over the words of each text (Viterbi 1967): its states are the few languages for which the text
has evidence, and every change between them has a cost. Spans shorter than a least number of words then go to their
neighbours: a name or a borrowed word is no span. After Briakou, Cherry & Foster 2023 (arXiv 2305.10266), who tag the
words of a corpus so and call a text bilingual that has long spans in two languages; their tagger is not public.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from xlcorpus.text.language_spans.path import decode
from xlcorpus.text.language_spans.states import Evidence, language_states
from xlcorpus.text.language_spans.word_places import STRONG, WordPlaces

SPAN = pl.Struct({"start": pl.Int64, "end": pl.Int64, "lang": pl.String, "words": pl.Int64})
"""A span: characters of the text, language tag, words (units of `xlcorpus.text.word_units`)."""


def language_spans(
    places: WordPlaces, evidence: Evidence, langs: Sequence[str], min_words: float, min_language_words: float
) -> pl.Series:
    """The language spans of each text; List(SPAN), in order, empty for a text without letters.

    A span ends behind the punctuation that follows its last word. The tag of a text as a whole is believed unless the
    evidence is against it, and stands for all languages of its macrolanguage.

    Args:
        places: the words of the texts.
        evidence: of windows of them.
        langs: language tag of each text, or `und`.
        min_words: words of a span at least, if there is more than one; units of unspaced scripts count half. A whole
            sentence or line in the text's own language may be shorter.
        min_language_words: words that a text has of another language at least.
    """
    if not places.lettered.any():
        return pl.Series("spans", [[]] * len(langs), dtype=pl.List(SPAN))
    states = language_states(places, evidence, langs)
    path = decode(places, evidence, states, min_words, min_language_words)
    begins = np.zeros(len(path), dtype=np.bool_)
    begins[1:] = np.diff(path) != 0
    begins[places.bounds[:-1][np.diff(places.bounds) > 0]] = True
    first = np.flatnonzero(begins)
    last = np.append(first, len(path))[1:] - 1
    spans = pl.DataFrame(
        {
            "text": places.text_of[first],
            "start": places.start[first],
            "end": places.closed[last],
            "state": path[first],
            "words": last - first + 1,
            "size": np.add.reduceat(places.size, first),
        },
    ).filter(pl.col("state") >= 0, pl.col("size") > 0)
    tags = pl.Series(evidence.tags, dtype=pl.String).gather(states.tag)
    found = (
        spans.with_columns(lang=tags.gather(spans["state"]))
        .group_by("text", maintain_order=True)
        .agg(spans=pl.struct("start", "end", "lang", "words"))
    )
    texts = pl.DataFrame({"text": np.arange(len(langs))}).join(found, on="text", how="left", maintain_order="left")
    return texts["spans"].cast(pl.List(SPAN)).fill_null(pl.lit([], dtype=pl.List(SPAN)))


def inside_changes(places: WordPlaces, spans: pl.Series) -> pl.Series:
    """Share of each text's changes of language that no sentence end, bracket or line end marks; null without any."""
    frame = pl.DataFrame({"text": np.arange(len(spans)), "span": spans}).explode("span").drop_nulls()
    later = frame.unnest("span").filter(pl.int_range(pl.len()).over("text") > 0).select("text", "start")
    words = pl.DataFrame({"text": places.text_of, "start": places.start, "inside": places.before < STRONG})
    shares = later.join(words, on=["text", "start"]).group_by("text").agg(pl.col("inside").mean())
    texts = pl.DataFrame({"text": np.arange(len(spans))}).join(shares, on="text", how="left", maintain_order="left")
    return texts["inside"]
