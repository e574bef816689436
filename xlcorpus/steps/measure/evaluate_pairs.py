"""Precision and recall of mined pairs, where the translations are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from xlcorpus.step import CorpusEnv, CorpusStep, Port, Table
from xlcorpus.text.fold import folded_expr

SIDES = ["src_lang", "tgt_lang", "src", "tgt"]
"""Two languages, and the hashes of two texts."""


class EvaluatePairs(CorpusStep):
    """Tells the precision and recall of pairs against known translations, on the screen and on the card.

    `gold` is a table of groups, whose texts translate each other, or of pairs. A pair is right if it is among the
    gold, in either direction; texts are compared without case, punctuation and spaces. With the input `corpus`, only
    gold counts whose two sides are in it, so that recall is that of the mining and not of the cleaning before it. Only
    pairs of languages that occur in the input count. The pairs themselves go on as they are.

        evaluate_pairs: {inputs: {rows: mine, gold: read_gold, corpus: deduplicate}}
    """

    def ports(self) -> dict[str, Port]:
        """`rows`: pairs; `gold`: what is right; `corpus`: the sentences that could be found."""
        return {
            "rows": Port(("pair",)),
            "gold": Port(("group", "pair")),
            "corpus": Port(("sentence", "document"), required=False),
        }

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """The shards of the input. Holds two hashes for each pair and each text of the corpus."""
        table = inputs["rows"]
        pairs = _sides(table.scan()).collect()
        gold = _gold(inputs["gold"])
        if "corpus" in inputs:
            have = inputs["corpus"].scan().select("lang", text=_key("text", "lang")).unique().collect()
            for side in ("src", "tgt"):
                gold = gold.join(have, left_on=[f"{side}_lang", side], right_on=["lang", "text"], how="semi")
        found = pairs.join(gold.with_columns(right=True), on=SIDES, how="left")
        by_pair = (
            found.group_by("src_lang", "tgt_lang")
            .agg(mined=pl.len(), right=pl.col("right").sum())
            .join(gold.group_by("src_lang", "tgt_lang").agg(gold=pl.len()), on=["src_lang", "tgt_lang"], how="left")
            .with_columns(pl.col("gold").fill_null(0), pl.col("right").fill_null(0))
            .sort("src_lang", "tgt_lang")
        )
        for src, tgt, mined, right, known in by_pair.iter_rows():
            env.say(f"{src}-{tgt} against the known translations: {_measures(mined, right, known)}", False)
        if by_pair.height > 1:
            total = by_pair.select("mined", "right", "gold").sum().row(0)
            env.say(f"All pairs against the known translations: {_measures(*total)}", False)
        for path in table.shards:
            yield pl.read_parquet(path)


def _measures(mined: int, right: int, known: int) -> str:
    """In words: shares, and the numbers behind them."""
    if not known:
        return f"none is known, so {mined:,} pairs cannot be judged"
    return (
        f"precision {right / mined:.3f} ({right:,} of {mined:,} pairs), recall {right / known:.3f} "
        f"({right:,} of {known:,})"
    )


def _key(text: str, lang: str) -> pl.Expr:
    return folded_expr(pl.col(text), pl.col(lang)).hash()


def _sides(pairs: pl.LazyFrame) -> pl.LazyFrame:
    return pairs.select(
        "src_lang", "tgt_lang", src=_key("src_text", "src_lang"), tgt=_key("tgt_text", "tgt_lang")
    ).unique()


def _gold(table: Table) -> pl.DataFrame:
    """Distinct gold pairs, in both directions (`SIDES`)."""
    if table.kind == "pair":
        one_way = _sides(table.scan())
    else:
        texts = table.scan().select("id", "texts").explode("texts", empty_as_null=False).unnest("texts", separator="_")
        texts = texts.select("id", lang="texts_lang", text=_key("texts_text", "texts_lang"))
        both = texts.join(texts, on="id", suffix="_tgt").filter(pl.col("lang") != pl.col("lang_tgt"))
        one_way = both.select(src_lang="lang", tgt_lang="lang_tgt", src="text", tgt="text_tgt")
    turned = one_way.select(src_lang="tgt_lang", tgt_lang="src_lang", src="tgt", tgt="src")
    return pl.concat([one_way, turned]).unique().collect()
