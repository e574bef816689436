"""The step `identify`: the language of every text, and what becomes of a text in another one than declared."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import polars as pl
from pydantic import Field, field_validator

from xlcorpus import languages, places, records
from xlcorpus.errors import UserError, nearest
from xlcorpus.models.identifiers import loading as identifiers
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.models.identifiers.lines import lines
from xlcorpus.models.identifiers.verdicts import (
    MAX_OWN_PROBABILITY,
    MIN_CHARACTERS,
    MIN_PROBABILITY,
    han_tags,
    verdicts,
)
from xlcorpus.models.identifiers.words_and_codes import LENGTH
from xlcorpus.records import TextField
from xlcorpus.rehearsing import rehearsing
from xlcorpus.step import MAIN, Limit, Port, RowEnv, RowStep, Rule, Table
from xlcorpus.steps.filter.policy import Policy
from xlcorpus.steps.identify.conflicts import conflicts, sentence
from xlcorpus.steps.identify.verdict_columns import best_languages, likely_languages, null_unless
from xlcorpus.text import quality

_KINDS = ("sentence", "document", "pair", "variant", "instruction", "preference", "feedback", "item")

WRONG_LANGUAGE, NO_LANGUAGE, UNCERTAIN_LANGUAGE = "wrong_language", "no_language", "uncertain_language"
"""Rules: the text is in another language than declared, in none, or in one whose threshold its probability misses."""


class Identify(RowStep):
    """Identifies the language of every text of a row; rejects rows with a text in another (`wrong_language`) or in no
    language (`no_language`).

    A text is in another language if the identifier names one with at least `min_probability` and gives less
    than `max_own_probability` to its own. No verdict is passed, and the row kept, where the identifier
    cannot know better: on texts shorter than `min_characters`, on texts tagged `und`, and on languages or
    scripts it was not trained on (Zulu with lid.176, romanised Hindi with any model that has no label for
    it). Close languages count as one unless `strict`: members of one macrolanguage, the Scandinavian languages, and
    Chinese and Japanese in Chinese characters alone. A code-switched variant may be in any of its `langs`.

    Capitals, line breaks, addresses and rules of Markdown do not change what a text is taken for. A language that is
    not written in the script of a text is never named. A text of hashes, codes, numbers, addresses or symbols alone is
    in no language: `zxx`. In conversations and items such a text is kept: a number may be the answer. Texts over 10,000
    characters are judged by five evenly spaced windows of 2,000.

    Columns: `identify_lang` (`und` where the identifier names none), `identify_probability` (of that language, the mean
    over the windows) and `identify_own_probability` (of the tag the text carries; null where there is no verdict); in
    kinds with several texts `identify_src_lang` and so on. All are null for short texts. Documents also have
    `identify_votes`: the windows in which the language is the most probable one, null for those of up to 10,000
    characters.

    A run with other probabilities identifies nothing again.
    """

    light = 40_000

    model: str = identifiers.DEFAULT
    """`lid.176`, the path of a fastText model (GlotLID, OpenLID, NLLB), or its repository on the Hub"""
    on_conflict: Literal["reject", "keep", "relabel"] = "reject"
    """what becomes of a text in another language. `reject` rejects it. `keep` only makes the columns. `relabel`
    (documents and sentences) makes the language that was found the language of the row, where the probability is high
    enough; the one before is in `identify_declared_lang`. It tells simplified and traditional Chinese and Japanese
    apart by their characters"""
    min_probability: float = Field(default=MIN_PROBABILITY, ge=0, le=1)
    """probability from which another language is believed"""
    max_own_probability: float = Field(default=MAX_OWN_PROBABILITY, ge=0, le=1)
    """a text whose own language gets this or more is kept. Short sentences of close languages need it: on
    Tatoeba it halves the Catalan sentences lost as Spanish, and finds nearly as many foreign ones"""
    thresholds: dict[str, float] = Field(default_factory=dict)
    """probability that texts identified as a language need (`{deu_Latn: 0.6}`, as FineWeb-2's `language_score`); those
    with less are rejected as `uncertain_language`, or not relabelled"""
    policy: str | None = None
    """file of limits by language (`xlcorpus import-policy`); its `language_score` is the threshold of a language that
    `thresholds` does not name"""
    strict: bool = False
    """take close languages for different ones: Croatian under Serbian is then in the wrong language"""
    min_characters: int = Field(default=MIN_CHARACTERS, ge=0)
    """texts shorter than this get no verdict; a Chinese character counts 3, Kana and Hangul 2, addresses nothing"""
    short: Literal["keep", "reject"] = "keep"
    """what becomes of texts shorter than `min_characters` (`too_short_to_identify`)"""
    top_k: int = Field(default=1, ge=1)
    """above 1: two more columns, `identify_langs` and `identify_probabilities`, lists of so many, best first"""
    texts: list[str] = Field(default_factory=list)
    """texts of a row to judge (src, tgt; prompt, response; chosen, rejected; question, answer, ...); all if empty"""

    @field_validator("thresholds")
    @classmethod
    def _known(cls, thresholds: dict[str, float]) -> dict[str, float]:
        for name, value in thresholds.items():
            if not 0 <= value <= 1:
                raise UserError(f"thresholds of {name}: {value} is no probability; give 0 to 1")
        return {languages.parse(name): value for name, value in thresholds.items()}

    @cached_property
    def _thresholds(self) -> dict[str, float]:
        """By tag: those of the policy, and in their place those of the option."""
        of_policy = {} if self.policy is None else Policy.load(self.policy).language_scores()
        return of_policy | self.thresholds

    def file_contents(self) -> dict[str, str]:
        return {} if self.policy is None else {"policy": places.content_hash(self.policy)}

    @property
    def _relabels(self) -> bool:
        return self.on_conflict == "relabel"

    def ports(self) -> dict[str, Port]:
        return {MAIN: Port(("sentence", "document") if self._relabels else _KINDS)}

    def adds(self, kind: str) -> tuple[str, ...]:
        fields = records.kind(kind).texts
        ends = ["lang", "probability", "own_probability"]
        ends += ["votes"] * (kind == "document") + ["langs", "probabilities"] * (self.top_k > 1)
        ends += ["declared_lang"] * self._relabels
        return tuple(f"{_prefix(field, fields)}_{end}" for field in self._judged(fields) for end in ends)

    def accepts(self) -> tuple[str, ...]:
        if self._relabels:
            return ("short",)
        return ("on_conflict", "min_probability", "max_own_probability", "thresholds", "policy", "short")

    def idle(self) -> dict[str, str]:
        if self._relabels:
            return {"max_own_probability": "relabel rejects no language"}
        if self.on_conflict == "keep":
            return dict.fromkeys(("thresholds", "policy"), "keep rejects no language")
        return {}

    def preflight(self) -> None:
        identifiers.find_identifier(self.model)
        if self.policy is not None:
            Policy.load(self.policy)

    def models(self) -> dict[str, str]:
        return {"language_identifier": identifiers.identity(self.model)}

    def open(self, env: RowEnv) -> FastTextIdentifier:
        return identifiers.load_identifier(self.model)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        fields = records.kind(env.kind).texts
        columns = [c for field in self._judged(fields) for c in self._columns(rows, field, _prefix(field, fields), env)]
        rows = rows.with_columns(columns)
        if self._relabels:
            rows = rows.with_columns(identify_declared_lang="lang")
            found = pl.col("identify_lang")
            sure = (pl.col("identify_probability") >= self._threshold(found).fill_null(self.min_probability)) & (
                ~found.is_in([languages.UNKNOWN, languages.NO_LANGUAGE])
            )
            rows = rows.with_columns(lang=pl.when(sure).then("identify_lang").otherwise("lang"))
        return rows

    def rules(self, kind: str) -> list[Rule]:
        fields = records.kind(kind).texts
        rules = [self._rules(field, _prefix(field, fields), kind) for field in self._judged(fields)]
        return [rule for of_text in rules for rule in of_text]

    def facts(self, kept: Table, rejected: pl.DataFrame) -> list[str]:
        """How many texts are in another language than declared, by pair of languages."""
        if self.on_conflict == "reject":
            wrong = rejected.filter(pl.col("rule") == WRONG_LANGUAGE)
            found = pl.col("value").str.split(" ").list.first()
            return sentence(conflicts(wrong.select(declared="lang", found=found)))
        fields = records.kind(kept.kind).texts
        prefixes = [(field.lang, _prefix(field, fields)) for field in self._judged(fields)]
        if not {f"{prefix}_lang" for _, prefix in prefixes} <= {*kept.scan().collect_schema()}:
            return []  # a table without rows lacks the columns
        if self._relabels:
            return sentence(conflicts(kept.scan().select(declared="identify_declared_lang", found="lang").collect()))
        parts = [
            kept.scan().filter(self._in_another(prefix)).select(declared=lang, found=f"{prefix}_lang")
            for lang, prefix in prefixes
        ]
        return sentence(conflicts(pl.concat(parts).collect()))

    def _in_another(self, prefix: str) -> pl.Expr:
        """Whether a text is in another language than declared."""
        other = pl.col(f"{prefix}_probability") >= self.min_probability
        return other & (pl.col(f"{prefix}_own_probability") < self.max_own_probability)

    def _judged(self, fields: tuple[TextField, ...]) -> list[TextField]:
        unknown = [name for name in self.texts if name not in {f.name for f in fields}]
        if unknown:
            raise UserError(
                f"texts: these rows have no {unknown[0]!r}; {nearest(unknown[0], (f.name for f in fields))}"
            )
        return [f for f in fields if not self.texts or f.name in self.texts]

    def _threshold(self, found: pl.Expr) -> pl.Expr:
        """The threshold of a language (tag), null where it has none."""
        return found.replace_strict(self._thresholds, default=None, return_dtype=pl.Float64)

    def _rules(self, field: TextField, prefix: str, kind: str) -> list[Rule]:
        found, probability = pl.col(f"{prefix}_lang"), pl.col(f"{prefix}_probability")
        nothing = found == languages.NO_LANGUAGE
        rules: list[Rule] = []
        if self.short == "reject":
            length = quality.length(field.expr().fill_null("")).cast(pl.Int64)
            rules.append(Rule("too_short_to_identify", length, found.is_not_null()))
        if self.on_conflict == "keep":
            return rules
        said = pl.format("{} {}", found, probability.round(3))
        if not records.message_columns(kind):  # in a conversation or an item "42" is a good answer
            rules.append(Rule(NO_LANGUAGE, said, ~(nothing & (probability >= self.min_probability))))
        if self._relabels:
            return rules
        if self._thresholds:
            column = f"{prefix}_probability"
            rules.append(Limit.of(UNCERTAIN_LANGUAGE, column, self._threshold(found), True, said))
        rules.append(Rule(WRONG_LANGUAGE, said, ~(self._in_another(prefix) & ~nothing)))
        return rules

    def _columns(self, rows: pl.DataFrame, field: TextField, prefix: str, env: RowEnv) -> list[pl.Series]:
        """The columns of one text of each row."""
        model: FastTextIdentifier = env.loaded
        own = pl.col("langs") if env.kind == "variant" else pl.concat_list(field.lang)
        frame = rows.select(text=field.expr(), lang=pl.col(field.lang).fill_null(languages.UNKNOWN), langs=own)
        if rehearsing():
            return self._stand_ins(frame, prefix, env)
        prepared = lines(frame["text"], frame["lang"])
        judged = (prepared.counts[:, LENGTH] >= self.min_characters) & ~prepared.no_language
        found = verdicts(model, prepared, judged & (prepared.counts[:, LENGTH] > 0))
        known = {tag: model.knows(tag) for tag in sorted(set(frame["lang"]))}
        comparable = frame["lang"].replace_strict(known, return_dtype=pl.Boolean).to_numpy() & judged
        lang, probability, votes = best_languages(found, judged)
        if self._relabels:
            lang, probability = han_tags(frame["text"].fill_null(""), lang, probability)
        made = {
            "lang": lang,
            "probability": null_unless(~lang.is_null().to_numpy(), probability),
            "own_probability": null_unless(comparable | prepared.no_language, found.own(frame["langs"], self.strict)),
            "votes": null_unless(prepared.windowed & judged, votes),
        }
        if self.top_k > 1:
            made["langs"], made["probabilities"] = likely_languages(found, judged, self.top_k)
        names = [name.removeprefix(f"{prefix}_") for name in self.adds(env.kind) if name.startswith(f"{prefix}_")]
        return [made[name].alias(f"{prefix}_{name}") for name in names if name in made]

    def _stand_ins(self, frame: pl.DataFrame, prefix: str, env: RowEnv) -> list[pl.Series]:
        """The columns in a rehearsal: a text is in the language that it claims, else in one of its script."""
        told, probability = env.loaded.identify(frame["text"].fill_null("").to_list())
        own = frame["lang"]
        made = {
            "lang": pl.select(pl.when(own == languages.UNKNOWN).then(pl.Series(told)).otherwise(own)).to_series(),
            "probability": pl.Series(probability, dtype=pl.Float32),
            "own_probability": pl.Series([None] * len(own), dtype=pl.Float32),
            "votes": pl.Series([None] * len(own), dtype=pl.Int8),
        }
        if self.top_k > 1:
            made["langs"] = made["lang"].reshape((-1, 1)).arr.to_list()
            made["probabilities"] = made["probability"].reshape((-1, 1)).arr.to_list()
        names = [name.removeprefix(f"{prefix}_") for name in self.adds(env.kind) if name.startswith(f"{prefix}_")]
        return [made[name].alias(f"{prefix}_{name}") for name in names if name in made]


def _prefix(field: TextField, fields: tuple[TextField, ...]) -> str:
    """Beginning of the names of the columns of a text."""
    return "identify" if len(fields) == 1 else f"identify_{field.name}"
