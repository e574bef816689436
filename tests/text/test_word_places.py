"""Where words stand, in which script, and what separates them."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.text.language_spans.word_places import LINE, NONE, STRONG, WEAK, word_places
from xlcorpus.text.word_units import word_units


def placed(text: str) -> list[str]:
    places = word_places(pl.Series([text]))
    return [text[a:b] for a, b in zip(places.start, places.end, strict=True)]


def test_words_are_found_where_they_stand_in_every_script() -> None:
    text = "Er sagt: „Hi“, 你好吗？ สวัสดี नमस्ते!"

    assert placed(text) == ["Er", "sagt", "Hi", "你", "好", "吗", "ส", "วั", "ส", "ดี", "नमस्ते"]


def test_code_addresses_and_tags_hold_no_words() -> None:
    assert placed("Run `git add x` or see https://a.org/b <b>now</b> {{file}} me@a.org") == ["Run", "or", "see", "now"]


def test_the_separator_before_a_word_is_the_strongest_one_there() -> None:
    places = word_places(pl.Series(["a b, c. d (e\n1. f `x` g"]))

    assert places.before.tolist() == [LINE, NONE, WEAK, STRONG, STRONG, LINE, STRONG, WEAK]


def test_texts_follow_one_another_and_may_be_empty() -> None:
    places = word_places(pl.Series(["", "Guten Tag.", "...", "Hi"]))

    assert places.bounds.tolist() == [0, 0, 2, 2, 3]
    assert places.before.tolist() == [LINE, NONE, LINE]
    assert places.text_of.tolist() == [1, 1, 3]


def test_a_word_is_closed_by_the_marks_that_touch_it() -> None:
    text = "Wer? (Ich.) 好。"
    places = word_places(pl.Series([text]))

    assert [text[a:b] for a, b in zip(places.start, places.closed, strict=True)] == ["Wer?", "Ich.)", "好。"]


def test_words_without_letters_have_no_size_and_unspaced_units_half() -> None:
    places = word_places(pl.Series(["am 12. Mai 我"]))

    assert places.size.tolist() == [1.0, 0.0, 1.0, 0.5]
    assert [places.scripts[s] for s in places.script] == ["Latin", "Common", "Latin", "Han"]


@settings(deadline=None, max_examples=30)
@given(st.text(alphabet="ab é1.,:`<{/@ \n我แกは한नम'-(", max_size=40))
def test_no_word_is_other_than_a_word_of_the_text(text: str) -> None:
    places = word_places(pl.Series([text]))
    found = placed(text)

    assert all(word_units(word) == [word] for word in found)
    assert (places.start[1:] >= places.end[:-1]).all()
    if not set(text) & set("`<{/@"):
        assert found == word_units(text)
