"""Measures of the texts of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from xlcorpus import languages
from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.mining.near_duplicates.pool import ShinglePool
from xlcorpus.models.identifiers import loading as identifiers
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.step import MAIN, Port, RowEnv, RowStep, Table
from xlcorpus.steps.measure.language_shares import language_shares
from xlcorpus.steps.measure.named_texts import NamedText, columns_of, kinds_with, named_texts
from xlcorpus.text import quality
from xlcorpus.text.loops import loop_at_end
from xlcorpus.text.mask import Masked, without
from xlcorpus.text.measures.rouge import NOT_THERE, RougePool
from xlcorpus.text.measures.texts import MeasuredTexts
from xlcorpus.text.words import segmenter

POOL = "pool"
_MEASURES = ("characters", "words", "lines", "letters", "digits", "script", "repetition", "loop")
_REPEATED = ("repeated_lines", "repeated_5_grams")
_OF_POOL = ("rouge_l", "near_duplicate")


@dataclass(frozen=True)
class Pool:
    """Texts of the pool under one name."""

    place: Mapping[str, int]
    """of each id"""
    rouge: RougePool
    shingles: ShinglePool


@dataclass(frozen=True)
class Opened:
    """What a worker loads once."""

    identifier: FastTextIdentifier | None
    pools: Mapping[str, Pool]
    """by the name of the text"""


class MeasureText(RowStep):
    """Measures texts of each row, in any script; the measures become columns, and nothing is rejected.

    Columns, of one text `measure_text_<measure>`, of several `measure_text_<text>_<measure>`; null where a text is
    missing or has nothing to measure:

    - `characters`, `words` (as ICU's dictionaries cut them where no spaces do), `lines` (without empty ones),
    - `letters`, `digits`: share of letters, marks and digits among all but white space; of digits among these,
    - `script`: share of words in the script of the language,
    - `repetition`: share of word pairs, or of characters, that repeat, as `quality` measures it,
    - `repeated_lines`, `repeated_5_grams`: share of the lines that stood before, and of the characters in five words
      that stood before,
    - `loop`: characters at the end that are one piece over and over (0: none), as language models write them,
    - `language`, with `identifier`: share of the sentences that are in the language of the text, of those that can be
      judged (language consistency of reasoning),
    - with `novelty`, against the texts of the same name on the input `pool`, the row itself left out: `rouge_l`, the
      highest ROUGE-L with one of them (Self-Instruct keeps what has less than 0.7: Wang et al. 2023, arXiv
      2212.10560), and `near_duplicate`, the highest Jaccard index of their shingles (0: none that `deduplicate` would
      look at).
    """

    batch_rows = 1024
    light = 20_000

    of: list[str] = []
    """texts: src, tgt; prompt, response, reasoning; chosen, rejected; or columns; default: all texts of the kind.
    Those of a conversation are all its turns of one role"""
    lang: str | None = None
    """column with the language of texts that are columns of their own (default: `lang`)"""
    mask: list[Masked] = []
    """what is left out before anything is measured: math (LaTeX), code (fenced or inline), url (addresses)"""
    identifier: str | None = None
    """`lid.176`, the path of a fastText model, or its repository on the Hub: makes the column `language`"""
    novelty: bool = False
    """compare with the texts on the input `pool`"""

    def ports(self) -> dict[str, Port]:
        """`rows`; with `novelty` `pool`, of the same texts."""
        port = Port(kinds_with(self.of), columns_of(self.of, self.lang))
        return {MAIN: port, POOL: port} if self.novelty else {MAIN: port}

    def adds(self, kind: str) -> tuple[str, ...]:
        """The columns of the docstring."""
        measures = [*_MEASURES, *_REPEATED, *["language"] * (self.identifier is not None), *_OF_POOL * self.novelty]
        texts = self._texts(kind)
        return tuple(f"{_prefix(text, texts)}_{measure}" for text in texts for measure in measures)

    def preflight(self) -> None:
        """The identifier must be there."""
        if self.identifier is not None:
            identifiers.find_identifier(self.identifier)

    def models(self) -> dict[str, str]:
        """What words, and languages, depend on."""
        found = {"word_segmenter": segmenter()}
        if self.identifier is not None:
            found["language_identifier"] = identifiers.identity(self.identifier)
        return found

    def open(self, env: RowEnv) -> Opened:
        """The identifier, and the pool with its words and shingles."""
        model = None if self.identifier is None else identifiers.load_identifier(self.identifier)
        if not self.novelty:
            return Opened(model, {})
        table, rows = env.tables[POOL], env.side(POOL)
        kind = table.kind if isinstance(table, Table) else env.kind
        return Opened(model, {text.name: self._pool(rows, text) for text in self._texts(kind)})

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The rows with their measures."""
        texts = self._texts(env.kind)
        measured = {_prefix(text, texts): self._measures(rows, text, env.loaded) for text in texts}
        return rows.with_columns(
            column.alias(f"{prefix}_{name}") for prefix, columns in measured.items() for name, column in columns.items()
        )

    def _texts(self, kind: str) -> list[NamedText]:
        return named_texts(kind, self.of, self.lang)

    def _pool(self, rows: pl.DataFrame, text: NamedText) -> Pool:
        told = self._told(rows, text)
        rows = rows.select("id") if "id" in rows.columns else pl.DataFrame({"id": [""] * rows.height})
        place = dict(zip(rows["id"], range(rows.height), strict=True))
        return Pool(place, RougePool(told["text"], told["lang"]), ShinglePool(told["text"], told["lang"]))

    def _told(self, rows: pl.DataFrame, text: NamedText) -> pl.DataFrame:
        """A text and its language, without what is masked."""
        told = rows.select(text=text.text, lang=text.lang)
        return told.with_columns(without(told["text"], self.mask).alias("text"))

    def _measures(self, rows: pl.DataFrame, text: NamedText, opened: Opened) -> dict[str, pl.Series]:
        """The measures of one text of each row, by name."""
        told = self._told(rows, text)
        measured = MeasuredTexts(told["text"], told["lang"])
        shown = pl.col("text")
        filled = shown.str.split("\n").list.eval(pl.element().str.strip_chars() != "").list.sum()
        scripts = {tag: [languages.script(tag)] for tag in told["lang"].unique().sort()}
        found = told.select(
            characters=shown.str.len_chars().cast(pl.Float64),
            words=pl.Series(measured.n_words, dtype=pl.Float64),
            lines=filled.cast(pl.Float64),
            script=quality.script_share_by_tag(shown, pl.col("lang"), scripts),
            # Text by text: a search from the end, over 4,000 characters at most.
            loop=pl.Series([float(loop_at_end(one or "")) for one in told["text"]], dtype=pl.Float64),
        ).with_columns(measured.text_measures())
        found = found.with_columns(measured.repetition_measures().select(_REPEATED))
        if opened.identifier is not None:
            shares = language_shares(opened.identifier, told["text"], told["lang"])
            found = found.with_columns(language=_series(shares))
        if text.name in opened.pools:
            pool = opened.pools[text.name]
            own: Ints64 = np.array([pool.place.get(row, NOT_THERE) for row in rows["id"]], dtype=np.int64)
            alike = _series(pool.shingles.most_alike(told["text"], told["lang"], own))
            found = found.with_columns(
                rouge_l=_series(pool.rouge.highest(told["text"], told["lang"], own)),
                near_duplicate=told.select(pl.when(shown.str.strip_chars() != "").then(alike)).to_series(),
            )
        there = told["text"].is_not_null()
        return {column.name: column.zip_with(there, column.clear(len(column))) for column in found}


def _prefix(text: NamedText, texts: list[NamedText]) -> str:
    return "measure_text" if len(texts) == 1 else f"measure_text_{text.name}"


def _series(values: Floats64) -> pl.Series:
    return pl.Series(values, dtype=pl.Float64, nan_to_null=True)
