"""What to train on, made of n-way groups: documents in many languages, their control, and pairs of any two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from pydantic import Field

from xlcorpus.row_random import draws
from xlcorpus.step import MAIN, CorpusEnv, CorpusStep, Port, RowEnv, RowStep, Table
from xlcorpus.steps.group.rows import ORIGINS
from xlcorpus.steps.provenance import item_of_rows, provenance_of_rows


class GroupDocuments(CorpusStep):
    """Documents that say one thing in many languages: the texts of a group one after the other, in random order.

    Pretraining text in the way of TED2025 (arXiv 2505.14045), and what its authors compare it with: with
    `aligned: false` every text gives its place to one of its language from another group, so that both sets have the
    same texts, languages and number of tokens, and only one is parallel. Run the step twice to have both. The column
    `group_documents_languages` names the languages in order; `lang` is the first.

        group_documents: {inputs: join_groups}
        unaligned: {step: group_documents, inputs: join_groups, aligned: false}
    """

    aligned: bool = True
    """false: the control, of texts that do not belong together"""
    languages: int | None = Field(default=None, ge=2)
    """most languages of a document, drawn for each group; default: all that the group has"""
    separator: str = "\n"
    """what stands between the texts"""

    produces = "document"

    def ports(self) -> dict[str, Port]:
        """`rows`: groups."""
        return {MAIN: Port(("group",))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`group_documents_languages`."""
        return ("group_documents_languages",)

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """One document per group, in their order. Holds all texts in memory."""
        groups = inputs[MAIN].frame(["id", "texts", "source", "license", "origin", "group_id"]).with_row_index("_group")
        texts = groups.rename({"id": "_id"}).filter(pl.col("texts").list.len() > 0).explode("texts").unnest("texts")
        random = np.random.default_rng(env.seed).random((2, texts.height))
        texts = texts.with_columns(_order=random[0], _turn=random[1]).sort("_group", "_order")
        if self.languages is not None:
            texts = texts.group_by("_group", maintain_order=True).head(self.languages)
        if not self.aligned:
            alone = texts.group_by("lang").len().filter(pl.col("len") == 1)["lang"].sort()
            if len(alone):
                env.say(f"only one text in {', '.join(alone)}: it stays in its group's document", True)
            texts = _exchanged(texts)
        documents = texts.group_by("_group", maintain_order=True).agg(
            text=pl.col("text").str.join(self.separator),
            lang=pl.col("lang").first(),
            parents=pl.col("_id").unique(maintain_order=True),
            **provenance_of_rows(),
            group_id=item_of_rows("_id"),
            origin=pl.col("origin").cast(ORIGINS).min().cast(pl.String),
            group_documents_languages=pl.col("lang"),
        )
        characters = texts["text"].str.len_chars().sum()
        env.say(f"{documents.height:,} documents of {texts.height:,} texts with {characters:,} characters", False)
        yield documents.drop("_group")


def _exchanged(texts: pl.DataFrame) -> pl.DataFrame:
    """Each text, with what it was made of, in the place of another of its language: a ring in random order."""
    ring = texts.with_row_index("_row").sort("lang", "_turn")
    giver = pl.coalesce(pl.col("_row").shift(-1).over("lang"), pl.col("_row").first().over("lang"))
    givers = ring.select("_row", giver=giver).sort("_row")["giver"]
    return texts.select(pl.exclude("_group").gather(givers), "_group")


class GroupPairs(RowStep):
    """Pairs of any two texts of a group, those that were never paired directly too, in a random direction.

    Followed by `translation_instructions` with `directions: forward` they are the language-shuffled translation
    instructions of TED2025 (arXiv 2505.14045).
    """

    per_group: int | None = Field(default=None, ge=1)
    """most pairs of a group, drawn; default: all"""

    produces = "pair"

    def ports(self) -> dict[str, Port]:
        """`rows`: groups."""
        return {MAIN: Port(("group",))}

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The pairs of each group, in its order of texts."""
        rows = rows.filter(pl.col("texts").list.len() > 0)
        sizes = rows["texts"].list.len().to_numpy().astype(np.int64)
        chosen = [
            _drawn(row_id, size, self.per_group, env.seed)
            for row_id, size in zip(rows["id"], sizes.tolist(), strict=True)
        ]
        group = np.repeat(np.arange(rows.height), [len(pairs) for pairs in chosen])
        both = np.concatenate([np.zeros((0, 2), dtype=np.int64), *chosen]) + (np.cumsum(sizes) - sizes)[group, None]
        texts = rows.select(pl.col("texts").explode().struct.unnest())
        sides = [
            texts[both[:, column]].select(pl.all().name.prefix(side)) for column, side in enumerate(("src_", "tgt_"))
        ]
        origin = rows[group].select("source", "license", "origin", parents=pl.concat_list("id"))
        pairs: pl.DataFrame = pl.concat([*sides, origin], how="horizontal")
        return pairs


def _drawn(row_id: str, size: int, most: int | None, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """(p, 2) places of the two texts of each pair. One hash per group; see `row_random`."""
    both = np.stack(np.triu_indices(size, 1), axis=1)
    random = draws(row_id, seed, "group pairs", 2 * len(both)).reshape(2, -1)
    kept = np.sort(np.argsort(random[0], kind="stable")[:most])
    return np.where(random[1, kept, None] < 0.5, both[kept], both[kept, ::-1])
