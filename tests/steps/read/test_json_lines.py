"""JSON Lines and JSON arrays: an odd row is rejected or mended alone."""

from collections.abc import Callable

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.step import SourceEnv
from xlcorpus.steps.read import formats
from xlcorpus.steps.read.reading import Reading

Reader = Callable[..., tuple[pl.DataFrame, dict[str, list[str]]]]


def test_half_of_a_surrogate_pair_becomes_the_replacement_character(read: Reader, said: list[str]) -> None:
    rows, rejected = read("a.jsonl", b'{"text": "eins"}\n{"text": "zwei \\ud83d"}\n{"text": "\\ud83d\\ude00"}\n')
    assert rows["text"].to_list() == ["eins", "zwei \ufffd", "\U0001f600"]
    assert rejected == {}
    assert said == [
        "a.jsonl: halves of surrogate pairs (\\ud83d) are read as the replacement character U+FFFD",
    ]


def found(name: str, content: bytes) -> list[dict[str, object]]:
    with open(name, "wb") as file:  # noqa: PTH123
        file.write(content)
    parts = formats.rows(Reading(name, name, SourceEnv(kind="sentence")), "jsonl")
    return [dict(zip(p.columns, row, strict=True)) for p in parts for row in zip(*p.columns.values(), strict=True)]


def test_integers_keep_all_their_digits(read: Reader) -> None:
    assert found("a.jsonl", b'{"text": "a", "id": 12345678901234567890123}\n') == [
        {"text": "a", "id": 12345678901234567890123}
    ]


def test_nan_and_infinity_are_no_numbers(read: Reader) -> None:
    assert found("a.jsonl", b'{"text": "a", "score": NaN}\n{"text": "b", "score": -Infinity}\n') == [
        {"text": "a", "score": None},
        {"text": "b", "score": None},
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"text": "a", "text": "b"}', "line 2: the key 'text' stands twice"),
        (b'{"text": ' + b"[" * 5000 + b"]" * 5000 + b"}", "line 2: more than 64 lists and objects inside one another"),
        (b"[" * 100_000, "line 2: more than 64 lists and objects inside one another"),
        (b'{"text": "a"', "line 2"),
        (b'["a"]', "line 2"),
        (b'{"id": ' + b"9" * 5000 + b', "text": "x"}', "line 2"),
        (b'{"text": "a"} {"text": "b"}', "line 2"),
    ],
)
def test_a_line_that_is_no_object_is_rejected_alone(read: Reader, line: bytes, why: str) -> None:
    rows, rejected = read("a.jsonl", b'\xef\xbb\xbf{"text": "gut"}\n' + line + b'\n{"text": "fein"}')
    assert rows["text"].to_list() == ["gut", "fein"]
    assert rejected == {"not_json": [why]}


def test_a_list_of_objects_is_read_element_by_element(read: Reader) -> None:
    pretty = b'[\n  {\n    "text": "a, [b] \\" }"\n  },\n  5,\n  {"text": "c"}\n]\n'
    rows, rejected = read("a.json", pretty)
    assert rows["text"].to_list() == ['a, [b] " }', "c"]
    assert rejected == {"not_json": ["element 2"]}
    assert read("b.json", b'[{"text":"x"},{"text":"y"}]')[0]["text"].to_list() == ["x", "y"]


def test_a_long_list_comes_in_parts(read: Reader) -> None:
    elements = ",\n".join(f'{{"text": "Satz {i}"}}' for i in range(60_000))
    rows, _ = read("a.json", f"[{elements}]".encode())
    assert rows["text"][-1] == "Satz 59999"
    assert rows.height == 60_000


def test_a_list_that_is_cut_off_is_refused(read: Reader) -> None:
    with pytest.raises(UserError, match=r"a\.json: element 2 is not closed; the file is cut off"):
        read("a.json", b'[{"text": "a"},\n{"text": "b')


def test_one_object_over_several_lines_is_refused(read: Reader) -> None:
    with pytest.raises(UserError, match=r"a\.json: holds a JSON object over several lines"):
        read("a.json", b'{\n  "text": "a"\n}\n')


def test_a_first_line_of_lists_too_deep_is_rejected_alone(read: Reader) -> None:
    rows, rejected = read("a.jsonl", b"[" * 100_000 + b'\n{"text": "Guten Tag."}\n')
    assert rows["text"].to_list() == ["Guten Tag."]
    assert rejected == {"not_json": ["line 1: more than 64 lists and objects inside one another"]}


def test_an_id_that_is_no_number_is_none(read: Reader) -> None:
    rows, _ = read("a.jsonl", b'{"text": "a", "id": 1e400}\n{"text": "b", "id": 10}\n')
    assert rows["source_id"].to_list() == [None, "10"]


def test_a_brace_that_closes_nothing_is_rejected_alone(read: Reader) -> None:
    rows, rejected = read("a.json", b'[{"text": "a"}, }, {"text": "b"}]')
    assert rows["text"].to_list() == ["a", "b"]
    assert rejected == {"not_json": ["element 2"]}
