"""Words by the rules of Unicode and the dictionaries of ICU, in every script."""

import os
import subprocess
import sys
import unicodedata
from importlib.metadata import version
from itertools import pairwise

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.text.words import segmenter, word_lists, word_spans, words

OF_SCRIPT = {"Thai": "tha_Thai", "Laoo": "lao_Laoo", "Khmr": "khm_Khmr", "Mymr": "mya_Mymr", "Hans": "zho_Hans"}


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("Don't stop, l'homme!", "eng_Latn", ["Don't", "stop", "l'homme"]),
        ("3,5 km for 1,000.50 kr.", "dan_Latn", ["3,5", "km", "for", "1,000.50", "kr"]),
        ("Ինչպե՞ս ես", "hye_Armn", ["Ինչպե՞ս", "ես"]),
        ("O‘zbek tili", "uzn_Latn", ["O‘zbek", "tili"]),
        ("oʻzbek", "uzn_Latn", ["oʻzbek"]),
        ("una col·lecció", "cat_Latn", ["una", "col·lecció"]),
        ("ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ", "mvf_Mong", ["ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ"]),
        ("м'ята і צה״ל", "ukr_Cyrl", ["м'ята", "і", "צה״ל"]),
        ("हिन्दी में क्या है?", "hin_Deva", ["हिन्दी", "में", "क्या", "है"]),
        ("می‌خواهم بروم", "pes_Arab", ["می‌خواهم", "بروم"]),
        ("Donau\u00addampf", "deu_Latn", ["Donau\u00addampf"]),
        ("cafe\u0301 naïve", "fra_Latn", ["cafe\u0301", "naïve"]),
        ("ΙΣΤΟΡΙΑ τοῦ", "grc_Grek", ["ΙΣΤΟΡΙΑ", "τοῦ"]),
        ("ሰላም፡ልዑል።", "amh_Ethi", ["ሰላም", "ልዑል"]),
        ("བོད་སྐད་ཡིག", "bod_Tibt", ["བོད", "སྐད", "ཡིག"]),
        ("👍🏽 ... —!", "eng_Latn", []),
        ("", "und", []),
    ],
)
def test_words_between_spaces(text: str, lang: str, expected: list[str]) -> None:
    assert words(text, lang) == expected


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("我喜欢 Facebook，2024年", "zho_Hans", ["我", "喜欢", "Facebook", "2024", "年"]),
        ("コーヒーを飲む", "jpn_Jpan", ["コーヒー", "を", "飲む"]),
        ("เขาไปเรียน ๑๒", "tha_Thai", ["เขา", "ไป", "เรียน", "๑๒"]),
        ("ຂ້ອຍຮັກເຈົ້າ", "lao_Laoo", ["ຂ້ອຍ", "ຮັກ", "ເຈົ້າ"]),
        ("ខ្ញុំស្រឡាញ់", "khm_Khmr", ["ខ្ញុំ", "ស្រឡាញ់"]),
        ("ကောင်းသည်။", "mya_Mymr", ["ကောင်း", "သည်"]),
    ],
)
def test_dictionaries_cut_where_there_is_no_space(text: str, lang: str, expected: list[str]) -> None:
    assert words(text, lang) == expected


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("ꦲꦏ꧀ꦱꦫ", "jav_Java", ["ꦲ", "ꦏ꧀", "ꦱ", "ꦫ"]),
        ("ᬅᬓ᭄ᬱᬭ, ᬩᬮᬶ", "ban_Bali", ["ᬅ", "ᬓ᭄", "ᬱ", "ᬭ", "ᬩ", "ᬮᬶ"]),
        ("ᨠᩣᩴᨾᩮᩬᩥᨦ", "nod_Lana", ["ᨠᩣᩴ", "ᨾᩮᩬᩥ", "ᨦ"]),
        ("ꆈꌠꁱꂷ", "iii_Yiii", ["ꆈ", "ꌠ", "ꁱ", "ꂷ"]),
        ("မႂ်ႇသုင်ၶႃႈ ႁၼ်", "shn_Mymr", ["မႂ်ႇ", "သုင်", "ၶႃႈ", "ႁၼ်"]),
    ],
)
def test_scripts_without_dictionary_give_clusters(text: str, lang: str, expected: list[str]) -> None:
    assert words(text, lang) == expected


def test_places_are_characters_as_python_counts_them() -> None:
    text = "😀 𐐀𐐨 中国 𝔘"

    spans = word_spans(pl.Series([text]), "zho_Hans")

    places = zip(spans.start.tolist(), spans.end.tolist(), strict=True)
    assert [text[start:end] for start, end in places] == ["𐐀𐐨", "中国", "𝔘"]


def test_many_texts_in_many_languages_at_once() -> None:
    texts = pl.Series("text", ["ein Wort", None, "เขาไป", "", "ꦲꦏ", "noch eins"])
    langs = pl.Series(["deu_Latn", "deu_Latn", "tha_Thai", "zho_Hans", "jav_Java", "deu_Latn"])

    found = word_lists(texts, langs)

    assert found.to_list() == [["ein", "Wort"], [], ["เขา", "ไป"], [], ["ꦲ", "ꦏ"], ["noch", "eins"]]
    assert found.name == "text"
    assert word_spans(texts, langs).counts.tolist() == [2, 0, 2, 0, 2, 2]


@pytest.mark.parametrize("texts", [[], [None], ["", "..."]])
def test_texts_without_words(texts: list[str | None]) -> None:
    column = pl.Series(texts, dtype=pl.String)

    assert word_lists(column, "deu_Latn").to_list() == [[] for _ in texts]
    assert word_spans(column, "deu_Latn").bounds.tolist() == [0] * (len(texts) + 1)


def test_no_language_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match="no language 'xx'"):
        words("ein Wort", "xx")


def test_the_segmenter_is_named_with_the_version_of_its_data() -> None:
    assert segmenter().startswith(f"icu4py {version('icu4py')}, ICU 7")


def test_the_language_of_the_process_does_not_matter() -> None:
    code = "from xlcorpus.text.words import words; print(ascii(words('a:b c.d 1:2 ไปเรียน', 'und')))"
    found = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"LC_ALL": locale},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for locale in ("C", "sv_SE.UTF-8", "ja_JP.UTF-8")
    ]

    assert len(set(found)) == 1


def test_ten_million_characters_without_a_space_are_cut() -> None:
    text = "เขาไปเรียน" * 1_000_000

    assert word_spans(pl.Series([text]), "tha_Thai").counts.tolist() == [3_000_000]


def test_words_hold_every_letter_once_and_keep_its_marks(script: str, texts_in_script: pl.Series) -> None:
    spans = word_spans(texts_in_script, OF_SCRIPT.get(script, "und"))
    for text, first, last in zip(texts_in_script, spans.bounds[:-1], spans.bounds[1:], strict=True):
        starts, ends = spans.start[first:last].tolist(), spans.end[first:last].tolist()
        places = [at for start, end in zip(starts, ends, strict=True) for at in range(start, end)]
        category = [unicodedata.category(c)[0] for c in text]
        marked = {at for at, pair in enumerate(pairwise(category), 1) if pair in {("L", "M"), ("N", "M")}}

        assert places == sorted(set(places))
        assert {at for at, kind in enumerate(category) if kind in "LN"} <= set(places), text
        assert marked <= set(places) - set(starts), text


def test_words_do_not_depend_on_the_texts_beside(script: str, texts_in_script: pl.Series) -> None:
    lang = OF_SCRIPT.get(script, "und")
    texts = texts_in_script[:50]

    assert word_lists(texts, lang).to_list() == [words(text, lang) for text in texts]
