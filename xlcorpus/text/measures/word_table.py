"""The words of many texts, as places in arrays of code points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from xlcorpus.arrays import Ints64
from xlcorpus.text.code_points import CodePoints, Codes
from xlcorpus.text.shared_words import shared_word_spans


@dataclass(frozen=True)
class Words:
    """Words of many texts, one after the other; word w is `codes[start[w]:end[w]]`."""

    codes: Codes
    """(characters,) code points: of the texts, or of the words alone"""
    start: Ints64
    """(words,)"""
    end: Ints64
    """(words,)"""
    first: Ints64
    """(texts + 1,) the words of text i are `first[i]:first[i + 1]`"""

    @staticmethod
    def of(texts: CodePoints, strings: pl.Series, langs: pl.Series) -> Words:
        """The words that `xlcorpus.text.words` finds.

        Args:
            texts: the texts.
            strings: (texts,) String, the same texts.
            langs: (texts,) String, their tags.

        Raises:
            UserError: a tag names no language.
        """
        spans = shared_word_spans(strings, langs)
        at = np.repeat(texts.bounds[:-1], spans.counts)
        return Words(texts.codes, at + spans.start, at + spans.end, spans.bounds)

    @staticmethod
    def of_lists(words: pl.Series) -> Words:
        """The words of another tokenizer: (texts,) List(String); neither a list nor a word may be null."""
        flat = CodePoints.of(words.list.drop_nulls().explode().drop_nulls())
        first = np.concatenate([[0], np.cumsum(words.list.len().to_numpy())]).astype(np.int64)
        return Words(flat.codes, flat.bounds[:-1], flat.bounds[1:], first)
