"""Texts that are unlike those of a pool, and unlike each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from pydantic import Field

from xlcorpus import languages
from xlcorpus.step import MAIN, CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.measure.named_texts import columns_of, kinds_with, named_texts
from xlcorpus.text.mask import Masked, without
from xlcorpus.text.measures.rouge import RougePool
from xlcorpus.text.words import segmenter

POOL = "pool"
NOT_NOVEL, NO_WORDS = "not_novel", "no_words"


class KeepNovel(CorpusStep):
    """Keeps rows whose text is unlike the texts of a pool and unlike the rows that are kept before it.

    Rows are looked at in the order of their ids: a row is kept if its ROUGE-L with every row of the input `pool`, and
    with every row kept so far, is below `max_rouge_l` (Wang et al. 2023, Self-Instruct, arXiv 2212.10560). Words are
    those of any script, and are in memory with those of the pool. The others are rejected as `not_novel`, or as
    `no_words` where a text has none. The order of the table is kept. `keep_novel_rouge_l` is the highest ROUGE-L.

    ```yaml
    keep_novel: {of: [prompt], inputs: {rows: generate, pool: pool}}
    ```
    """

    light = 20_000

    of: list[str] = Field(default=[], max_length=1)
    """the text that is compared, in the rows and in the pool, as in `measure_text`; default: the only one of the kind,
    or its first"""
    lang: str | None = None
    """column with the language of a text that is a column of its own (default: `lang`)"""
    mask: list[Masked] = []
    """what is left out before texts are compared: math (LaTeX), code, url"""
    max_rouge_l: float = Field(default=0.7, gt=0, le=1)
    """ROUGE-L from which on a text is no longer novel"""

    def ports(self) -> dict[str, Port]:
        """`rows`; and `pool`, rows with the same text. Without it rows are compared with each other alone."""
        kinds, columns = kinds_with(self.of), columns_of(self.of, self.lang)
        return {MAIN: Port(kinds, columns), POOL: Port(kinds, columns, required=False)}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`keep_novel_rouge_l`."""
        return ("keep_novel_rouge_l",)

    def models(self) -> dict[str, str]:
        """What words depend on."""
        return {"word_segmenter": segmenter()}

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """The rows that are kept, shard by shard."""
        pool = self._texts(inputs[POOL]) if POOL in inputs else self._texts(inputs[MAIN]).clear()
        rows = self._texts(inputs[MAIN])
        both = pl.concat([pool, rows])
        order = (pool.height + rows["id"].arg_sort()).to_numpy().astype(np.int64)
        highest = np.empty(rows.height)
        highest[order - pool.height] = RougePool(both["text"], both["lang"]).highest_in_turn(order, self.max_rouge_l)
        at = 0
        for path in inputs[MAIN].shards:
            frame = pl.read_parquet(path)
            score = pl.Series(highest[at : at + frame.height], dtype=pl.Float64, nan_to_null=True)
            at += frame.height
            frame = frame.with_columns(keep_novel_rouge_l=score)
            value = pl.col("keep_novel_rouge_l")
            for rule, broken in ((NO_WORDS, value.is_null()), (NOT_NOVEL, value >= self.max_rouge_l)):
                refused = frame.filter(broken)
                if refused.height:
                    env.reject(refused, rule, value)
            yield frame.filter(value < self.max_rouge_l)

    def _texts(self, table: Table) -> pl.DataFrame:
        """Columns `id`, `text`, `lang` of all rows."""
        text = named_texts(table.kind, self.of, self.lang)[0]
        if not table.shards:
            return pl.DataFrame(schema=dict.fromkeys(("id", "text", "lang"), pl.String))
        found = table.scan().select("id", text=text.text, lang=text.lang.fill_null(languages.UNKNOWN)).collect()
        masked = without(found["text"], self.mask).fill_null("")
        return found.with_columns(masked.alias("text")).cast(pl.String)
