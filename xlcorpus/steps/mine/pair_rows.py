"""Pair records of mined sentences, and the sentences that found no partner."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from xlcorpus.mining.select.selection import Pairs
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.steps.provenance import provenance_of_sides


def pair_rows(src: pl.DataFrame, tgt: pl.DataFrame, found: Pairs, step: str) -> pl.DataFrame:
    """The pair records of what was found (indices into the two frames), with the column `<step>_cosine`."""
    sides = []
    for frame, index, name in ((src, found.src, "src_"), (tgt, found.tgt, "tgt_")):
        sides.append(frame[index].select(pl.all().name.prefix(name)))
    joined = pl.concat(sides, how="horizontal").with_columns(
        pl.Series("score", found.score, dtype=pl.Float64), pl.Series(f"{step}_cosine", found.cosine, dtype=pl.Float64)
    )
    return joined.with_columns(
        parents=pl.concat_list("src_id", "tgt_id"), origin=pl.lit("mined"), **provenance_of_sides()
    ).drop("src_source", "tgt_source", "src_license", "tgt_license")


def reject_unpaired(table: Table, paired: Sequence[pl.Series], env: CorpusEnv) -> None:
    """Reject the rows whose id is in none of the series, as `unpaired`."""
    used = pl.concat([pl.Series("id", [], pl.String), *(s.rename("id") for s in paired)]).unique()
    for path in table.shards:
        rest = pl.read_parquet(path).join(used.to_frame(), on="id", how="anti", maintain_order="left")
        if rest.height:
            env.reject(rest.drop("embedding", strict=False), "unpaired", pl.lit(None))
