"""The texts of pairs as numbered nodes, and groups of nodes as records."""

from __future__ import annotations

import numpy as np
import polars as pl

from xlcorpus.arrays import Ints64
from xlcorpus.mining.groups.checks import GroupMeasures
from xlcorpus.steps.provenance import item_of_rows, provenance_of_rows
from xlcorpus.text.fold import folded_expr

ORIGINS = pl.Enum(["synthetic", "transformed", "localized", "translated", "mined", "native"])
"""A group is of the first of these that one of its pairs is of."""


def numbered_texts(pairs: pl.DataFrame) -> tuple[pl.DataFrame, Ints64, Ints64]:
    """The distinct texts of pairs, and the numbers of the two sides of each pair.

    Numbers follow language and text alone, so they do not depend on the order of the pairs. Of texts that are one
    (but for case, punctuation and spaces) the first by code points stands for all.

    Returns:
        `lang`, `text`, `id` of each text, by number; (e,) int64 and (e,) int64.
    """
    sides = pl.concat(
        pairs.select(lang=f"{side}_lang", text=f"{side}_text", id=f"{side}_id") for side in ("src", "tgt")
    )
    # A text that stands in many pairs is folded and sorted once.
    distinct = (
        sides.group_by("lang", "text")
        .agg(pl.col("id").min())
        .with_columns(_key=folded_expr(pl.col("text"), pl.col("lang")))
    )
    distinct = distinct.sort("lang", "_key", "text")
    nodes = distinct.unique(["lang", "_key"], keep="first", maintain_order=True).with_row_index("_node")
    node_of = distinct.join(nodes.select("lang", "_key", "_node"), on=["lang", "_key"]).drop("_key", "id")
    numbers = sides.join(node_of, on=["lang", "text"], how="left", maintain_order="left")["_node"]
    number = numbers.cast(pl.Int64).to_numpy()
    return nodes.select("lang", "text", "id"), number[: pairs.height], number[pairs.height :]


def language_numbers(nodes: pl.DataFrame) -> Ints64:
    """(n,) int64: the language of each text, from 0 in order of the tags."""
    return nodes.select(pl.col("lang").rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()


def group_rows(nodes: pl.DataFrame, group: Ints64, inside: pl.DataFrame, measured: GroupMeasures) -> pl.DataFrame:
    """The group records: texts by language tag; groups of most languages first.

    Args:
        nodes: see `numbered_texts`.
        group: (n,) group of each text from 0, -1 for none.
        inside: the pairs inside groups, with their `_group`.
        measured: of each group.
    """
    members = nodes.with_columns(_group=pl.Series(group)).filter(pl.col("_group") >= 0)
    texts = members.group_by("_group").agg(texts=pl.struct("lang", "text", "id"))
    made_of = inside.group_by("_group").agg(
        parents=pl.col("id").sort(),
        **provenance_of_rows(),
        group_id=item_of_rows("id"),
        origin=pl.col("origin").cast(ORIGINS).min().cast(pl.String),
    )
    values = pl.DataFrame(
        {
            "_group": np.arange(len(measured.parallelism)),
            "parallelism": measured.parallelism,
            "join_groups_closure": measured.closure,
            "join_groups_consistency": measured.consistency,
            "join_groups_weakest": pl.Series(measured.weakest).fill_nan(None),
        }
    )
    rows = texts.join(values, on="_group").join(made_of, on="_group")
    # Ids are hashes: within a number of languages the first rows are a random sample, the same in every run.
    order = [pl.col("parallelism"), pl.col("parents").list.first()]
    return rows.sort(order, descending=[True, False]).drop("_group")


def meeting_languages(nodes: pl.DataFrame, label: Ints64, one: Ints64, two: Ints64) -> pl.Series:
    """(p,) String: the languages of which two texts would meet if the groups of two texts became one.

    Args:
        nodes: see `numbered_texts`.
        label: (n,) int64: the same for texts of one group.
        one, two: (p,) those texts.
    """
    held = nodes.select("lang", label=pl.Series(label)).group_by("label").agg("lang")
    sides = [
        pl.DataFrame({"label": label[side]}).join(held, on="label", how="left", maintain_order="left")["lang"]
        for side in (one, two)
    ]
    meet = pl.DataFrame(sides[:1]).with_columns(other=sides[1])
    return meet.select(pl.col("lang").list.set_intersection("other").list.sort().list.join(" ")).to_series()
