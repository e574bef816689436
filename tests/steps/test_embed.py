"""Vectors of sentences and what the encoder is shown."""

import unicodedata

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from xlcorpus.step import RowEnv
from xlcorpus.steps import Embed


def vectors(step: Embed, *texts: str, lang: str = "tur_Latn") -> pl.DataFrame:
    return step(pl.DataFrame({"text": texts, "lang": [lang] * len(texts)}))


def test_a_heading_in_capitals_gets_the_vector_of_its_small_letters_and_keeps_its_text() -> None:
    made = vectors(Embed(), "IŞIKLAR SÖNDÜ, KAPI DIŞARI AÇILIR", "ışıklar söndü, kapı dışarı açılır")
    one, two = made["embedding"].to_numpy()
    assert made["text"][0] == "IŞIKLAR SÖNDÜ, KAPI DIŞARI AÇILIR"
    assert np.array_equal(one, two)


def test_decomposed_letters_get_the_same_vector() -> None:
    text = "Tôi rất thích phở và bún chả."
    one, two = vectors(Embed(), text, unicodedata.normalize("NFD", text), lang="vie_Latn")["embedding"].to_numpy()
    assert np.array_equal(one, two)


class Reads:
    """An encoder that remembers what it was shown."""

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        self.texts = texts
        return np.ones((len(texts), 1), dtype=np.float32)


@pytest.mark.parametrize(("fold", "shown"), [(True, "neue brücke eröffnet"), (False, "NEUE BRÜCKE ERÖFFNET")])
def test_folding_can_be_turned_off(fold: bool, shown: str) -> None:
    env = RowEnv(kind="sentence", loaded=Reads())
    rows = pl.DataFrame({"text": ["NEUE BRÜCKE ERÖFFNET"], "lang": ["deu_Latn"]})
    assert Embed(fold_capitals=fold).apply(rows, env)["text"].item() == "NEUE BRÜCKE ERÖFFNET"
    assert env.loaded.texts == [shown]
