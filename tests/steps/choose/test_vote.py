"""Majority votes over the answers of a group."""

from collections import Counter
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.steps.choose.candidates import candidates
from xlcorpus.errors import UserError
from xlcorpus.steps.choose.vote import Vote


def samples(answers: dict[str, list[str | None]], **beside: Any) -> pl.DataFrame:
    """The answers to each question, by `group_id`."""
    return candidates(
        *(
            {"said": f"{group} {n}", "group_id": group, "answer": answer, "id": f"{group}{n}", **beside}
            for group, own in answers.items()
            for n, answer in enumerate(own)
        )
    )


def test_shares_are_of_the_samples_asked_for() -> None:
    rows = Vote(asked=5, answer="answer")(samples({"a": ["18", "18", "20", None]}), kind="instruction")
    assert rows["vote_count"].to_list() == [2, 2, 1, None]
    assert rows["vote_share"].to_list() == [0.4, 0.4, 0.2, None]
    assert rows["vote_won"].to_list() == [1.0, 1.0, 0.0, 0.0]
    assert rows.select("vote_winner", "vote_winner_count", "vote_winner_share").unique().rows() == [("18", 2, 0.4)]
    assert rows["vote_tally"][0].to_list() == [
        {"answer": "18", "count": 2, "share": 0.4},
        {"answer": "20", "count": 1, "share": 0.2},
    ]


def test_the_number_asked_for_may_stand_in_a_column() -> None:
    rows = samples({"a": ["18", "18"]}, samples=8)
    assert Vote(asked="samples", answer="answer")(rows, kind="instruction")["vote_share"].to_list() == [0.25, 0.25]


def test_languages_vote_together_or_each_for_itself() -> None:
    rows = candidates(
        *(
            {"said": str(n), "lang": lang, "group_id": "q", "answer": answer}
            for n, (lang, answer) in enumerate(
                [("deu_Latn", "18"), ("deu_Latn", "20"), ("deu_Latn", "20"), ("tha_Thai", "18"), ("tha_Thai", "18")]
            )
        )
    )
    together = Vote(asked=6, answer="answer")(rows, kind="instruction")
    assert together["vote_winner"].unique().to_list() == ["18"]
    apart = Vote(asked=3, answer="answer", by=["group_id", "response_lang"])(rows, kind="instruction")
    assert apart.select("response_lang", "vote_winner").unique(maintain_order=True).rows() == [
        ("deu_Latn", "20"),
        ("tha_Thai", "18"),
    ]


def test_of_equally_frequent_answers_that_of_the_smallest_id_wins() -> None:
    rows = samples({"a": ["20", "18"]}).with_columns(id=pl.Series(["z", "b"]))
    assert Vote(asked=2, answer="answer")(rows, kind="instruction")["vote_winner"].to_list() == ["18", "18"]


@pytest.mark.parametrize(
    ("keep", "kept", "rejected"),
    [
        ("all", ["a0", "a1", "a2", "a3"], []),
        ("winners", ["a1", "a2"], [("a0", "outvoted", "20"), ("a3", "no_answer", None)]),
        ("one", ["a1"], [("a0", "outvoted", "20"), ("a3", "no_answer", None), ("a2", "same_answer", "a1")]),
    ],
)
def test_rows_that_stay(keep: Any, kept: list[str], rejected: list[tuple[str, str, str | None]]) -> None:
    outcome = Vote(asked=4, answer="answer", keep=keep).outcome(samples({"a": ["20", "18", "18", " "]}))
    assert outcome.kept["id"].to_list() == kept
    assert outcome.rejected.select("id", "rule", "value").rows() == rejected


def test_a_group_without_answers_has_no_winner() -> None:
    outcome = Vote(asked=2, answer="answer").outcome(samples({"a": [None, None]}))
    assert outcome.kept.select("vote_winner", "vote_winner_count", "vote_winner_share").row(0) == (None, 0, 0.0)
    assert outcome.kept["vote_tally"].list.len().to_list() == [0, 0]
    one = Vote(asked=2, answer="answer", keep="one").outcome(samples({"a": [None, None]}))
    assert one.kept.is_empty() and one.rejected["rule"].to_list() == ["no_answer", "no_answer"]


def test_a_row_without_a_group_votes_alone() -> None:
    rows = candidates({"said": "a", "answer": "1"}, {"said": "b", "answer": "1"})
    assert Vote(asked=1, answer="answer")(rows, kind="instruction")["vote_count"].to_list() == [1, 1]


def test_a_second_vote_replaces_the_first() -> None:
    vote = Vote(asked=2, answer="answer")
    once = vote(samples({"a": ["1", "2"]}), kind="instruction")
    assert vote(once, kind="instruction").equals(once)


def test_more_rows_than_were_asked_for_is_a_mistake() -> None:
    with pytest.raises(UserError, match=r"the group \(group_id\) of the row 'a0' has 3 rows, but asked: 2 says 2"):
        Vote(asked=2, answer="answer")(samples({"a": ["1", "1", "2"]}), kind="instruction")


def test_a_column_that_says_different_numbers_is_a_mistake() -> None:
    rows = samples({"a": ["1", "1"]}).with_columns(samples=pl.Series([2, 3]))
    with pytest.raises(UserError, match=r"'samples' is not the same number in all rows .* \(2 to 3, 0 without\)"):
        Vote(asked="samples", answer="answer")(rows, kind="instruction")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "2", "3", None])), min_size=1, max_size=14))
def test_votes_are_those_of_counting_by_hand(rows: list[tuple[str, str | None]]) -> None:
    frame = candidates(
        *({"said": str(n), "group_id": g, "answer": a, "id": f"r{n:02}"} for n, (g, a) in enumerate(rows))
    )
    made = Vote(asked=20, answer="answer")(frame, kind="instruction")
    for row in made.iter_rows(named=True):
        own = [(a, n) for n, (g, a) in enumerate(rows) if g == row["group_id"] and a is not None]
        counts = Counter(a for a, _ in own)
        first = {a: min(n for b, n in own if b == a) for a in counts}
        ranked = sorted(counts, key=lambda a: (-counts[a], first[a]))
        assert row["vote_winner"] == (ranked[0] if ranked else None)
        assert row["vote_count"] == (None if row["answer"] is None else counts[row["answer"]])
        assert [entry["answer"] for entry in row["vote_tally"]] == ranked
        assert row["vote_won"] == float(row["answer"] is not None and row["answer"] == row["vote_winner"])
