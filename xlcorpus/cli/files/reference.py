"""Reference text of commands that make policies."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from xlcorpus.cli.files.corpus import corpus
from xlcorpus.cli.files.texts import Say
from xlcorpus.errors import UserError
from xlcorpus.policies.sample import Sample
from xlcorpus.text.normalise import normalised


def reference_text(data: Sequence[str], lang: str | None, size: int, seed: int, say: Say) -> pl.DataFrame:
    """Random documents of each language, as the step `normalise` leaves them.

    Args:
        data: files, patterns, folders or releases, with or without a language before them.
        lang: language of rows that name none.
        size: documents of each language, at most.
        seed: of the sample.
        say: takes what is left out, and whether it is a warning.

    Returns:
        `text` and `lang`.

    Raises:
        UserError: nothing there.
    """
    drawn = Sample("document", size, seed)
    for frame in corpus(data, lang, "document", {}, say):
        drawn.add(frame)
    rows = drawn.rows().select("text", "lang")
    texts = normalised(rows["text"], rows["lang"], "document")["text"]
    rows = rows.with_columns(texts.alias("text")).filter(pl.col("text") != "")
    if not rows.height:
        raise UserError(f"{', '.join(data)}: no documents for a reference")
    return rows
