"""Texts written again with tags: what is marked, in code points of the source."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.models.chat.answer_forms import Form
from xlcorpus.models.chat.tagged_text import tagged_spans
from xlcorpus.models.chat.unreadable import UnreadableError


@pytest.mark.parametrize(
    ("tagged", "source", "span"),
    [
        ("Die <a>Ostsee</a> ist kalt.", "Die Ostsee ist kalt.", (4, 10, "Ostsee")),
        ("राम <a>दिल्ली</a> में रहता है।", "राम दिल्ली में रहता है।", (4, 10, "दिल्ली")),
        ("他住在<a>北京</a>。", "他住在北京。", (3, 5, "北京")),
        ("יוסי גר ב<a>חיפה</a>.", "יוסי גר בחיפה.", (9, 13, "חיפה")),
        ("Ще <a>в Ки\u0456\u0308в</a> !", "Ще в Київ !", (3, 9, "в Київ")),
        ("Im <a> Jahr  1999 </a>war", "Im Jahr 1999\nwar", (3, 12, "Jahr 1999")),
        ("👩‍🚀 <a>𝔘nd</a>", "👩‍🚀 𝔘nd", (4, 7, "𝔘nd")),
    ],
)
def test_offsets_are_code_points_of_the_source(tagged: str, source: str, span: tuple[int, int, str]) -> None:
    (found,) = tagged_spans(tagged, source, ["a"])
    assert (found["start"], found["end"], found["text"]) == span
    assert source[found["start"] : found["end"]] == found["text"]


def test_several_tags_stand_side_by_side_and_inside_each_other() -> None:
    tagged = "<big>Er <bit>gehst</bit></big> <bit>heim</bit>"
    found = tagged_spans(tagged, "Er gehst heim", ["bit", "big"])
    assert [(s["tag"], s["start"], s["end"]) for s in found] == [("big", 0, 8), ("bit", 3, 8), ("bit", 9, 13)]


@pytest.mark.parametrize(
    ("tagged", "wrong"),
    [
        ("Die <a>Nordsee</a> ist kalt.", "it is not the text that was given"),
        ("Hier: Die <a>Ostsee</a> ist kalt.", "it is not the text that was given"),
        ("Die <a>Ostsee ist kalt.", "<a> is not closed"),
        ("Die Ostsee</a> ist kalt.", "</a> closes no tag"),
        ("Die <a></a>Ostsee ist kalt.", "nothing stands between"),
        ("Die <b>Ostsee</b> ist kalt.", "it is not the text that was given"),
    ],
)
def test_what_is_no_copy_of_the_text_with_tags_is_unreadable(tagged: str, wrong: str) -> None:
    with pytest.raises(UnreadableError, match=wrong):
        tagged_spans(tagged, "Die Ostsee ist kalt.", ["a"])


@given(st.text("aä\u0308か\u3099ก้ 한각x", min_size=1), st.data())
def test_any_span_is_found_again_in_any_form(source: str, data: st.DataObject) -> None:
    letters = [i for i, char in enumerate(source) if not char.isspace() and not unicodedata.combining(char)]
    if not letters:
        return
    start, last = sorted(data.draw(st.tuples(st.sampled_from(letters), st.sampled_from(letters))))
    end = last + 1
    while end < len(source) and unicodedata.combining(source[end]):
        end += 1
    tagged = f"{source[:start]}<x>{source[start:end]}</x>{source[end:]}"
    (found,) = tagged_spans(unicodedata.normalize("NFD", tagged), source, ["x"])
    assert (found["start"], found["end"]) == (start, end)


def test_a_form_needs_the_source_and_names_of_tags() -> None:
    form = Form.of({"form": "tagged", "source": "text", "tags": ["a"], "least": 0}, "prompt")
    assert form.read("Die Ostsee", source="Die Ostsee") == []
    assert "<a>...</a>" in form.instruction()
    with pytest.raises(UnreadableError, match="it has 0 tags a"):
        Form.of({"form": "tagged", "source": "text", "tags": ["a"]}, "prompt").read("Die Ostsee", source="Die Ostsee")
    for given_, wrong in (
        ({"form": "tagged", "tags": ["a"]}, "tagged needs source"),
        ({"form": "tagged", "source": "text"}, "tagged needs tags"),
        ({"form": "tagged", "source": "text", "tags": ["<a>"]}, "no name of a tag"),
        ({"form": "text", "least": 1}, "least belongs to the form tagged"),
    ):
        with pytest.raises(UserError, match=wrong):
            Form.of(given_, "prompt")
