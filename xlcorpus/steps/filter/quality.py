"""The step `quality`: measures of every text, and limits to them by language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Self

import polars as pl
from pydantic import Field, field_validator

from xlcorpus import languages, places, records
from xlcorpus.errors import UserError, nearest
from xlcorpus.step import MAIN, Limit, Port, RowEnv, Rule, Table
from xlcorpus.steps.filter.document_limits import DOCUMENT_BOUNDS, Bound, DocumentLimits
from xlcorpus.steps.filter.drift import drifted
from xlcorpus.steps.filter.policy import Policy
from xlcorpus.steps.filter.row_limits import row_limit
from xlcorpus.steps.filter.script_shares import script_shares
from xlcorpus.text import quality
from xlcorpus.text.casing import small_for_any_expr
from xlcorpus.text.markup import markup_share
from xlcorpus.text.measures.texts import DOCUMENT_MEASURES, MeasuredTexts
from xlcorpus.text.stop_words import STOP_WORDS
from xlcorpus.text.words import segmenter

_KINDS = ("sentence", "document", "pair", "variant", "instruction", "preference", "feedback")
_ONE_LINERS = ("sentence", "pair", "variant")
"""Kinds with an upper limit to the length of a text."""

_BROKEN = Bound("max_broken", "broken_encoding", "broken")
_REPETITIVE = Bound("max_repetition", "repetitive", "repetition")
_WRITTEN = (
    Bound("min_characters", "too_short", "shortest"),
    _BROKEN,
    Bound("min_letters", "few_letters", "letters"),
    Bound("max_urls", "mostly_url", "urls"),
    Bound("max_digits", "mostly_digits", "digits"),
    Bound("max_boilerplate", "boilerplate", "boilerplate"),
    Bound("max_markup", "markup", "markup"),
    Bound("min_script", "wrong_script", "script"),
)
DOCUMENT_RULES = (*_WRITTEN, *DOCUMENT_BOUNDS, _REPETITIVE)
"""What documents are judged by, in order."""
_LONG = Bound("max_characters", "too_long", "longest")
_RATIO = Bound("max_length_ratio", "length_ratio", "length_ratio")


class Quality(DocumentLimits):
    """Rejects rows with a bad text; of several texts in a row the worst decides.

    Letters are Unicode letters, marks and digits; lengths count a Chinese character as 3, Kana and Hangul
    as 2, so that one limit serves all scripts. Every limit may be set for single languages in
    `by_language`; for a row of several languages the most lenient of theirs holds.

    Rules: `too_short`, `too_long` (sentences, pairs, variants), `few_letters`, `mostly_digits`,
    `mostly_url`, `boilerplate`, `markup`, `wrong_script`, `broken_encoding`, `repetitive`; for pairs also
    `identical_sides` and `length_ratio`; for documents also the rules that the options from `min_words` on
    name. Conversations, which may hold code, numbers and quotations, are judged by `too_short` (empty),
    `broken_encoding` and `repetitive` only.

    Columns, which hold shares from 0 to 1 unless said otherwise: `quality_shortest` (characters), `quality_letters`,
    `quality_script`, `quality_broken`, `quality_repetition`; but for conversations also `quality_digits`,
    `quality_urls`, `quality_boilerplate`, `quality_markup`; for sentences, pairs and variants `quality_longest`
    (characters); for pairs `quality_identical` (1: both sides are the same) and `quality_length_ratio`; for documents
    one for each of their options (`quality_words` for `min_words`). A run with other limits does not measure again.
    """

    light = 40_000

    min_characters: float = Field(default=4.0, ge=0)
    """`too_short`: characters a text has at least (two Chinese characters are enough)"""
    max_characters: float = Field(default=2000.0, ge=0)
    """`too_long`: characters a sentence, a variant or a side of a pair has at most"""
    min_letters: float = Field(default=0.5, ge=0, le=1)
    """`few_letters`: share of letters, marks and digits among the characters other than white space"""
    max_digits: float = Field(default=0.6, ge=0, le=1)
    """`mostly_digits`: share of digits among letters, marks and digits"""
    max_urls: float = Field(default=0.5, ge=0, le=1)
    """`mostly_url`: share of characters in web addresses"""
    max_boilerplate: float = Field(default=0.25, ge=0, le=1)
    """`boilerplate`: share of characters in stock phrases of web pages"""
    max_markup: float = Field(default=0.005, ge=0, le=1)
    """`markup`: share of characters in tags, wiki links, templates and entities (`normalise: {strip_markup: true}`
    takes them out and keeps the words)"""
    min_script: float = Field(default=0.25, ge=0, le=1)
    """`wrong_script`: share of words in the script of the language tag, or of one of the `langs` of a variant.
    At 0.5 a third of Korean and none of German command-line manuals would go: commands are in Latin letters"""
    max_broken: float = Field(default=0.0015, ge=0, le=1)
    """`broken_encoding`: places with U+FFFD or mojibake for each character"""
    max_repetition: float = Field(default=0.5, ge=0, le=1)
    """`repetitive`: share of word pairs, or of characters, that repeat"""
    max_length_ratio: float = Field(default=3.0, ge=1)
    """`length_ratio`: length of the longer side of a pair over that of the shorter, 15 characters added to
    both"""
    by_language: dict[str, dict[str, float | None]] = Field(default_factory=dict)
    """limits for single languages, as `{tha_Thai: {min_script: 0.3}}`; null: no limit"""
    policy: str | None = None
    """file of limits and stop words by language (`xlcorpus calibrate` writes one). Limits that are set here override
    those of the file"""
    stop_words: dict[str, list[str]] = Field(default_factory=dict)
    """frequent words of single languages, in place of those of the policy and of xlcorpus"""

    @field_validator("by_language")
    @classmethod
    def _known(cls, by_language: dict[str, dict[str, float | None]]) -> dict[str, dict[str, float | None]]:
        for language, overrides in by_language.items():
            cls._check(overrides, f"by_language of {language}")
        return {languages.parse(language): overrides for language, overrides in by_language.items()}

    @field_validator("stop_words")
    @classmethod
    def _tagged(cls, stop_words: dict[str, list[str]]) -> dict[str, list[str]]:
        return {languages.parse(language): words for language, words in stop_words.items()}

    @classmethod
    def _check(cls, limits: Mapping[str, float | None], where: str) -> None:
        for name in limits:
            if name not in cls._limits():
                raise UserError(f"{where}: no limit {name!r}; {nearest(name, cls._limits())}")

    def ports(self) -> dict[str, Port]:
        return {MAIN: Port(_KINDS)}

    def adds(self, kind: str) -> tuple[str, ...]:
        names = ["letters", "script", "repetition", *_measures(kind)]
        if not _is_conversation(kind):
            names.append("digits")
        if kind == "document":
            names += DOCUMENT_MEASURES
        return tuple(f"quality_{name}" for name in names)

    def accepts(self) -> tuple[str, ...]:
        return (*self._limits(), "by_language", "policy")

    def scoring(self) -> Self:
        """The step that measures, which needs of the policy only the stop words."""
        return super().scoring().model_copy(update={"stop_words": self._all_stop_words()})

    def preflight(self) -> None:
        """The policy must be readable and name limits and measures that exist."""
        for tag, entry in {"default": self._policy.default, **self._policy.languages}.items():
            where = f"policy {self.policy!r}, {tag}"
            self._check(entry.limits, where)
            if entry.reference is not None:
                measures = [column.removeprefix("quality_") for column in self.adds("document")]
                for name in entry.reference.quantiles:
                    if name not in measures:
                        raise UserError(f"{where}: no measure {name!r} for quantiles; {nearest(name, measures)}")

    def models(self) -> dict[str, str]:
        return {"word_segmenter": segmenter()}

    def file_contents(self) -> dict[str, str]:
        return {} if self.policy is None else {"policy": places.content_hash(self.policy)}

    @cached_property
    def _policy(self) -> Policy:
        return Policy() if self.policy is None else Policy.load(self.policy)

    def _all_stop_words(self) -> dict[str, list[str]]:
        return self._policy.stop_words() | self.stop_words

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        columns: dict[str, pl.Expr | pl.Series] = {
            **self._measured(rows, env.kind),
            "script": pl.min_horizontal(script_shares(rows, env.kind)),
            **_measures(env.kind),
        }
        names = [name.removeprefix("quality_") for name in self.adds(env.kind)]
        return rows.with_columns(columns[name].cast(pl.Float32).alias(f"quality_{name}") for name in names)

    def _measured(self, rows: pl.DataFrame, kind: str) -> dict[str, pl.Series]:
        """Measures on words and code points, of several texts in a row the worst, by name without `quality_`."""
        fields = records.kind(kind).texts
        texts = [MeasuredTexts(rows.select(field.expr()).to_series(), rows[field.lang]) for field in fields]
        if kind == "document":
            return {column.name: column for column in texts[0].document_measures(STOP_WORDS | self.stop_words)}
        found = [each.text_measures() for each in texts]
        worst = {"letters": pl.min_horizontal, "digits": pl.max_horizontal, "repetition": pl.max_horizontal}
        return {name: pl.select(decide([frame[name] for frame in found])).to_series() for name, decide in worst.items()}

    def rules(self, kind: str) -> list[Rule]:
        if _is_conversation(kind):
            shortest = pl.col("quality_shortest")
            empty = Rule("too_short", shortest.cast(pl.Int64), shortest > 0)
            return [empty, *self._bounds((_BROKEN, _REPETITIVE), kind)]
        rules = self._bounds(DOCUMENT_RULES if kind == "document" else (*_WRITTEN, _LONG, _REPETITIVE), kind)
        if kind == "pair":
            rules.append(Rule("identical_sides", pl.lit("identical"), pl.col("quality_identical") < 1))
            rules += self._bounds((_RATIO,), kind)
        return rules

    def remarks(self, inputs: Mapping[str, Table]) -> list[str]:
        if self.policy is None:
            return []
        return drifted(lambda rows: self.scoring().apply(rows, RowEnv(kind="document")), self._policy, inputs[MAIN])

    def _bounds(self, bounds: Sequence[Bound], kind: str) -> list[Rule]:
        """The rules of those that have a limit for any language."""
        langs = sorted({field.lang for field in records.kind(kind).texts})
        rules: list[Rule] = []
        for bound in bounds:
            limit = row_limit(bound, self._general(bound.option), self._special(bound.option), langs)
            if limit is not None:
                column = f"quality_{bound.measure}"
                rules.append(Limit.of(bound.rule, column, limit, bound.least, _shown(pl.col(column), bound.measure)))
        return rules

    @classmethod
    def _limits(cls) -> list[str]:
        """Names of the options that are limits."""
        return [name for name in cls.model_fields if name.startswith(("min_", "max_"))]

    def _general(self, option: str) -> float | None:
        """The limit of languages without one of their own."""
        own: float | None = getattr(self, option)
        return own if option in self.model_fields_set else self._policy.default.limits.get(option, own)

    def _special(self, option: str) -> dict[str, float | None]:
        """The limits of single languages, by tag."""
        of_policy = {tag: e.limits[option] for tag, e in self._policy.languages.items() if option in e.limits}
        of_options = {tag: limits[option] for tag, limits in self.by_language.items() if option in limits}
        return ({} if option in self.model_fields_set else of_policy) | of_options


def _shown(column: pl.Expr, measure: str) -> pl.Expr:
    """A measure as it stands in the rejects: numbers of characters as whole numbers."""
    return column.cast(pl.Int64) if measure in ("shortest", "longest") else column


def _measures(kind: str) -> dict[str, pl.Expr]:
    """Measures that polars expressions compute on the texts of a row, by the column's name without `quality_`."""
    texts = _texts(kind)
    measures = {
        "shortest": pl.min_horizontal(quality.length(text) for text in texts),
        "broken": pl.max_horizontal(quality.broken_share(text) for text in texts),
    }
    if not _is_conversation(kind):
        measures |= {
            "urls": pl.max_horizontal(quality.url_share(text) for text in texts),
            "boilerplate": pl.max_horizontal(quality.boilerplate_share(text) for text in texts),
            "markup": pl.max_horizontal(markup_share(text) for text in texts),
        }
    if kind in _ONE_LINERS:
        measures["longest"] = pl.max_horizontal(quality.length(text) for text in texts)
    if kind == "pair":
        langs = (pl.col("src_lang"), pl.col("tgt_lang"))
        source, target = (small_for_any_expr(text, langs).str.strip_chars() for text in texts)
        measures["identical"] = (source == target) & (langs[0] != langs[1])
        measures["length_ratio"] = quality.length_ratio(*texts)
    return measures


def _texts(kind: str) -> list[pl.Expr]:
    return [field.expr() for field in records.kind(kind).texts]


def _is_conversation(kind: str) -> bool:
    """Whether the texts of a kind may be a number, code or a table, and quote other languages."""
    return bool(records.message_columns(kind))
