import re
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.text import quality
from xlcorpus.text.boilerplate import PHRASES
from xlcorpus.text.scripts import UNICODE_SCRIPTS


def measure(expr: pl.Expr, text: str) -> float | None:
    value: float | None = pl.DataFrame({"text": [text]}).select(expr).item()
    return value


TEXT = pl.col("text")


@pytest.mark.parametrize(("text", "length"), [("abc", 3), ("हिन्दी", 6), ("你好", 6), ("こん", 4), ("한국", 4), ("", 0)])
def test_length_counts_dense_scripts_for_more(text: str, length: int) -> None:
    assert measure(quality.length(TEXT), text) == length


def test_length_ratio_is_symmetric_and_lenient_to_short_texts() -> None:
    pair = pl.DataFrame({"a": ["Hi", "a" * 85], "b": ["Guten Morgen!", "b" * 385]})

    forward = pair.select(quality.length_ratio(pl.col("a"), pl.col("b"))).to_series()
    backward = pair.select(quality.length_ratio(pl.col("b"), pl.col("a"))).to_series()

    assert forward.to_list() == backward.to_list() == [28 / 17, 4.0]


@pytest.mark.parametrize(
    ("text", "share"),
    [("हिन्दी है", 1.0), ("a!", 0.5), ("»«", 0.0), ("٣٤", 1.0), ("می‌خواهم", 1.0), (" ", None)],
)
def test_letters_are_letters_marks_and_digits(text: str, share: float | None) -> None:
    assert measure(quality.letter_share(TEXT), text) == share


@pytest.mark.parametrize(("text", "share"), [("abc", 0.0), ("a1", 0.5), ("٣٤", 1.0), ("!?", None)])
def test_digits_of_every_script(text: str, share: float | None) -> None:
    assert measure(quality.digit_share(TEXT), text) == share


@pytest.mark.parametrize(
    "text",
    [
        "buy now buy now buy now",
        "no no no no",
        "aaaaaaaaaa",
        "हाँ हाँ हाँ हाँ",
        "买吧买吧买吧买吧",
        "-----------------",
    ],
)
def test_repetition_is_found_in_words_and_characters(text: str) -> None:
    repetition = measure(quality.repetition(TEXT), text)

    assert repetition is not None
    assert repetition > 0.5


@pytest.mark.parametrize(
    "text", ["It is very, very good.", "anak-anak bermain", "धीरे धीरे चलो", "人人都知道", "한 잔 더 주세요"]
)
def test_reduplication_is_no_repetition(text: str) -> None:
    repetition = measure(quality.repetition(TEXT), text)

    assert repetition is not None
    assert repetition < 0.3


@given(st.text(max_size=60))
def test_repetition_agrees_with_counting(text: str) -> None:
    found = pl.select(quality.word_units_expr(pl.lit(text).str.to_lowercase())).item().to_list()
    bigrams = list(pairwise(found))
    words = 1 - len(set(bigrams)) / len(bigrams) if bigrams else None
    letters = sum(a == b for a, b in pairwise(text)) / (len(text) - 1) if len(text) > 1 else None
    expected = max((share for share in (words, letters) if share is not None), default=None)

    assert measure(quality.repetition(TEXT), text) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("text", "share"), [("https://a.de/b", 1.0), ("www.a.de x", 0.8), ("no link", 0.0), ("", None)]
)
def test_addresses(text: str, share: float | None) -> None:
    assert measure(quality.url_share(TEXT), text) == share


@pytest.mark.parametrize(
    "text",
    [
        "© 2024 Example Ltd. All rights reserved.",
        "We use cookies to make this site work.",
        "Alle Rechte vorbehalten.",
        "Suscríbete a nuestro boletín",
        "Cliquez ici pour en savoir plus",
        "ВСЕ ПРАВА ЗАЩИЩЕНЫ",
        "सर्वाधिकार सुरक्षित",
        "版权所有 保留所有权利",
    ],
)
def test_boilerplate_of_several_languages(text: str) -> None:
    share = measure(quality.boilerplate_share(TEXT), text)

    assert share is not None
    assert share > 0.25


@pytest.mark.parametrize("text", ["She subscribes to two newspapers.", "Bitte klick nicht weg.", "我们吃饼干。"])
def test_ordinary_sentences_are_no_boilerplate(text: str) -> None:
    assert measure(quality.boilerplate_share(TEXT), text) == 0


def test_the_phrases_are_a_regular_expression() -> None:
    assert re.compile(PHRASES).search("Cookie-Einstellungen")


@pytest.mark.parametrize("text", ["Grüße aus Köln", "Привет, мир", "हिन्दी भाषा", "你好世界", "don’t"])
def test_mojibake_is_seen(text: str) -> None:
    broken = text.encode().decode("cp1252", errors="replace")

    assert measure(quality.broken_share(TEXT), text) == 0
    assert measure(quality.broken_share(TEXT), broken) > 0.005  # type: ignore[operator]


@pytest.mark.parametrize(
    "text", ["Voilà… déjà », dit-il.", "IRMÃO, NÃO!", "É…", "Âge, Ÿ, œuvre", "það er ð æ", "×2 ÷ 3 ¼"]
)
def test_accents_are_no_mojibake(text: str) -> None:
    assert measure(quality.broken_share(TEXT), text) == 0


@pytest.mark.parametrize(
    ("text", "script", "share"),
    [
        ("我用 iPhone", "Hans", 2 / 3),
        ("मैं WhatsApp पर हूँ", "Deva", 3 / 4),
        ("サーバーを使う", "Jpan", 1.0),
        ("Hello мир", "Cyrl", 1 / 2),
        ("русский", "Latn", 0.0),
        ("日本 대한민국", "Hang", 1.0),
        ("123 !", "Latn", None),
    ],
)
def test_script_share_counts_words(text: str, script: str, share: float | None) -> None:
    assert measure(quality.script_share(TEXT, [script]), text) == pytest.approx(share)


def test_a_script_without_a_name_is_no_verdict() -> None:
    assert measure(quality.script_share(TEXT, ["Zyyy"]), "text") is None


@pytest.mark.parametrize("script", UNICODE_SCRIPTS)
def test_every_script_name_is_known_to_the_regex_engine(script: str) -> None:
    assert measure(quality.script_share(TEXT, [script]), "§1") is None
