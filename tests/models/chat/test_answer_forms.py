"""Answers read in the form that was asked for, out of what models write around them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.models.chat.answer_forms import Form
from xlcorpus.models.chat.unreadable import UnreadableError

SCHEMA = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}


def form(**given: Any) -> Form:
    return Form.of(given, "p.md")


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        'Here you are:\n```json\n{"a": 1}\n```\nAnything else?',
        '```\n{"a": 1,}\n```',
        "Das Ergebnis ist {'a': 1, 'b': 'x'} wie gewünscht.",
        "{“a”: 1}",
        "{„a“: 1}",
        "{«a»: 1}",
        '  {"a":\n1}  ',
        '[1] Zuerst: {"a": 1}',
    ],
)
def test_json_is_found_in_fences_and_prose_with_any_quotes(text: str) -> None:
    assert form(form="json", schema=SCHEMA).read(text)["a"] == 1


@given(st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
))  # fmt: skip
def test_any_json_comes_back(value: Any) -> None:
    import json

    assert form(form="json", schema={"type": ["object", "array"]}).read(json.dumps({"x": value})) == {"x": value}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("no", "it holds no JSON"),
        ('{"b": "x"}', "'a' is a required property"),
        ('{"a": "1"}', "['a']: '1' is not of type 'integer'"),
        ("[" * 100_000, "it holds no JSON"),
    ],
)
def test_what_is_wrong_with_json_is_said(text: str, problem: str) -> None:
    with pytest.raises(UnreadableError) as said:
        form(form="json", schema=SCHEMA).read(text)
    assert problem in str(said.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("gut", "gut"), ("**Gut**.", "gut"), ("Antwort: nicht gut", "nicht gut"), ('{"answer": "gut"}', "gut"),
        ("„Gut“!", "gut"), ("schlecht。", "schlecht"), ("GUT", "gut"),
    ],
)  # fmt: skip
def test_one_of_some_values_is_found(text: str, value: str) -> None:
    assert form(form="one_of", values=["gut", "nicht gut", "schlecht"]).read(text) == value


@pytest.mark.parametrize("text", ["", "gut oder schlecht", "gute", "Ja"])
def test_none_or_several_of_the_values_are_no_answer(text: str) -> None:
    with pytest.raises(UnreadableError, match=r"it names [02] of"):
        form(form="one_of", values=["gut", "schlecht"]).read(text)


def test_values_respect_marks() -> None:
    with pytest.raises(UnreadableError):
        form(form="one_of", values=["कल", "आज"]).read("कला")


@pytest.mark.parametrize(
    ("text", "lang", "value"),
    [("7", "eng_Latn", 7), ("1.234,5", "deu_Latn", 1234.5), ("Note: ٨", "arb_Arab", 8), ("約３点", "jpn_Jpan", 3)],
)
def test_numbers_are_read_in_the_language_of_the_answer(text: str, lang: str, value: float) -> None:
    assert form(form="number").read(text, lang) == value


def test_two_numbers_are_no_number() -> None:
    with pytest.raises(UnreadableError, match="it holds 2 numbers"):
        form(form="number").read("3 of 5")


def test_a_pattern_gives_its_group_or_the_whole_match() -> None:
    assert form(form="pattern", pattern=r"Score: (\d)").read("So. Score: 4!") == "4"
    assert form(form="pattern", pattern=r"[A-D]\b").read("So B it is") == "B"
    with pytest.raises(UnreadableError, match="does not match"):
        form(form="pattern", pattern=r"Score: (\d)").read("4")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("json", "answer must be a mapping"),
        ({"form": "xml"}, "answer.form: Input should be"),
        ({"form": "one_of"}, "one_of needs values"),
        ({"form": "text", "values": ["a"]}, "values belongs to the form one_of, not text"),
        ({"form": "json", "schema": {"type": "objekt"}}, "'objekt' is not valid"),
        ({"form": "pattern", "pattern": "("}, "missing )"),
    ],
)
def test_forms_that_are_none_are_refused(given: Any, problem: str) -> None:
    with pytest.raises(UserError) as said:
        Form.of(given, "p.md")
    assert problem in str(said.value)
    assert str(said.value).startswith("p.md: ")
