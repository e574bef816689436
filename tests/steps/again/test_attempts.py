"""Rows of attempts, and the rows of the input that they come from."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus import records
from xlcorpus.steps import GatherAttempts, OpenRound, TryAgain


def rows(ids: list[str], parents: list[list[str]] | None = None, **columns: list[object]) -> pl.DataFrame:
    return records.finish(
        pl.DataFrame(
            {
                "id": ids,
                "text": [f"text {id_}" for id_ in ids],
                "lang": ["deu_Latn"] * len(ids),
                "parents": parents or [[] for _ in ids],
                **columns,
            },
            schema_overrides={"id": pl.String, "text": pl.String, "lang": pl.String, "parents": pl.List(pl.String)},
        ),
        "sentence",
    )


def test_rows_go_round_again_of_which_nothing_good_came() -> None:
    entries = rows(["a", "b", "c"])
    first = rows(["x", "y", "c"], [["a"], ["b"], []])
    second = rows(["z", "y"], [["x"], []])
    step = TryAgain(steps=2)
    made = step(entries, accepted=rows(["y"]), made_1=first, made_2=second)
    assert made["id"].to_list() == ["a", "c"]


def test_good_rows_are_joined_in_the_order_of_the_input() -> None:
    entries = rows(["a", "b", "c"])
    made_1 = rows(["x", "y", "v", "w"], [["b"], ["c"], ["a"], ["a"]])
    good = rows(["y", "x", "w", "v"], [["c"], ["b"], ["a"], ["a"]])
    assert GatherAttempts(steps=1)(entries, accepted=good, made_1=made_1)["id"].to_list() == ["w", "v", "x", "y"]


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 4), st.lists(st.tuples(st.integers(0, 5), st.sampled_from("pqr")), max_size=12))
def test_as_many_values_are_wanted_of_each_row_as_are_asked_for(wanted: int, made: list[tuple[int, str]]) -> None:
    entries = rows([f"e{n}" for n in range(6)])
    parents = [[f"e{entry}"] for entry, _ in made]
    good = rows([f"m{n}" for n in range(len(made))], parents, title=[value for _, value in made])
    values = {n: {value for entry, value in made if entry == n} for n in range(6)}
    again = TryAgain(steps=1, rows=wanted, each="lang" if not made else "title")(entries, accepted=good, made_1=good)
    assert again["id"].to_list() == [f"e{n}" for n in range(6) if len(values[n]) < wanted]


def test_a_round_takes_place_while_a_measure_rises() -> None:
    table = rows(["a"])
    judged = rows(["p", "q", "r"]).with_columns(round=pl.Series([1, 2, 3]), score=pl.Series([0.2, 0.5, 0.5]))
    step = OpenRound(number=3, measure="avg(score)")
    assert step(table, judged=judged[:2])["id"].to_list() == ["a"]
    assert OpenRound(number=4, measure="avg(score)")(table, judged=judged).is_empty()
    assert OpenRound(number=4, measure="avg(score)")(table, judged=judged[:2]).is_empty()
