"""Code-switching: words of a text in another language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from xlcorpus import languages, records
from xlcorpus.models.translators.lexicon import Lexicon
from xlcorpus.row_random import draws
from xlcorpus.step import MAIN, Port, RowEnv, RowStep, Table
from xlcorpus.steps.lexicon_use import refuse_unused, swapped_entries
from xlcorpus.text.casing import small, small_expr
from xlcorpus.text.replace import Known, Replacement, carry_case, free_words, known_words, replace
from xlcorpus.text.word_units import word_units_expr

Share = Annotated[float, Field(ge=0, le=1)]


class CodeSwitch(RowStep):
    """Replaces words by their translations from a lexicon; every switched place is recorded.

    Each known word is switched with probability `ratio` (CoSDA-ML, Qin et al. 2020, arXiv:2006.06402); among
    its translations one is drawn by probability, for pairs from those that stand in the other side, if any
    do. Words are found whatever their case in the text and in the lexicon; of entries of several words the longest
    counts. The text's own language stays the matrix language: at least one word of it is kept. Code, addresses
    and the like are not touched. One variant per embedded language; a text without a switch gives none.
    """

    ratio: Share = 0.4
    """probability that a known word is switched"""
    into: list[str] | None = None
    """languages to embed; none: for pairs the other side's, for sentences all that the lexicon has"""
    min_probability: Share = 0.2
    """entries of the lexicon below it are not used"""

    produces = "variant"

    def ports(self) -> dict[str, Port]:
        """`rows`: sentences, or pairs (of which the source side is switched); `lexicon`."""
        return {MAIN: Port(("sentence", "pair")), "lexicon": Port(("lexicon",))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`code_switch_cmi`: code-mixing index, from 0 (one language) to 50 (two in equal shares)."""
        return ("code_switch_cmi",)

    def preflight(self) -> None:
        """`into` must name languages."""
        for name in self.into or ():
            languages.parse(name)

    def open(self, env: RowEnv) -> Lexicon:
        """The lexicon in memory."""
        return Lexicon(env.side("lexicon"), self.min_probability)

    def remarks(self, inputs: Mapping[str, Table]) -> list[str]:
        """Entries of the lexicon that seem to be in each other's columns."""
        return swapped_entries(inputs, records.kind("pair").texts[:1] if inputs[MAIN].kind == "pair" else None)

    def nothing_kept(self, inputs: Mapping[str, Table]) -> None:
        """Where no row has a variant: UserError if the text has no word of the lexicon."""
        refuse_unused(inputs, records.kind("pair").texts[:1] if inputs[MAIN].kind == "pair" else None)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The variants of each row, side by side."""
        texts = rows.select(_texts(env.kind)).with_row_index("row")
        switched = pl.DataFrame(self._variants(texts, env), schema=_SCHEMA, orient="row")
        kept = rows.select("source", "license", parents=pl.concat_list("id"), origin=pl.lit("transformed"))
        return (
            switched.join(texts.select("row", "original_text", "lang"), on="row", maintain_order="left")
            .join(kept.with_row_index("row"), on="row", maintain_order="left")
            .drop("row")
            .with_columns(method=pl.lit("code_switch:lexicon"))
        )

    def _variants(self, texts: pl.DataFrame, env: RowEnv) -> Iterator[_Variant]:
        # Word by word in every text: each is looked up, drawn and placed.
        free = free_words(texts["original_text"].to_list())
        for row, found in zip(texts.iter_rows(named=True), free, strict=True):
            for tag in self._embedded(env.loaded, row["lang"], row["other_lang"]):
                numbers = draws(row["id"], env.seed, f"code_switch {tag}", 2 * len(found))
                entries = env.loaded.entries(row["lang"], tag)
                longest = env.loaded.longest(row["lang"], tag)
                known = known_words(row["original_text"], found, row["lang"], entries, longest)
                switches = self._switches(known, entries, numbers, row, tag)
                if switches:
                    text, places = replace(row["original_text"], [(place.word, new) for place, new in switches])
                    switched = sum(place.size for place, _ in switches)
                    cmi = code_mixing_index([row["words"] - switched, switched])
                    yield _Variant(row["row"], text, [row["lang"], tag], _spans(places, tag), cmi)

    def _embedded(self, lexicon: Lexicon, lang: str, other_lang: str | None) -> list[str]:
        if self.into is not None:
            return [languages.parse(name) for name in self.into]
        if other_lang is not None:
            return [other_lang]
        return [tgt for src, tgt in lexicon.pairs() if src == lang]

    def _switches(
        self,
        known: Sequence[Known],
        entries: Mapping[str, list[tuple[str, float]]],
        numbers: npt.NDArray[np.float64],
        row: Mapping[str, Any],
        tag: str,
    ) -> list[tuple[Known, str]]:
        """What is switched; `numbers`: for each word whether, then which."""
        drawn: list[tuple[float, Known, str]] = []
        for place in known:
            whether, which = numbers[place.first], numbers[len(numbers) // 2 + place.first]
            if whether < self.ratio:
                drawn_word = _draw(entries[place.key], row["other_words"], which, tag)
                new = carry_case(place.word, drawn_word, row["lang"], tag)
                if small(new, tag) != small(place.word.text, row["lang"]):
                    drawn.append((whether, place, new))
        if drawn and sum(place.size for _, place, _ in drawn) >= row["words"]:
            drawn.remove(max(drawn))
        return [(place, new) for _, place, new in drawn]


def code_mixing_index(words_by_language: Sequence[int]) -> float:
    """100 (1 - max w / sum w) over the words w of each language, without those of none (numbers).

    Gambäck & Das 2014, "On measuring the complexity of code-mixing".
    """
    total = sum(words_by_language)
    return 100.0 * (1.0 - max(words_by_language) / total) if total else 0.0


class _Variant(NamedTuple):
    row: int
    text: str
    langs: list[str]
    spans: list[dict[str, str | int]]
    code_switch_cmi: float


_SCHEMA = {
    "row": pl.get_index_type(),
    "text": pl.String,
    "langs": pl.List(pl.String),
    "spans": records.polars_schema("variant")["spans"],
    "code_switch_cmi": pl.Float64,
}


def _texts(kind: str) -> list[pl.Expr]:
    """What to switch and what helps: id, text, lang, how many words, language and words of the other side."""
    own = ("src_text", "src_lang") if kind == "pair" else ("text", "lang")
    with_letters = pl.element().filter(pl.element().str.contains(r"\p{L}"))
    other_lang, other_words = pl.lit(None, pl.String), pl.lit([], pl.List(pl.String))
    if kind == "pair":
        other_lang = pl.col("tgt_lang")
        other_words = word_units_expr(small_expr(pl.col("tgt_text"), other_lang))
    return [
        pl.col("id"),
        pl.col(own[0]).alias("original_text"),
        pl.col(own[1]).alias("lang"),
        word_units_expr(pl.col(own[0])).list.eval(with_letters).list.len().alias("words"),
        other_lang.alias("other_lang"),
        other_words.alias("other_words"),
    ]


def _draw(candidates: Sequence[tuple[str, float]], preferred: Collection[str], number: float, tag: str) -> str:
    """One candidate by probability, of the preferred ones if there are any; `number` in [0, 1) decides.

    `preferred`: words in small letters of the candidates' language (`tag`).
    """
    pool = [c for c in candidates if small(c[0], tag) in preferred] or list(candidates)
    left = number * sum(p for _, p in pool)
    for word, probability in pool:
        left -= probability
        if left < 0:
            return word
    return pool[-1][0]


def _spans(places: Sequence[Replacement], tag: str) -> list[dict[str, str | int]]:
    return [{**place._asdict(), "lang": tag} for place in places]
