import pytest

from xlcorpus.text.segment import sentences


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("deu_Latn", ["Dr. Meier kommt z.B. am Montag.", "Wer noch?"]),
        ("hin_Deva", ["यह किताब है।", "वह कलम है।"]),
        ("urd_Arab", ["یہ کتاب ہے۔", "یہ اچھی ہے۔"]),
        ("amh_Ethi", ["ይህ መጽሐፍ ነው።", "ጥሩ ነው።"]),
        ("hye_Armn", ["Սա գիրք է։", "Այն լավն է։"]),
        ("mya_Mymr", ["ဒါက စာအုပ်ပါ။", "ကောင်းတယ်။"]),
        ("khm_Khmr", ["នេះជាសៀវភៅ។", "វាល្អណាស់។"]),
        ("bod_Tibt", ["འདི་དེབ་ཡིན།", "འདི་ཡག་པོ་ཡིན།"]),
        ("ell_Grek", ["Τι είναι αυτό;", "Είναι βιβλίο."]),
    ],
)
def test_sentences_end_where_the_language_ends_them(lang: str, expected: list[str]) -> None:
    assert sentences(" ".join(expected), lang) == expected


def test_chinese_needs_no_space_between() -> None:
    assert sentences("你好。再见！", "zho_Hans") == ["你好。", "再见！"]


def test_lines_are_sentences_unless_the_text_is_wrapped() -> None:
    text = "Ein Titel\n\nDer Satz geht\nhier weiter."

    assert sentences(text, "deu_Latn") == ["Ein Titel", "Der Satz geht", "hier weiter."]
    assert sentences(text, "deu_Latn", lines=False) == ["Ein Titel", "Der Satz geht hier weiter."]


@pytest.mark.parametrize("text", ["", " \n\n ", "\t"])
def test_nothing_has_no_sentences(text: str) -> None:
    assert sentences(text, "eng_Latn") == []


def test_an_unknown_language_is_split_by_common_rules() -> None:
    assert sentences("Tiga mo lo. Na wela ki?", "und") == ["Tiga mo lo.", "Na wela ki?"]
