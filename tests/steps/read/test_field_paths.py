"""Fields inside objects and lists, by path."""

import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.steps import Read
from xlcorpus.steps.read.field_paths import spread
from xlcorpus.steps.read.found import Found

Conform = Callable[..., tuple[pl.DataFrame, list[tuple[str, str]]]]

TASK = {
    "id": "t7",
    "instruction": "Nenne die Hauptstadt.",
    "instances": [{"input": "Kenia", "output": "Nairobi"}, {"input": "Peru", "output": "Lima"}],
}
COLUMNS = {"prompt": "instruction", "input": "instances[*].input", "response": "instances[*].output"}


def said(rows: pl.DataFrame) -> list[list[str]]:
    return [[turn["content"] for turn in turns] for turns in rows["messages"]]


def test_each_element_of_a_list_makes_a_row(conform: Conform) -> None:
    rows, rejected = conform([TASK], kind="instruction", columns=COLUMNS)
    assert said(rows) == [["Nenne die Hauptstadt.\n\nKenia", "Nairobi"], ["Nenne die Hauptstadt.\n\nPeru", "Lima"]]
    assert rows["source_id"].to_list() == ["t7", "t7"]
    assert rejected == []


@pytest.mark.parametrize(
    "instances",
    [
        json.dumps(TASK["instances"]),
        {"input": ["Kenia", "Peru"], "output": ["Nairobi", "Lima"]},
        [json.dumps(one) for one in TASK["instances"]],
    ],
)
def test_lists_of_objects_in_other_forms_are_the_same(conform: Conform, instances: Any) -> None:
    as_they_are = conform([TASK], kind="instruction", columns=COLUMNS)
    other = conform([TASK | {"instances": instances}], kind="instruction", columns=COLUMNS)
    assert said(other[0]) == said(as_they_are[0])
    assert other[0]["id"].to_list() == as_they_are[0]["id"].to_list()


def test_a_typed_table_is_read_the_same_way(conform: Conform) -> None:
    rows, _ = conform(pl.DataFrame([TASK]), kind="instruction", columns=COLUMNS)
    assert said(rows) == said(conform([TASK], kind="instruction", columns=COLUMNS)[0])


def test_a_field_of_an_object_makes_no_further_row(conform: Conform) -> None:
    rows, _ = conform(
        [{"text": "Eins.", "meta": {"page": {"label": "gut"}}}, {"text": "Zwei.", "meta": None}],
        keep=["label"],
        columns={"label": "meta.page.label"},
    )
    assert rows["label"].to_list() == ["gut", None]


def test_lists_inside_lists_multiply(conform: Conform) -> None:
    page = {"title": "T", "qas": [{"a": ["eins", "zwei"], "q": "p"}, {"a": ["drei"], "q": "q"}]}
    rows, _ = conform([page], kind="document", columns={"text": "qas[*].a[*]", "url": "qas[*].q"})
    assert rows.select("title", "url", "text").rows() == [("T", "p", "eins"), ("T", "p", "zwei"), ("T", "q", "drei")]


def test_a_list_without_elements_leaves_a_row_for_the_rejects(conform: Conform) -> None:
    rows, rejected = conform([TASK, TASK | {"instances": []}], kind="instruction", columns=COLUMNS)
    assert rows.height == 2
    assert rejected == [("missing_field", "line 2: messages")]


def test_what_is_no_list_or_object_is_told(conform: Conform) -> None:
    wrong = [TASK, *({**TASK, "instances": value} for value in ("Lima", [1], [{"input": "", "output": 7}]))]
    rows, rejected = conform(wrong, kind="instruction", columns=COLUMNS)
    assert rows.height == 2
    assert rejected == [
        ("wrong_type", "line 2: instances is a text, no list"),
        ("wrong_type", "line 3: an element is a number, no object"),
        ("wrong_type", "line 4: response is a number"),
    ]


def test_a_column_of_that_name_comes_first(conform: Conform) -> None:
    rows, _ = conform([{"a.b": "Eins.", "a": {"b": "Zwei."}}], columns={"text": "a.b"})
    assert rows["text"].to_list() == ["Eins."]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("instance[*].output", r"a.jsonl has no column 'instance'; did you mean 'instances'\?"),
        ("instances[*].outptu", r"a.jsonl: an element has no field 'outptu'; did you mean 'output'\?"),
        ("instances.output", "line 1: instances is a list, no object"),
    ],
)
def test_a_path_that_leads_nowhere(conform: Conform, path: str, why: str) -> None:
    options = {"kind": "instruction", "columns": {"prompt": "instruction", "response": path}}
    if why.startswith("line"):
        assert conform([TASK], **options)[1] == [("wrong_type", why)]
    else:
        with pytest.raises(UserError, match=why):
            conform([TASK], **options)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"text": "a[0].b"}, r"'a\[0\].b' is no path of fields"),
        ({"text": "a[*]b"}, "no path of fields"),
        ({"text": "a[*].b", "title": "c[*].d"}, "go into the elements of different lists"),
    ],
)
def test_paths_that_cannot_be_are_refused_before_anything_runs(columns: dict[str, str], why: str) -> None:
    with pytest.raises(UserError, match=why):
        Read(paths={"de": __file__}, kind="document", columns=columns).preflight()


LEAF = st.integers(0, 9)
ITEMS = st.lists(st.fixed_dictionaries({"b": LEAF, "c": st.lists(LEAF, max_size=3)}), max_size=3)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.fixed_dictionaries({"a": ITEMS, "d": LEAF}), max_size=5))
def test_the_rows_are_those_of_nested_loops(objects: list[dict[str, Any]]) -> None:
    columns = {name: [one[name] for one in objects] for name in ("a", "d")}
    found, wrong = spread(Found(pl.Series(range(len(objects))), columns), ["a[*].c[*]", "a[*].b", "d"], "f", True)
    expected = [
        (number, one["d"], item.get("b"), leaf)
        for number, one in enumerate(objects)
        for item in (one["a"] or [{}])
        for leaf in (item.get("c") or [None])
    ]
    got = found.columns
    assert [*zip(found.places, got["d"], got.get("a[*].b", []), got.get("a[*].c[*]", []), strict=True)] == expected
    assert not wrong
