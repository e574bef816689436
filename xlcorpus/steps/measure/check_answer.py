"""Final answers of responses, compared with gold answers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

import polars as pl
from pydantic import Field, model_validator

from xlcorpus import languages, records
from xlcorpus.step import MAIN, Port, RowEnv, RowStep
from xlcorpus.text.answer_values import FinalAnswer, Form, is_right, read_final, read_gold
from xlcorpus.text.fold import folded_expr

if TYPE_CHECKING:
    from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier

_ANSWERED = {"instruction": "messages", "feedback": "completion"}
"""The message list whose last turn is the response, by kind."""
_KINDS = ("instruction", "feedback", "document", "sentence", "variant")
_COLUMNS = {"value": pl.String, "text": pl.String, "form": pl.String, "place": pl.String, "correct": pl.Float64}


class CheckAnswer(RowStep):
    """Reads the final answer of each response and compares it with the gold answer, in any language and script.

    The answer stands in `\\boxed{...}`, in `<answer>`, behind `####`, behind "the answer is" in some seventy
    languages, or alone in the response; a number may also be the last one. `<think>...</think>` is left out. Read are

    - numbers, in the digits and separators of the language of the response: ١٨٫٥, १,२३,४५६, 1.234,5, 3/4, 1½, 50 %,
      8万, 2 लाख, elfu 70; units do not count. "1,250" is right if either reading is. 50 % is 50 or 0.5, as the gold
      answer has it;
    - options, by letter (B, Б, ب, イ, ख, ข, 나), number or text; `value` is A, B, ...;
    - formulas, in LaTeX or not: equal if they are after normalisation (`\\dfrac{1}{2}` is 0.5, `2x+1` is `1+2x`), no
      algebra is done;
    - words, without case and punctuation; code, the last fenced block.

    Columns: `check_answer_value` (one text for all ways to write an answer; null where none was found),
    `check_answer_text` (as it is written), `check_answer_form`, `check_answer_place` (boxed, tag, hashes, words, whole,
    last) and, with gold answers, `check_answer_correct`: 1.0 or 0.0; 0.0 without an answer, null without a gold answer
    that can be read.
    """

    batch_rows = 1024
    light = 20_000

    response: str | None = None
    """column with the responses; default: the last turn of `messages` (instructions) or of `completion` (feedback),
    which has none where it is not the assistant's"""
    gold: str | None = None
    """column with the gold answers: the answer alone, or a solution that ends in one ("#### 18"); without it answers
    are read and not compared. An option is its label, its number counted from 1, or its text"""
    gold_numbers: Literal["plain", "language"] = "plain"
    """how numbers in gold answers are written: as programs do (1234.5), or as in the language of the row (1.234,5)"""
    choices: str | None = None
    """column with the texts of the options (list of strings), so that an option may be named by its text"""
    form: Literal["auto", "number", "option", "expression", "text", "code"] = "auto"
    """what an answer is; auto: an option where there are choices, else what the gold answer of the row is, and without
    one what the answer looks like"""
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    """largest difference between a number and the gold answer"""
    identifier: str | None = None
    """`lid.176`, the path of a fastText model, or its repository on the Hub: says whether responses are in their
    language, formulas and code apart. Columns `check_answer_language`, and `check_answer_reasoning_language` of the
    reasoning: 1.0, 0.0, or null where there is no text or the model does not know the language"""

    @model_validator(mode="after")
    def _compares_something(self) -> CheckAnswer:
        idle = [name for name in ("gold_numbers", "tolerance") if name in self.model_fields_set and self.gold is None]
        if idle:
            raise ValueError(f"{idle[0]} has no effect here: there is no gold column")
        return self

    def ports(self) -> dict[str, Port]:
        """`rows`: conversations or feedback; rows of other kinds with the option `response`."""
        named = tuple(c for c in (self.response, self.gold, self.choices) if c is not None)
        return {MAIN: Port(_kinds() if self.response is not None else tuple(_ANSWERED), columns=named)}

    def adds(self, kind: str) -> tuple[str, ...]:
        """The columns of the docstring; those of languages with `identifier`."""
        made = [name for name in _COLUMNS if name != "correct" or self.gold is not None]
        if self.identifier is not None:
            made += ["language", *["reasoning_language"] * (self.response is None)]
        return tuple(f"check_answer_{name}" for name in made)

    def preflight(self) -> None:
        if self.identifier is not None:
            from xlcorpus.models.identifiers.loading import find_identifier

            find_identifier(self.identifier)

    def models(self) -> dict[str, str]:
        if self.identifier is None:
            return {}
        from xlcorpus.models.identifiers.loading import identity

        return {"language_identifier": identity(self.identifier)}

    def open(self, env: RowEnv) -> FastTextIdentifier | None:
        if self.identifier is None:
            return None
        from xlcorpus.models.identifiers.loading import load_identifier

        return load_identifier(self.identifier)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """Row by row: what an answer is depends on the row, and reading one takes some hundred microseconds."""
        lang = "response_lang" if env.kind == "instruction" else "lang"
        asked = rows.select(
            response=self._response(env.kind),
            lang=pl.col(lang).fill_null(languages.UNKNOWN),
            gold=pl.lit(None, pl.String) if self.gold is None else pl.col(self.gold).cast(pl.String),
            choices=pl.lit(None, pl.List(pl.String)) if self.choices is None else pl.col(self.choices),
        )
        read = [self._read(*row) for row in asked.iter_rows()]
        made = pl.DataFrame(
            [_cells(found, gold) for found, gold, _ in read],
            schema={"value": pl.String, "text": pl.String, "form": pl.String, "place": pl.String, "gold": pl.String},
            orient="row",
        ).with_columns(lang=asked["lang"], right=pl.Series([right for _, _, right in read], dtype=pl.Boolean))
        made = made.with_columns(_folded("value"), _folded("gold"))
        same_words = (pl.col("form") == "text") & pl.col("gold").is_not_null()
        right = pl.when(same_words).then(pl.col("value") == pl.col("gold")).otherwise("right")
        columns = [made[name].alias(f"check_answer_{name}") for name in ("value", "text", "form", "place")]
        if self.gold is not None:
            columns.append(made.select(check_answer_correct=right.cast(pl.Float64)).to_series())
        if env.loaded is not None:
            from xlcorpus.steps.measure.answer_language import in_language

            columns.append(in_language(asked["response"], asked["lang"], env.loaded).alias("check_answer_language"))
            if self.response is None:
                thoughts = rows.select(self._turn(env.kind, "reasoning")).to_series()
                judged = in_language(thoughts, asked["lang"], env.loaded)
                columns.append(judged.alias("check_answer_reasoning_language"))
        return rows.with_columns(columns)

    def _response(self, kind: str) -> pl.Expr:
        return pl.col(self.response).cast(pl.String) if self.response is not None else self._turn(kind, "content")

    def _turn(self, kind: str, field: str) -> pl.Expr:
        last = pl.col(_ANSWERED[kind]).list.last()
        return pl.when(last.struct.field("role") == "assistant").then(last.struct.field(field))

    def _read(
        self, response: str | None, lang: str, gold: str | None, choices: Sequence[str] | None
    ) -> tuple[FinalAnswer | None, FinalAnswer | None, bool | None]:
        """The answer of a row, the gold one, and whether they are the same (null: not to be compared)."""
        options = [choice or "" for choice in choices or ()]
        form: Form | None = None if self.form == "auto" else self.form
        wanted = None
        if gold is not None and gold.strip():
            wanted = read_gold(gold, lang, form, self.gold_numbers == "plain", options)
        if form is None and wanted is not None:
            form = wanted.form
        found = read_final(response, lang, form, options) if response else None
        if wanted is None:
            return found, None, None
        return found, wanted, found is not None and is_right(found, wanted, Fraction(str(self.tolerance)))


def _kinds() -> tuple[str, ...]:
    """Kinds with a language of their own."""
    return (*_KINDS, *(k for k in records.kinds() if k not in _KINDS and "lang" in records.kind(k).own.names))


def _cells(found: FinalAnswer | None, gold: FinalAnswer | None) -> tuple[str | None, ...]:
    wanted = None if gold is None else gold.value
    return (None,) * 4 + (wanted,) if found is None else (found.value, found.text, found.form, found.place, wanted)


def _folded(column: str) -> pl.Expr:
    """Words without case and punctuation; numbers, options, formulas and code as they are."""
    words = pl.col("form") == "text"
    return pl.when(words).then(folded_expr(pl.col(column), pl.col("lang"))).otherwise(column).alias(column)
