"""A bilingual lexicon from parallel sentences: association, then one-to-one links, then counts.

Words are associated by the log-likelihood ratio of their co-occurrence (Dunning 1993, Computational
Linguistics 19(1)). Within each sentence pair the words are linked one to one, strongest association first:
competitive linking (Melamed 2000, Computational Linguistics 26(2)). This removes indirect associations:
`weisser` co-occurs with `dog` in sentences with `weisser Hund`, but there `dog` is linked with `Hund`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.errors import UserError
from xlcorpus.mining.select.matching import greedy_matching

EDGES_AT_ONCE = 4_000_000
"""Word pairs linked at once: about 60 bytes each."""


@dataclass(frozen=True)
class _WordIds:
    """One side's sentences as sets of words."""

    words: pl.Series
    """the vocabulary, sorted"""
    ids: Ints64
    """(tokens,) word of every distinct token, sentence by sentence"""
    starts: Ints64
    """(sentences + 1,) where each sentence's tokens begin"""

    def matrix(self) -> sparse.csr_matrix:
        """(sentences, words) float64: 1 where the word stands in the sentence."""
        ones = np.ones(len(self.ids))
        return sparse.csr_matrix((ones, self.ids, self.starts), shape=(len(self.starts) - 1, len(self.words)))


def induce_lexicon(
    src: Sequence[Sequence[str]],
    tgt: Sequence[Sequence[str]],
    *,
    min_count: int = 2,
    min_llr: float = 10.83,
    top_n: int = 3,
) -> pl.DataFrame:
    """Word translations found in parallel sentences.

        induce_lexicon([["ein", "hund"], ["der", "hund"]], [["a", "dog"], ["the", "dog"]])

    Args:
        src, tgt: the sentences as words, pair by pair; cased and normalised as the lexicon shall be.
        min_count: sentence pairs in which both words stand, and in which they are linked, at least.
        min_llr: least log-likelihood ratio; 10.83 is p < 0.001 of the chi-square distribution it approaches.
        top_n: translations kept for a source word.

    Returns:
        Columns `src_word`, `tgt_word` (String), `probability` (Float64: share of the source word's links that
        go to this target word), `count` (Int64: links), `llr` (Float64); by source word, most probable first.

    Raises:
        UserError: the sides have not the same number of sentences; an option below its least value.
    """
    if len(src) != len(tgt):
        raise UserError(f"a lexicon needs sentence pairs: {len(src)} source, {len(tgt)} target sentences")
    if min_count < 1 or top_n < 1:
        raise UserError(f"min_count and top_n must be at least 1, not {min_count} and {top_n}")
    one, two = _side(src, min_count), _side(tgt, min_count)
    keys, llr = _associations(one, two, min_count, min_llr)
    strength = np.empty(len(keys), dtype=np.int64)
    strength[np.lexsort((keys, -llr))] = np.arange(len(keys))
    links = np.zeros(len(keys), dtype=np.int64)
    for first, last in _blocks(one, two):
        links += _linked(one, two, keys, strength, first, last)
    return _entries(one, two, keys, llr, links, min_count, top_n)


def _side(sentences: Sequence[Sequence[str]], min_count: int) -> _WordIds:
    """Distinct words per sentence, without those that stand in fewer than `min_count` sentences."""
    lengths = np.fromiter((len(s) for s in sentences), dtype=np.int64, count=len(sentences))
    tokens = pl.DataFrame(
        {
            "sentence": np.repeat(np.arange(len(sentences)), lengths),
            "word": pl.Series(list(chain.from_iterable(sentences)), dtype=pl.String),
        }
    ).unique(maintain_order=True)
    tokens = tokens.filter(pl.len().over("word") >= min_count)
    words = tokens["word"].unique().sort()
    ids = tokens["word"].rank("dense").to_numpy().astype(np.int64) - 1
    per_sentence = np.bincount(tokens["sentence"].to_numpy(), minlength=len(sentences))
    return _WordIds(words, ids, np.concatenate([[0], np.cumsum(per_sentence)]).astype(np.int64))


def _associations(one: _WordIds, two: _WordIds, min_count: int, min_llr: float) -> tuple[Ints64, Floats64]:
    """Word pairs that meet more often than by chance: keys (source * target words + target), their LLR."""
    a, b = one.matrix(), two.matrix()
    together = (a.T @ b).tocsr()
    together.sort_indices()
    table = together.tocoo()
    both = table.data
    row, column = table.row.astype(np.int64), table.col.astype(np.int64)
    n_src, n_tgt = np.bincount(one.ids, minlength=a.shape[1]), np.bincount(two.ids, minlength=b.shape[1])
    llr = log_likelihood_ratio(both, n_src[row], n_tgt[column], a.shape[0])
    found = (both >= min_count) & (both * a.shape[0] > n_src[row] * n_tgt[column]) & (llr >= min_llr)
    return (row * b.shape[1] + column)[found], llr[found]


def log_likelihood_ratio(both: npt.ArrayLike, src: npt.ArrayLike, tgt: npt.ArrayLike, total: int) -> Floats64:
    """Dunning's G2 of 2 x 2 tables (Dunning 1993): how surprising it is that two words meet so often.

    Args:
        both: sentence pairs that hold both words; any shape, as are `src` and `tgt`.
        src, tgt: sentence pairs that hold the source word, the target word.
        total: all sentence pairs.

    Returns:
        float64, rounded to 6 decimals.
    """
    k, r, c = (np.asarray(v, dtype=np.float64) for v in (both, src, tgt))
    cells = (
        (k, r, c),
        (r - k, r, total - c),
        (c - k, total - r, c),
        (total - r - c + k, total - r, total - c),
    )
    g = np.zeros(np.broadcast_shapes(k.shape, r.shape, c.shape))
    for cell, row, column in cells:
        expected = row * column / total
        full = cell > 0
        g += np.where(full, cell * np.log(np.where(full, cell / np.where(full, expected, 1.0), 1.0)), 0.0)
    # Tables that differ only in order, and other machines' logarithms, must not differ in their last bits.
    return np.asarray(np.round(2 * g, 6), dtype=np.float64)


def _blocks(one: _WordIds, two: _WordIds) -> Iterator[tuple[int, int]]:
    """Ranges of sentences of at most `EDGES_AT_ONCE` word pairs (or one sentence)."""
    edges = np.cumsum(np.diff(one.starts) * np.diff(two.starts))
    first, done = 0, 0
    while first < len(edges):
        last = max(int(np.searchsorted(edges, done + EDGES_AT_ONCE, side="right")), first + 1)
        yield first, last
        first, done = last, int(edges[last - 1])


def _linked(one: _WordIds, two: _WordIds, keys: Ints64, strength: Ints64, first: int, last: int) -> Ints64:
    """(keys,) how often each word pair is linked in the sentences first..last."""
    n_tgt = np.diff(two.starts)[first:last]
    edges = np.diff(one.starts)[first:last] * n_tgt
    sentence = np.repeat(np.arange(last - first), edges)
    within = np.arange(len(sentence)) - np.repeat(np.cumsum(edges) - edges, edges)
    s = one.starts[first:last][sentence] + within // n_tgt[sentence]
    t = two.starts[first:last][sentence] + within % n_tgt[sentence]
    wanted = one.ids[s] * len(two.words) + two.ids[t]
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    known = np.flatnonzero(keys[at] == wanted) if len(keys) else at[:0]
    order = known[np.argsort(strength[at[known]], kind="stable")]
    taken = order[greedy_matching(s[order] - one.starts[first], t[order] - two.starts[first])]
    return np.bincount(at[taken], minlength=len(keys))


def _entries(
    one: _WordIds,
    two: _WordIds,
    keys: Ints64,
    llr: Floats64,
    links: Ints64,
    min_count: int,
    top_n: int,
) -> pl.DataFrame:
    src, tgt = np.divmod(keys, max(len(two.words), 1))
    frame = pl.DataFrame(
        {
            "src_word": one.words.gather(src),
            "tgt_word": two.words.gather(tgt),
            "probability": links / np.bincount(src, weights=links, minlength=1)[src].clip(1),
            "count": links,
            "llr": llr,
        }
    )
    by = ["src_word", "probability", "llr", "tgt_word"]
    frame = frame.filter(pl.col("count") >= min_count).sort(by, descending=[False, True, True, False])
    return frame.group_by("src_word", maintain_order=True).head(top_n).select(frame.columns)
