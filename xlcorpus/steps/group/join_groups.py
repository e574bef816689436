"""Joining pairs into n-way groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
import polars as pl
from pydantic import Field

from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.errors import UserError
from xlcorpus.mining.groups.checks import confirmed_groups, measure_groups
from xlcorpus.mining.groups.join import Edges, Fate, Joined, distinct_edges, join_pairs, numbered
from xlcorpus.step import CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.embed.encoder_options import EncoderOptions
from xlcorpus.steps.group.rows import group_rows, language_numbers, meeting_languages, numbered_texts
from xlcorpus.steps.group.similarity import similar_pairs

COLUMNS = (
    "id", "src_text", "tgt_text", "src_lang", "tgt_lang", "src_id", "tgt_id", "score", "source", "license", "origin",
    "group_id",
)  # fmt: skip
MANY_CONTRADICTIONS = 0.1
"""Share of contradicting pairs above which it is a warning."""


class JoinGroups(EncoderOptions, CorpusStep):
    """Joins pairs into n-way groups: one item in as many languages as its pairs reach, one text a language.

    The form of TED2025's multi-way parallel corpora (arXiv 2505.14045), from pairs of any languages, through
    any pivots. Texts of one language that differ in case, punctuation or spaces alone are one. Pairs join the
    groups of their texts one by one, first those that third texts confirm, then by score (pairs without a score were
    given, not found, and go before those with one). A pair that would put two texts of one language together is
    rejected as `contradiction`, with that language as the value; see also `parallelism` and `unconfirmed`.

        join_groups: {inputs: [mine, read_pairs], min_parallelism: 3, verify: pairs}
    """

    min_parallelism: int = Field(default=2, ge=2)
    """least number of languages; the pairs of smaller groups are rejected as `parallelism`"""
    verify: Literal["none", "pairs", "encoder"] = "none"
    """what two texts of a group must have: nothing; a pair; a pair, or by `encoder` a cosine above chance. Groups that
    lack it are parted, and pairs between the parts rejected as `unconfirmed`, with the share that was confirmed"""
    confirmed: float = Field(default=1.0, ge=0.5, le=1)
    """for `verify`: share of the other texts with which each must have it; 1 is strict for many languages"""
    chance: float = Field(default=0.001, gt=0, lt=1)
    """for `verify: encoder`: the cosine must be one that only this share of unrelated texts of the two languages has"""

    produces = "group"

    def idle(self) -> dict[str, str]:
        """Options of a verification that is not done."""
        by_encoder = dict.fromkeys(("encoder", "chance", "device"), "it is for verify: encoder")
        idle = {} if self.verify == "encoder" else by_encoder
        return idle | ({"confirmed": "verify: none asks for no proof"} if self.verify == "none" else {})

    def ports(self) -> dict[str, Port]:
        """`rows`: pairs, of any number of languages."""
        return {"rows": Port(("pair",))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`join_groups_closure`, `join_groups_consistency`, `join_groups_weakest`; see `GroupMeasures`."""
        return ("join_groups_closure", "join_groups_consistency", "join_groups_weakest")

    def models(self) -> dict[str, str]:
        """The encoder and the hash of its weights, if one is used."""
        return super().models() if self.verify == "encoder" else {}

    def num_gpus(self) -> float:
        """One for an encoder with `device: cuda`; otherwise what `resources` says."""
        return super().num_gpus() if self.verify == "encoder" else 0.0

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """The groups, most languages first. Holds all pairs in memory."""
        pairs = inputs["rows"].frame(COLUMNS)
        if not pairs.height:
            env.say("no pairs came in, so there are no groups", True)
            return
        nodes, src, tgt = numbered_texts(pairs)
        tags = nodes["lang"].unique().sort()
        if self.min_parallelism > len(tags):
            raise UserError(
                f"min_parallelism is {self.min_parallelism}, but the pairs are of {len(tags)} languages: "
                f"{', '.join(tags)}"
            )
        score = pairs["score"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        lang = language_numbers(nodes)
        joined = join_pairs(src, tgt, score, lang)
        real = joined.fate != Fate.ONE_LANGUAGE
        edges = distinct_edges(src[real], tgt[real], score[real])
        group, share = self._verified(joined.group, edges, nodes)
        size = np.where(group >= 0, np.bincount(group[group >= 0], minlength=1)[group], 1)
        kept = numbered(np.where(size >= self.min_parallelism, group, -1 - np.arange(len(group))))
        pairs = pairs.with_columns(join_groups_support=joined.support, _group=kept[src])
        inside = (kept[src] >= 0) & (kept[src] == kept[tgt])
        rules = {
            "one_language": (~real, pairs["src_lang"]),
            "contradiction": (joined.fate == Fate.CONTRADICTS, _contradictions(joined, src, tgt, nodes)),
            "unconfirmed": (group[src] != group[tgt], pl.Series(np.minimum(share[src], share[tgt])).round(4)),
            "parallelism": (np.ones_like(inside), pl.Series(size[src])),
        }
        rejected = inside.copy()
        for rule, (broken, value) in rules.items():
            rows = broken & ~rejected
            rejected |= rows
            if rows.any():
                env.reject(pairs.with_columns(_value=value).filter(rows), rule, pl.col("_value"))
        groups = group_rows(nodes, kept, pairs.filter(inside), measure_groups(kept, edges, lang))
        self._report(pairs.height, int((joined.fate == Fate.CONTRADICTS).sum()), groups, env)
        yield groups

    def _verified(self, group: Ints64, edges: Edges, nodes: pl.DataFrame) -> tuple[Ints64, Floats64]:
        """Groups after the check asked for, and the share of the other members that each text is confirmed with."""
        if self.verify == "none":
            return group, np.ones(len(group))
        if self.verify == "encoder":
            one, two = similar_pairs(group, edges, nodes, self.load(), self.chance)
            edges = distinct_edges(
                np.concatenate([edges.a, one]),
                np.concatenate([edges.b, two]),
                np.concatenate([edges.score, np.full(len(one), -np.inf)]),
            )
        return confirmed_groups(group, edges, self.confirmed)

    def _report(self, pairs: int, contradicting: int, groups: pl.DataFrame, env: CorpusEnv) -> None:
        """Parallelism, agreement and contradictions of the whole."""
        if groups.height:
            counts = groups["parallelism"].value_counts().sort("parallelism", descending=True).iter_rows()
            ways = ", ".join(f"{n} languages {count:,}" for n, count in counts)
            closure, consistency = (groups[f"join_groups_{m}"].to_numpy().mean() for m in ("closure", "consistency"))
            made = f"{groups.height:,} groups ({ways}), mean closure {closure:.3f}, mean consistency {consistency:.3f}"
            env.say(f"{pairs:,} pairs make {made}; {contradicting:,} pairs contradict surer ones", False)
        else:
            why = "join the pairs by a language they have in common, or ask for fewer"
            env.say(f"no group of {pairs:,} pairs has {self.min_parallelism} languages; {why}", True)
        if contradicting > MANY_CONTRADICTIONS * pairs:
            env.say(
                f"{contradicting / pairs:.1%} of the pairs contradict surer ones, so many pairs must be wrong: raise "
                "the threshold of the step that found them",
                True,
            )


def _contradictions(joined: Joined, src: Ints64, tgt: Ints64, nodes: pl.DataFrame) -> pl.Series:
    """(e,) String: for each refused pair the languages that speak against it, null for the others."""
    refused = np.flatnonzero(joined.fate == Fate.CONTRADICTS)
    # Texts alone are groups of their own here.
    label = np.where(joined.group >= 0, joined.group, -1 - np.arange(len(joined.group)))
    found = pl.Series([None], dtype=pl.String).new_from_index(0, len(src))
    return found.scatter(refused, meeting_languages(nodes, label, src[refused], tgt[refused]))
