"""Loanwords are found in any case, by the letters of the language that has borrowed them."""

import polars as pl
import pytest

from xlcorpus.text.language_spans.loanwords import without_loanwords
from xlcorpus.text.language_spans.word_places import word_places


@pytest.mark.parametrize(
    ("lang", "word", "text", "left"),
    [
        ("deu_Latn", "Meeting", "Das MEETING war gut", "Das         war gut"),
        ("tur_Latn", "internet", "İNTERNET yavaş", "         yavaş"),
        ("tur_Latn", "Ispanak", "ıspanak ISPANAK ispanak", "                ispanak"),
        ("ell_Grek", "ΤΡΑΝΣ", "το τρανς ΤΡΑΝΣ", "το            "),
    ],
)
def test_a_borrowed_word_is_blank(lang: str, word: str, text: str, left: str) -> None:
    assert without_loanwords([text], [lang], word_places(pl.Series([text])), {lang: [word]}) == [left]
