"""Pair records of mined sentences, and the sentences that found no partner."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from xlcorpus import languages
from xlcorpus.mining.select.selection import Pairs
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.steps.provenance import provenance_of_sides
from xlcorpus.text.copies import copied_expr


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
    ).drop(f"{side}_{column}" for side in ("src", "tgt") for column in ("source", "license", "group_id"))


def without_copies(pairs: pl.DataFrame, env: CorpusEnv) -> tuple[pl.DataFrame, pl.Series]:
    """The pairs of one language pair whose sides are not the same text (`text.copies`), and the ids of the others.

    Close languages may say the same in the same words: between members of one macrolanguage nothing is a copy.
    """
    nothing = pl.Series("id", [], pl.String)
    if not pairs.height or languages.same_language(pairs["src_lang"][0], pairs["tgt_lang"][0]):
        return pairs, nothing
    langs = pl.col("src_lang"), pl.col("tgt_lang")
    same = pairs.select(copied_expr(pl.col("src_text"), pl.col("tgt_text"), langs)).to_series()
    if not same.any():
        return pairs, nothing
    copies = pairs.filter(same)
    tags = f"{copies['src_lang'][0]}-{copies['tgt_lang'][0]}"
    env.say(
        f"{tags}: {copies.height:,} pairs with the same text on both sides are left out (copied), such as "
        f"{copies['src_text'][0]!r}; keep_copies keeps them",
        False,
    )
    return pairs.filter(~same), pl.concat([copies["src_id"].rename("id"), copies["tgt_id"].rename("id")])


def reject_unpaired(
    table: Table, paired: Sequence[pl.Series], env: CorpusEnv, copied: Sequence[pl.Series] = ()
) -> None:
    """Reject the rows whose id is in none of the series: as `copied` those found with a copy only, else `unpaired`."""
    used, copies = (
        pl.concat([pl.Series("id", [], pl.String), *(s.rename("id") for s in ids)]).unique() for ids in (paired, copied)
    )
    for path in table.shards:
        rest = pl.read_parquet(path).join(used.to_frame(), on="id", how="anti", maintain_order="left")
        alone = rest.drop("embedding", strict=False)
        for rule, rows in (
            ("copied", alone.filter(pl.col("id").is_in(copies.implode()))),
            ("unpaired", alone.filter(~pl.col("id").is_in(copies.implode()))),
        ):
            if rows.height:
                env.reject(rows, rule, pl.lit(None))
