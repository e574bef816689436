"""Vectors for the first round of a loop: sentences of two languages in one space, without a trained model.

Words of the two languages are coupled (`mining.lexicon.coupling`); a sentence is the sum of its words, each a mixture
of the target words it may correspond to, weighted by rarity. Similar spelling (cognates, names, numerals), a small
lexicon and known pairs of sentences enter as a prior of the coupling. The loop takes the seed with the highest gain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from scipy import sparse

from xlcorpus.arrays import Floats32, Ints64, unit_length
from xlcorpus.mining.lexicon.coupling import couple, habit_prior
from xlcorpus.mining.lexicon.induction import induce_lexicon
from xlcorpus.mining.lexicon.word_relations import WordProfile, word_profile
from xlcorpus.models.encoders.bootstrap import BootstrapEncoder
from xlcorpus.models.encoders.word_features import Bag, bag_of_words
from xlcorpus.text.casing import small_expr

WORDS = 1500
"""The most frequent words of each side that are coupled."""
LEAST_COUNT = 3
"""Words in fewer sentences are left out: their co-occurrences are noise."""
SAMPLE = 60_000
"""Sentences of each side whose words are counted."""
DIM = 512
"""Length of the random vectors of target words."""
KNOWN = 8.0
"""Log-odds added for a known translation."""
ALIKE = 12.0
"""Log-odds added for similar spelling, times the cosine above `UNLIKE`."""
UNLIKE = 0.4
"""Cosine of the spellings of unrelated words."""
SPELLING = (1.0, 1.5)
"""Weights of the spelling of whole sentences beside their coupled words, one seed for each: rare names and numbers are
not among the coupled words."""


@dataclass(frozen=True)
class FrequentWords:
    """The words of one side that are coupled."""

    texts: Sequence[str]
    lang: str
    """their tag"""
    bag: Bag
    words: pl.Series
    """(n,) String, most frequent first"""
    word: Ints64
    """(tokens,) int64: index into `words`, -1 for others"""
    rarity: Floats32
    """(n,) float32: log of the sentences over those that hold the word"""
    profile: WordProfile

    @staticmethod
    def of(texts: Sequence[str], lang: str, seed: int) -> FrequentWords:
        """Of the sentences of one language (a tag)."""
        bag = _bag(texts, lang)
        df = bag.document_frequency()
        order = np.argsort(-df, kind="stable")[:WORDS]
        order = order[df[order] >= LEAST_COUNT]
        place = np.full(len(bag.words), -1, dtype=np.int64)
        place[order] = np.arange(len(order))
        counted = bag
        if len(bag) > SAMPLE:
            counted = bag.take(np.sort(np.random.default_rng(seed).choice(len(bag), SAMPLE, replace=False)))
        profile = word_profile(place[counted.word], counted.starts, len(order))
        rarity = np.log(max(len(bag), 1) / df[order]).astype(np.float32)
        return FrequentWords(texts, lang, bag, bag.words.gather(order), place[bag.word], rarity, profile)

    def sentences(self, vectors: Floats32) -> Floats32:
        """(sentences, dim) float32: sums of the vectors (n, dim) of their words, rare words weighing more."""
        known = np.flatnonzero(self.word >= 0)
        sentence = np.repeat(np.arange(len(self.bag)), np.diff(self.bag.starts))[known]
        ones = np.ones(len(known), dtype=np.float32)
        holds = sparse.csr_matrix((ones, (sentence, self.word[known])), shape=(len(self.bag), len(self.words)))
        return np.asarray(holds @ (vectors * self.rarity[:, None]), dtype=np.float32)


@dataclass(frozen=True)
class KnownTranslations:
    """Translations that a user gives for two languages; either table may be empty."""

    lexicon: pl.DataFrame
    """`src_word`, `tgt_word`: translations of words"""
    pairs: pl.DataFrame
    """`src_text`, `tgt_text`: translations of sentences"""

    @property
    def anything(self) -> bool:
        """Whether there is something."""
        return self.lexicon.height > 0 or self.pairs.height > 0


NOTHING_KNOWN = KnownTranslations(
    pl.DataFrame(schema={"src_word": pl.String, "tgt_word": pl.String}),
    pl.DataFrame(schema={"src_text": pl.String, "tgt_text": pl.String}),
)


@dataclass(frozen=True)
class Seed:
    """CorpusVectors of all sentences of two languages, by one kind of evidence."""

    name: str
    src: Floats32
    """(n, dim) float32"""
    tgt: Floats32
    """(m, dim) float32"""


def seeds(
    src: FrequentWords, tgt: FrequentWords, known: KnownTranslations = NOTHING_KNOWN, seed: int = 0
) -> Iterator[Seed]:
    """Seeds by distribution alone, then with spelling of increasing weight; known translations enter all of them.

    Args:
        src, tgt: n and m sentences.
        known: translations of words or sentences, if there are any.
        seed: of the random vectors.
    """
    given = habit_prior(src.profile, tgt.profile)
    if known.anything:
        given = given + known_prior(src.words, tgt.words, known, (src.lang, tgt.lang))
    draw = np.random.default_rng(seed)
    space = draw.standard_normal((len(tgt.words), DIM), dtype=np.float32) / np.float32(np.sqrt(DIM))

    def coupled(prior: Floats32) -> tuple[Floats32, Floats32]:
        coupling = couple(src.profile, tgt.profile, prior)
        sides = src.sentences(coupling.forward @ space), tgt.sentences(space)
        return unit_length(sides[0]), unit_length(sides[1])

    x, y = coupled(given)
    yield Seed("distribution", x, y)
    x, y = coupled(given + spelling_prior(src.words, tgt.words))
    spelt = [BootstrapEncoder().encode(side.texts) for side in (src, tgt)]
    for weight in SPELLING:
        name = f"distribution and spelling {weight:g}"
        yield Seed(name, x + np.float32(weight) * spelt[0], y + np.float32(weight) * spelt[1])


def spelling_prior(src: pl.Series, tgt: pl.Series) -> Floats32:
    """(n, m) float32: log-odds for words that are equal, or similar in romanised spelling."""
    sides = [BootstrapEncoder().encode(words.to_list()) for words in (src, tgt)]
    alike = sides[0] @ sides[1].T
    same = src.to_frame("word").with_row_index("row").join(tgt.to_frame("word").with_row_index("column"), on="word")
    alike[same["row"].to_numpy(), same["column"].to_numpy()] = 1
    return np.asarray(np.float32(ALIKE) * np.maximum(alike - np.float32(UNLIKE), 0), dtype=np.float32)


def known_prior(src: pl.Series, tgt: pl.Series, known: KnownTranslations, langs: tuple[str, str]) -> Floats32:
    """(n, m) float32: log-odds for known translations, and for those that known pairs of sentences show.

    Args:
        src, tgt: (n,), (m,) String, words as `FrequentWords` has them.
        known: translations from the one language to the other.
        langs: tags of both.
    """
    found = [known.lexicon.select("src_word", "tgt_word")]
    if known.pairs.height:
        sides = [
            _words(known.pairs[column].to_list(), lang)
            for column, lang in zip(("src_text", "tgt_text"), langs, strict=True)
        ]
        found.append(induce_lexicon(sides[0], sides[1]).select("src_word", "tgt_word"))
    out = np.zeros((len(src), len(tgt)), dtype=np.float32)
    rows = pl.DataFrame({"src_word": src}).with_row_index("row")
    columns = pl.DataFrame({"tgt_word": tgt}).with_row_index("column")
    words = [
        small_expr(pl.col(column), lang).str.normalize("NFKC").str.to_lowercase()  # as `_bag` has them
        for column, lang in zip(("src_word", "tgt_word"), langs, strict=True)
    ]
    both = pl.concat(found).with_columns(words).join(rows, on="src_word")
    at = both.join(columns, on="tgt_word")
    out[at["row"].to_numpy(), at["column"].to_numpy()] = KNOWN
    return out


def _bag(texts: Sequence[str], lang: str) -> Bag:
    """The words of texts in small letters of their language: `bag_of_words` alone has those of no language."""
    column = pl.Series("text", list(texts), dtype=pl.String).to_frame()
    return bag_of_words(column.select(small_expr(pl.col("text"), lang)).to_series().to_list())


def _words(texts: list[str], lang: str) -> list[list[str]]:
    bag = _bag(texts, lang)
    flat = bag.words.gather(bag.word).to_list()
    return [flat[a:b] for a, b in pairwise(bag.starts)]
