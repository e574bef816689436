"""Keys of texts in which case, punctuation, spaces and what is invisible do not count."""

import unicodedata
from itertools import product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.text.fold import folded_expr
from xlcorpus.text.scripts import UNICODE_SCRIPTS, letters_of

LANGUAGES = ("deu_Latn", "tur_Latn", "ell_Grek", "hye_Armn", "uzn_Latn", "arb_Arab")


def keys(texts: list[str], lang: str) -> list[str]:
    frame = pl.DataFrame({"text": texts, "lang": lang}, schema={"text": pl.String, "lang": pl.String})
    return frame.select(folded_expr(pl.col("text"), pl.col("lang"))).to_series().to_list()


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        ("tur_Latn", ["İSTANBUL", "istanbul", "I\u0307STANBUL", "i\u0307stanbul"]),
        ("tur_Latn", ["ISPARTA", "ısparta"]),
        ("azj_Latn", ["QIŞ İŞIĞI", "qış işığı"]),
        ("kaa_Latn", ["ÍSSÍ ILIM", "ıssı ilim"]),
        ("tat_Cyrl", ["WINDOWS", "windows"]),
        ("lit_Latn", ["i\u0307\u0301šėjo", "íšėjo", "ÍŠĖJO"]),
        ("deu_Latn", ["straße", "STRASSE", "STRAẞE"]),
        ("hye_Armn", ["ՀԱՅ ԵՎ", "հայ և", "Հայ եւ"]),
        ("ell_Grek", ["ΟΔΟΣ", "οδος", "οδοσ"]),
        ("kat_Geor", ["ᲐᲮᲐᲚᲘ", "ახალი"]),
        ("chr_Cher", ["ᏣᎳᎩ", "ꮳꮃꭹ"]),
        ("uzn_Latn", ["oʻzbek togʻ", "o‘zbek tog‘", "O’ZBEK TOG’", "o'zbek tog'", "o`zbek tog`"]),
        ("ukr_Cyrl", ["м'ята", "м’ята", "мʼята"]),
        ("fra_Latn", ["qu'il d'a b", "QU’IL D’A  B!"]),
        ("heb_Hebr", ['צה"ל', "צה״ל", "צה”ל"]),
        ("deu_Latn", ["Donaudampf", "Donau\u00addampf", "Donau\u2060dampf", "Donau\u200bdampf", "\ufeffDonaudampf"]),
        ("khm_Khmr", ["ខ្មែរ\u200bល្អ", "ខ្មែរល្អ"]),
        ("pes_Arab", ["می\u200cخواهم", "میخواهم"]),
        ("sin_Sinh", ["ශ්\u200dරී", "ශ්රී"]),
        ("arb_Arab", ["مـــدرسة", "مدرسة"]),
        ("eng_Latn", ["I ❤️ it", "I ❤ it"]),
        ("vie_Latn", ["phở", unicodedata.normalize("NFD", "PHỞ")]),
        ("eng_Latn", ["“Guten  Tag”, he said", "guten tag he said"]),
    ],
)
def test_one_key(lang: str, texts: list[str]) -> None:
    assert len(set(keys(texts, lang))) == 1


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        ("eng_Latn", ["ISPARTA", "ısparta"]),
        ("tur_Latn", ["ılık", "ilik"]),
        ("uzn_Latn", ["tog", "togʻ", "ton"]),
        ("hin_Deva", ["कि", "की", "का", "क"]),
        ("arb_Arab", ["كتب", "كَتَبَ", "كُتُب"]),
        ("tha_Thai", ["มา", "ม้า", "หมา", "ม่า"]),
        ("yor_Latn", ["ọkọ̀", "ọkọ́", "oko", "ọkọ"]),
        ("vie_Latn", ["ma", "má", "mà", "mả", "mã", "mạ"]),
        ("jpn_Jpan", ["かき", "かぎ"]),
        ("rus_Cyrl", ["мой", "мои"]),
        ("eng_Latn", [":-)", ":-(", "10²", "102"]),
    ],
)
def test_another_word_has_another_key(lang: str, texts: list[str]) -> None:
    assert len(set(keys(texts, lang))) == len(texts)


ASSIGNED = pl.Series([c for c in map(chr, range(0x110000)) if unicodedata.category(c)[0] in "LM"])
EVERY_MARK = ASSIGNED.filter(ASSIGNED.str.contains(r"^\p{M}$") & ~ASSIGNED.str.contains(r"\p{DI}"))
"""Without those that only select a glyph."""


@pytest.mark.parametrize("script", sorted(UNICODE_SCRIPTS))
def test_marks_count_in_every_script(script: str) -> None:
    letter = letters_of(script)
    first = ASSIGNED.filter(ASSIGNED.str.contains(rf"^[\p{{Lo}}\p{{Ll}}&&{letter}]$"))[0]
    marks = EVERY_MARK.filter(EVERY_MARK.str.contains(f"^{letter}$")).to_list()
    words = sorted({unicodedata.normalize("NFC", first + mark + first) for mark in ["", *marks, *"\u0300\u0301\u0323"]})

    assert len(set(keys(words, f"und_{script}"))) == len(words)


@given(st.text(), st.sampled_from(LANGUAGES))
def test_a_key_is_its_own_key(text: str, lang: str) -> None:
    key = keys([text], lang)

    assert keys(key, lang) == key


@given(st.text(alphabet="abcioğıßöéοςвй' -", max_size=12), st.sampled_from(LANGUAGES))
def test_capitals_have_the_key_of_small_letters(text: str, lang: str) -> None:
    turkic = lang == "tur_Latn"
    loud = (text.replace("i", "İ") if turkic else text.replace("ı", "i")).upper()
    quiet = text if turkic else text.replace("ı", "i")

    assert keys([loud], lang) == keys([quiet], lang)


def test_the_key_follows_the_language_of_the_row() -> None:
    pairs = list(product(["IRMAK", "ırmak"], ["tur_Latn", "eng_Latn"]))
    frame = pl.DataFrame(pairs, schema=["text", "lang"], orient="row")

    assert frame.select(folded_expr(pl.col("text"), pl.col("lang"))).to_series().to_list() == [
        "ırmak",
        "irmak",
        "ırmak",
        "ırmak",
    ]
