"""A bilingual lexicon in memory: the translations of a word, best first."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from xlcorpus.errors import UserError
from xlcorpus.text.casing import small_expr
from xlcorpus.text.word_units import word_units_expr

_REMARK = r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>"
"""What dictionaries put in brackets: "(to) go", "Hund {m}", "bank [finance]"."""
_AROUND = ' \t\n.,;:!?…"“”„«»()[]{}<>|/*。，、；：！？（）「」،؛؟।'


class Lexicon:
    """Word translations by language pair.

    Entries are found whatever their case, with punctuation stuck to them ("dog,") and remarks in brackets ("(to) go",
    "Hund {m}"); they may have several words. A translation keeps its case and its words. Entries of which no word is
    left on one side are of no use and left out.

    Args:
        frame: rows of the record kind `lexicon`.
        min_probability: entries below it are left out.

    Raises:
        UserError: there are entries, and none can be used.
    """

    def __init__(self, frame: pl.DataFrame, min_probability: float = 0.0) -> None:
        word = ["src_lang", "tgt_lang", "src_word"]
        if frame.height and cleaned(frame).is_empty():
            raise UserError(f"none of the {frame.height:,} entries of the lexicon has a word on both sides")
        best_first = (
            cleaned(frame.filter(pl.col("probability") >= min_probability))
            .group_by(*word, "tgt_word")
            .agg(pl.max("probability"), pl.max("count"))
            .sort([*word, -pl.col("probability"), -pl.col("count"), "tgt_word"])
            .group_by(word, maintain_order=True)
            .agg("tgt_word", "probability")
        )
        self._pairs: dict[tuple[str, str], dict[str, list[tuple[str, float]]]] = {}
        self._longest: dict[tuple[str, str], int] = {}
        for src_lang, tgt_lang, key, targets, probabilities in best_first.iter_rows():
            pair = src_lang, tgt_lang
            self._pairs.setdefault(pair, {})[key] = list(zip(targets, probabilities, strict=True))
            self._longest[pair] = max(self._longest.get(pair, 0), key.count(" ") + 1)

    def pairs(self) -> list[tuple[str, str]]:
        """(source, target) language pairs with entries, sorted."""
        return list(self._pairs)

    def entries(self, src_lang: str, tgt_lang: str) -> Mapping[str, list[tuple[str, float]]]:
        """Words in small letters, joined by spaces -> their (translation, probability), best first.

        Empty for an unknown pair. `text.replace.known_words` finds them in a text.
        """
        return self._pairs.get((src_lang, tgt_lang), {})

    def longest(self, src_lang: str, tgt_lang: str) -> int:
        """Words of the longest entry; 0 for an unknown pair."""
        return self._longest.get((src_lang, tgt_lang), 0)


def cleaned(frame: pl.DataFrame) -> pl.DataFrame:
    """The entries that can be used: source words as keys of `Lexicon.entries`, targets without remarks."""
    source, target = (_bare(pl.col(c)) for c in ("src_word", "tgt_word"))
    key = word_units_expr(small_expr(source, pl.col("src_lang"))).list.join(" ")
    return frame.with_columns(src_word=key, tgt_word=target).filter(
        (pl.col("src_word") != "") & pl.col("tgt_word").str.contains(r"[\p{L}\p{N}]")
    )


def _bare(word: pl.Expr) -> pl.Expr:
    """Without remarks in brackets (unless nothing else is there) and punctuation around."""
    plain = word.str.replace_all(_REMARK, " ").str.replace_all(r"\s+", " ").str.strip_chars(_AROUND)
    return pl.when(plain == "").then(word.str.strip_chars(_AROUND)).otherwise(plain)
