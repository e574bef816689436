"""All measures of a batch of texts, as columns; words and code points are made once for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from xlcorpus.arrays import Floats64, Ints64, UInts64
from xlcorpus.text.code_points import CodePoints, Codes, small_letters
from xlcorpus.text.measures import repetition, shape
from xlcorpus.text.measures.classes import Flags, character_classes
from xlcorpus.text.measures.letter_pattern import letter_pattern
from xlcorpus.text.measures.pairs import pair_repetition
from xlcorpus.text.measures.word_table import Words

DOCUMENT_MEASURES = (
    *shape.WORD_MEASURES,
    *shape.LINE_MEASURES,
    *(name for name in shape.CHARACTER_MEASURES if name not in ("letters", "digits")),
    "letter_pattern",
    *repetition.NAMES,
)
"""Columns that `document_measures` adds to those of `text_measures`."""


class MeasuredTexts:
    """A batch of texts as code points and words.

    Args:
        texts: (texts,) String.
        langs: (texts,) their tags.
        words: (texts,) List(String), their words by another tokenizer.
        classes: (0x110000,) classes of characters, if not `character_classes()`.
        small: (0x110000,) how letters are compared, if not as small ones.
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

    def text_measures(self) -> pl.DataFrame:
        """(texts,) Float64 `letters`, `digits` and `repetition`, for texts of any length; null where nothing can be
        measured. See `shape.character_measures` and `pairs.pair_repetition`."""
        found = {
            **self._character_measures(),
            "repetition": pair_repetition(self._points, self._words, self._small),
        }
        return _frame({name: found[name] for name in ("letters", "digits", "repetition")})

    def document_measures(self, stop_words: Mapping[str, Sequence[str]]) -> pl.DataFrame:
        """(texts,) Float64, the columns of `text_measures` and `DOCUMENT_MEASURES`.

        Args:
            stop_words: by tag, for the column `stop_words` (null for texts in other languages).
        """
        words, points = self._words, self._points
        language, hashes, bounds = self._stop_words(stop_words)
        by_word = shape.word_measures(
            words.codes, words.start, words.end, words.first, self._classes, self._small, language, hashes, bounds
        )
        by_line = shape.line_measures(points.codes, points.bounds, self._classes)
        found = {
            **self._character_measures(),
            "repetition": pair_repetition(points, words, self._small),
            **dict(zip(shape.WORD_MEASURES, by_word.T, strict=True)),
            **dict(zip(shape.LINE_MEASURES, by_line.T, strict=True)),
            "letter_pattern": letter_pattern(words, self._classes, self._small),
            **dict(zip(repetition.NAMES, repetition.repetition(points, words).T, strict=True)),
        }
        return _frame({name: found[name] for name in ("letters", "digits", "repetition", *DOCUMENT_MEASURES)})

    def _character_measures(self) -> dict[str, Floats64]:
        counts = np.diff(self._words.first)
        measures = shape.character_measures(self._points.codes, self._points.bounds, counts, self._classes)
        return dict(zip(shape.CHARACTER_MEASURES, measures.T, strict=True))

    def _stop_words(self, stop_words: Mapping[str, Sequence[str]]) -> tuple[Ints64, UInts64, Ints64]:
        """(texts,) place of each language; the sorted hashes of the stop words of all languages; their bounds."""
        tags = sorted(set(stop_words) & set(self._langs.unique()))
        hashes = [
            np.unique(shape.stop_word_hashes(CodePoints.of(pl.Series(stop_words[tag], dtype=pl.String)), self._small))
            for tag in tags
        ]
        bounds = np.concatenate([[0], np.cumsum([len(h) for h in hashes])]).astype(np.int64)
        places = self._langs.replace_strict({tag: i for i, tag in enumerate(tags)}, default=-1, return_dtype=pl.Int64)
        return places.to_numpy(), np.concatenate([np.empty(0, dtype=np.uint64), *hashes]), bounds


def _frame(columns: Mapping[str, Floats64]) -> pl.DataFrame:
    return pl.DataFrame({name: np.ascontiguousarray(values) for name, values in columns.items()}).fill_nan(None)
