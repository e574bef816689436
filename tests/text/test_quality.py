import re

import polars as pl
import pytest

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


@pytest.mark.parametrize("encoding", ["cp1251", "mac_roman"])
@pytest.mark.parametrize(
    "text",
    [
        "اشتريت الخبز من السوق هذا الصباح.",
        "Днес сутринта купих хляб от пазара.",
        "Σήμερα το πρωί αγόρασα ψωμί από την αγορά.",
        "ព្រឹកនេះខ្ញុំបានទិញនំប៉័ងពីផ្សារ",
        "ಇಂದು ಬೆಳಿಗ್ಗೆ ನಾನು ಮಾರುಕಟ್ಟೆಗೆ ಹೋದೆ.",
        "Այսօր առավոտյան շուկայից հաց գնեցի։",
    ],
)
def test_text_misread_in_other_encodings_is_broken(text: str, encoding: str) -> None:
    broken = text.encode().decode(encoding, errors="replace").replace("\ufffd", "")

    assert measure(quality.broken_share(TEXT), f"Das ist richtig: {broken}") > 0.005  # type: ignore[operator]


@pytest.mark.parametrize(
    "text",
    [
        "її своїх, ІІІ і ЇЇ ВІДДІЛІВ",
        "ЉУБИЦА ЊЕГОШ ЏЕП ЂАК",
        "«Été», «À», — Élan… ‘Ö’ “Ä”",
        "√π ≈ √Ω ÷ 2",
        "¿ÉL? —ÁNGEL",
    ],
)
def test_signs_and_capitals_side_by_side_are_not_broken(text: str) -> None:
    assert measure(quality.broken_share(TEXT), text) == 0


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
