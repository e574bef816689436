"""Translation prompts as people wrote them: the text around the two sides of pairs found inside documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from pydantic import Field

from xlcorpus.records import item, message, messages
from xlcorpus.rehearsing import rehearsing
from xlcorpus.row_random import draws
from xlcorpus.step import CorpusEnv, CorpusStep, Port, Table
from xlcorpus.text.prompt_templates import Family, Template, fill, is_general, template

_CONTEXT = tuple(f"mine_within_documents_{c}" for c in ("before", "between", "after"))
_PLACE = ("mine_within_documents_document", "mine_within_documents_src_start", "mine_within_documents_tgt_start")
_TOLD = 20
"""Templates told on the card."""

_STAND_IN = Template("{source_english}: {source_text}\n{target_english}: {target_text}", "english_names")
"""Of all pairs, in a rehearsal."""


class MineTranslationPrompts(CorpusStep):
    """Mines translation prompts and makes instructions with them (Briakou, Cherry & Foster 2023, arXiv 2305.10266).

    What stands before and between the two sides of a pair ("Deutsch: ... English: ...") becomes a template with slots
    for texts and languages. Templates are counted for each pair of languages, and the most frequent make an
    instruction of every pair in the direction they were found in: the text up to the translation, and the translation
    as the answer. Where two languages have none, templates without words of their own serve, from all languages.
    Pairs that get no instruction are rejected as `no_template`.

    The card lists the most frequent templates. Columns: `mine_translation_prompts_template`, `_family`, `_pairs` and
    `_documents`, the numbers of pairs and documents it was found in.
    """

    families: list[Family] = ["english_names", "codes", "native_names", "translation_words"]
    """which templates make instructions: names of languages in English, codes, native names, words for translating;
    also `words` (any other) and `marks` (quotation marks, a dash, a line end: no instruction, but natural text)"""
    min_documents: int = Field(default=2, ge=1)
    """documents in which a template is found at least"""
    top: int = Field(default=5, ge=1)
    """templates used for a pair of languages, drawn in proportion to the documents they are found in"""

    produces = "instruction"

    def ports(self) -> dict[str, Port]:
        """`rows`: pairs of `mine_within_documents`."""
        return {"rows": Port(("pair",), columns=(*_CONTEXT, *_PLACE))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`mine_translation_prompts_template`, `_family`, `_pairs`, `_documents`."""
        return tuple(f"mine_translation_prompts_{c}" for c in ("template", "family", "pairs", "documents"))

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """One frame of instructions per shard. Holds a line for every pair in memory."""
        table = inputs["rows"]
        found = [_found(pl.read_parquet(path)) for path in table.shards]
        inventory = _counted(found)
        for line in _lines(inventory):
            env.say(line, False)
        chosen = _Choice(
            inventory.filter(pl.col("family").is_in(self.families), pl.col("documents") >= self.min_documents), self.top
        )
        for path in table.shards:
            rows = pl.read_parquet(path)
            made = pl.concat([_directed(rows, chosen, env.seed, *sides) for sides in (("src", "tgt"), ("tgt", "src"))])
            unused = rows.filter(~pl.col("id").is_in(made["_pair"].implode()))
            if unused.height:
                env.reject(unused, "no_template", pl.concat_str("src_lang", pl.lit("-"), "tgt_lang"))
            yield made.drop("_pair")


def _found(rows: pl.DataFrame) -> pl.DataFrame:
    """One line for each pair whose sides stand together: languages in the order of the text, template, document."""
    swap = pl.col(_PLACE[1]) > pl.col(_PLACE[2])
    source, target = (
        pl.when(swap).then(b).otherwise(a) for a, b in (("src_lang", "tgt_lang"), ("tgt_lang", "src_lang"))
    )
    lines = rows.select(*_CONTEXT, source=source, target=target, document=_PLACE[0])
    # Regular expressions that differ with the languages: one row at a time.
    told = lines.select(*_CONTEXT, "source", "target").iter_rows()
    made = [_STAND_IN if rehearsing() else template(*row) for row in told]
    return (
        lines.with_columns(
            template=pl.Series([t and t.text for t in made], dtype=pl.String),
            family=pl.Series([t and t.family for t in made], dtype=pl.String),
        )
        .select("source", "target", "template", "family", "document")
        .drop_nulls("template")
    )


def _counted(found: list[pl.DataFrame]) -> pl.DataFrame:
    """`source`, `target`, `template`, `family`, `pairs`, `documents`, most frequent first."""
    columns = dict.fromkeys(("source", "target", "template", "family", "document"), pl.String)
    return (
        pl.concat([pl.DataFrame(schema=columns), *found])
        .group_by("source", "target", "template", "family")
        .agg(pairs=pl.len().cast(pl.Int64), documents=pl.col("document").n_unique().cast(pl.Int64))
        .sort("documents", "pairs", "source", "target", "template", descending=[True, True, False, False, False])
    )


def _lines(inventory: pl.DataFrame) -> Iterator[str]:
    """What is told: how many templates of which family, and the most frequent."""
    families = inventory.group_by("family").agg(pl.col("pairs").sum()).sort("pairs", "family", descending=[True, False])
    counts = ", ".join(f"{family} {pairs:,}" for family, pairs in families.iter_rows())
    yield f"{inventory.height:,} templates around {inventory['pairs'].sum():,} pairs that stand together" + (
        f"; pairs by family: {counts}" if counts else ""
    )
    for source, target, text, family, pairs, documents in inventory.head(_TOLD).iter_rows():
        shown = text.replace("\n", "⏎")
        yield f"{source} to {target}, {family}, {pairs:,} pairs in {documents:,} documents: {shown}"


class _Choice:
    """The templates that instructions are made with."""

    def __init__(self, inventory: pl.DataFrame, top: int) -> None:
        self._top = top
        self._own = {
            (str(source), str(target)): rows.head(top)
            for (source, target), rows in inventory.group_by("source", "target", maintain_order=True)
        }
        general = pl.Series([is_general(text) for text in inventory["template"]], dtype=pl.Boolean)
        self._general = (
            inventory.filter(general)
            .group_by("template", "family")
            .agg(pl.col("pairs", "documents").sum())
            .sort("documents", "pairs", "template", descending=[True, True, False])
            .head(top)
        )

    def draw(self, source: str, target: str, number: float) -> tuple[str, str, int, int] | None:
        """Template, family, pairs and documents for a number from 0 to 1; None if there is no template."""
        rows = self._own.get((source, target), self._general)
        if not rows.height:
            return None
        ends = np.cumsum(rows["documents"].to_numpy())
        row = int(np.searchsorted(ends, number * ends[-1], side="right"))
        text, family, pairs, documents = rows.select("template", "family", "pairs", "documents").row(row)
        return text, family, pairs, documents


def _directed(rows: pl.DataFrame, choice: _Choice, seed: int, src: str, tgt: str) -> pl.DataFrame:
    """The instructions to translate the side `src` of the pairs; `_pair` is the pair's id."""
    columns = ("id", f"{src}_text", f"{tgt}_text", f"{src}_lang", f"{tgt}_lang", "source", "license", item())
    found: list[tuple[object, ...]] = []
    for row_id, text, answer, source, target, whence, licence, of in rows.select(columns).iter_rows():
        number = float(draws(row_id, seed, f"translation prompt {target}", 1)[0])
        drawn = choice.draw(source, target, number)
        if drawn is not None:
            prompt = fill(drawn[0], source, target, text)
            found.append((row_id, prompt, answer, source, target, whence, licence, of, *drawn))
    names = ("_pair", "prompt", "answer", "src_lang", "tgt_lang", "source", "license", "group_id", "template", "family")
    schema = dict.fromkeys(names, pl.String) | {"pairs": pl.Int64, "documents": pl.Int64}
    return pl.DataFrame(found, schema=schema, orient="row").select(
        "_pair",
        messages=messages([message("user", pl.col("prompt")), message("assistant", pl.col("answer"))]),
        lang="tgt_lang",
        task=pl.lit("translation"),
        prompt_lang="src_lang",
        response_lang="tgt_lang",
        source="source",
        license="license",
        group_id="group_id",
        origin=pl.lit("mined"),
        parents=pl.concat_list("_pair"),
        **{f"mine_translation_prompts_{c}": c for c in ("template", "family", "pairs", "documents")},
    )
