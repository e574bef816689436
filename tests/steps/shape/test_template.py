"""Fields made of fields."""

import pickle
import re
from typing import Any

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.pipeline import Pipeline
from xlcorpus.steps import Read, Template
from xlcorpus.text.row_templates import RowTemplate

ROWS = pl.DataFrame(
    {
        "id": ["a", "b"],
        "text": ["काठमाडौँ ठूलो छ।", "Ile nla\u0300 ni."],
        "lang": ["npi_Deva", "yor_Latn"],
        "title": ["काठमाडौँ", None],
        "url": ["http://x", None],
        "group_id": ["g", None],
        "source": ["s", "s"],
        "tags": [["x", "y"], []],
        "level": [1, 2],
    }
)


def test_a_field_is_made_of_others_and_rows_keep_their_ids() -> None:
    made = Template(
        fields={"title": "{{ title or 'none' }}: {{ tags | join('+') }} ({{ level + 1 }})", "n": "{{ level }}"}
    )(ROWS, kind="document")
    assert made.select("id", "title", "n", "group_id").rows() == [
        ("a", "काठमाडौँ: x+y (2)", 1, "g"),
        ("b", "none:  (3)", 2, None),
    ]
    assert made.schema["n"] == pl.Int64
    assert made["text"].to_list() == ROWS["text"].to_list()  # nothing is normalised


def test_another_kind_is_made_with_what_goes_along() -> None:
    step = Template(
        into="instruction",
        fields={
            "messages": [
                {"role": "user", "content": "Titel: {{ title }}"},
                {"role": "assistant", "content": "{{ text }}"},
            ],
            "task": "titles",
            "prompt_lang": "deu_Latn",
            "response_lang": "{{ lang }}",
        },
    )
    made = step(ROWS, kind="document", seed=1)
    assert made.select("lang", "response_lang", "parents", "group_id", "source", "level").rows() == [
        ("npi_Deva", "npi_Deva", ["a"], "g", "s", 1),
        ("yor_Latn", "yor_Latn", ["b"], "b", "s", 2),
    ]
    assert [turn["content"] for turn in made["messages"][1]] == ["Titel: ", "Ile nla\u0300 ni."]
    assert "url" not in made.columns and "title" not in made.columns


def test_texts_become_what_the_kind_holds() -> None:
    pairs = pl.DataFrame(
        {
            "id": ["p", "q", "r"],
            "src_text": "a",
            "tgt_text": "b",
            "src_lang": "deu_Latn",
            "tgt_lang": "eng_Latn",
            "grade": ["0.5", "", "good"],
        }
    )
    outcome = Template(fields={"score": "{{ grade }} "}).outcome(pairs, kind="pair")
    assert outcome.kept["score"].to_list() == [0.5, None]
    assert outcome.failed["error"].to_list() == ["the field 'score' is Float64, and its template gives 'good '"]
    flags = Template(
        into="feedback",
        fields={
            "prompt": [{"role": "user", "content": "x"}],
            "completion": [{"role": "assistant", "content": "y"}],
            "label": "{{ grade == '0.5' }}",
            "lang": "{{ tgt_lang }}",
        },
    )(pairs, kind="pair")
    assert flags["label"].to_list() == [True, False, False]


def test_a_text_that_comes_out_empty_is_rejected_where_the_kind_needs_it() -> None:
    outcome = Template(into="sentence", fields={"text": "{{ title }} "}).outcome(ROWS, kind="document")
    assert outcome.kept["text"].to_list() == ["काठमाडौँ "]
    copied = Template(into="sentence", fields={"text": "{{ title }}"}).outcome(ROWS, kind="document")
    assert copied.rejected.select("rule", "value").rows() == [("empty", "text")]
    assert outcome.rejected.select("rule", "value").rows() == [("empty", "text")]


def test_a_row_that_cannot_be_filled_fails_alone() -> None:
    outcome = Template(fields={"first": "{{ tags[0] }}"}).outcome(ROWS, kind="document")
    assert outcome.kept["first"].to_list() == ["x"]
    assert outcome.failed["id"].to_list() == ["b"]
    assert "the template `{{ tags[0] }}` cannot be filled" in outcome.failed["error"][0]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (
            {"x": "{{ titel }} {{ texd }} {{ lang }}"},
            "no column of the rows: 'texd' (did you mean 'text'), 'titel' (did you mean 'title')",
        ),
        ({"x": "{{ title"}, "no Jinja"),
        ({"x": "{% for t in tags %}{{ t }}"}, "no Jinja"),
        ({"x": "{{ title | randm }}"}, "no Jinja"),
        ({"x": "{{ tags | random }}"}, "no Jinja"),
        ({"x": "{% include 'secret.txt' %}"}, "cannot be filled"),
        ({"x": "{{ title.__class__ }}"}, "cannot be filled"),
        ({"x": "{{ text.__init__.__globals__ }}"}, "cannot be filled"),
        ({"x": "{{ range(10 ** 9) | list }}"}, "cannot be filled"),
        ({"x": "{{ lipsum() }}"}, "no column of the rows: 'lipsum'"),
        ({"id": "x"}, "id is no field of content"),
        ({}, "no field is made"),
        ({"x": [{"role": "bot", "content": "y"}]}, "no role 'bot'"),
    ],
)
def test_one_clear_error(fields: dict[str, Any], why: str) -> None:
    with pytest.raises((UserError, ValueError), match=re.escape(why)):
        outcome = Template(fields=fields).outcome(ROWS, kind="document")
        raise UserError(outcome.failed["error"][0])


def test_the_graph_is_checked_before_anything_runs() -> None:
    read = Pipeline("p").then(Read(paths={"deu": "x"}, kind="document"))
    made = (
        read.then(Template(fields={"x": "{{ title }}"})).then(Template(fields={"y": "{{ x }}"}), name="next").resolve()
    )
    assert made[-1].columns == ("x", "y")
    into = read.then(Template(fields={"x": "1"})).then(Template(into="sentence", fields={"y": "{{ x }}"}), name="s")
    assert into.resolve()[-1].output_kind == "sentence" and into.resolve()[-1].columns == ("x", "y")
    with pytest.raises(UserError, match=r"step 'template': the template .* no column of the rows: 'tittle'"):
        read.then(Template(fields={"x": "{{ tittle }}"})).resolve()
    with pytest.raises(UserError, match="rows of kind instruction need the field 'messages'; add it to fields"):
        read.then(Template(into="instruction", fields={"task": "x"})).resolve()


def test_a_template_travels_to_workers() -> None:
    assert pickle.loads(pickle.dumps(RowTemplate("{{ a }}!"))).render({"a": "x"}) == "x!"


def test_no_rows() -> None:
    made = Template(into="sentence", fields={"text": "{{ title }}!", "n": "{{ level }}"})(ROWS.clear(), kind="document")
    assert made.is_empty()
