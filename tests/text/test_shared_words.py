"""Texts of a chain of steps are cut into words once."""

import polars as pl
import pytest

from xlcorpus.steps.clean.normalise import Normalise
from xlcorpus.steps.filter.quality import Quality
from xlcorpus.text import shared_words
from xlcorpus.text.shared_words import shared_word_spans
from xlcorpus.text.words import word_spans


@pytest.fixture
def cuts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the batches that were cut."""
    sizes: list[int] = []

    def counted(texts: pl.Series, langs: pl.Series) -> object:
        sizes.append(len(texts))
        return word_spans(texts, langs)

    monkeypatch.setattr(shared_words, "word_spans", counted)
    shared_words._seen().clear()
    return sizes


def documents(*texts: str) -> pl.DataFrame:
    return pl.DataFrame({"text": texts, "lang": ["deu_Latn"] * len(texts)})


def test_a_second_step_cuts_nothing_again_though_rows_are_gone(cuts: list[int]) -> None:
    rows = documents("Der erste Satz ist gut.", "*** +++ ###", "Der zweite Satz ist auch gut.")

    kept = Quality(max_digits=1)(Quality()(rows, kind="document"), kind="document")

    assert kept.height == 2
    assert cuts == [3]


def test_rows_of_several_batches_come_together_in_one(cuts: list[int]) -> None:
    texts = pl.Series([f"Satz Nummer {n} ist da." for n in range(30)])
    langs = pl.Series(["deu_Latn"] * 30)
    for first in (0, 10, 20):
        shared_word_spans(texts[first : first + 10], langs[first : first + 10])
    rows = [25, 3, 14, 15, 29]

    found = shared_word_spans(texts[rows], langs[rows])
    with_a_new_one = shared_word_spans(pl.concat([texts[rows], pl.Series(["ganz neu"])]), langs[:6])

    assert cuts == [10, 10, 10, 1]
    assert found.start.tolist() == word_spans(texts[rows], langs[rows]).start.tolist()
    assert with_a_new_one.counts.tolist() == [5, 5, 5, 5, 5, 2]


def test_a_text_that_a_step_changed_is_cut_anew(cuts: list[int]) -> None:
    first = Quality(max_broken=1)(documents("Das Haus hat einen groÃŸen Garten."), kind="document")
    changed = Normalise()(first, kind="document")

    again = Quality()(changed, kind="document")

    assert cuts == [1, 1]
    assert again["text"].to_list() == ["Das Haus hat einen großen Garten."]
    assert again["quality_word_length"][0] < first["quality_word_length"][0]


def test_the_same_text_in_another_language_is_another(cuts: list[int]) -> None:
    texts = pl.Series(["我喜欢喝茶", "我喜欢喝茶"])

    shared_word_spans(texts, pl.Series(["zho_Hans", "jpn_Jpan"]))
    shared_word_spans(texts, pl.Series(["zho_Hans", "zho_Hans"]))

    assert cuts == [2]  # the Chinese row is among them
    shared_word_spans(texts, pl.Series(["yue_Hant", "zho_Hans"]))
    assert cuts == [2, 1]


@pytest.mark.parametrize("rows", [[2, 0], [1], [], [0, 0, 2]])
def test_spans_of_some_rows_are_those_of_cutting_them(cuts: list[int], rows: list[int]) -> None:
    texts = pl.Series(["ein zwei drei", "", "ไปตลาด kaufen"], dtype=pl.String)
    langs = pl.Series(["deu_Latn", "deu_Latn", "tha_Thai"])
    shared_word_spans(texts, langs)

    found = shared_word_spans(texts[rows], langs[rows])

    expected = word_spans(texts[rows], langs[rows])
    assert cuts == [3] or rows == []
    for name in ("bounds", "start", "end"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()
