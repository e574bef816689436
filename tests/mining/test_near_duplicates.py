"""Shingles, signatures, bands, verification and who stands for whom, beside references in plain Python."""

import unicodedata
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.mining.near_duplicates.bands import ALONE, band_keys, bands_for, buckets
from xlcorpus.mining.near_duplicates.clusters import MOST_COMPARED, Sets, stand_ins
from xlcorpus.mining.near_duplicates.shingles import GRAM, Unit, shingles
from xlcorpus.mining.near_duplicates.signatures import signatures
from xlcorpus.mining.near_duplicates.verify import resemble, sets
from xlcorpus.text.fold import folded_expr
from xlcorpus.text.folding_table import NO_DIGIT, SIZE, folding_table

SENTENCE = (
    "Der alte Fischer fährt jeden Morgen vor Sonnenaufgang mit seinem kleinen Boot weit auf den stillen See hinaus"
)


def of(*texts: str, lang: str = "deu_Latn", unit: Unit = "auto", ignore_numbers: bool = False) -> list[set[int]]:
    """The set of shingles of each text."""
    found = shingles(pl.Series(texts), pl.Series([lang] * len(texts)), unit, ignore_numbers)
    return [set(found.hashes[a:b].tolist()) for a, b in pairwise(found.offsets)]


def numbers(*texts: str) -> list[int]:
    """The hash of each text's numbers."""
    return shingles(pl.Series(texts), pl.Series(["und"] * len(texts))).numbers.tolist()


def jaccard(a: set[int], b: set[int]) -> float:
    return len(a & b) / len(a | b)


@settings(deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30))
def test_shingles_of_words_are_the_distinct_n_grams(words: list[str]) -> None:
    grams = {tuple(words[i : i + GRAM]) for i in range(max(1, len(words) - GRAM + 1))}
    assert len(of(" ".join(words), unit="words")[0]) == len(grams)


@settings(deadline=None)
@given(st.text("aé字क ", min_size=1, max_size=40))
def test_shingles_of_characters_are_the_distinct_n_grams_of_the_folded_text(text: str) -> None:
    folded = " ".join(unicodedata.normalize("NFC", text).split()) or text
    grams = {folded[i : i + GRAM] for i in range(max(1, len(folded) - GRAM + 1))}
    assert len(of(text, unit="characters")[0]) == len(grams)


@settings(deadline=None)
@given(st.text(min_size=0, max_size=50), st.sampled_from(["deu_Latn", "tur_Latn"]))
def test_any_text_has_shingles(text: str, lang: str) -> None:
    assert all(len(of(text.encode("utf8", "replace").decode(), lang=lang, unit=u)[0]) for u in ("words", "characters"))


@pytest.mark.parametrize(
    ("one", "other", "lang"),
    [
        ("Guten Tag, Frau Weiß!", "GUTEN TAG FRAU WEISS", "deu_Latn"),
        ("Caf\u00e9 noir", "cafe\u0301 noir", "fra_Latn"),
        ("DIŞ KAPI", "dış kapı", "tur_Latn"),
        ("İstanbul", "istanbul", "tur_Latn"),
        ("o‘zbek tili", "oʻzbek tili", "uzn_Latn"),
        ("Donau\u00addampf", "donaudampf", "deu_Latn"),
        ("سلام عليكم", "ســلام عليكم", "arb_Arab"),
        ("ΟΔΟΣ", "οδος", "ell_Grek"),
        ("ԲԱՐԵՎ", "բարև", "hye_Armn"),
    ],
)
def test_texts_that_differ_in_form_alone_have_the_same_shingles(one: str, other: str, lang: str) -> None:
    first, second = of(one, other, lang=lang)
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("कि", "की"),
        ("かき", "かぎ"),
        ("мой", "мои"),
        ("là", "lạ"),
        ("שָׁלוֹם", "שלום"),
        ("ကာ", "ကာ့"),
        ("a", "b"),
        (":-)", ":-("),
    ],
)
def test_marks_and_short_texts_count(one: str, other: str) -> None:
    first, second = of(one, other)
    assert not first & second


@pytest.mark.parametrize(
    "texts",
    [
        ("你好", "谢谢", "再见", "是", "不是"),
        ("نعم", "لا", "شكرا", "مرحبا", "أهلا وسهلا"),
        ("ใช่", "ไม่", "ขอบคุณ", "สวัสดี", "ลาก่อน"),
        ("បាទ", "ទេ", "អរគុណ", "សួស្តី", "លាហើយ"),
        ("ཡིན།", "མིན།", "ཐུགས་རྗེ་ཆེ།", "བཀྲ་ཤིས་བདེ་ལེགས།", "ག་ལེར་ཕེབས།"),
        ("👍", "👎", "🎉", "…", "—"),
    ],
)
def test_short_texts_of_every_script_are_not_all_equal(texts: tuple[str, ...]) -> None:
    found = of(*texts)
    assert all(not a & b for i, a in enumerate(found) for b in found[:i])


def test_scripts_without_spaces_have_shingles_of_characters() -> None:
    text = "我们明天早上一起去公园散步然后去买东西" * 3
    assert of(text) == of(text, unit="characters")
    assert of(SENTENCE + " und " + SENTENCE) == of(SENTENCE + " und " + SENTENCE, unit="words")


def test_one_other_word_changes_fewer_shingles_of_characters_than_of_words() -> None:
    changed = SENTENCE.replace("stillen", "ruhigen")
    few = jaccard(*of(SENTENCE, changed))
    assert few > 0.8 > 0.7 > jaccard(*of(SENTENCE, changed, unit="words"))


def test_numbers_are_told_in_every_script_and_without_order() -> None:
    plain, order, arabic, other, twice, none = numbers("3 von 14", "14 und 3", "٣ من ١٤", "3 von 15", "3 3 14", "drei")
    assert plain == order == arabic
    assert len({plain, other, twice, none}) == 4
    assert none == 0


def test_ignored_numbers_are_all_the_same() -> None:
    first, second = of("Raum 12 ist frei", "Raum 4711 ist frei", ignore_numbers=True)
    assert first == second
    first, second = of("Raum 12 ist frei", "Raum 4711 ist frei")
    assert first != second


def test_digits_have_the_values_of_unicode() -> None:
    table = folding_table()
    known = {c: unicodedata.decimal(chr(c), NO_DIGIT) for c in range(SIZE) if unicodedata.category(chr(c)) == "Nd"}
    assert {c: int(table.digit[c]) for c in known} == known


@pytest.mark.parametrize("own", [0, 5, 20, 60, 100])
def test_signatures_estimate_the_jaccard_index(own: int) -> None:
    hashes = np.random.default_rng(own).integers(0, 2**64 - 1, 100, np.uint64)
    signed = signatures(np.concatenate([hashes[own:], hashes]), np.array([0, 100 - own, 200 - own]), 4096)
    assert abs((signed[0, :] == signed[1, :]).mean() - (1 - own / 100)) < 4 * np.sqrt(0.25 / 4096)


def test_a_signature_minds_neither_order_nor_repeats() -> None:
    hashes = np.random.default_rng(1).integers(0, 2**64 - 1, 13, np.uint64)
    again = np.concatenate([hashes, hashes[::-1], hashes[3:5]])
    signed = signatures(again, np.array([0, 13, 28]), 112)
    assert (signed[0] == signed[1]).all()


def test_bands_meet_as_often_as_they_should() -> None:
    assert bands_for(0.8) == (14, 8)
    for threshold in (0.5, 0.6, 0.7, 0.9, 0.95, 1.0):
        bands, rows = bands_for(threshold)
        assert bands * rows <= 112
        assert 1 - (1 - threshold**rows) ** bands >= 0.92
    random = np.random.default_rng(2)
    pairs, shared, own = 1500, 80, 10  # index .8
    texts = []
    for _ in range(pairs):
        hashes = random.integers(0, 2**64 - 1, shared + 2 * own, np.uint64)
        texts += [hashes[: shared + own], hashes[own:]]
    offsets = np.cumsum([0, *map(len, texts)])
    keys = band_keys(signatures(np.concatenate(texts), offsets, 112), 14)
    met = (keys[::2] == keys[1::2]).any(1).mean()
    assert abs(met - (1 - (1 - 0.8**8) ** 14)) < 0.03


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=20))
def test_buckets_hold_equal_keys(keys: list[tuple[int, int]]) -> None:
    columns = np.array(keys, np.uint64).reshape(-1, 2)
    found = buckets(columns[:, 0], columns[:, 1]).tolist()
    for i, key in enumerate(keys):
        assert [j for j in range(len(keys)) if keys[j] == key] == (
            [i] if found[i] == ALONE else [j for j in range(len(keys)) if found[j] == found[i]]
        )


@settings(deadline=None)
@given(st.sets(st.integers(0, 20)), st.sets(st.integers(0, 20)), st.sampled_from([0.5, 0.75, 0.8, 1.0]))
def test_resemblance_is_the_jaccard_index(a: set[int], b: set[int], threshold: float) -> None:
    arrays = [np.array(sorted(s), np.uint64) for s in (a, b)]
    index = len(a & b) / len(a | b) if a | b else 1.0
    assert resemble(*arrays, threshold) == (index >= threshold)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), max_size=8), max_size=6))
def test_sets_are_sorted_and_without_repeats(texts: list[list[int]]) -> None:
    flat = np.array([h for text in texts for h in text], np.uint64)
    held, offsets = sets(flat, np.cumsum([0, *map(len, texts)]))
    assert [held[a:b].tolist() for a, b in pairwise(offsets)] == [sorted(set(text)) for text in texts]


def reference(texts: list[set[int]], order: list[int], threshold: float) -> list[int]:
    """A row goes if a row that stays resembles it: rows that may stand for it."""
    stays: list[int] = []
    for row in order:
        if not any(jaccard(texts[row], texts[other]) >= threshold for other in stays):
            stays.append(row)
    return sorted(stays)


@settings(deadline=None)
@given(
    st.lists(st.sets(st.integers(0, 9), min_size=1, max_size=6), min_size=1, max_size=25),
    st.randoms(use_true_random=False),
    st.sampled_from([0.5, 0.8]),
)
def test_a_row_goes_if_a_row_that_stays_resembles_it(texts: list[set[int]], random, threshold: float) -> None:  # type: ignore[no-untyped-def]
    order = list(range(len(texts)))
    random.shuffle(order)
    held = np.array([h for text in texts for h in sorted(text)], np.uint64)
    offsets = np.cumsum([0, *map(len, texts)])
    every = np.zeros((1, len(texts)), np.int32)
    made = stand_ins(every, [0], np.array(order), Sets(held, offsets, threshold, [[0]]))
    assert np.unique(made.stand_in).tolist() == reference(texts, order, threshold)
    for row, other in enumerate(made.stand_in):
        assert jaccard(texts[row], texts[other]) >= threshold
        assert made.stand_in[other] == other


def test_a_chain_of_small_changes_joins_only_what_resembles_the_first() -> None:
    texts = [set(range(i, i + 20)) for i in range(60)]
    held = np.array([h for text in texts for h in sorted(text)], np.uint64)
    made = stand_ins(np.zeros((1, 60), np.int32), [0], None, Sets(held, np.arange(61) * 20, 0.8, [[0]]))
    assert np.unique(made.stand_in).tolist() == list(range(0, 60, 3))


def test_the_work_in_a_bucket_of_texts_that_are_not_alike_is_bounded() -> None:
    n = MOST_COMPARED + 50
    made = stand_ins(
        np.zeros((1, n), np.int32), [0], None, Sets(np.arange(n, dtype=np.uint64), np.arange(n + 1), 0.8, [[0]])
    )
    assert (made.capped, len(np.unique(made.stand_in))) == (49, n)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Nd"], exclude_characters='եԵ"״”“'), max_size=30))
def test_a_text_has_the_shingles_of_its_folded_form(text: str) -> None:
    folded = pl.select(folded_expr(pl.lit(text), pl.lit("deu_Latn"))).item()
    assert of(text, unit="characters") == of(folded, unit="characters")
