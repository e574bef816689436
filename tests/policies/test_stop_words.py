"""Stop words from reference text."""

import polars as pl

from xlcorpus.policies.stop_words import MOST, stop_words


def test_words_that_most_texts_have_come_first_whatever_their_case() -> None:
    texts = ["Der Hund und die Katze", "der Vogel und der Fisch", "Und die Maus", "die Ente", "DER Esel, die Kuh und"]

    assert stop_words(pl.Series(texts), "deu_Latn")[:3] == ["die", "und", "der"]


def test_words_of_every_script_with_their_marks_are_found() -> None:
    texts = ["कुत्ता घर में है", "बिल्ली बाग में है", "लड़का गाँव में है"]

    assert {*stop_words(pl.Series(texts), "hin_Deva")[:2]} == {"में", "है"}


def test_numbers_are_no_stop_words_and_apostrophes_belong_to_words() -> None:
    found = stop_words(pl.Series(["don't 2026 x1", "don't 2026 x1"]), "eng_Latn")

    assert found == ["don't"]


def test_there_are_no_more_than_so_many() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = " ".join(a + b for a in letters[:10] for b in letters[:10])

    assert len(stop_words(pl.Series([words] * 3), "eng_Latn")) == MOST
