"""Text of anyone stays what it is inside Markdown."""

from __future__ import annotations

import pytest

from xlcorpus.release.markdown import code, cut, escape, fence, long_table, number, percent, size, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a | b", r"a \| b"),
        ("**bold** `code`", r"\*\*bold\*\* \`code\`"),
        ("<script>&", r"\<script\>&amp;"),
        ("one\ntwo\r\nthree", "one<br>two<br>three"),
        ("a\u2028b", "a<br>b"),
        ("null\x00", "null\ufffd"),
        ("https://example.org", "https:&#47;/example.org"),
        ("नमस्ते", "नमस्ते"),
    ],
)
def test_escapes_what_markdown_would_read(text: str, shown: str):
    assert escape(text) == shown


def test_code_holds_backticks_and_pipes():
    assert code("a`b|c") == r"``a`b\|c``"
    assert code("`a") == "`` `a ``"


def test_a_fence_is_longer_than_any_in_the_text():
    assert fence("```\nx\n```\n", "yaml") == "````yaml\n```\nx\n```\n````"


def test_cuts_long_text_with_an_ellipsis():
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdefg", 6) == "abcde…"


def test_never_cuts_a_mark_from_its_letter():
    assert cut("कि" * 5, 6) == "किकि…"


def test_a_long_table_says_what_is_cut():
    shown = long_table(["n"], [[str(i)] for i in range(1200)], "r", 100, "languages")
    assert shown.endswith("| 99 |\n\n1,100 more languages are not shown.")


def test_table_aligns_columns():
    assert table(["a", "n"], [["x", "1"]], "lr") == "| a | n |\n| --- | ---: |\n| x | 1 |"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1234567, "1,234,567"), (0.98765, "0.988"), (1234.5, "1,234"), (None, ""), (300.0, "300")],
)
def test_numbers_are_short(value: float | None, shown: str):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("part", "shown"),
    [(1.0, "100%"), (0.99999, ">99.9%"), (0.9986, "99.9%"), (0.00001, "<0.1%"), (0.0, "0.0%")],
)
def test_not_quite_all_is_not_all(part: float, shown: str):
    assert percent(part) == shown


@pytest.mark.parametrize(("count", "shown"), [(12, "12 B"), (61_234, "61.2 kB"), (3_400_000_000, "3.4 GB")])
def test_sizes_are_in_powers_of_1000(count: int, shown: str):
    assert size(count) == shown
