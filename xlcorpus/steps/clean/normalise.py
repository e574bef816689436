"""Steps that bring text into order before anything is measured on it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from xlcorpus import languages, records
from xlcorpus.step import MAIN, Port, RowEnv, RowStep, Rule, Table
from xlcorpus.steps.clean.answer_places import moved_starts
from xlcorpus.text.markup import markup_share, without_markup
from xlcorpus.text.normalise import EVERY, Layout, Repairs, normalised
from xlcorpus.text.segment import sentence_splitter, sentences, why_unsplit

REPAIRS = "normalise_repairs"
_LAYOUT: dict[str, Layout] = {"sentence": "sentence", "document": "document", "pair": "document"}
"""By record kind; conversations and items keep their white space (code, tables, formulas)."""


class Normalise(RowStep):
    """Repairs the texts of rows in place: mojibake, Unicode form (NFC), control and stray invisible
    characters.

    Marks are never stripped, and joiners, word boundaries and marks of direction stay where a script needs them. White
    space becomes single spaces in sentences, spaces and line ends in documents and pairs; in conversations and items it
    stays as it is, and so do calls of tools. A row left without text is rejected as `empty`. The place of an answer in
    the context of an item (`answer_start`) moves with the text.

    Column `normalise_repairs`: names of the repairs that changed a text of the row ("encoding spaces"); null if none
    did. The run tells how many rows each repair changed, by language.
    """

    light = 40_000

    encoding: bool = True
    """undo mojibake"""
    entities: bool = True
    """replace HTML entities by their characters, in texts without tags; not in conversations"""
    composition: bool = True
    """Unicode form NFC (never NFKC, in which 10² is 102)"""
    invisible: bool = True
    """take control and stray invisible characters out"""
    spaces: bool = True
    """white space as described above"""
    quotes: bool = False
    """straight quotation marks and apostrophes for curly ones; loses what was written"""
    width: bool = False
    """full-width Latin letters and digits and half-width Katakana and Hangul in their usual width"""
    arabic: bool = False
    """presentation forms of Arabic as letters, no tatweel; ی and ک for ي and ك in Persian, Urdu and other languages"""
    strip_markup: bool = False
    """take tags, wiki and BBCode marks, templates and entities out of sentences, documents and pairs, and keep their
    words; conversations, which may be about markup, stay"""

    def ports(self) -> dict[str, Port]:
        return {MAIN: Port(("sentence", "document", "pair", "instruction", "preference", "feedback", "item"))}

    def adds(self, kind: str) -> tuple[str, ...]:
        return (REPAIRS,)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        layout = _LAYOUT.get(env.kind, "keep")
        done = [pl.Series([[]], dtype=pl.List(pl.String)).new_from_index(0, rows.height)]
        columns = []
        for field in records.kind(env.kind).texts:
            if field.text:
                found = self._normalised(rows[field.text], rows[field.lang], layout)
                columns.append(found["text"].alias(field.text))
                done.append(found["repairs"])
            elif field.texts:
                lists, repairs = self._of_lists(rows[field.texts], rows[field.lang], layout)
                columns.append(lists)
                done.append(repairs)
        for name in records.message_columns(env.kind):
            turns = self._said(rows[name])
            columns.append(turns)
            done.append(self._repairs_of_turns(rows[name], turns))
        names = pl.concat_list(done).list.unique(maintain_order=True).list.join(" ")
        made = rows.with_columns(*columns, pl.when(names != "").then(names).alias(REPAIRS))
        if env.kind != "item":
            return made
        starts = moved_starts(rows, made, lambda texts: self._normalised(texts, _unknown(len(texts)), layout)["text"])
        return made.with_columns(starts.alias("answer_start"))

    def _of_lists(self, lists: pl.Series, langs: pl.Series, layout: Layout) -> tuple[pl.Series, pl.Series]:
        """Lists of texts, repaired; and (rows,) List(String) the repairs that changed any text of a row."""
        numbered = pl.DataFrame({"row": pl.int_range(len(lists), eager=True), "lang": langs, "text": lists})
        texts = numbered.filter(pl.col("text").list.len() > 0).explode("text")
        found = self._normalised(texts["text"], texts["lang"], layout)
        by_row = texts.select("row").hstack(found).group_by("row", maintain_order=True)
        made = by_row.agg("text", pl.col("repairs").explode(empty_as_null=True).drop_nulls())
        every = numbered.join(made, on="row", how="left", maintain_order="left")
        return every.select(pl.coalesce("text_right", "text").alias(lists.name)).to_series(), every[
            "repairs"
        ].fill_null([])

    def _normalised(self, texts: pl.Series, langs: pl.Series, layout: Layout) -> pl.DataFrame:
        """(texts,) `text` and `repairs`."""
        repairs = Repairs(**{name: getattr(self, name) for name in EVERY})
        if not self.strip_markup or layout == "keep":
            return normalised(texts, langs, layout, repairs)
        marked = texts.to_frame().select(markup_share(pl.col(texts.name)).fill_null(0) > 0).to_series()
        # One text at a time, of those few that have markup.
        plain = [without_markup(text) if has else text for text, has in zip(texts, marked, strict=True)]
        found = normalised(pl.Series(texts.name, plain, dtype=pl.String), langs, layout, repairs)
        with_markup = pl.col("repairs").list.concat(pl.lit(["markup"]))
        return found.with_columns(pl.when(marked).then(with_markup).otherwise("repairs"))

    def _said(self, messages: pl.Series) -> pl.Series:
        """Message lists with the texts of their turns repaired."""

        def repaired(texts: pl.Series) -> pl.Series:
            return self._normalised(texts, _unknown(len(texts)), "keep")["text"].alias(texts.name)

        said = [pl.field(name).map_batches(repaired, return_dtype=pl.String) for name in ("content", "reasoning")]
        return messages.to_frame().select(pl.all().list.eval(pl.element().struct.with_fields(said))).to_series()

    def _repairs_of_turns(self, before: pl.Series, after: pl.Series) -> pl.Series:
        """(rows,) List(String): the repairs that changed a turn."""
        changed = pl.DataFrame({"before": before, "after": after}).with_row_index("row")
        changed = changed.filter(pl.col("before") != pl.col("after"))
        turns = changed.explode("before").select("row", pl.col("before").struct.field("content", "reasoning"))
        texts = turns.unpivot(index="row").drop_nulls()
        repairs = self._normalised(texts["value"], _unknown(texts.height), "keep")["repairs"]
        by_row = texts.select("row", repairs=repairs).explode("repairs").drop_nulls()
        by_row = by_row.group_by("row", maintain_order=True).agg("repairs")
        every = pl.DataFrame({"row": pl.int_range(len(before), dtype=pl.UInt32, eager=True)})
        return every.join(by_row, on="row", how="left", maintain_order="left")["repairs"].fill_null([])

    def facts(self, kept: Table, rejected: pl.DataFrame) -> list[str]:
        if REPAIRS not in kept.scan().collect_schema():  # no rows
            return []
        lang = records.kind(kept.kind).lang_expr().alias("lang")
        counts = (
            kept.scan()
            .select(lang, pl.col(REPAIRS).str.split(" "))
            .explode(REPAIRS)
            .drop_nulls()
            .group_by(REPAIRS, "lang")
            .len()
            .sort(REPAIRS, "len", "lang", descending=[False, True, False])
            .collect()
        )
        said = []
        for name in (*EVERY, "markup"):
            by_language = [f"{lang} {n:,}" for _, lang, n in counts.filter(pl.col(REPAIRS) == name).iter_rows()]
            if by_language:
                more = f" and {len(by_language) - 5} languages more" if len(by_language) > 5 else ""
                said.append(f"rows changed by `{name}`: {', '.join(by_language[:5])}{more}")
        return said

    def rules(self, kind: str) -> list[Rule]:
        shortest = pl.min_horizontal(field.expr().str.len_chars() for field in records.kind(kind).texts)
        return [Rule("empty", shortest, shortest > 0)]


def _unknown(number: int) -> pl.Series:
    """The tag of turns, whose languages are not looked at: they may quote any."""
    return pl.Series([languages.UNKNOWN]).new_from_index(0, number)


class Segment(RowStep):
    """Splits documents into sentences, by the rules of each language; sentences pass as they are.

    A sentence keeps its document's id in `document_id` and its place in `position` (from 0). Thai and Lao
    put no mark at the end of a sentence: Thai is split by a model (extra `thai`); without it, and in Lao, documents are
    split at line ends only, and the run tells how many.
    """

    produces = "sentence"

    line_ends: bool = True
    """a line end ends a sentence; set to false for text wrapped at a fixed width, where only an empty line
    does"""

    def ports(self) -> dict[str, Port]:
        return {MAIN: Port(("document", "sentence"))}

    def models(self) -> dict[str, str]:
        return {"sentence_splitter": sentence_splitter()}

    def remarks(self, inputs: Mapping[str, Table]) -> list[str]:
        if inputs[MAIN].kind == "sentence":
            return []
        documents = inputs[MAIN].scan().group_by("lang").len().sort("lang").collect()
        return [
            f"{lang}: {n:,} documents are split at line ends only: {why}"
            for lang, n in documents.iter_rows()
            if (why := why_unsplit(lang))
        ]

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
