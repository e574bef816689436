"""Preferences between answers whose order we know from how they came to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import polars as pl
from pydantic import Field

from xlcorpus.models.translators.backends import translate_protected
from xlcorpus.models.translators.translation import Translator
from xlcorpus.records import message, messages
from xlcorpus.step import RowEnv, Rule
from xlcorpus.steps.instruct.translation_prompts import add_prompts
from xlcorpus.steps.translate.translator_options import TranslatorStep
from xlcorpus.text.casing import small_expr, small_for_any_expr
from xlcorpus.text.word_units import word_units_expr


class PreferNative(TranslatorStep):
    """Native text preferred to machine translation: a model learns to write, not to gloss.

    The prompt asks for a translation of the pair's source text; the pair's target text is chosen, what the
    translator makes of the same source is rejected. The better the pairs and the worse the translator, the
    surer the preference: check both before training on it.
    """

    produces = "preference"
    reads = ("pair",)

    max_untranslated: Annotated[float, Field(ge=0, le=1)] = 0.5
    """largest share of the rejected answer's words that stand in the source too: a gloss of few words is no
    translation, and nothing is learned from refusing it"""

    def adds(self, kind: str) -> tuple[str, ...]:
        """`instruct_template`: template language and number ("deu_Latn/2"); `prefer_native_untranslated`: a share."""
        return ("instruct_template", "prefer_native_untranslated")

    def measures(self, kind: str) -> tuple[str, ...]:
        """`prefer_native_untranslated`; the template was chosen."""
        return ("prefer_native_untranslated",)

    def accepts(self) -> tuple[str, ...]:
        """`max_untranslated`: nothing is translated again for another one."""
        return ("max_untranslated",)

    def rules(self, kind: str) -> Sequence[Rule]:
        """`same_answer`: both answers are the same; `untranslated`: the rejected one is mostly the source itself."""
        chosen, rejected = (_content(c) for c in ("chosen", "rejected"))
        untranslated = pl.col("prefer_native_untranslated")
        return (
            Rule("same_answer", rejected, _folded(chosen) != _folded(rejected)),
            Rule("untranslated", untranslated, untranslated <= self.max_untranslated),
        )

    def rows_with(self, translator: Translator, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """One preference per pair."""
        worse: list[tuple[str, str | None, str | None]] = []
        order: list[int] = []
        for (tgt_lang,), group in rows.with_row_index("_row").group_by("tgt_lang", maintain_order=True):
            texts, langs = group["src_text"].to_list(), group["src_lang"].to_list()
            made = translate_protected(translator, texts, langs, str(tgt_lang))
            worse += [(m.text, m.error, m.rule) for m in made]
            order += group["_row"].to_list()
        answers = pl.DataFrame(worse, schema=dict.fromkeys(("worse", "_error", "_rule"), pl.String), orient="row")
        answers = answers.with_columns(pl.Series("_row", order, dtype=pl.UInt32)).sort("_row").drop("_row")
        tasks = pl.concat([rows.rename({"src_text": "text"}), answers], how="horizontal")
        return add_prompts(tasks, env.seed).select(
            prompt=messages([message("user", pl.col("prompt"))]),
            chosen=messages([message("assistant", pl.col("tgt_text"))]),
            rejected=messages([message("assistant", pl.col("worse"))]),
            lang=pl.col("tgt_lang"),
            source=pl.col("source"),
            license=pl.col("license"),
            origin=pl.lit("synthetic"),
            parents=pl.concat_list("id"),
            instruct_template=pl.col("instruct_template"),
            prefer_native_untranslated=_untranslated(pl.col("worse"), pl.col("text")),
            _error=pl.col("_error"),
            _rule=pl.col("_rule"),
        )


def _content(column: str) -> pl.Expr:
    return pl.col(column).list.first().struct.field("content")


def _untranslated(made: pl.Expr, source: pl.Expr) -> pl.Expr:
    """Share of the distinct words of `made` that are words of `source`, case apart."""
    langs = pl.col("src_lang"), pl.col("tgt_lang")
    made, source = (word_units_expr(small_for_any_expr(text, langs)).list.unique() for text in (made, source))
    return made.list.set_intersection(source).list.len() / made.list.len()


def _folded(text: pl.Expr) -> pl.Expr:
    return small_expr(text, pl.col("lang")).str.replace_all(r"\s+", " ").str.strip_chars()
