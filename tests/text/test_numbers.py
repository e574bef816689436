"""Numbers of texts in the digits and with the separators of every language."""

import sys
import unicodedata
from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import example, given
from hypothesis import strategies as st

from xlcorpus import languages
from xlcorpus.text.numbers import numbers, numbers_kept

ZEROS = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.decimal(c, None) == 0]
"""The zero of each set of decimal digits."""


def values(text: str, lang: str) -> list[Decimal]:
    return [number.value for number in numbers(text, lang)]


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("eng_Latn", "1,234,567.89 and 1,234 and 1.234", ["1234567.89", "1234", "1.234"]),
        ("deu_Latn", "1.234.567,89 und 1,234 und 1.234", ["1234567.89", "1.234", "1234"]),
        ("fra_Latn", "1\u202f234\u202f567,89 et 10 000", ["1234567.89", "10000"]),
        ("rus_Cyrl", "12\u00a0345,6 и 300 000", ["12345.6", "300000"]),
        ("eng_Latn", "10 000", ["10", "000"]),
        ("hin_Deva", "१२,३४,५६७.८", ["1234567.8"]),
        ("arb_Arab", "١٬٢٣٤٫٥ و ١،٢٣٤", ["1234.5", "1234"]),
        ("pes_Arab", "۱۲٬۳۴۵٫۶", ["12345.6"]),
        ("gsw_Latn", "1’234’567.50 und 1'234", ["1234567.50", "1234"]),
        ("mya_Mymr", "၁၂၃", ["123"]),
        ("jpn_Jpan", "１，２３４．５円、1，234", ["1234.5", "1", "234"]),
        ("tlh_Latn", "1,234.5", ["1234.5"]),
        ("und", "1,234.5", ["1234.5"]),
    ],
)
def test_separators_are_those_of_the_language(lang: str, text: str, expected: list[str]) -> None:
    assert values(text, lang) == [Decimal(number) for number in expected]


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("deu_Latn", "1,234.56", ["1234.56"]),
        ("eng_Latn", "1.234,56", ["1234.56"]),
        ("deu_Latn", "3.5 und 0.125", ["3.5", "0.125"]),
        ("eng_Latn", "3,5", ["3.5"]),
        ("spa_Latn", "1,234,567", ["1234567"]),
    ],
)
def test_what_makes_no_sense_one_way_is_read_the_other(lang: str, text: str, expected: list[str]) -> None:
    assert values(text, lang) == [Decimal(number) for number in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("am 3.10.2026 um 10:30", [3, 10, 2026, 10, 30]),
        ("Version 1.2.3", [1, 2, 3]),
        ("1,2,3", [1, 2, 3]),
        ("A4, MP3.", [4, 3]),
        ("keine", []),
        ("", []),
    ],
)
def test_what_is_no_one_number_is_several(text: str, expected: list[int]) -> None:
    assert values(text, "deu_Latn") == [Decimal(number) for number in expected]


def test_a_number_says_where_it_stands() -> None:
    text = "😀 1.000,5 am 3.10."

    assert [text[n.start : n.end] for n in numbers(text, "deu_Latn")] == ["1.000,5", "3.10"]


@pytest.mark.parametrize("zero", ZEROS)
def test_digits_of_every_script(zero: str) -> None:
    number = "".join(chr(ord(zero) + digit) for digit in (2, 0, 2, 6))

    assert values(f"a {number} b", "eng_Latn") == [2026]


@pytest.mark.parametrize("lang", ["de", "en", "fr", "ru", "pt", "hi", "bn", "ar", "fa", "sw", "cs", "fi", "zu", "nqo"])
@given(st.decimals(min_value=0, max_value=10**12, places=3))
@example(Decimal("1234.5"))
@example(Decimal("1234567"))
def test_what_a_locale_writes_is_read(lang: str, value: Decimal) -> None:
    assert values(format_decimal(value, locale=lang), languages.parse(lang)) == [value]


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [
        ("no number", "keine Zahl", 1.0),
        ("2 of 3", "2 von 3", 1.0),
        ("2 of 3", "2 von 4", 1 / 3),
        ("7", "", 0.0),
        ("7", "7 7", 0.5),
        ("1,000.5 km", "1.000,50 km", 1.0),
        ("1,234 in `f(1.5)`", "1,234 in `f(1.5)`", 1.0),
        ("10.5", "105", 0.0),
        ("5/12/2024", "12.5.2024", 1.0),
    ],
)
def test_numbers_kept(before: str, after: str, share: float) -> None:
    assert numbers_kept(before, after, "eng_Latn", "deu_Latn") == pytest.approx(share)


def test_numbers_are_kept_in_other_digits() -> None:
    assert numbers_kept("1,234,567 people in 2026", "२०२६ में १२,३४,५६७ लोग", "eng_Latn", "hin_Deva") == 1.0
    assert numbers_kept("10,000 people", "ล ๑๐,๐๐๐ คน", "eng_Latn", "tha_Thai") == 1.0
