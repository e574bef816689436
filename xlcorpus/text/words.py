"""Words of texts as their languages have them: UAX #29 (Unicode Text Segmentation), dictionaries where no space helps.

ICU (package `icu4py`) finds the borders and has dictionaries for Chinese, Japanese, Thai, Khmer, Lao and Burmese. A
word is what stands between two borders and has a letter or a digit (Unicode L or N); marks belong to it.

- Javanese, Balinese, Tai Tham and Yi are written without spaces and ICU has no dictionary for them, so they are cut
  into clusters (`xlcorpus.text.word_units`). Tibetan words are syllables: ICU cuts at each tsheg.
- Other languages in the script of Burmese (Shan, Mon, Karen, ...) are cut into syllables: the dictionary of Burmese
  cuts them in wrong places.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from operator import itemgetter

import icu4py
import numpy as np
import polars as pl
import pyarrow as pa
from icu4py.breakers import WordBreaker

from xlcorpus import languages
from xlcorpus.arrays import Ints64
from xlcorpus.text.code_points import Codes, members
from xlcorpus.text.code_points import codes as codes_of
from xlcorpus.text.word_units import WORD_UNIT

_CLUSTERED = r"\p{Javanese}\p{Balinese}\p{Tai_Tham}\p{Yi}"
_BURMESE = ("mya", "rki", "tvn", "int", "tco")
"""Burmese and its closest relatives (Arakanese, Tavoyan, Intha, Taungyo)."""

_MYANMAR = r"[\p{Myanmar}&&\p{L}]"
_SYLLABLE = rf"{_MYANMAR}(?:\u1039{_MYANMAR}|{_MYANMAR}\u1037?\u103a|\p{{M}})*"
"""With the consonants of all languages of the script; a word unit knows those of Burmese."""
_PIECE = rf"(?:{_SYLLABLE}|{WORD_UNIT}|(?s:.))\p{{M}}*"
_HAS_LETTERS = r"[\p{L}\p{N}]"

_CHARACTERS = 1_000_000
"""Texts of about so many characters go through one breaker."""
_BETWEEN = "\n"
"""No word goes across it."""


@dataclass(frozen=True)
class WordSpans:
    """Where the words of many texts stand, one after the other; those of text i are `bounds[i]:bounds[i + 1]`."""

    bounds: Ints64
    """(texts + 1,)"""
    start: Ints64
    """(words,) character (as Python counts them) of its text at which each begins"""
    end: Ints64
    """(words,) character after its last"""

    @property
    def counts(self) -> Ints64:
        """(texts,) words of each text."""
        return np.diff(self.bounds)


def segmenter() -> str:
    """What the borders of words depend on, for fingerprints and policies: "icu4py 1.2.0, ICU 78.3"."""
    return f"icu4py {version('icu4py')}, ICU {icu4py.icu_version}"


def words(text: str, lang: str) -> list[str]:
    """The words of one text in a language (tag), in order.

    >>> words("我喜欢喝茶。", "zho_Hans")
    ['我', '喜欢', '喝茶']
    """
    found: list[str] = word_lists(pl.Series([text], dtype=pl.String), lang).item().to_list()
    return found


def word_lists(texts: pl.Series, langs: pl.Series | str) -> pl.Series:
    """(texts,) List(String): the words of each text. Arguments and errors as of `word_spans`."""
    texts = texts.fill_null("")
    spans = word_spans(texts, langs)
    first = np.repeat(_starts(texts, ""), spans.counts)
    whole = "".join(texts)
    found = _slices(whole, codes_of(whole), first + spans.start, first + spans.end)
    lists = pa.LargeListArray.from_arrays(pa.array(spans.bounds), found.to_arrow())
    return pl.Series(texts.name, pl.from_arrow(lists), dtype=pl.List(pl.String))


def word_spans(texts: pl.Series, langs: pl.Series | str) -> WordSpans:
    """Where the words of each text stand.

    Args:
        texts: (texts,) String; a null has no words.
        langs: (texts,) their tags, or one tag for all.

    Raises:
        UserError: a tag names no language.
    """
    texts = texts.fill_null("")
    tags = pl.Series([langs], dtype=pl.String).new_from_index(0, len(texts)) if isinstance(langs, str) else langs
    batch = pl.DataFrame({"text": texts, "lang": tags}).with_row_index("row")
    share = pl.col("text").str.len_chars().cast(pl.Int64).cum_sum().over("lang") // _CHARACTERS
    rows, starts, ends = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for (lang, _), part in batch.group_by("lang", share.alias("share"), maintain_order=True):
        start, end = _words_in(_BETWEEN.join(part["text"]), str(lang))
        first = _starts(part["text"], _BETWEEN)
        at = np.searchsorted(first, start, side="right") - 1
        rows.append(part["row"].to_numpy().astype(np.int64)[at])
        starts.append(start - first[at])
        ends.append(end - first[at])
    row = np.concatenate(rows)
    order = np.argsort(row, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(texts)))]).astype(np.int64)
    return WordSpans(bounds, np.concatenate(starts)[order], np.concatenate(ends)[order])


def _words_in(text: str, lang: str) -> tuple[Ints64, Ints64]:
    """(words,) first character and character after the last of each word of a text."""
    if not text:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    codes = codes_of(text)
    # 4,000,000 borders a second: the loop runs in C, and ICU gives no array of them.
    ends = np.fromiter(map(itemgetter(1), WordBreaker(text, languages.hub_tag(lang)).segments()), np.int64)
    beyond = codes > 0xFFFF
    if beyond.any():  # ICU counts UTF-16 units
        ends = np.searchsorted(np.cumsum(1 + beyond), ends) + 1
    starts = np.concatenate([[0], ends[:-1]])
    worded = np.logical_or.reduceat(members(_HAS_LETTERS)[codes], starts)
    starts, ends = starts[worded], ends[worded]
    myanmar = languages.script(lang) == "Mymr" and languages.iso639_3(lang) not in _BURMESE
    return _clusters_in(text, codes, starts, ends, rf"[{_CLUSTERED}\p{{Myanmar}}]" if myanmar else f"[{_CLUSTERED}]")


def _clusters_in(text: str, codes: Codes, starts: Ints64, ends: Ints64, letter: str) -> tuple[Ints64, Ints64]:
    """Words, those with a letter (pattern) of a script without dictionary cut anew, by the pattern of word units."""
    among = np.concatenate([[0], np.cumsum(members(letter)[codes])])
    anew = among[ends] > among[starts]
    if not anew.any():
        return starts, ends
    joined = np.zeros(len(anew), dtype=bool)
    joined[1:] = anew[1:] & anew[:-1] & (starts[1:] == ends[:-1])
    first, last = anew & ~joined, anew & ~np.append(joined[1:], False)
    piece = pl.col("piece")
    clusters = (
        pl.DataFrame({"piece": _slices(text, codes, starts[first], ends[last]), "end": starts[first]})
        .with_row_index("run")
        .with_columns(piece.str.extract_all(_PIECE))
        .explode("piece")
        .with_columns(size=piece.str.len_chars().cast(pl.Int64))
        .with_columns(pl.col("end") + pl.col("size").cum_sum().over("run"))
        .filter(piece.str.contains(_HAS_LETTERS))
    )
    ends_anew, sizes = clusters["end"].to_numpy(), clusters["size"].to_numpy()
    starts = np.concatenate([starts[~anew], ends_anew - sizes])
    ends = np.concatenate([ends[~anew], ends_anew])
    order = np.argsort(starts)
    return starts[order], ends[order]


def _slices(text: str, codes: Codes, starts: Ints64, ends: Ints64) -> pl.Series:
    """(n,) String: characters `starts[i]:ends[i]` of a text, ascending and disjoint, with no string made in between."""
    sizes = 1 + (codes > 0x7F).astype(np.uint8) + (codes > 0x7FF) + (codes > 0xFFFF)
    offsets = np.append(0, np.cumsum(sizes, dtype=np.int64))[np.column_stack([starts, ends]).ravel()]
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(text.encode())]
    pieces = pa.Array.from_buffers(pa.large_string(), max(len(offsets) - 1, 0), buffers)
    return pl.Series(pl.from_arrow(pieces.take(pa.array(np.arange(0, len(pieces), 2)))), dtype=pl.String)


def _starts(texts: pl.Series, between: str) -> Ints64:
    """(texts,) character at which each text starts in their join."""
    sizes = texts.str.len_chars().to_numpy().astype(np.int64) + len(between)
    return np.asarray(np.cumsum(sizes) - sizes)
