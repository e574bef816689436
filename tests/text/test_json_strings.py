"""Strings inside of JSON text, changed in place."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.text.json_strings import with_json_strings

CALL = '[ {"function" : {"name": "find", "arguments": "{\\"city\\":  \\"rom\\", \\"n\\": 1.0}"}, "id": "a"} ]'


def test_only_what_is_addressed_changes() -> None:
    assert with_json_strings('{ "a": "x",\t"b": "y", "n": 1.50 }', ("b",), str.upper) == (
        '{ "a": "x",\t"b": "Y", "n": 1.50 }'
    )


def test_json_in_a_string_of_json_gives_its_values() -> None:
    assert with_json_strings(CALL, ("[*]", "function", "arguments"), str.upper) == CALL.replace("rom", "ROM")


def test_a_way_leads_on_into_json_in_a_string() -> None:
    assert with_json_strings(CALL, ("[*]", "function", "arguments", "city"), str.upper) == CALL.replace("rom", "ROM")
    assert with_json_strings(CALL, ("[*]", "function", "arguments", "country"), str.upper) == CALL


def test_names_of_fields_are_no_texts() -> None:
    assert with_json_strings('{"a": {"a": ["a", {"b": "a"}], "c": null}}', ("a",), str.upper) == (
        '{"a": {"a": ["A", {"b": "A"}], "c": null}}'
    )


def test_text_that_begins_as_json_does_is_text() -> None:
    assert with_json_strings('{"a": "[1] see"}', ("a",), str.upper) == '{"a": "[1] SEE"}'


def test_letters_of_all_scripts_are_written_as_they_are() -> None:
    assert with_json_strings('{"a": "x"}', ("a",), lambda _: 'नमस्ते "你好"\n') == '{"a": "नमस्ते \\"你好\\"\\n"}'


def test_half_of_a_surrogate_pair_is_left_alone() -> None:
    assert with_json_strings('{"a": "x\\ud800"}', ("a",), str.upper) == '{"a": "x\\ud800"}'


@pytest.mark.parametrize("text", ["", "no", '{"a": 1', "{'a': 1}", "[" * 100_000 + "]" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        with_json_strings(text, (), str.upper)


WORDS = st.text(st.sampled_from('abé"\\/\n[]{}:, न你'), max_size=6)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=12,
)


def opened(value: Any) -> Any:
    """A value in which each string that is a JSON object or list is a set-apart list of that."""
    if isinstance(value, dict):
        return {name: opened(one) for name, one in value.items()}
    if isinstance(value, list):
        return [opened(one) for one in value]
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return ["as text", opened(json.loads(value))]
        except ValueError:
            return value
    return value


def marked(value: Any) -> Any:
    """An opened value with its strings as `<...>`."""
    if isinstance(value, dict):
        return {name: marked(one) for name, one in value.items()}
    if isinstance(value, list):
        return ["as text", marked(value[1])] if value[:1] == ["as text"] else [marked(one) for one in value]
    return f"<{value}>" if isinstance(value, str) else value


@settings(max_examples=150, deadline=None)
@given(VALUES, VALUES, st.sampled_from([None, 1]), st.booleans())
def test_addressed_strings_and_no_others_change(first: Any, second: Any, indent: int | None, plain: bool) -> None:
    before = '{"a" :' + json.dumps(first, indent=indent, ensure_ascii=plain) + ',\n"b":  '
    text = before + json.dumps(second, indent=indent, ensure_ascii=plain) + " }"
    made = with_json_strings(text, ("b",), lambda found: f"<{found}>")
    assert made.startswith(before) and made.endswith(" }")
    assert opened(json.loads(made)["b"]) == marked(opened(second))
    assert with_json_strings(text, ("b",), lambda found: found) == text
