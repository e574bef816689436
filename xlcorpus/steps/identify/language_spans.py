"""The steps that tag the words of documents with their languages, and split such documents into sentences."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
from pydantic import Field, field_validator

from xlcorpus import languages
from xlcorpus.models.identifiers import loading as identifiers
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.models.identifiers.window_evidence import window_evidence
from xlcorpus.models.stand_ins.spans import stand_in_spans
from xlcorpus.outcomes import NOT_ASKED
from xlcorpus.rehearsing import rehearsing
from xlcorpus.step import MAIN, Port, RowEnv, RowStep, Rule
from xlcorpus.text.document_sentences import document_sentences
from xlcorpus.text.language_spans.loanwords import without_loanwords
from xlcorpus.text.language_spans.spans import inside_changes, language_spans
from xlcorpus.text.language_spans.word_places import word_places

SPANS, LANGUAGES, TYPE = (f"tag_language_spans_{c}" for c in ("spans", "languages", "type"))

_SENTENCE = {
    "_row": pl.Int64,
    "position": pl.Int64,
    "text": pl.String,
    "lang": pl.String,
    "segment_language_spans_start": pl.Int64,
    "segment_language_spans_end": pl.Int64,
    "segment_language_spans_before": pl.String,
    "segment_language_spans_after": pl.String,
}


class TagLanguageSpans(RowStep):
    """Tags the words of documents with their language (after Briakou, Cherry & Foster 2023, arXiv 2305.10266).

    A language identifier reads windows of a few words, and a hidden Markov model makes spans of its answers. A language
    that is not written in the script of a window is excluded, and the document's own tag counts unless the text speaks
    against it. Names, borrowed words and foreign titles of fewer than `min_words` belong to the language around them.

    Columns: `tag_language_spans_spans` (list of start, end, lang, words; in characters), `_languages` (by number of
    words) and `_type`:

    - `monolingual`: one language,
    - `bilingual`, `multilingual`: two, or more, that mostly change between sentences, lines, or cells of a table,
    - `code_switched`: several that mostly change in the middle of a sentence,
    - `none`: no words.

    A glossary of single words is monolingual here: one word is no evidence of its language.
    """

    model: str = identifiers.DEFAULT
    """`lid.176`, the path of a fastText model (GlotLID, OpenLID), or its repository on the Hub"""
    min_words: float = Field(default=4, ge=1)
    """words of a span in another language at least; a Chinese, Japanese or Thai unit counts half"""
    min_language_words: float = Field(default=10, ge=1)
    """words of another language that a document has at least for the language to count"""
    loanwords: dict[str, list[str]] = Field(default_factory=dict)
    """borrowed words by the language of documents that may have them (`{deu_Latn: [meeting, computer]}`), in any case:
    they belong to the language around them"""

    batch_rows = 512

    @field_validator("loanwords")
    @classmethod
    def _tagged(cls, loanwords: dict[str, list[str]]) -> dict[str, list[str]]:
        return {languages.parse(language): words for language, words in loanwords.items()}

    def ports(self) -> dict[str, Port]:
        """`rows`: documents."""
        return {MAIN: Port(("document",))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`tag_language_spans_spans`, `_languages`, `_type`."""
        return (SPANS, LANGUAGES, TYPE)

    def preflight(self) -> None:
        """The identifier must be there."""
        identifiers.find_identifier(self.model)

    def models(self) -> dict[str, str]:
        """The identifier and the hash of its file."""
        return {"language_identifier": identifiers.identity(self.model)}

    def open(self, env: RowEnv) -> FastTextIdentifier:
        """The identifier."""
        return identifiers.load_identifier(self.model)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The rows with the three columns."""
        texts, langs = rows["text"].to_list(), rows["lang"].to_list()
        places = word_places(rows["text"])
        if rehearsing():
            spans = stand_in_spans(rows["text"], rows["lang"])
        else:
            read = without_loanwords(texts, langs, places, self.loanwords) if self.loanwords else texts
            evidence = window_evidence(read, langs, places, env.loaded)
            spans = language_spans(places, evidence, langs, self.min_words, self.min_language_words)
        tagged = rows.with_columns(spans.alias(SPANS))
        return (
            tagged.with_columns(_languages(tagged), inside_changes(places, spans).alias("_inside"))
            .with_columns(_type().alias(TYPE))
            .drop("_inside")
        )


def _languages(rows: pl.DataFrame) -> pl.Series:
    """Languages of each row, the one with most words first, equal ones by tag."""
    spans = rows.with_row_index("_row").select("_row", pl.col(SPANS)).explode(SPANS).drop_nulls()
    counted = (
        spans.unnest(SPANS)
        .group_by("_row", "lang")
        .agg(pl.col("words").sum())
        .sort("_row", "words", "lang", descending=[False, True, False])
        .group_by("_row", maintain_order=True)
        .agg(pl.col("lang").alias(LANGUAGES))
    )
    joined = rows.with_row_index("_row").select("_row").join(counted, on="_row", how="left", maintain_order="left")
    return joined[LANGUAGES].cast(pl.List(pl.String)).fill_null(pl.lit([], dtype=pl.List(pl.String)))


def _type() -> pl.Expr:
    """The type, from the languages and `_inside`: the share of changes of language in the middle of a sentence."""
    count = pl.col(LANGUAGES).list.len()
    return (
        pl.when(count == 0)
        .then(pl.lit("none"))
        .when(count == 1)
        .then(pl.lit("monolingual"))
        .when(pl.col("_inside") > 0.5)
        .then(pl.lit("code_switched"))
        .when(count == 2)
        .then(pl.lit("bilingual"))
        .otherwise(pl.lit("multilingual"))
    )


class SegmentLanguageSpans(RowStep):
    """Splits documents in several languages into sentences, each in the language of its span.

    Labels ("Deutsch: "), bullets, quotation marks and brackets around a sentence are left out of it, cells of tables
    and lines end one. Columns: `segment_language_spans_start`, `_end` (characters of the document), and the text
    `_before` and `_after` it, `context` characters each. Documents of any other type than `types` are set aside as
    `not_asked`.
    """

    types: list[Literal["monolingual", "bilingual", "multilingual", "code_switched"]] = [
        "bilingual",
        "multilingual",
        "code_switched",
    ]
    """which documents to split, by `tag_language_spans_type`"""
    context: int = Field(default=120, ge=0)
    """characters kept on either side"""

    produces = "sentence"
    batch_rows = 512

    def ports(self) -> dict[str, Port]:
        """`rows`: documents with spans."""
        return {MAIN: Port(("document",), columns=(SPANS, TYPE))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`segment_language_spans_start`, `_end`, `_before`, `_after`."""
        return tuple(f"segment_language_spans_{c}" for c in ("start", "end", "before", "after"))

    def rules(self, kind: str) -> list[Rule]:
        """Documents that were not split."""
        return [Rule(NOT_ASKED, pl.col("_type"), pl.col("position").is_not_null())]

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The sentences of each document, in order; one row without position for a document not to be split."""
        found: list[tuple[object, ...]] = []
        for row, (text, lang, kind, spans) in enumerate(rows.select("text", "lang", TYPE, SPANS).iter_rows()):
            if kind not in self.types:
                found.append((row, None, text, lang, *4 * (None,)))
                continue
            # The sentence splitter takes one text at a time.
            sentences = [(s, span["lang"]) for span in spans for s in document_sentences(text, *_edges(span))]
            for position, (s, span_lang) in enumerate(sentences):
                around = text[max(0, s.start - self.context) : s.start], text[s.end : s.end + self.context]
                found.append((row, position, s.text, span_lang, s.start, s.end, *around))
        made = pl.DataFrame(found, schema=_SENTENCE, orient="row")
        whence = rows.select(
            "source", "license", "origin", document_id="id", parents=pl.concat_list("id"), _type=TYPE
        ).with_row_index("_row")
        return made.join(whence.cast({"_row": pl.Int64}), on="_row", how="left", maintain_order="left").drop("_row")


def _edges(span: dict[str, Any]) -> tuple[int, int, str]:
    """(first character, character after the last, language) of a span."""
    return span["start"], span["end"], span["lang"]
