"""Policies: limits and stop words of `quality` by language, in a YAML file that people read and edit.

    policy: 1
    segmenter: icu4py 1.2.0, ICU 78.3      # what the words of the reference were cut with
    default:                               # for languages without an entry
      limits: {min_words: 3}
    languages:
      deu_Latn:
        limits: {min_words: 12, max_repeated_5_grams: 0.2, max_menus: null}
        stop_words: [der, die, und]
        language_score: 0.6                # for `identify`
        reference:                         # the text that the limits come from
          documents: 926
          words: 41200
          quantiles: {words: [10, 14, 19, 31, 60, 140, 190]}

A limit that is null does not judge. `reference` is what a corpus is compared with, to see whether it has drifted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from xlcorpus import languages, yaml_values
from xlcorpus.errors import UserError
from xlcorpus.whole_files import whole_file

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Shares of the reference documents, of which `Reference.quantiles` holds the values."""


def _word(value: Any) -> Any:
    # YAML reads 7 and 1.5 as numbers; as stop words they are words.
    return str(value) if isinstance(value, int | float | bool) else value


Word = Annotated[str, BeforeValidator(_word)]
Quantiles = Annotated[list[float], Field(min_length=len(QUANTILES), max_length=len(QUANTILES))]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Reference(_Part):
    """What limits were derived from."""

    documents: int
    words: int
    quantiles: dict[str, Quantiles] = Field(default_factory=dict)
    """values below which the shares `QUANTILES` of the documents lie, by measure (column without `quality_`)"""


class LanguagePolicy(_Part):
    """Limits and stop words of one language."""

    limits: dict[str, float | None] = Field(default_factory=dict)
    """by option of `quality`"""
    stop_words: list[Word] = Field(default_factory=list)
    language_score: float | None = Field(default=None, ge=0, le=1)
    """probability that texts identified as the language need, for `identify`"""
    reference: Reference | None = None


class Policy(_Part):
    """Limits of many languages."""

    policy: int = 1
    """version of the format"""
    segmenter: str | None = None
    """`xlcorpus.text.words.segmenter()` when it was made; None: unknown"""
    notes: list[str] = Field(default_factory=list)
    """what the command that made it has to say: limits and languages that were left out, and why"""
    default: LanguagePolicy = Field(default_factory=LanguagePolicy)
    languages: dict[str, LanguagePolicy] = Field(default_factory=dict)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a policy from a YAML file.

        Raises:
            UserError: no such file, no YAML, or no policy; says where.
        """
        try:
            data = yaml_values.read(Path(path).read_text("utf8"))
        except FileNotFoundError:
            raise UserError(f"policy: no file {str(path)!r}") from None
        except (UnicodeDecodeError, yaml.YAMLError, IsADirectoryError) as problem:
            raise UserError(f"policy {str(path)!r} is no YAML file: {problem}") from None
        if not isinstance(data, dict) or "policy" not in data:
            raise UserError(f"policy {str(path)!r} is no policy: it must begin with 'policy: 1'")
        return cls.of(data, str(path))

    @classmethod
    def of(cls, data: Mapping[str, Any], name: str) -> Self:
        """The policy in the values of a YAML file; language tags are normalised (`de` becomes `deu_Latn`).

        Args:
            data: the values.
            name: of the file, for errors.

        Raises:
            UserError: a value or name that does not fit, an unknown language, or one that has two entries.
        """
        try:
            found = cls.model_validate(data)
        except ValidationError as problem:
            first = problem.errors()[0]
            where = ": ".join(str(place) for place in first["loc"])
            raise UserError(f"policy {name!r}: {where}: {first['msg']}") from None
        if found.policy != 1:
            raise UserError(f"policy {name!r} has version {found.policy}; this xlcorpus reads version 1")
        entries: dict[str, LanguagePolicy] = {}
        names: dict[str, str] = {}
        for written, entry in found.languages.items():
            tag = languages.parse(written)
            if tag in entries:
                raise UserError(f"policy {name!r} has two entries for one language: {names[tag]} and {written}")
            entries[tag], names[tag] = entry, written
        return found.model_copy(update={"languages": entries})

    def save(self, path: Path) -> None:
        """Write the policy to a YAML file, in the form that `load` reads."""
        data = self.model_dump(mode="json", exclude_defaults=True)
        with whole_file(path) as unfinished:
            text = yaml.dump({"policy": self.policy, **data}, allow_unicode=True, sort_keys=False, width=120)
            unfinished.write_text(text, "utf8")

    def of_language(self, tag: str) -> LanguagePolicy:
        """The entry of a language (tag), or the default entry if it has none."""
        return self.languages.get(tag, self.default)

    def stop_words(self) -> dict[str, list[str]]:
        """Stop words by tag, of the languages that have any."""
        return {tag: entry.stop_words for tag, entry in sorted(self.languages.items()) if entry.stop_words}

    def language_scores(self) -> dict[str, float]:
        """`language_score` by tag, of the languages that have one."""
        return {t: e.language_score for t, e in sorted(self.languages.items()) if e.language_score is not None}
