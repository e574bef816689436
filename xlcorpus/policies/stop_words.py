"""Stop words of a language: the words that most texts have."""

from __future__ import annotations

import polars as pl

from xlcorpus.text.code_points import small_letters
from xlcorpus.text.words import word_lists

MOST = 60
"""Stop words of a language, at most (FineWeb-2 has 8 to 63)."""
MIN_SHARE = 0.05
"""Share of the texts that have a stop word, at least."""


def stop_words(texts: pl.Series, lang: str) -> list[str]:
    """The words that most texts have, those of most texts first, in small letters; at most `MOST`.

    A word counts if it consists of letters, marks, apostrophes and hyphens alone.

    Args:
        texts: (texts,) String.
        lang: their tag.

    Raises:
        UserError: the tag names no language.
    """
    small = small_letters()
    lists = word_lists(texts, lang)
    counts = (
        pl.DataFrame({"text": pl.int_range(len(texts), eager=True), "word": lists})
        .explode("word")
        .drop_nulls()
        .filter(pl.col("word").str.contains(r"^[\p{L}\p{M}'’ʼ\u200c\u200d-]+$"))
        .unique()
        .group_by("word")
        .len()
        .filter(pl.col("len") >= MIN_SHARE * len(texts) / 4)
    )
    # Case is folded only now that few words are left; a quarter of the share leaves room for forms in both cases.
    folded = [("".join(chr(small[ord(c)]) for c in word), n) for word, n in counts.iter_rows()]
    by_word = pl.DataFrame(folded, schema={"word": pl.String, "len": pl.UInt32}, orient="row")
    by_word = by_word.group_by("word").agg(pl.col("len").sum()).filter(pl.col("len") >= MIN_SHARE * len(texts))
    return by_word.sort("len", "word", descending=[True, False])["word"].head(MOST).to_list()
