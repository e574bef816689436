"""A bilingual lexicon from the pairs of the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from xlcorpus.mining.lexicon.induction import induce_lexicon
from xlcorpus.rehearsing import rehearsing
from xlcorpus.step import CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.provenance import provenance_of_rows
from xlcorpus.text.casing import small_expr
from xlcorpus.text.word_units import word_units_expr


class InduceLexicon(CorpusStep):
    """Word translations from parallel sentences, in both directions.

    Association by log-likelihood ratio (Dunning 1993), linked one to one inside each pair (Melamed 2000).
    Robust to pairs that are wrong, as long as most are right.
    """

    min_count: int = 2
    """pairs in which both words must stand, and be linked"""
    min_llr: float = 10.83
    """least log-likelihood ratio (10.83: p < 0.001)"""
    top_n: int = 3
    """translations kept for a word"""

    produces = "lexicon"

    def ports(self) -> dict[str, Port]:
        """`rows`: pairs, of any number of languages."""
        return {"rows": Port(("pair",))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`induce_lexicon_llr`."""
        return ("induce_lexicon_llr",)

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """One frame per language pair and direction. Holds the words of one language pair in memory."""
        table = inputs["rows"]
        languages = table.scan().select("src_lang", "tgt_lang").unique().sort("src_lang", "tgt_lang").collect()
        for src_lang, tgt_lang in languages.iter_rows():
            one_pair = (pl.col("src_lang") == src_lang) & (pl.col("tgt_lang") == tgt_lang)
            sides = [
                word_units_expr(small_expr(pl.col(c), lang)).alias(c)
                for c, lang in (("src_text", src_lang), ("tgt_text", tgt_lang))
            ]
            pairs = table.scan().filter(one_pair).select(*sides, "source", "license").collect()
            provenance = pairs.select(**provenance_of_rows()).row(0, named=True)
            src, tgt = pairs["src_text"].to_list(), pairs["tgt_text"].to_list()
            for one, two, tags in ((src, tgt, (src_lang, tgt_lang)), (tgt, src, (tgt_lang, src_lang))):
                if rehearsing():
                    found = _side_by_side(one, two)
                else:
                    found = induce_lexicon(one, two, min_count=self.min_count, min_llr=self.min_llr, top_n=self.top_n)
                yield found.rename({"llr": "induce_lexicon_llr"}).with_columns(
                    pl.lit(v, dtype=pl.String).alias(c)
                    for c, v in {"src_lang": tags[0], "tgt_lang": tags[1], "origin": "mined", **provenance}.items()
                )


def _side_by_side(src: Sequence[Sequence[str]], tgt: Sequence[Sequence[str]]) -> pl.DataFrame:
    """A lexicon that means nothing, for rehearsals: of each pair the first words, the second ones, and so on."""
    words = {one: two for a, b in zip(src, tgt, strict=True) for one, two in zip(a, b, strict=False)}
    found = pl.DataFrame({"src_word": list(words), "tgt_word": list(words.values())}, schema_overrides=_WORDS)
    return found.with_columns(probability=pl.lit(1.0), count=pl.lit(1, pl.Int64), llr=pl.lit(0.0)).sort("src_word")


_WORDS = {"src_word": pl.String, "tgt_word": pl.String}
