import time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("amh_Ethi", ["ይህ መጽሐፍ ነው፡፡", "ጥሩ፡ነው፡፡"]),
        ("tir_Ethi", ["ሰላም።", "ጽቡቕ፡፡"]),
        ("khm_Khmr", ["ក។", "ខ។"]),
        ("khm_Khmr", ["ស្វាយ ចេក ។ល។", "ខ៕"]),
        ("ell_Grek", ["Τι είναι αυτό\u037e", "Είναι βιβλίο."]),
        ("jpn_Jpan", ["彼は「はい。」と言った。", "そうだ。"]),
        ("jpn_Jpan", ["『行こう！』って。", "「はい。そうです。」", "とても嬉しい。"]),
        ("kor_Hang", ['그는 "네."라고 말했다.', "좋다."]),
        ("rus_Cyrl", ["«Да!» — сказал он.", "Хорошо."]),
        ("zho_Hans", ["“好。”", "他说。"]),
        ("bod_Tibt", ["ཡིན། །", "ང"]),
        ("bod_Tibt", ["༄༅། །བོད་ཡིག་གོ། །", "ང་ཚོ།"]),
        ("ban_Bali", ["ᬅᬓ᭟", "ᬩᬮᬶ᭟"]),
        ("mvf_Mong", ["ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ ᠨᠣᠮ᠃", "ᠨᠣᠮ᠃"]),
    ],
)
def test_ends_of_all_scripts_and_quotations_inside_a_sentence(lang: str, expected: list[str]) -> None:
    close = "" if lang in ("khm_Khmr", "bod_Tibt", "jpn_Jpan", "zho_Hans") else " "

    assert sentences(close.join(expected), lang) == expected


@pytest.mark.parametrize("lang", ["eng_Latn", "jpn_Jpan", "bod_Tibt", "amh_Ethi", "und"])
@given(text=st.text(st.sampled_from('aBか中ང་ሰ.!?。」“”"»།፡።៕; \u037e\n\u202fᠤ😀'), max_size=40))
def test_sentences_hold_every_character_in_order(lang: str, text: str) -> None:
    assert "".join("".join(sentences(text, lang)).split()) == "".join(text.split())


def test_lines_are_sentences_unless_the_text_is_wrapped() -> None:
    text = "Ein Titel\n\nDer Satz geht\nhier weiter."

    assert sentences(text, "deu_Latn") == ["Ein Titel", "Der Satz geht", "hier weiter."]
    assert sentences(text, "deu_Latn", lines=False) == ["Ein Titel", "Der Satz geht hier weiter."]


def test_marks_that_end_nothing_take_no_time() -> None:
    assert sentences("། " * 100_000, "bod_Tibt") == [("། " * 100_000).strip()]


@pytest.mark.parametrize("text", ["", " \n\n ", "\t"])
def test_nothing_has_no_sentences(text: str) -> None:
    assert sentences(text, "eng_Latn") == []


def test_an_unknown_language_is_split_by_common_rules() -> None:
    assert sentences("Tiga mo lo. Na wela ki?", "und") == ["Tiga mo lo.", "Na wela ki?"]


def test_sentences_of_every_script_hold_every_character(script: str, texts_in_script: pl.Series) -> None:
    for text in texts_in_script:
        assert "".join("".join(sentences(text, f"und_{script}")).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("lang", "units"),
    [
        ("deu_Latn", ["Dr. Weiß kam um 10.30 Uhr.", "„Gut“, sagte er.", "Z. B. am 3. Mai.", "Wirklich?"]),
        ("jpn_Jpan", ["彼は「はい。」と言った。", "今日は晴れです。", "本当？"]),
        ("arb_Arab", ["ذهبت إلى السوق.", "هل اشتريت الخبز؟", "نعم!"]),
        ("hin_Deva", ["मैं बाज़ार गया।", "क्या आप आएँगे?"]),
        ("khm_Khmr", ["ខ្ញុំបានទិញនំប៉័ង។", "គាត់ក៏ទៅដែរ។"]),
    ],
)
def test_a_long_line_has_the_sentences_of_its_parts(lang: str, units: list[str]) -> None:
    many = units * (60_000 // sum(map(len, units)))

    assert sentences(" ".join(many), lang) == many


def test_a_sentence_may_be_longer_than_any_window() -> None:
    long = " ".join(["sehr"] * 9_000) + "."

    assert sentences(f"Das ist {long} Ja. Das war {long}", "deu_Latn") == [f"Das ist {long}", "Ja.", f"Das war {long}"]


@pytest.mark.parametrize("text", ["'''", "<!--", "a.b!c?", "!.?", "e.g.", "…"])
def test_marks_without_spaces_take_no_more_time_in_a_long_line(text: str) -> None:
    start = time.perf_counter()

    assert "".join(sentences(text * (400_000 // len(text)), "eng_Latn")).startswith(text)
    assert time.perf_counter() - start < 10


def test_a_long_text_wrapped_at_a_width_loses_nothing() -> None:
    text = "Der alte Hund\nschläft.\n\nEine Katze\nkommt. Sie\ngeht.\n \n\n" * 2_000

    found = sentences(text, "deu_Latn", lines=False)

    assert found == ["Der alte Hund schläft.", "Eine Katze kommt.", "Sie geht."] * 2_000
