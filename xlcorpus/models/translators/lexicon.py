"""A bilingual lexicon in memory: the translations of a word, best first."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


class Lexicon:
    """Word translations by language pair.

    Args:
        frame: rows of the record kind `lexicon`.
        min_probability: entries below it are left out.
    """

    def __init__(self, frame: pl.DataFrame, min_probability: float = 0.0) -> None:
        word = ["src_lang", "tgt_lang", "src_word"]
        best_first = (
            frame.filter(pl.col("probability") >= min_probability)
            .group_by(*word, "tgt_word")
            .agg(pl.max("probability"), pl.max("count"))
            .sort([*word, -pl.col("probability"), -pl.col("count"), "tgt_word"])
            .group_by(word, maintain_order=True)
            .agg("tgt_word", "probability")
        )
        self._pairs: dict[tuple[str, str], dict[str, list[tuple[str, float]]]] = {}
        for src_lang, tgt_lang, word, targets, probabilities in best_first.iter_rows():
            entries = self._pairs.setdefault((src_lang, tgt_lang), {})
            entries[word] = list(zip(targets, probabilities, strict=True))

    def pairs(self) -> list[tuple[str, str]]:
        """(source, target) language pairs with entries, sorted."""
        return list(self._pairs)

    def entries(self, src_lang: str, tgt_lang: str) -> Mapping[str, list[tuple[str, float]]]:
        """Lower-cased word -> its (translation, probability), best first; empty for an unknown pair."""
        return self._pairs.get((src_lang, tgt_lang), {})
