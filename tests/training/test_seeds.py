"""The first vectors: coupled words, spelling, and what is known."""

from typing import Any

import numpy as np
import polars as pl

from xlcorpus.mining.evaluate.measures import translation_ranks
from xlcorpus.training.self_training.seeds import (
    ALIKE,
    KNOWN,
    NOTHING_KNOWN,
    UNLIKE,
    FrequentWords,
    KnownTranslations,
    known_prior,
    seeds,
    spelling_prior,
)

GERMAN_ENGLISH = ("deu_Latn", "eng_Latn")


def words(*given: str) -> pl.Series:
    return pl.Series("word", list(given))


def test_cognates_and_equal_words_speak_for_each_other() -> None:
    prior = spelling_prior(words("berlin", "7", "?"), words("берлин", "7", "?", "dog"))
    assert prior[0, 0] > 0 == prior[0, 3]
    np.testing.assert_allclose([prior[1, 1], prior[2, 2]], ALIKE * (1 - UNLIKE), rtol=1e-5)


def test_a_lexicon_speaks_for_its_words_in_any_case() -> None:
    known = KnownTranslations(
        pl.DataFrame({"src_word": ["Hund", "Kuh"], "tgt_word": ["Dog", "Cow"]}), NOTHING_KNOWN.pairs
    )
    assert known_prior(words("katze", "hund"), words("dog", "cat"), known, GERMAN_ENGLISH).tolist() == [
        [0, 0],
        [KNOWN, 0],
    ]


def test_words_and_lexicon_have_the_small_letters_of_their_language() -> None:
    texts = ["ISPARTA'DA IŞIK", "Isparta ışık", "İzmir ışık", "IŞIK izmir Isparta"]
    vocabulary = FrequentWords.of(texts, "tur_Latn", 0)
    known = KnownTranslations(
        pl.DataFrame({"src_word": ["IŞIK", "İZMİR"], "tgt_word": ["Light", "Izmir"]}), NOTHING_KNOWN.pairs
    )
    prior = known_prior(vocabulary.words, words("light", "izmir"), known, ("tur_Latn", "eng_Latn"))
    assert vocabulary.words.to_list() == ["ışık"]
    assert prior.tolist() == [[KNOWN, 0]]


def test_pairs_of_sentences_speak_for_the_words_they_show() -> None:
    said = [("ein hund", "a dog"), ("eine katze", "a cat"), ("hund und ball", "dog and ball"), ("katze", "cat")] * 10
    pairs = pl.DataFrame(said, schema=["src_text", "tgt_text"], orient="row")
    known = KnownTranslations(NOTHING_KNOWN.lexicon, pairs)
    prior = known_prior(words("hund", "katze"), words("dog", "cat"), known, GERMAN_ENGLISH)
    assert prior.tolist() == [[KNOWN, 0], [0, KNOWN]]


def test_languages_without_a_word_in_common_meet_by_distribution(world: Any) -> None:
    src, tgt = world(600)
    first = next(seeds(FrequentWords.of(src, "und", 0), FrequentWords.of(tgt, "und", 0)))
    assert first.name == "distribution"
    assert np.mean(translation_ranks(first.src, first.tgt, src, tgt).p_at_1) > 0.8


def test_seeds_go_from_no_spelling_to_much(world: Any) -> None:
    src, tgt = world(300)
    names = [seed.name for seed in seeds(FrequentWords.of(src, "und", 0), FrequentWords.of(tgt, "und", 0))]
    assert names == ["distribution", "distribution and spelling 1", "distribution and spelling 1.5"]


def test_rare_words_are_not_coupled_and_frequent_ones_weigh_little() -> None:
    vocabulary = FrequentWords.of(["a b", "a c", "a b", "a b"], "und", 0)
    assert vocabulary.words.to_list() == ["a", "b"]
    assert vocabulary.rarity[0] == 0 < vocabulary.rarity[1]
