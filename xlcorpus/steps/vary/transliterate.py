"""Transliteration into Latin script."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
from pydantic import Field, field_validator

from xlcorpus import languages, records
from xlcorpus.models.transliterators import loading as transliterators
from xlcorpus.outcomes import NOT_ASKED
from xlcorpus.step import MAIN, Port, RowEnv, RowStep, Rule


class Transliterate(RowStep):
    """Makes a romanised variant of each text: `hin_Deva` becomes `hin_Latn`, with the changed places in
    `spans`.

    `uroman` (Hermjakob et al. 2018) knows every script, writes no tones, and reads kanji as Chinese: leave
    Japanese out with `languages` where that matters. A span is what stands between two spaces, a whole
    clause in scripts written without. Rows in Latin script, or in languages
    not asked for, are rejected as `not_asked`.
    """

    produces = "variant"

    method: Literal["uroman"] = "uroman"
    """transliterator to use"""
    languages: list[str] = Field(default_factory=list)
    """languages to transliterate; all if empty"""
    side: Literal["src", "tgt"] = "src"
    """side of a pair to transliterate"""

    @field_validator("languages")
    @classmethod
    def _tags(cls, names: list[str]) -> list[str]:
        return [languages.parse(name) for name in names]

    def ports(self) -> dict[str, Port]:
        return {MAIN: Port(("sentence", "document", "pair"))}

    def models(self) -> dict[str, str]:
        return {"transliterator": transliterators.identity(self.method)}

    def open(self, env: RowEnv) -> transliterators.Transliterator:
        return transliterators.load_transliterator(self.method)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        prefix = f"{self.side}_" if env.kind == "pair" else ""
        made = rows.select(
            original_text=f"{prefix}text",
            lang=f"{prefix}lang",
            source="source",
            license="license",
            parents=pl.concat_list("id"),
        ).with_row_index("_row")
        parts = [self._romanised(part, env) for part in made.partition_by("lang", maintain_order=True)]
        return pl.concat(parts).sort("_row").drop("_row") if parts else _empty()

    def rules(self, kind: str) -> list[Rule]:
        changed = pl.col("spans").list.len() > 0
        return [Rule(NOT_ASKED, pl.col("lang"), changed)]

    def _romanised(self, part: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """Rows of one language, in their new form; as they were if it is not to be changed."""
        tag = part["lang"][0]
        texts = part["original_text"].to_list()
        if self._asked(tag):
            found = env.loaded.transliterate(texts, tag)
            tag = f"{languages.iso639_3(tag)}_Latn"
        else:
            found = [(text, []) for text in texts]
        spans = [[_span(span, tag) for span in spans] for _, spans in found]
        return part.with_columns(
            text=pl.Series([text for text, _ in found], dtype=pl.String),
            lang=pl.lit(tag),
            langs=pl.concat_list(pl.lit(tag)),
            method=pl.lit(self.method),
            origin=pl.lit("transformed"),
            spans=pl.Series(spans, dtype=records.polars_schema("variant")["spans"]),
        )

    def _asked(self, tag: str) -> bool:
        chosen = tag in self.languages if self.languages else True
        return chosen and languages.script(tag) not in ("Latn", "Zyyy")


def _span(span: transliterators.Span, tag: str) -> dict[str, Any]:
    return {**vars(span), "lang": tag}


def _empty() -> pl.DataFrame:
    return pl.DataFrame(schema=pl.Schema(records.polars_schema("variant")))
