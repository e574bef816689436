"""Texts as bags of words, words as hashed n-grams."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.models.encoders.word_features import GRAMS, bag_of_words, gram_hashes, word_hashes


def tokens(texts: list[str]) -> list[list[str]]:
    bag = bag_of_words(texts)
    words = bag.words.to_list()
    return [[words[i] for i in bag.word[a:b]] for a, b in zip(bag.starts[:-1], bag.starts[1:], strict=True)]


def test_words_and_marks_in_lower_case() -> None:
    assert tokens(["Ein Hund, ein Ball?", "", "..."]) == [["ein", "hund", ",", "ein", "ball", "?"], [], [".", ".", "."]]


def test_scripts_without_spaces_give_their_smallest_units() -> None:
    assert tokens(["我有狗。"]) == [["我", "有", "狗", "。"]]


def test_no_texts_and_texts_without_words() -> None:
    assert len(bag_of_words([])) == 0
    assert len(bag_of_words(["", " "])) == 2


def test_document_frequency_counts_a_text_once() -> None:
    bag = bag_of_words(["a b a", "b", "c"])
    assert dict(zip(bag.words.to_list(), bag.document_frequency().tolist(), strict=True)) == {"a": 1, "b": 2, "c": 1}


@given(st.lists(st.text("ab ", max_size=8), min_size=1, max_size=8), st.data())
def test_taking_texts_is_splitting_only_these(texts: list[str], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=6))
    bag = bag_of_words(texts)
    part = bag.take(np.array(rows, dtype=np.int64))
    words = bag.words.to_list()
    got = [[words[i] for i in part.word[a:b]] for a, b in zip(part.starts[:-1], part.starts[1:], strict=True)]
    assert got == tokens([texts[r] for r in rows])


@given(st.lists(st.text(min_size=1, max_size=7), min_size=1, max_size=6, unique=True))
def test_n_grams_are_those_of_the_word_with_its_ends_marked(words: list[str]) -> None:
    owner, hashes = gram_hashes(pl.Series(words, dtype=pl.String))
    grams = [{f"<{w}>"[i : i + n] for n in GRAMS for i in range(len(w) + 2 - n + 1)} for w in words]
    assert np.bincount(owner, minlength=len(words)).tolist() == [len(g) for g in grams]
    shared = {(i, j) for i in range(len(words)) for j in range(len(words)) if i != j and grams[i] & grams[j]}
    of = [set(hashes[owner == i].tolist()) for i in range(len(words))]
    assert shared == {(i, j) for i in range(len(words)) for j in range(len(words)) if i != j and of[i] & of[j]}


def test_different_words_have_different_hashes() -> None:
    words = pl.Series([f"w{i}" for i in range(20_000)])
    assert len(np.unique(word_hashes(words))) == 20_000
