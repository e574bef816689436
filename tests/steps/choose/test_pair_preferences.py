"""Preferences between scored answers to one prompt."""

from itertools import product
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.steps.choose.candidates import candidates, said, turn
from xlcorpus import records
from xlcorpus.steps.choose import pairs as pairing
from xlcorpus.steps.choose.pair_preferences import PairPreferences
from xlcorpus.steps.choose.vote import Vote

SCORED = candidates(
    *(
        {"said": text, "group_id": "q", "reward": reward}
        for text, reward in zip("abcd", [0.5, 0.9, 0.1, 0.5], strict=True)
    )
)


def pairs(step: PairPreferences, rows: pl.DataFrame) -> list[tuple[str, str]]:
    """(chosen, rejected) of each preference."""
    made = step(rows, kind="instruction")
    return list(zip(said(made, "chosen"), said(made, "rejected"), strict=True))


def test_the_best_against_the_worst() -> None:
    outcome = PairPreferences(score="reward").outcome(SCORED)
    [row] = outcome.kept.to_dicts()
    assert (row["chosen"], row["rejected"]) == ([turn("assistant", "b")], [turn("assistant", "c")])
    assert row["prompt"] == [turn("user", "?")]
    assert (row["score_chosen"], row["score_rejected"], row["margin"]) == (0.9, 0.1, 0.8)
    assert (row["parents"], row["group_id"], row["origin"]) == (["r1", "r2"], "q", "synthetic")
    assert outcome.rejected.select("id", "rule", "value").rows() == [
        ("r0", "unpaired", "0.5"),
        ("r3", "unpaired", "0.5"),
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"pairs": "ladder"}, [("b", "a"), ("a", "c")]),
        ({"pairs": "all"}, [("b", "c"), ("a", "c"), ("b", "a"), ("b", "d"), ("d", "c")]),
        ({"pairs": "all", "most": 2}, [("b", "c"), ("a", "c")]),
        ({"pairs": "all", "min_margin": 0.5}, [("b", "c")]),
        ({"min_margin": 0.9}, []),
    ],
)
def test_pairs_of_scores(options: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    found = pairs(PairPreferences(score="reward", **options), SCORED)
    assert sorted(found) == sorted(expected) and found[:1] == expected[:1]


def test_answers_that_pass_against_those_that_do_not() -> None:
    rows = SCORED.with_columns(right=pl.Series([True, False, False, True]))
    assert pairs(PairPreferences(pairs="pass_fail", passes="right"), rows) == [("a", "b"), ("d", "c")]
    ranked = PairPreferences(pairs="pass_fail", passes="right", score="reward", most=1)
    assert pairs(ranked, rows) == [("a", "c")]


def test_chosen_answers_are_right_and_rejected_ones_score_less() -> None:
    rows = SCORED.with_columns(right=pl.Series([1.0, 0.0, 0.0, 1.0]))
    assert pairs(PairPreferences(pairs="all", score="reward", passes="right"), rows) == [("a", "c"), ("d", "c")]
    assert pairs(PairPreferences(score="reward", passes="right"), rows) == [("a", "c")]


def test_the_weight_of_a_vote_is_its_margin() -> None:
    answers = ["18", "18", "18", "20", "7", None]
    rows = candidates(*({"said": str(n), "group_id": "q", "a": a} for n, a in enumerate(answers)))
    voted = Vote(asked=8, answer="a")(rows, kind="instruction")
    step = PairPreferences(score="vote_share", weight="margin", carry=["vote_count", "a"])
    outcome = step.outcome(voted)
    [row] = outcome.kept.to_dicts()
    assert row["weight"] == row["margin"] == (3 - 1) / 8
    assert (row["vote_count_chosen"], row["vote_count_rejected"], row["a_chosen"], row["a_rejected"]) == (
        3,
        1,
        "18",
        "20",
    )
    assert outcome.rejected.filter(id="r5")["rule"].to_list() == ["no_score"]


@pytest.mark.parametrize(
    ("form", "expected"), [("native_machine", [("n", "t"), ("m", "s")]), ("direct_translated", [("s", "t")])]
)
def test_origins_say_what_is_better(form: Any, expected: list[tuple[str, str]]) -> None:
    origins = {"n": "native", "t": "translated", "m": "native", "s": "synthetic"}
    rows = candidates(*({"said": text, "group_id": "q", "origin": origin} for text, origin in origins.items()))
    outcome = PairPreferences(pairs=form).outcome(rows)
    assert list(zip(said(outcome.kept, "chosen"), said(outcome.kept, "rejected"), strict=True)) == expected
    assert "margin" not in outcome.kept.columns
    left = {"native_machine": [], "direct_translated": [("r0", "no_side", "native"), ("r2", "no_side", "native")]}
    assert outcome.rejected.select("id", "rule", "value").rows() == left[form]


def test_pairs_may_be_given() -> None:
    rows = candidates(
        {"said": "y", "group_id": "q", "better": "  ", "worse": "y"},
        {"said": "y", "group_id": "q", "better": "x", "worse": "y"},
        {"said": "y", "better": "x ", "worse": "x"},
        {"said": "y", "better": None, "worse": "x"},
    ).with_columns(s=pl.lit(2), t=pl.lit(0.5))
    step = PairPreferences(
        pairs="given", chosen="better", rejected="worse", chosen_score="s", rejected_score="t", weight="margin"
    )
    outcome = step.outcome(rows)
    [row] = outcome.kept.to_dicts()
    assert (row["chosen"], row["rejected"]) == ([turn("assistant", "x")], [turn("assistant", "y")])
    assert (row["prompt"], row["parents"], row["group_id"]) == ([turn("user", "?")], ["r1"], "q")
    assert (row["score_chosen"], row["score_rejected"], row["weight"]) == (2.0, 0.5, 1.5)
    assert sorted(outcome.rejected.select("id", "rule").rows()) == [
        ("r0", "no_answer"),
        ("r2", "same_answer"),
        ("r3", "no_answer"),
    ]


def test_given_pairs_without_both_scores_or_with_close_ones_are_rejected() -> None:
    rows = candidates(*({"said": "y", "better": f"x{n}", "worse": "z"} for n in range(3)))
    rows = rows.with_columns(s=pl.Series([1.0, None, 0.6]), t=pl.lit(0.5))
    step = PairPreferences(
        pairs="given", chosen="better", rejected="worse", chosen_score="s", rejected_score="t", min_margin=0.4
    )
    outcome = step.outcome(rows)
    assert outcome.kept["margin"].to_list() == [0.5]
    assert outcome.rejected.select("id", "rule").rows() == [("r1", "no_score"), ("r2", "unpaired")]


def test_given_answers_may_be_message_lists_behind_a_prompt_without_answer() -> None:
    rows = candidates({"said": "-", "asked": "Warum?"}).with_columns(
        messages=pl.Series([[turn("user", "Warum?")]], dtype=records.turns_dtype()),
        good=pl.Series([[turn("assistant", "Darum.", reasoning="Hm.")]], dtype=records.turns_dtype()),
        bad=pl.Series([[turn("assistant", "Because.")]], dtype=records.turns_dtype()),
    )
    [row] = PairPreferences(pairs="given", chosen="good", rejected="bad")(rows, kind="instruction").to_dicts()
    assert row["prompt"] == [turn("user", "Warum?")]
    assert row["chosen"] == [turn("assistant", "Darum.", reasoning="Hm.")]
    assert "margin" not in row


def test_other_prompts_and_other_groups_never_meet() -> None:
    rows = candidates(
        {"said": "a", "asked": "x", "group_id": "q", "s": 1},
        {"said": "b", "asked": "y", "group_id": "q", "s": 2},
        {"said": "c", "asked": "x", "group_id": "p", "s": 3},
        {"said": "d", "asked": "x", "group_id": None, "s": 4},
    )
    assert pairs(PairPreferences(score="s"), rows) == []
    assert pairs(PairPreferences(score="s", by=[]), rows) == [("d", "a")]


def test_equal_answers_count_once() -> None:
    rows = candidates(
        {"said": "a", "group_id": "q", "s": 1.0},
        {"said": "a\n", "group_id": "q", "s": 2.0},
        {"said": "b", "group_id": "q", "s": 0.0},
    )
    outcome = PairPreferences(pairs="all", score="s").outcome(rows)
    assert outcome.kept["parents"].to_list() == [["r0", "r2"]]
    assert outcome.rejected.select("id", "rule", "value").rows() == [("r1", "same_answer", "r0")]


def test_rows_without_answer_or_score_are_no_candidates() -> None:
    rows = candidates(
        {"said": "a", "group_id": "q", "s": float("nan")},
        {"said": " ", "group_id": "q", "s": 1.0},
        {"said": "b", "group_id": "q", "s": None},
    )
    outcome = PairPreferences(score="s").outcome(rows)
    assert outcome.kept.is_empty()
    assert sorted(outcome.rejected.select("id", "rule").rows()) == [
        ("r0", "no_score"),
        ("r1", "no_answer"),
        ("r2", "no_score"),
    ]


def test_a_pair_of_several_items_has_no_group() -> None:
    rows = candidates({"said": "a", "s": 1}, {"said": "b", "s": 2}).with_columns(group_id=pl.Series(["x", "y"]))
    [row] = PairPreferences(score="s", by=[])(rows, kind="instruction").to_dicts()
    assert row["group_id"] is None and row["parents"] == ["r1", "r0"]


def test_source_and_licence_are_those_of_both_answers() -> None:
    rows = candidates(
        {"said": "a", "group_id": "q", "s": 1, "source": "x", "license": "mit"},
        {"said": "b", "group_id": "q", "s": 2, "source": "y", "license": "mit"},
    )
    [row] = PairPreferences(score="s")(rows, kind="instruction").to_dicts()
    assert (row["source"], row["license"]) == ("y; x", "mit")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"score": "reward"}, [("b", True), ("c", False)]),
        ({"pairs": "pass_fail", "passes": "right"}, [("a", True), ("b", False), ("c", False), ("d", True)]),
    ],
)
def test_labels_without_pairs(options: dict[str, Any], expected: list[tuple[str, bool]]) -> None:
    rows = SCORED.with_columns(right=pl.Series([True, False, False, True]), model=pl.lit("m"))
    made = PairPreferences(unpaired=True, carry=["model"], **options)(rows, kind="instruction")
    assert list(zip(said(made, "completion"), made["label"], strict=True)) == expected
    assert set(made.columns) == {*records.kind("feedback").schema.names, "model"}
    assert made["parents"].list.len().unique().to_list() == [1]


def test_a_given_pair_is_two_labelled_answers() -> None:
    rows = candidates({"said": "y", "group_id": "q", "better": "x"}).with_columns(worse=pl.lit("z"))
    step = PairPreferences(pairs="given", chosen="better", rejected="worse", unpaired=True)
    made = step(rows, kind="instruction")
    assert list(zip(said(made, "completion"), made["label"], strict=True)) == [("x", True), ("z", False)]
    assert made["id"].n_unique() == 2


def test_candidates_may_be_feedback() -> None:
    rows = pl.DataFrame(
        {
            "prompt": [[turn("user", "?")]] * 2,
            "completion": [[turn("assistant", "a")], [turn("assistant", "b")]],
            "label": [True, False],
            "lang": "deu_Latn",
        },
        schema_overrides=dict.fromkeys(("prompt", "completion"), records.turns_dtype()),
    )
    made = PairPreferences(pairs="pass_fail", passes="label", by=[])(rows, kind="feedback")
    assert (said(made, "chosen"), said(made, "rejected"), made["lang"].to_list()) == (["a"], ["b"], ["deu_Latn"])


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "best_worst needs score"),
        ({"pairs": "pass_fail"}, "pass_fail needs passes"),
        ({"pairs": "given", "chosen": "x"}, "given needs chosen and rejected"),
        ({"pairs": "all", "score": "s", "unpaired": True}, "better in one pair of all and worse in another"),
        ({"score": "s", "chosen": "x"}, "chosen has no effect here: pairs: best_worst finds the answers among rows"),
        ({"pairs": "native_machine", "weight": "margin"}, "weight has no effect here: there is no score"),
        ({"pairs": "given", "chosen": "x", "rejected": "y", "chosen_score": "s"}, "go together"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        PairPreferences(**options)


CANDIDATES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 3), st.booleans(), st.sampled_from("abc")), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(CANDIDATES)
def test_pairs_are_those_found_by_trying_all(rows: list[tuple[int, int, bool, str]]) -> None:
    frame = pl.DataFrame(
        [(n, g, f"r{n:02}", float(s), p, t) for n, (g, s, p, t) in enumerate(rows)],
        schema={"row": pl.UInt32, "group": pl.UInt32, "id": pl.String, "score": pl.Float64, "passes": pl.Boolean,
                "text": pl.String},
        orient="row",
    )  # fmt: skip
    numbers = range(len(rows))
    better = [
        (i, j)
        for i, j in product(numbers, numbers)
        if rows[i][0] == rows[j][0] and rows[i][1] > rows[j][1] and rows[i][3] != rows[j][3] and rows[i][2]
    ]
    assert sorted(pairing.all_pairs(frame).select("chosen", "rejected").rows()) == sorted(better)
    best = {}
    for group in {g for g, *_ in rows}:
        own = [i for i in numbers if rows[i][0] == group and rows[i][2]]
        top = min(own, key=lambda i: (-rows[i][1], i), default=None)
        below = [j for i, j in better if i == top]
        if below:
            best[group] = (top, min(below, key=lambda j: (rows[j][1], j)))
    assert pairing.best_worst(frame).rows() == [(g, *best[g]) for g in sorted(best)]
    for function in (pairing.ladder, pairing.zipped):
        made = function(frame)
        assert made["group"].is_sorted()
        for group, chosen, rejected in made.rows():
            assert rows[chosen][0] == rows[rejected][0] == group
            assert rows[chosen][3] != rows[rejected][3] and rows[chosen][2]
    zipped = pairing.zipped(frame)
    assert zipped["chosen"].is_unique().all() and zipped["rejected"].is_unique().all()
