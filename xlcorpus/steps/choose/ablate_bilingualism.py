"""A corpus without some of its documents, and its control."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
import polars as pl

from xlcorpus.row_random import draws
from xlcorpus.step import MAIN, CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.identify.language_spans import TYPE

Removed = Literal["several_languages", "as_many_others"]


class AblateBilingualism(CorpusStep):
    """Removes the documents in several languages, or as much text from the others, to train with and without them.

    Briakou, Cherry & Foster 2023 (arXiv 2305.10266) train on a corpus with and without its bilingual documents. Two
    corpora of unequal size do not compare: `as_many_others` keeps the bilingual documents and removes, of each
    language, randomly drawn monolingual documents of the same total length in characters (to within one document).
    Removed documents are rejected as `several_languages` or `control`.
    """

    remove: Removed = "several_languages"
    """several_languages: the documents of type bilingual, multilingual or code_switched; as_many_others: the control"""

    def ports(self) -> dict[str, Port]:
        """`rows`: documents with spans."""
        return {MAIN: Port(("document",), columns=(TYPE,))}

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """The shards without what is removed. Holds id, language and length of each document in memory."""
        table = inputs[MAIN]
        several = pl.col(TYPE).is_in(["bilingual", "multilingual", "code_switched"])
        length = pl.col("text").str.len_chars().cast(pl.Int64)
        index = table.scan().select("id", "lang", several=several, characters=length).collect()
        gone = index.filter("several") if self.remove == "several_languages" else _control(index, env)
        env.say(
            f"removed {gone.height:,} of {index.height:,} documents, {gone['characters'].sum():,} of "
            f"{index['characters'].sum():,} characters",
            False,
        )
        rule = "several_languages" if self.remove == "several_languages" else "control"
        ids = gone["id"].implode()
        for path in table.shards:
            frame = pl.read_parquet(path)
            removed = frame.filter(pl.col("id").is_in(ids))
            if removed.height:
                env.reject(removed, rule, pl.col(TYPE))
            yield frame.filter(~pl.col("id").is_in(ids))


def _control(index: pl.DataFrame, env: CorpusEnv) -> pl.DataFrame:
    """Documents in one language, drawn at random, of each language as long as its documents in several."""
    wanted = index.filter("several").group_by("lang").agg(pl.col("characters").sum()).sort("lang")
    drawn: list[pl.DataFrame] = [index.clear()]
    for lang, characters in wanted.iter_rows():
        others = index.filter(~pl.col("several"), pl.col("lang") == lang)
        # One hash per row; see row_random.
        numbers = [draws(row_id, env.seed, "ablate_bilingualism", 1)[0] for row_id in others["id"]]
        others = others.with_columns(_number=pl.Series(numbers, dtype=pl.Float64)).sort("_number", "id")
        sums = np.concatenate([[0], np.cumsum(others["characters"].to_numpy())]).astype(np.int64)
        count = int(np.abs(sums - characters).argmin())
        if sums[-1] < characters:
            env.say(
                f"{lang}: the documents in one language have {sums[-1]:,} characters, fewer than the {characters:,} "
                "to be removed; the control is larger than the corpus it is for",
                True,
            )
        drawn.append(others.head(count).drop("_number"))
    return pl.concat(drawn)
