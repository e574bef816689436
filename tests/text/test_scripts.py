"""The script that a text is in."""

import polars as pl
import pytest

from xlcorpus.text.scripts import main_script


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Guten Tag", "Latn"),
        ("Добрий день, Anna", "Cyrl"),
        ("안녕하세요 세계", "Hang"),
        ("今日はいい天気です", "Jpan"),
        ("你好世界", "Hani"),
        ("नमस्ते दुनिया", "Deva"),
        ("გამარჯობა", "Geor"),
        ("مرحبا بالعالم", "Arab"),
        ("12 34 !", None),
        ("Hello Привет", None),
    ],
)
def test_the_script_of_most_letters(text: str, script: str | None) -> None:
    assert main_script(pl.Series([text, None])) == script


def test_no_text_has_no_script() -> None:
    assert main_script(pl.Series([], dtype=pl.String)) is None
