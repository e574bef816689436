"""All measures of a batch of texts, as columns; words and code points are made once for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.text.code_points import CodePoints, Codes, small_letters
from xlcorpus.text.measures import characters, lines, repetition, words
from xlcorpus.text.measures.bigrams import bigram_repetition
from xlcorpus.text.measures.classes import Flags, character_classes
from xlcorpus.text.measures.letter_pattern import letter_pattern
from xlcorpus.text.measures.stop_words import StopWords
from xlcorpus.text.measures.word_table import Words

TEXT_MEASURES = ("letters", "digits", "repetition")
"""Columns of `MeasuredTexts.text_measures`."""

DOCUMENT_MEASURES = (
    *words.NAMES,
    *lines.NAMES,
    *(name for name in characters.NAMES if name not in TEXT_MEASURES),
    "letter_pattern",
    *repetition.NAMES,
)
"""Columns that `MeasuredTexts.document_measures` adds to those of `text_measures`."""


class MeasuredTexts:
    """A batch of texts as code points and words.

    Args:
        texts: (texts,) String.
        langs: (texts,) String, their tags.
        words: (texts,) List(String), those of another tokenizer in place of ours.
        classes: (0x110000,) classes of characters in place of `character_classes()`.
        small: (0x110000,) how letters are compared, in place of `small_letters()`.

    Raises:
        UserError: a tag names no language.
    """

    def __init__(
        self,
        texts: pl.Series,
        langs: pl.Series,
        words: pl.Series | None = None,
        classes: Flags | None = None,
        small: Codes | None = None,
    ) -> None:
        self._points = CodePoints.of(texts)
        self._words = Words.of(self._points, texts, langs) if words is None else Words.of_lists(words)
        self._langs = langs
        self._classes = character_classes() if classes is None else classes
        self._small = small_letters() if small is None else small

    @property
    def n_words(self) -> Ints64:
        """(texts,) words of each text."""
        return np.diff(self._words.first)

    def repetition_measures(self) -> pl.DataFrame:
        """(texts,) Float64 columns `repetition.NAMES`; null for an empty text. See `repetition.repetition`."""
        return _frame(_named(repetition.NAMES, repetition.repetition(self._points, self._words)))

    def text_measures(self) -> pl.DataFrame:
        """(texts,) Float64 columns `TEXT_MEASURES`, for texts of any length; null where nothing can be measured.

        See `characters.character_measures` and `bigrams.bigram_repetition`.
        """
        return _frame(self._of_texts()).select(TEXT_MEASURES)

    def document_measures(self, stop_words: Mapping[str, Sequence[str]]) -> pl.DataFrame:
        """(texts,) Float64 columns `TEXT_MEASURES` and `DOCUMENT_MEASURES`; null where nothing can be measured.

        Args:
            stop_words: by tag; the columns of stop words are null for texts in other languages.
        """
        of_languages = StopWords.of(stop_words, self._langs, self._small)
        columns = {
            **self._of_texts(),
            **_named(words.NAMES, words.word_measures(self._words, self._classes, self._small, of_languages)),
            **_named(lines.NAMES, lines.line_measures(self._points, self._classes)),
            "letter_pattern": letter_pattern(self._words, self._classes, self._small),
            **_named(repetition.NAMES, repetition.repetition(self._points, self._words)),
        }
        return _frame(columns).select(TEXT_MEASURES + DOCUMENT_MEASURES)

    def _of_texts(self) -> dict[str, Floats64]:
        """Measures of characters and of bigrams, by name."""
        n_words = np.diff(self._words.first)
        measures = characters.character_measures(self._points, n_words, self._classes)
        repeated = bigram_repetition(self._points, self._words, self._small)
        return _named(characters.NAMES, measures) | {"repetition": repeated}


def _named(names: Sequence[str], measures: Floats64) -> dict[str, Floats64]:
    """The columns of a (texts, names) array by name."""
    return dict(zip(names, measures.T, strict=True))


def _frame(columns: Mapping[str, Floats64]) -> pl.DataFrame:
    return pl.DataFrame({name: np.ascontiguousarray(values) for name, values in columns.items()}).fill_nan(None)
