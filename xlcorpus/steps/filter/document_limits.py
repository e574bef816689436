"""Limits that `quality` sets to documents: those of Gopher (Rae et al. 2021, arXiv:2112.11446, A1.1) and of FineWeb
(Penedo et al. 2024, arXiv:2406.17557, 3.6), and limits of our own.

Defaults are far wider than Gopher's, which would take 73 to 95 % of short English pages: they cut what is no text in
any language. Closer limits come from reference text (`xlcorpus calibrate`) or a published table, language by language.
"""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass

from pydantic import Field

from xlcorpus.step import RowStep
from xlcorpus.text.measures.repetition import REPEATED_GRAMS, TOP_GRAMS


@dataclass(frozen=True)
class Bound:
    """A limit to a measure."""

    option: str
    """of `quality`, which holds the limit: `min_...` or `max_...`"""
    rule: str
    """under which rows beyond the limit are rejected"""
    measure: str
    """name of the column without `quality_`"""

    @property
    def least(self) -> bool:
        """Whether the measure must be at least the limit, not at most."""
        return at_least(self.option)


def at_least(option: str) -> bool:
    """Whether an option is a lower limit, not an upper one."""
    return option.startswith("min_")


DOCUMENT_BOUNDS = (
    Bound("min_words", "few_words", "words"),
    Bound("max_words", "many_words", "words"),
    Bound("min_word_length", "short_words", "word_length"),
    Bound("max_word_length", "long_words", "word_length"),
    Bound("min_letter_words", "few_letter_words", "letter_words"),
    Bound("max_mixed_words", "mixed_words", "mixed_words"),
    Bound("min_stop_words", "few_stop_words", "stop_words"),
    Bound("min_stop_word_share", "few_stop_words", "stop_word_share"),
    Bound("min_letter_pattern", "random_letters", "letter_pattern"),
    Bound("max_menus", "menu", "menus"),
    Bound("max_hashes", "hashes", "hashes"),
    Bound("max_ellipses", "ellipses", "ellipses"),
    Bound("max_bullets", "bullets", "bullets"),
    Bound("max_ellipsis_lines", "ellipsis_lines", "ellipsis_lines"),
    Bound("min_line_ends", "few_line_ends", "line_ends"),
    Bound("max_short_lines", "short_lines", "short_lines"),
    Bound("max_line_breaks", "line_breaks", "line_breaks"),
    Bound("max_repeated_lines", "repeated_lines", "repeated_lines"),
    Bound("max_repeated_line_characters", "repeated_line_characters", "repeated_line_characters"),
    Bound("max_repeated_paragraphs", "repeated_paragraphs", "repeated_paragraphs"),
    Bound("max_repeated_paragraph_characters", "repeated_paragraph_characters", "repeated_paragraph_characters"),
    *(Bound(f"max_top_{n}_grams", f"top_{n}_grams", f"top_{n}_grams") for n in TOP_GRAMS),
    *(Bound(f"max_repeated_{n}_grams", f"repeated_{n}_grams", f"repeated_{n}_grams") for n in REPEATED_GRAMS),
)
"""Limits to documents, in the order in which they judge."""


class DocumentLimits(RowStep, ABC):
    """The options of `quality` that judge documents alone; null: no limit."""

    min_words: float | None = Field(default=3, ge=0)
    """`few_words`: words a document has at least (Gopher: 50)"""
    max_words: float | None = Field(default=None, ge=0)
    """`many_words`: words it has at most (Gopher: 100,000)"""
    min_word_length: float | None = Field(default=None, ge=0)
    """`short_words`: mean length of its words in characters, at least (Gopher: 3)"""
    max_word_length: float | None = Field(default=25, ge=0)
    """`long_words`: mean length of its words in characters, at most (Gopher: 10)"""
    min_letter_words: float | None = Field(default=0.5, ge=0, le=1)
    """`few_letter_words`: share of its words that have a letter, at least (Gopher: 0.8)"""
    max_mixed_words: float | None = Field(default=0.6, ge=0, le=1)
    """`mixed_words`: share of characters in words of letters and digits, at most (dumps of bytes and keys have more)"""
    min_stop_words: float | None = Field(default=None, ge=0)
    """`few_stop_words`: different stop words of its language, at least (Gopher: 2); no verdict on languages without
    stop words here, in a `policy` or in `stop_words`"""
    min_stop_word_share: float | None = Field(default=0.01, ge=0, le=1)
    """`few_stop_words`: share of stop words among its words, at least; no verdict on fewer than 15 words, and on
    languages without stop words"""
    min_letter_pattern: float | None = Field(default=1.5)
    """`random_letters`: how far its letters are from random ones, in standard deviations, at least; no verdict on fewer
    than 100 letters"""
    max_menus: float | None = Field(default=0.9, ge=0, le=1)
    """`menu`: share of letters in short entries without punctuation and in links, at most"""
    max_hashes: float | None = Field(default=0.3, ge=0)
    """`hashes`: number signs for each word, at most (Gopher: 0.1)"""
    max_ellipses: float | None = Field(default=0.3, ge=0)
    """`ellipses`: ellipses for each word, at most (Gopher: 0.1)"""
    max_bullets: float | None = Field(default=0.95, ge=0, le=1)
    """`bullets`: share of lines that begin with a bullet, at most (Gopher: 0.9)"""
    max_ellipsis_lines: float | None = Field(default=0.5, ge=0, le=1)
    """`ellipsis_lines`: share of lines that end with an ellipsis, at most (Gopher: 0.3)"""
    min_line_ends: float | None = Field(default=None, ge=0, le=1)
    """`few_line_ends`: share of lines that end a sentence, at least (FineWeb: 0.12)"""
    max_short_lines: float | None = Field(default=None, ge=0, le=1)
    """`short_lines`: share of lines of 30 characters and less, at most (FineWeb: 0.67)"""
    max_line_breaks: float | None = Field(default=None, ge=0)
    """`line_breaks`: line breaks for each word, at most (FineWeb: 0.3)"""
    max_repeated_lines: float | None = Field(default=0.5, ge=0, le=1)
    """`repeated_lines`: share of lines that stood before, at most (Gopher: 0.3)"""
    max_repeated_line_characters: float | None = Field(default=0.4, ge=0, le=1)
    """`repeated_line_characters`: share of characters in such lines, at most (Gopher: 0.2)"""
    max_repeated_paragraphs: float | None = Field(default=0.5, ge=0, le=1)
    """`repeated_paragraphs`: share of paragraphs that stood before, at most (Gopher: 0.3)"""
    max_repeated_paragraph_characters: float | None = Field(default=0.4, ge=0, le=1)
    """`repeated_paragraph_characters`: share of characters in such paragraphs, at most (Gopher: 0.2)"""
    max_top_2_grams: float | None = Field(default=None, ge=0)
    """`top_2_grams`: share of characters in the most frequent pair of words, at most (Gopher: 0.2)"""
    max_top_3_grams: float | None = Field(default=None, ge=0)
    """`top_3_grams`: the same of three words (Gopher: 0.18)"""
    max_top_4_grams: float | None = Field(default=None, ge=0)
    """`top_4_grams`: the same of four words (Gopher: 0.16)"""
    max_repeated_5_grams: float | None = Field(default=0.4, ge=0)
    """`repeated_5_grams`: share of characters in runs of five words that stood before, at most (Gopher: 0.15)"""
    max_repeated_6_grams: float | None = Field(default=None, ge=0)
    """`repeated_6_grams`: the same of six words (Gopher: 0.14)"""
    max_repeated_7_grams: float | None = Field(default=None, ge=0)
    """`repeated_7_grams`: the same of seven words (Gopher: 0.13)"""
    max_repeated_8_grams: float | None = Field(default=None, ge=0)
    """`repeated_8_grams`: the same of eight words (Gopher: 0.12)"""
    max_repeated_9_grams: float | None = Field(default=None, ge=0)
    """`repeated_9_grams`: the same of nine words (Gopher: 0.11)"""
    max_repeated_10_grams: float | None = Field(default=None, ge=0)
    """`repeated_10_grams`: the same of ten words (Gopher: 0.1)"""
