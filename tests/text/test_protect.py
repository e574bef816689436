"""Protected spans: nothing is lost by cutting, and what must stay stays."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xlcorpus.text.protect import protect

CODE = ["```", "`", "$", "$$", "\\(", "\\begin{a}", "{", "}", "{x}", "%s", '{"a": 1}', "[1, 2]", "["]
LAYOUT = ["\n", " ", "- ", "1. ", "# ", "](x)", "<b>", "</b", "&amp;", "https://a.b/c", "a@b.org"]
MARKUP = st.sampled_from([*CODE, *LAYOUT, "3,5 kg", "wörter", "词", "हिन्दी"])


def fixed(text: str, **options: bool) -> list[str]:
    return [s.text for s in protect(text, **options) if not s.translatable and s.text.strip()]


def free(text: str) -> list[str]:
    return [s.text for s in protect(text) if s.translatable]


@given(st.one_of(st.text(), st.lists(MARKUP, max_size=25).map("".join)), st.booleans())
@example("```\ncode", False)
def test_the_join_of_the_segments_is_the_text(text: str, numbers: bool) -> None:
    segments = protect(text, numbers=numbers)
    assert "".join(s.text for s in segments) == text
    assert all(s.text for s in segments)


@given(st.lists(MARKUP, max_size=25).map("".join))
def test_what_goes_to_the_translator_has_a_letter_and_no_white_space_at_its_ends(text: str) -> None:
    for piece in free(text):
        assert piece == piece.strip() and "\n" not in piece
        assert any(c.isalpha() for c in piece)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        (
            "Run this:\n\n```python\nprint('hello world')\n```\nThanks.",
            "```python\nprint('hello world')\n```",
        ),
        ("Broken:\n~~~\nno end of code", "~~~\nno end of code"),
        ("Call `foo(x)` twice.", "`foo(x)`"),
        ("Use ``a ` b`` here.", "``a ` b``"),
        ("See https://example.org/a_b?c=d#e.", "https://example.org/a_b?c=d#e"),
        ("请看https://example.org/路径。谢谢", "https://example.org/路径"),
        ("Go to www.example.org, please", "www.example.org"),
        ("Mail to jo.doe+x@mail.example.org!", "jo.doe+x@mail.example.org"),
        ('Answer {"name": ["Ann", 3]} as JSON', '{"name": ["Ann", 3]}'),
        ("Hello {name}, welcome", "{name}"),
        ("Hello {{ name }}, welcome", "{{ name }}"),
        ("You have {0} new messages", "{0}"),
        ("Total: {sum:.2f} euros", "{sum:.2f}"),
        ("Set ${HOME} first", "${HOME}"),
        ("Found %d files", "%d"),
        ("Found %(count)s files", "%(count)s"),
        ('Click <a href="x y">here', '<a href="x y">'),
        ("Salt &amp; pepper", "&amp;"),
        ("The root of $x^2 + 1$ is", "$x^2 + 1$"),
        ("Solve \\(a + b\\) now", "\\(a + b\\)"),
        ("As in \\begin{align}a &= b\\end{align} above", "\\begin{align}a &= b\\end{align}"),
        ("See [the manual](https://a.b/c_(d)) first", "](https://a.b/c_(d))"),
        ("First\n  - second", "  -"),
        ("## Heading", "##"),
        ("Which?\nA) a dog", "A)"),
        ("Which?\n(ख) कुत्ता", "(ख)"),
    ],
)
def test_spans_stay(text: str, span: str) -> None:
    assert span in fixed(text)


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 or $10 in all",
        "100% sure and 5% discount",
        "if a < b and c > d",
        "{not a placeholder, just braces}",
        "rock and roll",
        "A. Smith went home",
        "दिल्ली और मुंबई",
    ],
)
def test_prose_goes_to_the_translator_whole(text: str) -> None:
    assert free(text) == [text]


def test_link_text_is_translated_and_its_address_is_not() -> None:
    assert free("See [the manual](http://x.y) first") == ["See", "the manual", "first"]


def test_lines_are_translated_one_by_one() -> None:
    assert free("First line.\n\n  Second line.\n") == ["First line.", "Second line."]


def test_punctuation_behind_a_span_stays_behind_it() -> None:
    assert free("Open `a.txt`, then close it.") == ["Open", "then close it."]


def test_numbers_with_units_stay_if_asked() -> None:
    text = "It weighs 3.5 kg and does 120 km/h at 20 °C"
    assert fixed(text, numbers=True) == ["3.5 kg", "120 km/h", "20 °C"]
    assert fixed(text) == []


def test_openings_that_nothing_closes_take_no_time() -> None:
    text = "[" * 2_000 + "\\(" * 20_000 + "<!--" * 20_000 + "a." * 20_000
    assert "".join(s.text for s in protect(text)) == text
