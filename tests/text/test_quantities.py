"""Amounts in running text."""

import re
from fractions import Fraction

import pytest
from babel import Locale, localedata
from babel.numbers import format_compact_decimal
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus import languages
from xlcorpus.text.quantities import canonical, han_number, plain_number, quantities, same_number


def values(text: str, lang: str = "eng_Latn") -> list[str]:
    return [canonical(q.value) for q in quantities(text, lang)]


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("eng_Latn", "-4, −5, -$6, x = -7", ["-4", "-5", "-6", "-7"]),
        ("eng_Latn", "16 - 3 and 16 -3, 5-3, (2)-1, 9% -1", ["16", "3", "16", "3", "5", "3", "2", "1", "9", "1"]),
        ("rus_Cyrl", "Ответ — 5, ответ – 6", ["5", "6"]),
        ("eng_Latn", "3/4, 3 / 4, 3⁄4, ¾, 1 3/4, 1¾", ["0.75", "0.75", "0.75", "0.75", "1.75", "1.75"]),
        ("eng_Latn", "3/10/2026, 5/0", ["3", "10", "2026", "5", "0"]),
        ("jpn_Jpan", "8万ドル、1億2,000万円、3万5千", ["80000", "120000000", "35000"]),
        ("hin_Deva", "2 लाख 50 हज़ार", ["250000"]),
        ("swh_Latn", "elfu 70 na milioni 2", ["70000", "2000000"]),
        ("spa_Latn", "2 mil millones de personas, 3 mil", ["2000000000", "3000"]),
        ("eng_Latn", "5 m, 5 MB, $70k, 70 K", ["5", "5", "70000", "70"]),
        ("eng_Latn", "MP3, A4, Rs500, EUR20, US$7", ["500", "20", "7"]),
        ("eng_Latn", "70 000 people in 2019", ["70000", "2019"]),
        ("eng_Latn", "2019 150", ["2019", "150"]),
        ("eng_Latn", "9" * 300, []),
        ("uzn_Cyrl", "12 минг", ["12000"]),
    ],
)
def test_signs_fractions_and_scales(lang: str, text: str, expected: list[str]) -> None:
    assert values(text, lang) == expected


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("eng_Latn", "50%"),
        ("deu_Latn", "50 Prozent"),
        ("tur_Latn", "%50"),
        ("tur_Latn", "yüzde 50"),
        ("arb_Arab", "٥٠٪"),
        ("zho_Hans", "百分之50"),
        ("vie_Latn", "50 phần trăm"),
        ("swh_Latn", "asilimia 50"),
    ],
)
def test_percentages(lang: str, text: str) -> None:
    [found] = quantities(text, lang)
    assert (found.value, found.percent) == (50, True)


def test_an_amount_says_where_it_stands() -> None:
    text = "Sie zahlt -1½ Mio. Euro"
    assert values(text, "deu_Latn") == ["-1500000"]
    text = "elfu 70, na -3 %"
    assert [text[q.start : q.end] for q in quantities(text, "swh_Latn")] == ["elfu 70", "-3 %"]


def test_compact_numbers_of_every_language_of_cldr() -> None:
    read = 0
    for name in localedata.locale_identifiers():
        locale = Locale.parse(name)
        # Babel writes the second half of Swahili's patterns ("elfu 0;elfu -0") behind the number.
        if locale.territory or locale.variant or name == "sw":
            continue
        for number in (2000, 12000, 2_000_000, 45_000_000):
            written = format_compact_decimal(number, locale=name, format_type="long", fraction_digits=1)
            if re.search(r"\d[A-Z]$", written):  # "2M", where CLDR has no word
                continue
            assert values(written, languages.parse(name.replace("_", "-"))) == [str(number)], (name, written)
            read += 1
    assert read > 400


def test_of_one_separator_both_readings_are_known() -> None:
    [german] = quantities("1,250", "deu_Latn")
    assert (german.value, german.other) == (Fraction(5, 4), 1250)
    [thousands] = quantities("70,000", "deu_Latn")
    assert (thousands.value, thousands.other) == (70000, 70)
    gold = quantities("1250", "eng_Latn")[0]
    assert same_number(german, gold)
    assert not same_number(quantities("1,25", "deu_Latn")[0], gold)


def test_percent_counts_where_one_of_both_has_it() -> None:
    half, fifty, percent = (quantities(text, "eng_Latn")[0] for text in ("0.5", "50", "50 %"))
    assert same_number(percent, half) and same_number(percent, fifty) and same_number(half, percent)
    assert not same_number(half, fifty)


def test_a_tolerance() -> None:
    found, gold = quantities("0.333", "eng_Latn")[0], quantities("1/3", "eng_Latn")[0]
    assert not same_number(found, gold)
    assert same_number(found, gold, Fraction(1, 1000))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十八", "18"),
        ("答案是三万五千。", "35000"),
        ("两千零五元", "2005"),
        ("二〇二六年", "2026"),
        ("一般", None),
        ("八", "8"),
        ("", None),
    ],
)
def test_numbers_in_chinese_characters(text: str, value: str | None) -> None:
    found = han_number(text)
    assert (None if found is None else canonical(found)) == value


@pytest.mark.parametrize(("text", "value"), [("1e-3", "0.001"), ("-0.50", "-0.5"), ("1,000", None), ("x", None)])
def test_numbers_as_programs_write_them(text: str, value: str | None) -> None:
    found = plain_number(text)
    assert (None if found is None else canonical(found)) == value


@given(st.fractions(max_denominator=10**6))
def test_the_one_form_of_a_number_is_read_back(value: Fraction) -> None:
    assert Fraction(canonical(value)) == value
    assert canonical(Fraction(canonical(value))) == canonical(value)
