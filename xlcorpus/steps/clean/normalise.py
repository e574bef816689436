"""Steps that bring text into order before anything is measured on it."""

from __future__ import annotations

from functools import partial

import polars as pl

from xlcorpus import records
from xlcorpus.step import MAIN, Port, RowEnv, RowStep, Rule
from xlcorpus.text.markup import markup_share, without_markup
from xlcorpus.text.normalise import Layout, normalise
from xlcorpus.text.segment import sentences

_LAYOUT: dict[str, Layout] = {"sentence": "sentence", "document": "document", "pair": "document"}
"""By record kind; conversations keep their white space (code, tables)."""


class Normalise(RowStep):
    """Repairs the texts of rows in place: mojibake, Unicode form (NFC), control and stray invisible
    characters.

    Marks are never stripped, and joiners stay where a script needs them. White space becomes single spaces
    in sentences, spaces and line ends in documents and pairs; in conversations it stays as it is, and so do
    calls of tools. A row left without text is rejected as `empty`.
    """

    strip_markup: bool = False
    """take tags, wiki and BBCode marks, templates and entities out of sentences, documents and pairs, and keep their
    words; conversations, which may be about markup, stay"""

    def ports(self) -> dict[str, Port]:
        return {MAIN: Port(("sentence", "document", "pair", "instruction", "preference", "feedback"))}

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        layout = _LAYOUT.get(env.kind, "keep")
        texts = [field.text for field in records.kind(env.kind).texts if field.text]
        said = [
            pl.field(name).map_batches(partial(_normalised, layout="keep"), return_dtype=pl.String)
            for name in ("content", "reasoning")
        ]
        return rows.with_columns(
            *(_normalised(self._plain(rows[name]), layout) for name in texts),
            pl.col(records.message_columns(env.kind)).list.eval(pl.element().struct.with_fields(said)),
        )

    def _plain(self, texts: pl.Series) -> pl.Series:
        if not self.strip_markup:
            return texts
        marked = texts.to_frame().select(markup_share(pl.col(texts.name)) > 0).to_series()
        # One text at a time, of those few that have markup.
        plain = [without_markup(text) if has else text for text, has in zip(texts, marked, strict=True)]
        return pl.Series(texts.name, plain, dtype=pl.String)

    def rules(self, kind: str) -> list[Rule]:
        shortest = pl.min_horizontal(field.expr().str.len_chars() for field in records.kind(kind).texts)
        return [Rule("empty", shortest, shortest > 0)]


class Segment(RowStep):
    """Splits documents into sentences, by the rules of each language; sentences pass as they are.

    A sentence keeps its document's id in `document_id` and its place in `position` (from 0). Thai and Lao
    put no mark at the end of a sentence: their documents are split at line ends only.
    """

    produces = "sentence"

    line_ends: bool = True
    """a line end ends a sentence; set to false for text wrapped at a fixed width, where only an empty line
    does"""

    def ports(self) -> dict[str, Port]:
        return {MAIN: Port(("document", "sentence"))}

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        if env.kind == "sentence":
            return rows
        found = [
            sentences(text, lang, self.line_ends)  # a rule engine that takes one text at a time
            for text, lang in rows.select("text", "lang").iter_rows()
        ]
        return (
            rows.select(
                text=pl.Series(found, dtype=pl.List(pl.String)),
                lang="lang",
                document_id="id",
                position=pl.int_ranges(pl.Series([len(f) for f in found], dtype=pl.Int64)),
                source="source",
                license="license",
                origin="origin",
                parents=pl.concat_list("id"),
            )
            .filter(pl.col("text").list.len() > 0)
            .explode("text", "position")
        )


def _normalised(texts: pl.Series, layout: Layout) -> pl.Series:
    # ftfy takes one text at a time; 40,000 sentences a second.
    return pl.Series(texts.name, [text if text is None else normalise(text, layout) for text in texts], dtype=pl.String)
