"""Passages: whole paragraphs up to a length, never cut inside a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.text.passages import passages


def test_paragraphs_stand_together_as_long_as_they_fit() -> None:
    assert passages("One ran.\n\nTwo ran.\n\nThree ran.", "eng_Latn", 20) == ["One ran.\n\nTwo ran.", "Three ran."]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    assert passages("The dog ran. The cat slept. It rained.", "eng_Latn", 27) == [
        "The dog ran. The cat slept.",
        "It rained.",
    ]


def test_a_long_sentence_is_a_passage_of_its_own() -> None:
    assert passages("The old dog ran home. It ate.", "eng_Latn", 8) == ["The old dog ran home.", "It ate."]


@pytest.mark.parametrize(
    ("text", "lang", "first"),
    [
        ("今日は雨です。明日は晴れます。", "jpn_Jpan", "今日は雨です。"),
        ("आज बारिश है। कल धूप होगी।", "hin_Deva", "आज बारिश है।"),
        ("هل جاء الولد؟ نعم جاء.", "arb_Arab", "هل جاء الولد؟"),
    ],
)
def test_sentences_end_as_they_do_in_the_language(text: str, lang: str, first: str) -> None:
    assert passages(text, lang, 14)[0] == first


@given(
    st.text(alphabet="ab .!?\n。।\u200b\u2028\u00ad", max_size=80),
    st.integers(1, 30),
    st.sampled_from(["eng_Latn", "jpn_Jpan", "hin_Deva"]),
)
def test_no_letter_is_lost_or_moved(text: str, length: int, lang: str) -> None:
    found = passages(text, lang, length)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(one == one.strip() and one in text for one in found)


def test_a_length_below_one_is_refused() -> None:
    with pytest.raises(UserError, match="length is 0"):
        passages("One.", "eng_Latn", 0)
