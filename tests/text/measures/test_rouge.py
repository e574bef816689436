"""ROUGE-L against a pool, compared with the textbook's table."""

from __future__ import annotations

from random import Random

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.text.measures.rouge import NOT_THERE, RougePool

few_words = st.lists(st.sampled_from(["alma", "körte", "szilva", "dió"]), max_size=90).map(" ".join)


def longest_common(a: list[str], b: list[str]) -> int:
    table = np.zeros((len(a) + 1, len(b) + 1), dtype=int)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1, j + 1] = table[i, j] + 1 if x == y else max(table[i, j + 1], table[i + 1, j])
    return int(table[-1, -1])


def highest(texts: list[str], pool: list[str], lang: str, own: list[int] | None = None) -> list[float]:
    def tags(of: list[str]) -> pl.Series:
        return pl.Series([lang] * len(of), dtype=pl.String)

    found = RougePool(pl.Series(pool, dtype=pl.String), tags(pool)).highest(
        pl.Series(texts, dtype=pl.String), tags(texts), np.array(own or [NOT_THERE] * len(texts))
    )
    return [round(value, 9) for value in found.tolist()]


@settings(deadline=None)
@given(st.lists(few_words, min_size=1, max_size=3), st.lists(few_words, max_size=5))
def test_it_is_the_highest_of_all(texts: list[str], pool: list[str]) -> None:
    wanted = []
    for text in texts:
        a = text.split()
        scores = [2 * longest_common(a, b.split()) / (len(a) + len(b.split())) for b in pool if b.split() and a]
        wanted.append(round(max(scores, default=0.0), 9) if a else np.nan)
    np.testing.assert_array_equal(highest(texts, pool, "hun_Latn"), wanted)


def test_order_counts_and_case_does_not() -> None:
    assert highest(["Der Hund bellt laut"], ["laut bellt DER HUND"], "deu_Latn") == [0.5]


def test_words_are_found_where_no_spaces_stand() -> None:
    # 我 喜欢 喝茶 / 我 喜欢 咖啡: two of three words.
    assert highest(["我喜欢喝茶。"], ["我喜欢咖啡！"], "zho_Hans") == [round(2 / 3, 9)]


def test_vowel_signs_belong_to_words() -> None:
    assert highest(["हिन्दी किताब"], ["हिन्दा कितब"], "hin_Deva") == [0.0]


def test_a_text_is_not_compared_with_itself() -> None:
    texts = ["eins zwei drei", "eins zwei vier"]
    assert highest(texts, texts, "deu_Latn", [0, 1]) == [round(2 / 3, 9)] * 2
    assert highest(texts, texts, "deu_Latn") == [1.0, 1.0]


@settings(deadline=None, max_examples=60)
@given(st.lists(few_words, max_size=5), st.lists(few_words, max_size=3), st.randoms(use_true_random=False))
def test_texts_that_join_the_pool_in_turn_are_compared_with_those_before_them(
    texts: list[str], pool: list[str], chance: Random
) -> None:
    every = [*pool, *texts]
    order = list(range(len(pool), len(every)))
    chance.shuffle(order)
    of_all = RougePool(pl.Series(every, dtype=pl.String), pl.Series(["hun_Latn"] * len(every), dtype=pl.String))
    made = of_all.highest_in_turn(np.array(order, dtype=np.int64), 0.7)
    there = list(pool)
    wanted = []
    for place in order:
        wanted += highest([every[place]], there, "hun_Latn")
        if wanted[-1] < 0.7:
            there.append(every[place])
    np.testing.assert_array_equal(made.round(9), wanted)
