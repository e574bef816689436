"""Quality rules that are fair to every script."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from pydantic import Field, field_validator

from xlcorpus import languages, records
from xlcorpus.errors import UserError, nearest
from xlcorpus.records import TextField
from xlcorpus.step import MAIN, Port, RowEnv, RowStep, Rule
from xlcorpus.text import quality
from xlcorpus.text.markup import markup_share

_KINDS = ("sentence", "document", "pair", "variant", "instruction", "preference", "feedback")
_ONE_LINERS = ("sentence", "pair", "variant")
"""Kinds with an upper limit to the length of a text."""
_CONVERSATIONS = ("instruction", "preference", "feedback")
"""Kinds whose texts may be a number, code or a table, and quote other languages."""


class Quality(RowStep):
    """Rejects rows with a bad text; of several texts in a row the worst decides.

    Letters are Unicode letters, marks and digits; lengths count a Chinese character as 3, Kana and Hangul
    as 2, so that one limit serves all scripts. Every limit may be set for single languages in
    `by_language`; for a row of several languages the most lenient of theirs holds.

    Rules: `too_short`, `too_long` (sentences, pairs, variants), `few_letters`, `mostly_digits`,
    `mostly_url`, `boilerplate`, `markup`, `wrong_script`, `broken_encoding`, `repetitive`; for pairs also
    `identical_sides` and `length_ratio`. Conversations, which may hold code, numbers and quotations, are
    judged by `too_short` (empty), `broken_encoding` and `repetitive` only.

    Columns, one for each rule (shares from 0 to 1 unless said otherwise): `quality_shortest` (characters),
    `quality_letters`, `quality_script`, `quality_broken`, `quality_repetition`; but for conversations also
    `quality_digits`, `quality_urls`, `quality_boilerplate`, `quality_markup`; for sentences, pairs and variants
    `quality_longest` (characters); for pairs `quality_identical` (1: both sides are the same) and
    `quality_length_ratio`. A run with other limits measures nothing again.
    """

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
    max_broken: float = Field(default=0.005, ge=0, le=1)
    """`broken_encoding`: places with U+FFFD or mojibake for each character"""
    max_repetition: float = Field(default=0.5, ge=0, le=1)
    """`repetitive`: share of word pairs, or of characters, that repeat"""
    max_length_ratio: float = Field(default=3.0, ge=1)
    """`length_ratio`: length of the longer side of a pair over that of the shorter, 15 characters added to
    both"""
    by_language: dict[str, dict[str, float]] = Field(default_factory=dict)
    """limits for single languages, as `{tha_Thai: {min_script: 0.3}}`"""

    @field_validator("by_language")
    @classmethod
    def _known(cls, by_language: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        limits = cls._limits()
        for language, overrides in by_language.items():
            for name in overrides:
                if name not in limits:
                    raise UserError(f"by_language of {language}: no limit {name!r}; {nearest(name, limits)}")
        return {languages.parse(language): overrides for language, overrides in by_language.items()}

    def ports(self) -> dict[str, Port]:
        return {MAIN: Port(_KINDS)}

    def adds(self, kind: str) -> tuple[str, ...]:
        return tuple(f"quality_{name}" for name in ("letters", "script", *_measures(kind)))

    def accepts(self) -> tuple[str, ...]:
        return (*self._limits(), "by_language")

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        columns = {
            "letters": pl.min_horizontal(quality.letter_share(text) for text in _texts(env.kind)),
            "script": pl.min_horizontal(_script_shares(rows, env.kind)),
            **_measures(env.kind),
        }
        return rows.with_columns(expr.cast(pl.Float32).alias(f"quality_{name}") for name, expr in columns.items())

    def rules(self, kind: str) -> list[Rule]:
        short = self._least("too_short", "shortest", "min_characters", kind)
        encoding = self._most("broken_encoding", "broken", "max_broken", kind)
        repetitive = self._most("repetitive", "repetition", "max_repetition", kind)
        if kind in _CONVERSATIONS:
            shortest = pl.col("quality_shortest")
            return [Rule("too_short", shortest.cast(pl.Int64), shortest > 0), encoding, repetitive]
        rules = [
            short,
            encoding,
            self._least("few_letters", "letters", "min_letters", kind),
            self._most("mostly_url", "urls", "max_urls", kind),
            self._most("mostly_digits", "digits", "max_digits", kind),
            self._most("boilerplate", "boilerplate", "max_boilerplate", kind),
            self._most("markup", "markup", "max_markup", kind),
            self._least("wrong_script", "script", "min_script", kind),
        ]
        if kind in _ONE_LINERS:
            rules.append(self._most("too_long", "longest", "max_characters", kind))
        rules.append(repetitive)
        if kind == "pair":
            rules += [
                Rule("identical_sides", pl.lit("identical"), pl.col("quality_identical") < 1),
                self._most("length_ratio", "length_ratio", "max_length_ratio", kind),
            ]
        return rules

    def _least(self, rule: str, measure: str, limit: str, kind: str) -> Rule:
        column = pl.col(f"quality_{measure}")
        return Rule(rule, _shown(column, measure), column >= self._limit(limit, kind))

    def _most(self, rule: str, measure: str, limit: str, kind: str) -> Rule:
        column = pl.col(f"quality_{measure}")
        return Rule(rule, _shown(column, measure), column <= self._limit(limit, kind))

    @classmethod
    def _limits(cls) -> list[str]:
        return [name for name in cls.model_fields if name.startswith(("min_", "max_"))]

    def _limit(self, name: str, kind: str) -> pl.Expr:
        """The limit for each row: that of its language, the most lenient if it has several."""
        general = getattr(self, name)
        special = {tag: limits[name] for tag, limits in self.by_language.items() if name in limits}
        if not special:
            return pl.lit(general, pl.Float32)
        lenient = pl.min_horizontal if name.startswith("min_") else pl.max_horizontal
        tags = [pl.col(column) for column in sorted({field.lang for field in records.kind(kind).texts})]
        # Float32 as the measures: 0.6 of the one is not 0.6 of the other.
        return lenient(tag.replace_strict(special, default=general, return_dtype=pl.Float32) for tag in tags)


def _shown(column: pl.Expr, measure: str) -> pl.Expr:
    """A measure as it stands in the rejects: numbers of characters are whole."""
    return column.cast(pl.Int64) if measure in ("shortest", "longest") else column


def _measures(kind: str) -> dict[str, pl.Expr]:
    """What is measured on the texts alone, by the end of the column's name."""
    texts = _texts(kind)
    measures = {
        "repetition": pl.max_horizontal(quality.repetition(text) for text in texts),
        "shortest": pl.min_horizontal(quality.length(text) for text in texts),
        "broken": pl.max_horizontal(quality.broken_share(text) for text in texts),
    }
    if kind not in _CONVERSATIONS:
        measures |= {
            "digits": pl.max_horizontal(quality.digit_share(text) for text in texts),
            "urls": pl.max_horizontal(quality.url_share(text) for text in texts),
            "boilerplate": pl.max_horizontal(quality.boilerplate_share(text) for text in texts),
            "markup": pl.max_horizontal(markup_share(text) for text in texts),
        }
    if kind in _ONE_LINERS:
        measures["longest"] = pl.max_horizontal(quality.length(text) for text in texts)
    if kind == "pair":
        source, target = (text.str.to_lowercase().str.strip_chars() for text in texts)
        measures["identical"] = (source == target) & (pl.col("src_lang") != pl.col("tgt_lang"))
        measures["length_ratio"] = quality.length_ratio(*texts)
    return measures


def _texts(kind: str) -> list[pl.Expr]:
    return [field.expr() for field in records.kind(kind).texts]


def _script_shares(rows: pl.DataFrame, kind: str) -> list[pl.Expr]:
    """Script share of each text, as expressions over the languages that occur in the rows."""
    fields = records.kind(kind).texts
    if kind == "variant":
        return [_variant_script_share(rows, fields[0])]
    return [
        quality.script_share_by_tag(
            field.expr(), pl.col(field.lang), {tag: _scripts([tag]) for tag in _distinct(rows[field.lang])}
        )
        for field in fields
    ]


def _variant_script_share(rows: pl.DataFrame, field: TextField) -> pl.Expr:
    """A code-switched text may use the script of every language in it."""
    mixed = pl.concat_list("lang", "langs").list.unique(maintain_order=True).list.join(" ")
    combinations = _distinct(rows.select(mixed).to_series())
    return quality.script_share_by_tag(field.expr(), mixed, {mix: _scripts(mix.split()) for mix in combinations})


def _distinct(tags: pl.Series) -> list[str]:
    return tags.unique().drop_nulls().sort().to_list()


def _scripts(tags: Sequence[str]) -> list[str]:
    return sorted({languages.script(tag) for tag in tags})
