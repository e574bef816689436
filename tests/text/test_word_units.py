import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.text.word_units import word_units, word_units_expr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop, l'homme!", ["Don't", "stop", "l'homme"]),
        ("3,5 km for 1,000.50 kr.", ["3,5", "km", "for", "1,000.50", "kr"]),
        ("м'ята і צה״ל", ["м'ята", "і", "צה״ל"]),
        ("हिन्दी में क्या है?", ["हिन्दी", "में", "क्या", "है"]),
        ("می‌خواهم بروم", ["می‌خواهم", "بروم"]),
        ("한국어는 재미있다.", ["한국어는", "재미있다"]),
        ("cafe\u0301 naïve", ["cafe\u0301", "naïve"]),
        ("བོད་སྐད་ཡིག", ["བོད", "སྐད", "ཡིག"]),
        ("... —!", []),
        ("", []),
    ],
)
def test_words_between_spaces(text: str, expected: list[str]) -> None:
    assert word_units(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我喜欢 Facebook，2024年", ["我", "喜", "欢", "Facebook", "2024", "年"]),
        ("コーヒーを飲む", ["コーヒー", "を", "飲", "む"]),
        ("เขาไปเรียน ๑๒", ["เขา", "ไป", "เรี", "ย", "น", "๑๒"]),
        ("ຂ້ອຍຮັກ", ["ຂ້", "ອ", "ຍ", "ຮັ", "ກ"]),
        ("ខ្ញុំស្រឡាញ់", ["ខ្ញុំ", "ស្រ", "ឡា", "ញ់"]),
        ("ကောင်းသည်။", ["ကောင်း", "သည်"]),
    ],
)
def test_scripts_without_spaces_give_their_smallest_units(text: str, expected: list[str]) -> None:
    assert word_units(text) == expected


@given(st.text())
def test_words_stand_in_the_text_in_order(text: str) -> None:
    at = 0
    for word in word_units(text):
        assert word in text[at:]
        at = text.index(word, at) + len(word)


def test_the_expression_gives_the_same_lists() -> None:
    frame = pl.DataFrame({"text": ["ein Wort", None, "两个字"]})

    found = frame.select(word_units_expr(pl.col("text"))).to_series()

    assert found.to_list() == [["ein", "Wort"], None, ["两", "个", "字"]]
