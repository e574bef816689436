"""What a text does not use of a lexicon, and why, measured on both columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.models.translators.lexicon import cleaned
from xlcorpus.records import TextField
from xlcorpus.step import MAIN, Table
from xlcorpus.text.casing import small_expr
from xlcorpus.text.word_units import word_units_expr

SAMPLE_ROWS = 10_000
"""First rows of the text that are looked at: enough to meet any lexicon that is meant for it."""


def refuse_unused(inputs: Mapping[str, Table], fields: Sequence[TextField] | None = None) -> None:
    """Raise where the text on the main input has no word of the table on the input `lexicon`.

    Args:
        inputs: the tables by port.
        fields: the texts of a row to look at; None: all of its kind.

    Raises:
        UserError: for no language of the text a word stands among the source words; the measured overlap with the
            source words and with the target words, which is large where the columns are swapped.
    """
    table = inputs[MAIN]
    lexicon = inputs["lexicon"].frame(["src_lang", "tgt_lang", "src_word", "tgt_word"])
    told: list[str] = []
    for lang, texts in _said(table, fields):
        spoken = _words(texts, lang)
        own = cleaned(lexicon.filter(pl.col("src_lang") == lang))
        source, target = (_words(own[c], lang) for c in ("src_word", "tgt_word"))
        known, swapped = len(spoken & source), len(spoken & target)
        if known:
            return
        told.append(_overlap(lang, len(spoken), lexicon, own.height, swapped))
    if told:
        raise UserError("the text has no word of the lexicon: " + "; ".join(told))


def swapped_entries(inputs: Mapping[str, Table], fields: Sequence[TextField] | None = None) -> list[str]:
    """A sentence on the entries whose source word is not in the text, but whose target word is; none if there are few.

    Such an entry is never used. It is probably turned round; where its target word is a source word of the lexicon as
    well, the language may have that word too, and it does not count.

    Args:
        inputs, fields: as in `refuse_unused`.
    """
    lexicon = inputs["lexicon"].frame(["src_lang", "tgt_lang", "src_word", "tgt_word"])
    told: list[str] = []
    for lang, texts in _said(inputs[MAIN], fields):
        own = cleaned(lexicon.filter(pl.col("src_lang") == lang)).with_columns(
            small=small_expr(pl.col("tgt_word"), pl.lit(lang))
        )
        spoken = pl.Series(sorted(_words(texts, lang)), dtype=pl.String)
        turned = own.filter(
            ~pl.col("src_word").is_in(spoken.implode())
            & pl.col("small").is_in(spoken.implode())
            & ~pl.col("small").is_in(own["src_word"].implode())
        )
        if turned.height:
            some = ", ".join(f"{one} - {other}" for one, other in turned.head(3).select("src_word", "tgt_word").rows())
            entries = "1 entry is" if turned.height == 1 else f"{turned.height:,} entries are"
            told.append(
                f"{entries} not used: the text in {lang} does not have the source word, but the target word ({some}); "
                "are the columns swapped there?"
            )
    return told


def _overlap(lang: str, spoken: int, lexicon: pl.DataFrame, entries: int, swapped: int) -> str:
    if not entries:
        pairs = lexicon.select(pl.format("{} to {}", "src_lang", "tgt_lang").unique().sort()).to_series().to_list()
        return f"it has no entries from {lang}" + (f" (it goes from {', '.join(pairs[:4])})" if pairs else "")
    text = f"0 of {spoken:,} different words in {lang} stand among the source words of its {entries:,} entries"
    if swapped:
        text += f", {swapped:,} among the target words: source and target seem to be in each other's columns"
    return text


def _said(table: Table, fields: Sequence[TextField] | None) -> Iterator[tuple[str, pl.Series]]:
    """The first texts of a table, by language."""
    texts = fields if fields is not None else records.kind(table.kind).texts
    if not texts:
        return
    sample = table.scan().head(SAMPLE_ROWS).collect()
    said = pl.concat(sample.select(text=field.expr().fill_null(""), lang=field.lang) for field in texts)
    for (lang,), rows in said.drop_nulls("lang").group_by("lang", maintain_order=True):
        yield str(lang), rows["text"]


def _words(texts: pl.Series, lang: str) -> set[str]:
    """The different words of some texts, with a letter, in small letters."""
    column = texts.rename("text").to_frame()
    found = column.select(word_units_expr(small_expr(pl.col("text"), pl.lit(lang))).explode()).to_series().drop_nulls()
    return set(found.filter(found.str.contains(r"\p{L}")).to_list())
