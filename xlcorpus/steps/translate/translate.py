"""Machine translation of records, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Annotated

import polars as pl
import pyarrow as pa
from pydantic import Field

from xlcorpus import languages, records
from xlcorpus.errors import UserError, nearest
from xlcorpus.models.translators.backends import translate_protected, translator_directions
from xlcorpus.models.translators.translation import Translator
from xlcorpus.records import TextField
from xlcorpus.step import MAIN, Columns, RowEnv, Rule, Table
from xlcorpus.steps.measured_columns import measured_columns
from xlcorpus.steps.translate.fields import TEXTS, Texts, check_fields, fields_of, with_texts
from xlcorpus.steps.translate.items import ANSWER_PLACES, alone, same_choices, together
from xlcorpus.steps.translate.translator_options import CHAT, TranslatorStep

_OF_THE_SOURCE = {"preference": ("score_chosen", "score_rejected")}
_MEASURED = ("translate_numbers_kept", "translate_changed", ANSWER_PLACES)
_PIECES = pl.Schema({"row": pl.get_index_type(), "field": pl.Int64, "text": pl.String, "lang": pl.String})
_MADE = pl.Schema(
    {"text": pl.String, "changed": pl.Boolean, "numbers_kept": pl.Float64, "error": pl.String, "rule": pl.String}
)


class Translate(TranslatorStep):
    """Translates the texts of rows, which keep their kind and are versions of the same items (`group_id`).

    Every text of a row is translated, or the `fields` that are named: title and text, each turn of a conversation with
    its reasoning, question, choices, answer, context and rationale of an item. Code, JSON, addresses, placeholders,
    tags, formulas, layout, tools and calls of them stay as they are. A row makes one new row for each language of
    `into` but its own. What steps measured on the source (scores, embeddings) is null in the new rows, other columns go
    along. On rows outside of a pipeline, columns named `<step>_...` and `embedding` count as measured.

    An item's answer that is the text of a choice is that of the same choice again; letters and numbers of choices stay,
    in the answer and before the choices ("A) ..."). Two choices that come to be the same text reject the item as
    `same_choices`. `answer_start` is found anew where the answer stands once in the new context, and null elsewhere;
    the answer is then written as it stands there.

    Of a chat model's answer the translation alone is taken: prefaces, labels, quotation marks, notes,
    further versions and the source repeated go, unless the source has them too. A row is rejected, with the answer,
    as `refusal`, `no_translation` (nothing is left), `not_alone` (too much is left), `untranslated` (a text of it came
    back) or `wrong_language` (as `identify` judges, by lid.176). A row with a sentence too long for `bergamot-en-pt` is
    rejected as `too_long`; one in which a path of `fields` leads into a string that is no JSON as `not_json`.

    ```yaml
    translate: {into: [hin_Deva], translator: apertium, fields: ["messages[*].content"]}
    translate: {into: [swh_Latn], translator: teacher, fields: ["messages[*].tool_calls[*].function.arguments"]}
    ```
    """

    into: list[str]
    """languages to translate into"""
    into_column: str | None = None
    """column with the language that each row is translated into, one of `into` (`fan_out` draws it); a row with none of
    them is rejected as `no_output`"""
    fields: list[str] | None = None
    """paths of the texts to translate: names with dots between them, [*] behind a list, also into strings that are
    JSON: `question`, `choices[*]`, `messages[*].content`. Where one ends at an object or list of JSON, all strings in
    it are translated. Columns beside those of the kind are in the language of the row. Default: all texts of it"""
    min_numbers_kept: Annotated[float, Field(ge=0, le=1)] = 1.0
    """least share of numbers that source and translation have in common; below it: `number_mismatch`"""

    reads = ("sentence", "document", "instruction", "preference", "feedback", "item", "pair")

    def adds(self, kind: str) -> tuple[str, ...]:
        """`translate_numbers_kept`, the least share of numbers that a text and its translation have in common, by value
        in the digits and separators of any locale; `translate_changed`, the share of texts that changed; of items
        `translate_answer_places`, how often an answer that had a place in the context stands in the new one."""
        return _MEASURED if kind == "item" else _MEASURED[:2]

    def out_columns(self, kinds: Mapping[str, str], inputs: Mapping[str, Columns]) -> tuple[str, ...]:
        """Checks that `fields` are there and are texts."""
        main = next(iter(kinds))
        check_fields(self._fields(kinds[main]), inputs[main])
        if self.into_column is not None and self.into_column not in inputs[main]:
            raise UserError(f"into_column: no column {self.into_column!r}; {nearest(self.into_column, inputs[main])}")
        return super().out_columns(kinds, inputs)

    def accepts(self) -> tuple[str, ...]:
        """`min_numbers_kept`: nothing is translated again for another one."""
        return ("min_numbers_kept",)

    def remarks(self, inputs: Mapping[str, Table]) -> list[str]:
        """Also paths at which no row has a text."""
        named = self._fields(inputs[MAIN].kind) if self.fields is not None else []
        empty = [field.path.text for field in named if not _has_text(inputs[MAIN], field)]
        return [*super().remarks(inputs), *(f"fields: no row has a text at {path}" for path in empty)]

    def source_texts(self, kind: str) -> Sequence[TextField]:
        """Those in columns that `fields` name."""
        named = {field.path.column for field in self._fields(kind)}
        return [text for text in records.kind(kind).texts if text.column in named]

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
        """`number_mismatch`: numbers lost or added; `untranslated`: nothing differs from the source; `same_choices`."""
        kept, changed = pl.col("translate_numbers_kept"), pl.col("translate_changed")
        return (
            Rule("number_mismatch", kept, kept >= self.min_numbers_kept),
            Rule("untranslated", changed, changed > 0),
            *[same_choices()] * (kind == "item"),
        )

    def rows_with(self, translator: Translator, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The translations of each row, side by side."""
        fields = self._fields(env.kind)
        if env.measured is None:
            measured: Sequence[str] = measured_columns(rows.columns)
        else:
            # In a run the columns are known to be there; a shard of rows that have none of a column lacks it.
            measured, fields = env.measured, [field for field in fields if field.path.column in rows.columns]
        check_fields(fields, rows.schema)
        named = {field.path.column for field in fields}
        stale = [c for c in (*measured, *_OF_THE_SOURCE.get(env.kind, ())) if c in rows.columns and c not in named]
        numbered = rows.with_row_index("_row")
        made = [
            _translated(
                numbered.filter(_foreign(env.kind, fields, tag), self._wanted(numbered, tag)),
                env.kind,
                fields,
                stale,
                tag,
                translator,
            )
            for tag in dict.fromkeys(languages.parse(name) for name in self.into)
        ]
        return pl.concat(made).sort("_row", maintain_order=True).drop("_row")

    def _wanted(self, rows: pl.DataFrame, tag: str) -> pl.Series | bool:
        """(rows,) whether a row is to be translated into a language."""
        if self.into_column is None:
            return True
        column = rows[self.into_column]
        named = {name: languages.parse(name) == tag for name in column.unique() if name is not None}
        return column.replace_strict(named, default=False, return_dtype=pl.Boolean)

    def _fields(self, kind: str) -> list[Texts]:
        if self.fields is None and kind not in TEXTS:
            sides = ", ".join(str(text.text) for text in records.kind(kind).texts)
            raise UserError(f"fields: rows of kind {kind} have texts in several languages ({sides}); name one of them")
        fields = fields_of(kind, TEXTS[kind] if self.fields is None else self.fields)
        if kind == "pair" and len({lang for field in fields for lang in field.carries}) > 1:
            raise UserError("fields: both sides of a pair would be in one language; name one of them")
        return fields


def _has_text(table: Table, field: Texts) -> bool:
    found: list[str] = []

    def noted(text: str, role: str | None) -> str:
        found.append(text)
        return text

    column = field.path.column
    for shard in table.shards:
        if column not in pl.read_parquet_schema(shard):
            continue
        for value in pl.read_parquet(shard, columns=[column]).to_series().to_list():
            with suppress(ValueError):
                with_texts(value, field.path.way, noted)
            if found:
                return True
    return False


def _foreign(kind: str, fields: Sequence[Texts], tag: str) -> pl.Expr:
    """Whether texts of a row may be in another language than `tag`; both sides of a pair must be."""
    if kind == "pair":
        return (pl.col("src_lang") != tag) & (pl.col("tgt_lang") != tag)
    return pl.any_horizontal(pl.col(lang) != tag for lang in {lang for f in fields for lang in f.langs.values()})


def _translated(
    rows: pl.DataFrame, kind: str, fields: Sequence[Texts], stale: Sequence[str], tag: str, translator: Translator
) -> pl.DataFrame:
    """The rows (with their index `_row`) in the language `tag`, with `_error` and the measured columns."""
    given = alone(rows) if kind == "item" else rows
    wrong: dict[tuple[int, int], str] = {}
    found = [piece for number, field in enumerate(fields) for piece in _pieces(given, kind, number, field, wrong)]
    pieces = pl.DataFrame(found, schema=_PIECES, orient="row")
    made = translate_protected(translator, pieces["text"].to_list(), pieces["lang"].to_list(), tag)
    pieces = pieces.drop("text").hstack(pl.DataFrame(made, schema=_MADE, orient="row"))
    measured = pieces.group_by("row").agg(
        translate_numbers_kept=pl.col("numbers_kept").min(),
        translate_changed=pl.col("changed").cast(pl.Float64).mean(),
        _error=pl.col("error").drop_nulls().first(),
        _rule=pl.col("rule").filter(pl.col("error").is_not_null()).first(),
    )
    out = _renewed(given, fields, stale, tag)
    for number, field in enumerate(fields):
        out = _put_back(out, number, field, pieces.filter(field=number)["text"], wrong)
    if kind == "item":
        out = together(rows, out)
    out = out.join(measured, left_on="_row", right_on="row", how="left", maintain_order="left")
    return _refused(out, wrong)


def _pieces(
    rows: pl.DataFrame, kind: str, number: int, field: Texts, wrong: dict[tuple[int, int], str]
) -> Iterator[tuple[int, int, str, str]]:
    """Rows of `_PIECES`: the texts of one field; what is no JSON is noted in `wrong`, by row and field."""
    first = records.kind(kind).lang_columns[0]
    langs = {lang: rows[lang].fill_null(rows[first]).to_list() for lang in field.langs.values()}
    column = zip(rows["_row"].to_list(), rows[field.path.column].to_list(), strict=True)
    # Row by row, as objects of Python, as JSON in strings wants it: 10 us a turn of the 90 that are ours.
    for place, (row, value) in enumerate(column):
        texts: list[tuple[str, str | None]] = []

        def noted(text: str, role: str | None, texts: list[tuple[str, str | None]] = texts) -> str:
            texts.append((text, role))
            return text

        try:
            with_texts(value, field.path.way, noted)
        except ValueError as problem:
            wrong[row, number] = f"{field.path.text}: {problem}"
            continue
        for text, role in texts:
            yield row, number, text, langs[field.langs.get(role, field.langs[None])][place]


def _put_back(
    rows: pl.DataFrame, number: int, field: Texts, texts: pl.Series, wrong: Mapping[tuple[int, int], str]
) -> pl.DataFrame:
    """The rows with new texts of one field, given in the order in which `_pieces` found the old ones."""
    new = iter(texts.to_list())
    column = rows[field.path.column]
    values = [
        value if (row, number) in wrong else with_texts(value, field.path.way, lambda text, role: next(new))
        for row, value in zip(rows["_row"].to_list(), column.to_list(), strict=True)
    ]
    # Arrow makes lists of objects from those of Python in a twentieth of the time that polars takes.
    made = pl.Series(column.name, pa.array(values, type=column.to_arrow().type))
    return rows.with_columns(made.cast(column.dtype))


def _renewed(rows: pl.DataFrame, fields: Sequence[Texts], stale: Sequence[str], tag: str) -> pl.DataFrame:
    """The rows as children of themselves in the language `tag`, with nulls in the columns `stale`."""
    langs = {lang for field in fields for lang in field.carries}
    return rows.with_columns(
        *(pl.lit(None, rows.schema[c]).alias(c) for c in stale),
        *(pl.when(pl.col(lang).is_not_null()).then(pl.lit(tag)).alias(lang) for lang in langs),
        parents=pl.concat_list("id"),
        origin=pl.lit("translated"),
    ).drop("id", "step", "recipe", *_MEASURED, strict=False)


def _refused(rows: pl.DataFrame, wrong: Mapping[tuple[int, int], str]) -> pl.DataFrame:
    """The rows, with those that hold wrong JSON rejected as `not_json`."""
    why = {row: reason for (row, _), reason in wrong.items()}
    reason = pl.Series("_why", [why.get(row) for row in rows["_row"].to_list()], dtype=pl.String)
    return rows.with_columns(
        _error=pl.coalesce(reason, "_error"),
        _rule=pl.when(reason.is_not_null()).then(pl.lit("not_json")).otherwise("_rule"),
    )
