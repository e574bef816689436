import unicodedata
from collections import Counter

import ftfy
import polars as pl
import pytest
from ftfy.badness import BADNESS_RE, MOJIBAKE_CATEGORIES, is_bad
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.text.damage import damaged_expr, rust_pattern
from xlcorpus.text.normalise import Layout, Repairs, normalise, normalised


@pytest.mark.parametrize(
    "text", ["Grüße aus München", "Привет, как дела?", "हिन्दी में लिखा है", "日本語の文章です", "ça va déjà"]
)
def test_mojibake_is_undone(text: str) -> None:
    assert normalise(text.encode().decode("latin-1")) == unicodedata.normalize("NFC", text)


def test_text_is_composed() -> None:
    assert normalise("cafe\u0301") == "café"


@pytest.mark.parametrize(
    "text",
    [
        "क्\u200dष",  # a half consonant
        "می\u200cخواهم",  # Persian: no joining here
        "ന്\u200d",  # Malayalam chillu at the end of a word
        "ක්\u200dරම",  # Sinhala rakaransaya
        "ស្រី\u200bស្រស់",  # Khmer word boundary
        "ខ្មែរ\u200b2026",  # the same before a number
        "2026\u200bឆ្នាំ",  # and behind one
        "PDF\u200cها",  # Persian plural of a foreign word
        "«PDF»\u200cها",
        "الملف \u2068report.pdf\u2069 جاهز",  # a name in the other direction
        "\u202bשלום\u202c C++\u200f",
        "ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ",  # the narrow space of a Mongolian suffix
        "2026\u202fᠣᠨ",
        "𞤀\u200c𞤁",  # Adlam letters apart
        "ⴰ\u200dⵣ",  # Tifinagh letters as one
        "👨\u200d👩\u200d👧",  # one family
        "„so“ ‚oder‘ «ainsi»",  # quotation marks of other languages
        "你好！ＡＢＣ",  # full width
    ],
)
def test_what_a_script_needs_stays(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\ufeffHallo", "Hallo"),
        ("Wort\u00adtrennung", "Worttrennung"),
        ("zero\u200bwidth", "zerowidth"),
        ("join\u200der", "joiner"),
        ("\u202aHallo\u202c \u200eWelt\u2069", "Hallo Welt"),
        ("bell\x07 and\x1b[31m red\x1b[0m", "bell and red"),
        ("non\u00a0breaking\u3000space", "non breaking space"),
        ("می\u200c\u200cخواهم", "می\u200cخواهم"),
        ("PDF\u200c\u200cها", "PDF\u200cها"),
        ("ខ្មែរ\u200b \u200b2026", "ខ្មែរ 2026"),
        ("10\u202f000 km", "10 000 km"),
        ("ᠮᠣᠩᠭᠣᠯ \u202fᠤᠨ", "ᠮᠣᠩᠭᠣᠯ ᠤᠨ"),
    ],
)
def test_junk_goes(text: str, clean: str) -> None:
    assert normalise(text) == clean


@pytest.mark.parametrize(
    ("layout", "clean"),
    [
        ("sentence", "Title First line. Second."),
        ("document", "Title\n\nFirst line.\nSecond."),
        ("keep", "  Title\n\n\n\nFirst  line. \n\tSecond."),
    ],
)
def test_white_space_by_layout(layout: Layout, clean: str) -> None:
    assert normalise("  Title\r\n\r\n\r\n\r\nFirst  line. \r\n\tSecond.\n", layout) == clean


def test_html_entities_stay_where_layout_is_kept() -> None:
    assert normalise("a &lt; b") == "a < b"
    assert normalise("a &lt; b", "keep") == "a &lt; b"


@pytest.mark.parametrize(
    ("repairs", "lang", "text", "clean"),
    [
        (Repairs(encoding=False), "deu_Latn", "GrÃ¼ÃŸe", "GrÃ¼ÃŸe"),
        (Repairs(entities=False), "deu_Latn", "a &lt; b", "a &lt; b"),
        (Repairs(composition=False), "fra_Latn", "cafe\u0301", "cafe\u0301"),
        (Repairs(invisible=False), "deu_Latn", "Donau\u00addampf", "Donau\u00addampf"),
        (Repairs(spaces=False), "deu_Latn", "a  b ", "a  b "),
        (Repairs(quotes=True), "deu_Latn", "„so“ ‚oder‘ «ainsi»", "\"so\" 'oder' «ainsi»"),
        (Repairs(width=True), "jpn_Jpan", "ＡＢＣ１２，ﾃﾞｰﾀ！", "ABC12，データ！"),
        (Repairs(arabic=True), "arb_Arab", "ﺳــﻼم كتابي ﷺ", "سلام كتابي ﷺ"),
        (Repairs(arabic=True), "fas_Arab", "كتابي", "کتابی"),
        (Repairs(arabic=True), "pus_Arab", "كتابي", "کتابي"),
        (Repairs(), "fas_Arab", "كتابي ﺳــﻼم", "كتابي ﺳــﻼم"),
        (Repairs(), "deu_Latn", "x² = 10² ﬁ ½ Ⅳ ①", "x² = 10² ﬁ ½ Ⅳ ①"),
        (Repairs(), "por_Latn", "SÃO PAULO, CORAÇÃO", "SÃO PAULO, CORAÇÃO"),
        (Repairs(), "vie_Latn", "ĂN UỐNG Ở HÀ NỘI: “NGON”", "ĂN UỐNG Ở HÀ NỘI: “NGON”"),
    ],
)
def test_every_repair_can_be_switched(repairs: Repairs, lang: str, text: str, clean: str) -> None:
    assert normalise(text, repairs=repairs, lang=lang) == clean


def test_the_repairs_that_changed_a_text_are_named() -> None:
    texts = pl.Series(["GrÃ¼ÃŸe  &amp; mehr", "cafe\u0301", "Wort\u00adtrennung\x07", "right", None])

    found = normalised(texts, pl.Series(["deu_Latn"] * 5))

    assert found["repairs"].to_list() == [["entities", "encoding", "spaces"], ["composition"], ["invisible"], [], []]
    assert found["text"].to_list() == ["Grüße & mehr", "café", "Worttrennung", "right", None]


ODD = "".join(MOJIBAKE_CATEGORIES.values()).replace("\\x", "") + "ÃÂ°œŒàа́еВГРСĀā€βΒΓ \n\x85\x9d&amp;#233;éaZ1"


@settings(max_examples=400)
@given(st.text(st.sampled_from(ODD), max_size=8) | st.text(max_size=8))
def test_what_is_not_damaged_is_what_ftfy_leaves_alone(text: str) -> None:
    config = ftfy.TextFixerConfig(fix_latin_ligatures=False, fix_character_width=False, uncurl_quotes=False)
    damaged = pl.select(damaged_expr(pl.lit(text))).item()

    assert damaged or ftfy.fix_text(text, config) == text


def test_proving_a_text_sound_is_no_guess_about_ftfys_pattern() -> None:
    assert pl.select(pl.lit("GrÃ¼ÃŸe").str.contains(rust_pattern(BADNESS_RE.pattern))).item()
    for text in ("“Grüße”, dit-il", "Ça coûte 5 €", "Ελλάδα °C", "Ñandú", "Ørsted"):
        assert pl.select(damaged_expr(pl.lit(text))).item() == is_bad(text)


ANY = st.text() | st.text(st.sampled_from("aع१កᠤ😀 \n\u200b\u200c\u200d\u202f\u00a0"))


@given(ANY, st.sampled_from(["sentence", "document", "keep"]))
def test_the_result_is_a_fixed_point_in_nfc(text: str, layout: Layout) -> None:
    clean = normalise(text, layout)

    assert normalise(clean, layout) == clean
    assert unicodedata.is_normalized("NFC", clean)


@pytest.mark.parametrize("layout", ["sentence", "document", "keep"])
def test_what_a_script_needs_stays_in_every_layout(layout: Layout) -> None:
    text = "ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ PDF\u200cها ខ្មែរ\u200b2026"

    assert normalise(text, layout) == text


@given(st.text(st.characters(categories=["L", "M"], min_codepoint=0x0370, max_codepoint=0x1FFF), max_size=20))
def test_letters_and_marks_of_other_scripts_are_never_dropped(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)

    assert len(normalise(text)) >= len(composed)


def test_letters_marks_and_digits_of_every_script_stay(texts_in_script: pl.Series) -> None:
    def held(text: str) -> Counter[str]:
        return Counter(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c)[0] in "LMN")

    for text in texts_in_script:
        assert held(normalise(text)) == held(text)
