"""Several rows of one."""

import re
from collections import Counter
from typing import Any

import numpy as np
import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.pipeline import Pipeline
from xlcorpus.steps import FanOut, Read
from xlcorpus.steps.shape.fan_out import drawn_values

ROWS = pl.DataFrame(
    {
        "id": ["a", "b", "c"],
        "text": ["Eins", "One", "Zwei"],
        "lang": ["deu_Latn", "eng_Latn", "deu_Latn"],
        "group_id": ["g", "g", None],
    }
)
PERSONAS = pl.DataFrame(
    {"id": ["p", "q"], "text": ["Teacher", "Nurse"], "lang": ["eng_Latn", "eng_Latn"], "city": ["Lagos", "Pune"]}
)


def test_lists_are_crossed_in_their_order() -> None:
    made = FanOut(over={"into": ["hin_Deva", "yor_Latn"], "level": [1, 2]})(ROWS, kind="sentence")
    assert made.height == 12
    assert made.select("text", "into", "level").rows()[:4] == [
        ("Eins", "hin_Deva", 1),
        ("Eins", "hin_Deva", 2),
        ("Eins", "yor_Latn", 1),
        ("Eins", "yor_Latn", 2),
    ]
    assert made["parents"].to_list()[:1] == [["a"]] and made["group_id"].to_list()[-1] == "c"
    assert made["id"].n_unique() == 12


def test_an_id_depends_on_the_row_and_its_values_alone() -> None:
    both = FanOut(over={"into": ["hin_Deva", "yor_Latn"]})(ROWS, kind="sentence")
    one = FanOut(over={"into": ["yor_Latn"]})(ROWS[::-1], kind="sentence")
    assert set(one["id"]) == set(both.filter(pl.col("into") == "yor_Latn")["id"])


def test_rows_of_another_table_are_values() -> None:
    step = FanOut(columns={"persona": "text", "city": "city"}, over={"level": ["easy"]})
    made = step(ROWS[:1], kind="sentence", values=PERSONAS)
    assert made.select("text", "level", "persona", "city", "parents").rows() == [
        ("Eins", "easy", "Teacher", "Lagos", ["a", "p"]),
        ("Eins", "easy", "Nurse", "Pune", ["a", "q"]),
    ]
    assert made["group_id"].to_list() == ["g", "g"]


def test_versions_of_an_item_are_sent_to_the_same_value() -> None:
    rows = pl.DataFrame(
        {
            "id": [f"{i}" for i in range(300)],
            "text": "x",
            "lang": "eng_Latn",
            "group_id": [f"{i // 3}" for i in range(300)],
        }
    )
    step = FanOut(over={"into": ["a", "b", "c"]}, draw=1, by="group_id")
    made = step(rows, kind="sentence", seed=3)
    assert made.height == 300
    assert made.group_by("group_id").agg(pl.col("into").n_unique())["into"].to_list() == [1] * 100
    counts = Counter(made["into"].to_list())
    assert all(60 < counts[value] < 140 for value in "abc")
    assert step(rows[::-1], kind="sentence", seed=3).sort("id").equals(made.sort("id"))
    assert step(rows, kind="sentence", seed=4)["into"].to_list() != made["into"].to_list()


def test_two_fan_outs_draw_apart() -> None:
    rows = pl.DataFrame({"id": [f"{i}" for i in range(200)], "text": "x", "lang": "eng_Latn"})
    made = FanOut(over={"x": ["0", "1"]}, draw=1)(rows, kind="sentence")
    made = FanOut(over={"y": ["0", "1"]}, draw=1, by="text || group_id")(made, kind="sentence")
    assert made.group_by("x", "y").len()["len"].min() > 20  # type: ignore[operator]


def test_weights_say_how_often_a_value_is_drawn() -> None:
    drawn = [int(drawn_values(str(i), 0, "x", np.array([3.0, 1.0, 0.0]), 1)[0]) for i in range(4000)]
    assert 0.72 < Counter(drawn)[0] / 4000 < 0.78
    assert Counter(drawn)[2] == 0


def test_several_are_drawn_as_one_after_the_other() -> None:
    weights = np.array([4.0, 2.0, 1.0, 1.0])
    pairs = Counter(tuple(drawn_values(str(i), 1, "x", weights, 2).tolist()) for i in range(6000))
    share = weights / 8
    for (first, second), count in pairs.items():
        wanted = share[first] * share[second] * (1 / (1 - share[first]) + 1 / (1 - share[second]))
        assert abs(count / 6000 - wanted) < 0.025


def test_no_rows_and_one_row() -> None:
    step = FanOut(over={"into": ["a", "b"]}, draw=2, by="group_id")
    assert step(ROWS.clear(), kind="sentence").is_empty()
    assert step(ROWS[2:], kind="sentence")["into"].to_list() == ["a", "b"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "there is nothing to fan out over"),
        ({"over": {"x": []}}, "over.x has no values"),
        ({"over": {"x": ["a", 1]}}, "values of one column are of one type"),
        ({"over": {"x": ["a", "a"]}}, "has the value 'a' twice"),
        ({"over": {"x": ["a"]}, "by": "group_id"}, "by has no effect here"),
        ({"over": {"x": ["a"]}, "draw": 2}, "draw: 2 of 1 values"),
        ({"over": {"x": ["a", "b"]}, "draw": 2, "weights": {"x": [1, 0]}}, "draw: 2 of 1 values"),
        ({"over": {"x": ["a"]}, "draw": 1, "weights": {"y": [1]}}, "weights: no column 'y' in over; "),
        ({"over": {"x": ["a"]}, "draw": 1, "weights": {"x": [1, 2]}}, "weights.x has 2 numbers for 1 values"),
        ({"over": {"x": ["a"]}, "draw": 1, "weights": {"x": [-1]}}, "no weight is below 0, got [-1.0]"),
        ({"over": {"lang": ["a"]}}, "the rows have a column 'lang' already"),
        ({"over": {"x": ["a"]}, "draw": 1, "by": "grup_id"}, "did you mean 'group_id'?"),
        ({"columns": {"x": "text"}, "draw": 3}, "draw: 3 of 2 values"),
    ],
)
def test_one_clear_error(options: dict[str, Any], why: str) -> None:
    tables = {"values": PERSONAS} if "columns" in options else {}
    with pytest.raises((UserError, ValueError), match=re.escape(why)):
        FanOut(**options)(ROWS, kind="sentence", **tables)


def test_the_graph_is_checked_before_anything_runs() -> None:
    read = Pipeline("p").then(Read(paths={"deu": "x"}))
    assert read.then(FanOut(over={"into": ["a"]})).resolve()[-1].columns == ("into",)
    personas = read.then(Read(paths={"eng": "y"}), name="personas")
    inputs = {"rows": "read", "values": "personas"}
    assert personas.then(FanOut(columns={"persona": "text"}), inputs=inputs).resolve()[-1].columns == ("persona",)
    with pytest.raises(UserError, match="columns: no column 'txt' in values; did you mean 'text'"):
        personas.then(FanOut(columns={"persona": "txt"}), inputs=inputs).resolve()
    with pytest.raises(UserError, match="needs the input 'values'"):
        read.then(FanOut(columns={"persona": "text"})).resolve()
