"""Machine translation of records, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import polars as pl
from pydantic import Field

from xlcorpus import languages, records
from xlcorpus.errors import UserError
from xlcorpus.models.translators.backends import translate_protected, translator_directions
from xlcorpus.models.translators.translation import Translator
from xlcorpus.step import RowEnv, Rule
from xlcorpus.steps.translate.translator_options import CHAT, TranslatorStep

_TEXTS = {"sentence": ("text",), "document": ("title", "text"), "instruction": (), "preference": ()}
_TURNS = {
    "instruction": ("messages",),
    "preference": ("prompt", "chosen", "rejected"),
    "sentence": (),
    "document": (),
}
_OF_THE_SOURCE = {"preference": ("score_chosen", "score_rejected")}
_PIECES = pl.Schema(
    {
        "row": pl.get_index_type(),
        "field": pl.String,
        "turn": pl.Int64,
        "part": pl.String,
        "text": pl.String,
        "lang": pl.String,
    }
)
_SAID = ("content", "reasoning")
"""Parts of a turn that are text."""
_MADE = pl.Schema(
    {"text": pl.String, "changed": pl.Boolean, "numbers_kept": pl.Float64, "error": pl.String, "rule": pl.String}
)


class Translate(TranslatorStep):
    """Translates sentences, documents, instructions and preferences; the rows keep their kind.

    Every text of a row is translated: title and text, each turn of a conversation with its reasoning. Code, JSON,
    addresses, placeholders, tags, formulas, layout, tools and calls of them stay as they are. A row makes one new
    row for each language of `into` but its own. What was measured on the source (scores, embeddings) is null in the
    new rows.

    Of a chat model's answer the translation alone is taken: prefaces, labels, quotation marks, notes,
    further versions and the source repeated go, unless the source has them too. A row is rejected, with the answer,
    as `refusal`, `no_translation` (nothing is left), `not_alone` (too much is left), `untranslated` (a text of it came
    back) or `wrong_language` (as `identify` judges, by lid.176). A row with a sentence too long for `bergamot-en-pt` is
    rejected as `too_long`.
    """

    into: list[str]
    """languages to translate into"""
    min_numbers_kept: Annotated[float, Field(ge=0, le=1)] = 1.0
    """least share of numbers that source and translation have in common; below it: `number_mismatch`"""

    reads = ("sentence", "document", "instruction", "preference")

    def adds(self, kind: str) -> tuple[str, ...]:
        """`translate_numbers_kept`, `translate_changed`: shares from 0 to 1."""
        return ("translate_numbers_kept", "translate_changed")

    def accepts(self) -> tuple[str, ...]:
        """`min_numbers_kept`: nothing is translated again for another one."""
        return ("min_numbers_kept",)

    def preflight(self) -> None:
        """`into` must name languages, for Apertium and Bergamot such as they can write."""
        super().preflight()
        tags = [languages.parse(name) for name in self.into]
        if not tags:
            raise UserError("translate.into names no language")
        directions = None if self.translator == CHAT else translator_directions(self.translator)
        if directions is None:
            return
        for tag in tags:
            if tag not in {tgt for _, tgt in directions}:
                have = ", ".join(sorted("-".join(pair) for pair in directions))
                raise UserError(f"translator {self.translator!r} does not translate into {tag}; its pairs here: {have}")

    def rules(self, kind: str) -> Sequence[Rule]:
        """`number_mismatch`: numbers lost or added; `untranslated`: nothing differs from the source."""
        kept, changed = pl.col("translate_numbers_kept"), pl.col("translate_changed")
        return (
            Rule("number_mismatch", kept, kept >= self.min_numbers_kept),
            Rule("untranslated", changed, changed > 0),
        )

    def rows_with(self, translator: Translator, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The translations of each row, side by side."""
        lang = records.kind(env.kind).lang_columns[0]
        numbered = rows.with_row_index("_row")
        made = [
            _translated(numbered.filter(pl.col(lang) != tag), env.kind, tag, translator)
            for tag in dict.fromkeys(languages.parse(name) for name in self.into)
        ]
        return pl.concat(made).sort("_row", maintain_order=True).drop("_row")


def _translated(rows: pl.DataFrame, kind: str, tag: str, translator: Translator) -> pl.DataFrame:
    """The rows (with their index `_row`) in the language `tag`, with `_error` and the measured columns."""
    pieces = _pieces(rows, kind)
    made = translate_protected(translator, pieces["text"].to_list(), pieces["lang"].to_list(), tag)
    pieces = pieces.drop("text").hstack(pl.DataFrame(made, schema=_MADE, orient="row"))
    measured = pieces.group_by("row", maintain_order=True).agg(
        translate_numbers_kept=pl.col("numbers_kept").min(),
        translate_changed=pl.col("changed").cast(pl.Float64).mean(),
        _error=pl.col("error").drop_nulls().first(),
        _rule=pl.col("rule").filter(pl.col("error").is_not_null()).first(),
    )
    rows = _renewed(rows, kind, tag)
    for field in (*_TEXTS[kind], *_TURNS[kind]):
        rows = _put_back(rows, field, pieces.filter(pl.col("field") == field), turns=field in _TURNS[kind])
    return rows.join(measured, left_on="_row", right_on="row", how="left", maintain_order="left")


def _pieces(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """One row per text, columns `_PIECES`, fields and turns in order."""
    parts = [
        rows.drop_nulls(field).select("lang", row="_row", field=pl.lit(field), text=field) for field in _TEXTS[kind]
    ]
    asked, answered = ("prompt_lang", "response_lang") if kind == "instruction" else ("lang", "lang")
    role = pl.col("role")
    for field in _TURNS[kind]:
        lang = pl.when(role == "assistant").then(pl.col(answered)).otherwise(pl.col(asked))
        said = _turns(rows, field).with_columns(lang=lang)
        parts += [
            said.drop_nulls(part).select("lang", "turn", row="_row", field=pl.lit(field), part=pl.lit(part), text=part)
            for part in _SAID
        ]
    columns = pl.DataFrame(schema=_PIECES)
    return pl.concat([columns, *parts], how="diagonal_relaxed")


def _turns(rows: pl.DataFrame, field: str) -> pl.DataFrame:
    """The rows' turns of one field, one a row: its fields, and its place from 0 in `turn`."""
    # An empty list would explode to a turn that is not there.
    there = rows.filter(pl.col(field).list.len() > 0).explode(field).with_columns(pl.col(field).struct.unnest())
    return there.with_columns(turn=pl.int_range(pl.len()).over("_row"))


def _renewed(rows: pl.DataFrame, kind: str, tag: str) -> pl.DataFrame:
    """The rows as children of themselves in the language `tag`; what was measured on the source is null."""
    known = records.polars_schema(kind)
    own = ("translate_numbers_kept", "translate_changed")
    measured = [c for c in rows.columns if c not in known and c != "_row" and c not in own]
    stale = [*measured, *_OF_THE_SOURCE.get(kind, ())]
    return rows.with_columns(
        *(pl.lit(None, rows.schema[c]).alias(c) for c in stale),
        *(pl.lit(tag).alias(c) for c in ("lang", "prompt_lang", "response_lang") if c in known),
        parents=pl.concat_list("id"),
        origin=pl.lit("translated"),
    ).drop("id", "step", "recipe", *own, strict=False)


def _put_back(rows: pl.DataFrame, field: str, pieces: pl.DataFrame, turns: bool) -> pl.DataFrame:
    """The rows with the new texts of one field; where it has none it stays as it is."""
    column = _new_turns(_turns(rows, field), pieces) if turns else pieces.select("row", _new="text")
    joined = rows.join(column, left_on="_row", right_on="row", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("_new", field).alias(field)).drop("_new")


def _new_turns(turns: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Message lists `_new` by `row`: the turns with what was made of their texts."""
    for part in _SAID:
        made = pieces.filter(pl.col("part") == part).select("turn", _row="row", _made="text")
        turns = turns.join(made, on=["_row", "turn"], how="left", maintain_order="left")
        turns = turns.with_columns(pl.coalesce("_made", part).alias(part)).drop("_made")
    fields = [field.name for field in records.turns_dtype().inner.fields]  # type: ignore[attr-defined]
    new = turns.group_by(row="_row", maintain_order=True).agg(_new=pl.struct(fields))
    return new.cast({"_new": records.turns_dtype()})
