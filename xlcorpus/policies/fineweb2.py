"""Policies from the tables of FineWeb-2 (Penedo et al. 2025, arXiv:2506.20920), one YAML file of limits a language.

The words of the tables are those of datatrove's tokenizers, so their limits on words do not hold for other words. Where
datatrove takes spaCy's tokenizer, they are carried over by reference text (extra `spacy`): measured with its words and
with ours, the same share of it is rejected. Other limits on words are derived anew from reference text, at the quantile
`TAIL`, or left out where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from xlcorpus import languages, yaml_values
from xlcorpus.errors import UserError
from xlcorpus.policies import spacy_words
from xlcorpus.policies.limits import can_reject, carried, outward, quantile_limits
from xlcorpus.step import RowEnv
from xlcorpus.steps.filter.document_limits import DOCUMENT_BOUNDS
from xlcorpus.steps.filter.policy import LanguagePolicy, Policy
from xlcorpus.steps.filter.quality import Quality
from xlcorpus.text.measures.texts import MeasuredTexts
from xlcorpus.text.words import segmenter

TAIL = 0.01
"""Share of the reference beyond a limit on words that is derived anew."""
MIN_STOP_WORDS = 2.0
"""Different stop words of a document, at least (Gopher's, which FineWeb-2 keeps)."""

_LIMITS = {
    "dup_line_frac": "max_repeated_lines",
    "line_punct_thr": "min_line_ends",
    "min_avg_word_length": "min_word_length",
    "max_avg_word_length": "max_word_length",
    "max_non_alpha_words_ratio": "min_letter_words",  # datatrove compares the share of alphabetic words with it
    "new_line_ratio": "max_line_breaks",
}
_GRAMS = {"top_n_grams": "max_top_{}_grams", "dup_n_grams": "max_repeated_{}_grams"}
_NO_LIMITS = ("stopwords", "language_score")
_OF_LINES = ("max_repeated_lines", "min_line_ends")
"""Limits that do not depend on words."""
_BOUNDS = {bound.option: bound for bound in DOCUMENT_BOUNDS}


def import_tables(files: Sequence[Path], reference: pl.DataFrame | None = None) -> Policy:
    """A policy from tables; its notes name what could not be taken over.

    Args:
        files: `deu_Latn.yml`, ...; their names are the languages.
        reference: `text` and `lang` of documents that people would want to keep.

    Raises:
        UserError: a file cannot be read.
    """
    found: dict[str, LanguagePolicy] = {}
    notes = []
    for path in files:
        try:
            tag = languages.parse(path.stem)
        except UserError as problem:
            notes.append(f"{path.name}: left out, {problem}")
            continue
        found[tag], said = _of_language(_table(path), tag, reference)
        notes += [f"{tag}: {text}" for text in said]
    return Policy(segmenter=segmenter(), notes=notes, languages=found)


def _table(path: Path) -> Mapping[str, Any]:
    try:
        table = yaml_values.read(path.read_text("utf8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise UserError(f"cannot read {path}: {problem}") from None
    return table if isinstance(table, dict) else {}


def _of_language(
    table: Mapping[str, Any], tag: str, reference: pl.DataFrame | None
) -> tuple[LanguagePolicy, list[str]]:
    """The entry of a language, and notes on what was left out or derived anew."""
    limits, notes = _limits(table)
    words, score = table.get("stopwords"), table.get("language_score")
    stop_words = [str(word) for word in words] if isinstance(words, list) else []
    if score is not None and not (_is_number(score) and 0 <= score <= 1):
        notes.append(f"language_score is {score!r}, no probability: left out")
        score = None
    on_words = {option: limit for option, limit in limits.items() if option not in _OF_LINES and limit is not None}
    own = None if reference is None else reference.filter(pl.col("lang") == tag)
    if own is not None and own.height:
        if on_words:
            limits |= dict.fromkeys(on_words, None)
            measured, said = _from_reference(own, on_words, stop_words, tag)
            limits |= measured
            notes.append(said)
    elif on_words:
        limits |= dict.fromkeys(on_words, None)
        notes.append(f"limits on words left out without reference text: {', '.join(on_words)}")
    if stop_words:
        limits["min_stop_words"] = MIN_STOP_WORDS
    return LanguagePolicy(limits=limits, stop_words=stop_words, language_score=score), notes


def _limits(table: Mapping[str, Any]) -> tuple[dict[str, float | None], list[str]]:
    """The limits of a table by option of `quality`, None for one that can reject nothing, and notes."""
    limits: dict[str, float | None] = {}
    notes = []
    for name, value in table.items():
        options, left_out = _options(name, value)
        notes += left_out
        for option, limit in options:
            limits[option] = None
            if not _is_number(limit):
                notes.append(f"{name} is {limit!r}, no number: no limit")
            elif can_reject(_BOUNDS[option], float(limit)):
                limits[option] = float(limit)
            else:
                notes.append(f"{name} {limit:g} can reject nothing: no limit")
    return limits, notes


def _options(name: str, value: Any) -> tuple[list[tuple[str, Any]], list[str]]:
    """(option, limit) of each limit in an entry of a table, and notes on what is none."""
    if name in _LIMITS:
        return [(_LIMITS[name], value)], []
    if name not in _GRAMS:
        return [], [] if name in _NO_LIMITS else [f"{name} is not known: left out"]
    options, notes = [], []
    for pair in value if isinstance(value, list) else [value]:
        option = _GRAMS[name].format(pair[0]) if isinstance(pair, list) and len(pair) == 2 else ""
        if option in _BOUNDS:
            options.append((option, pair[1]))
        else:
            notes.append(f"{name} {pair!r} is no pair of a size that quality measures and a limit: left out")
    return options, notes


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _from_reference(
    reference: pl.DataFrame, on_words: Mapping[str, float], stop_words: Sequence[str], tag: str
) -> tuple[dict[str, float | None], str]:
    """Limits for the same options from the words of `xlcorpus.text.words`, None for one that could reject nothing; and
    how they were found, in words."""
    values = Quality(stop_words={tag: list(stop_words)}).scoring().apply(reference, RowEnv(kind="document"))
    documents = f"{reference.height} reference documents"
    bounds = {option: _BOUNDS[option] for option in on_words}
    if spacy_words.covers(tag) and spacy_words.installed():
        theirs = MeasuredTexts(
            reference["text"], reference["lang"], words=spacy_words.spacy_words(reference["text"], tag)
        ).document_measures({})
        found = {
            option: carried(bound, on_words[option], theirs[bound.measure], values[f"quality_{bound.measure}"])
            for option, bound in bounds.items()
        }
        return found, f"limits on words carried over from spaCy's words: they reject as many of {documents}"
    limits = quantile_limits(values, list(bounds.values()), TAIL)
    why = "datatrove takes other words than spaCy's there"
    if spacy_words.covers(tag):
        why = "pip install 'xlcorpus[spacy]' carries them over"
    return (
        {option: outward(option, limits[option]) if option in limits else None for option in on_words},
        f"limits on words derived anew from {documents} at {TAIL:.0%} ({why})",
    )
