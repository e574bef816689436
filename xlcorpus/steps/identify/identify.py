"""Language identification."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from xlcorpus import languages, records
from xlcorpus.errors import UserError, nearest
from xlcorpus.models.identifiers import loading as identifiers
from xlcorpus.records import TextField
from xlcorpus.step import MAIN, Port, RowEnv, RowStep, Rule
from xlcorpus.text import quality
from xlcorpus.text.fold import unshouted_expr

_KINDS = ("sentence", "document", "pair", "variant", "instruction", "preference", "feedback")


class Identify(RowStep):
    """Identifies the language of every text of a row; rejects rows with a text in another (`wrong_language`).

    A text is in another language if the identifier names one with at least `min_probability` and gives less
    than `max_own_probability` to its own. No verdict is passed, and the row kept, where the identifier
    cannot know better: on texts shorter than `min_characters`, on texts tagged `und`, and on languages or
    scripts it was not trained on (Zulu with lid.176, romanised Hindi with any model that has no label for
    it). Headings in capitals are judged in small letters (lid.176 takes a quarter of the Georgian and Finnish ones for
    another language). Members of one macrolanguage count as one language. A code-switched variant may be in any of its
    `langs`.

    Columns: `identify_lang`, `identify_probability` (of that language) and `identify_own_probability` (of
    the tag the text carries); in kinds with several texts `identify_src_lang` and so on. Null where there
    is no verdict.

    A run with other probabilities identifies nothing again.

    With `assign`, nothing is rejected: the tag is set to what was identified (documents and sentences).
    """

    model: str = identifiers.DEFAULT
    """`lid.176`, or the path of a fastText model (GlotLID, OpenLID)"""
    min_probability: float = Field(default=identifiers.MIN_PROBABILITY, ge=0, le=1)
    """probability from which another language is believed"""
    max_own_probability: float = Field(default=identifiers.MAX_OWN_PROBABILITY, ge=0, le=1)
    """a text whose own language gets this or more is kept. Short sentences of close languages need it: on
    Tatoeba it halves the Catalan sentences lost as Spanish, and finds nearly as many foreign ones"""
    min_characters: int = Field(default=identifiers.MIN_CHARACTERS, ge=0)
    """texts shorter than this get no verdict; a Chinese character counts 3, Kana and Hangul 2"""
    texts: list[str] = Field(default_factory=list)
    """texts of a row to judge (src, tgt; prompt, response; chosen, rejected); all if empty"""
    assign: bool = False
    """set the language of rows instead of checking it"""

    def ports(self) -> dict[str, Port]:
        return {MAIN: Port(("sentence", "document") if self.assign else _KINDS)}

    def adds(self, kind: str) -> tuple[str, ...]:
        fields = records.kind(kind).texts
        ends = ("lang", "probability", "own_probability")
        return tuple(f"{_prefix(field, fields)}_{end}" for field in self._judged(fields) for end in ends)

    def accepts(self) -> tuple[str, ...]:
        return () if self.assign else ("min_probability", "max_own_probability")

    def idle(self) -> dict[str, str]:
        return {"max_own_probability": "assign rejects nothing"} if self.assign else {}

    def preflight(self) -> None:
        identifiers.find_identifier(self.model)

    def models(self) -> dict[str, str]:
        return {"language_identifier": identifiers.identity(self.model)}

    def open(self, env: RowEnv) -> identifiers.LanguageIdentifier:
        return identifiers.load_identifier(self.model)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        fields = records.kind(env.kind).texts
        columns = [c for field in self._judged(fields) for c in self._verdict(rows, field, _prefix(field, fields), env)]
        rows = rows.with_columns(columns)
        if self.assign:
            sure = pl.col("identify_probability") >= self.min_probability
            rows = rows.with_columns(lang=pl.when(sure).then("identify_lang").otherwise("lang"))
        return rows

    def rules(self, kind: str) -> list[Rule]:
        if self.assign:
            return []
        fields = records.kind(kind).texts
        return [self._rule(_prefix(field, fields)) for field in self._judged(fields)]

    def _judged(self, fields: tuple[TextField, ...]) -> list[TextField]:
        unknown = [name for name in self.texts if name not in {f.name for f in fields}]
        if unknown:
            raise UserError(
                f"texts: these rows have no {unknown[0]!r}; {nearest(unknown[0], (f.name for f in fields))}"
            )
        return [f for f in fields if not self.texts or f.name in self.texts]

    def _rule(self, prefix: str) -> Rule:
        own = pl.col(f"{prefix}_own_probability")
        other = pl.col(f"{prefix}_probability") >= self.min_probability
        found = pl.format("{} {}", f"{prefix}_lang", pl.col(f"{prefix}_probability").round(3))
        return Rule("wrong_language", found, ~(other & (own < self.max_own_probability)))

    def _verdict(self, rows: pl.DataFrame, field: TextField, prefix: str, env: RowEnv) -> list[pl.Series]:
        """The three columns of one text of each row."""
        model: identifiers.LanguageIdentifier = env.loaded
        langs = pl.col("langs") if env.kind == "variant" else pl.concat_list(field.lang)
        frame = rows.select(
            text=unshouted_expr(field.expr().fill_null(""), pl.col(field.lang)), lang=field.lang, langs=langs
        )
        known = {tag: self.assign or model.knows(tag) for tag in sorted(set(frame["lang"]))}
        judged = frame.select(
            (quality.length(pl.col("text")) >= self.min_characters)
            & pl.col("lang").replace_strict(known, return_dtype=pl.Boolean)
        ).to_series()
        texts = frame.filter(judged)
        tags, probabilities = model.identify(texts["text"].to_list())
        own = model.probability(texts["text"].to_list(), [_expected(t) for t in texts["langs"].to_list()])
        found = pl.DataFrame(
            {
                f"{prefix}_lang": pl.Series(tags, dtype=pl.String),
                f"{prefix}_probability": probabilities,
                f"{prefix}_own_probability": own,
            }
        )
        return _back(found, judged).get_columns()


def _prefix(field: TextField, fields: tuple[TextField, ...]) -> str:
    return "identify" if len(fields) == 1 else f"identify_{field.name}"


def _expected(tags: list[str]) -> list[str]:
    return [tag for tag in tags if tag != languages.UNKNOWN]


def _back(found: pl.DataFrame, judged: pl.Series) -> pl.DataFrame:
    """The rows of `found` at the places where `judged` is true, null elsewhere."""
    place = judged.cast(pl.Int64).cum_sum() - 1
    return found.select(pl.all().gather(pl.select(pl.when(judged).then(place)).to_series()))
