"""Labels of options in many scripts."""

import pytest

from xlcorpus.text.option_letters import LETTERS, place_of


@pytest.mark.parametrize(
    ("lang", "labels"),
    [
        ("eng_Latn", ["A", "B", "C", "D"]),
        ("eng_Latn", ["(a)", "b)", "c.", "【D】"]),
        ("eng_Latn", ["①", "②", "③", "④"]),
        ("rus_Cyrl", ["А", "Б", "В", "Г"]),
        ("rus_Cyrl", ["а)", "б)", "в)", "г)"]),
        ("ell_Grek", ["Α", "Β", "Γ", "Δ"]),
        ("arb_Arab", ["أ", "ب", "ج", "د"]),
        ("pes_Arab", ["الف", "ب", "ج", "د"]),
        ("heb_Hebr", ["א", "ב", "ג", "ד"]),
        ("hin_Deva", ["क", "ख", "ग", "घ"]),
        ("hin_Deva", ["१", "२", "३", "४"]),
        ("hin_Deva", ["अ", "ब", "स", "द"]),
        ("mar_Deva", ["अ", "ब", "क", "ड"]),
        ("ben_Beng", ["ক", "খ", "গ", "ঘ"]),
        ("tha_Thai", ["ก", "ข", "ค", "ง"]),
        ("jpn_Jpan", ["ア", "イ", "ウ", "エ"]),
        ("jpn_Jpan", ["ｱ", "ｲ", "ｳ", "ｴ"]),
        ("kor_Hang", ["가", "나", "다", "라"]),
        ("kor_Hang", ["㉮", "㉯", "㉰", "㉱"]),
        ("zho_Hans", ["甲", "乙", "丙", "丁"]),
        ("zho_Hans", ["（Ａ）", "（Ｂ）", "（Ｃ）", "（Ｄ）"]),
        ("kat_Geor", ["ა", "ბ", "გ", "დ"]),
        ("hye_Armn", ["ա", "բ", "գ", "դ"]),
        ("amh_Ethi", ["ሀ", "ለ", "ሐ", "መ"]),
    ],
)
def test_labels_count_the_options(lang: str, labels: list[str]) -> None:
    assert [place_of(label, lang) for label in labels] == [0, 1, 2, 3]


@pytest.mark.parametrize("text", ["", "Paris", "AB", "0", "11", "(A) Paris", "क्या", "?"])
def test_what_is_no_label(text: str) -> None:
    assert place_of(text, "und") is None


def test_no_sequence_names_a_label_twice() -> None:
    for sequence in LETTERS:
        assert len(set(sequence)) == len(sequence), sequence
