"""Conversations of two models: turn by turn, with a drawn end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.models.chat.player import Player
from xlcorpus.outcomes import Outcome
from xlcorpus.steps import Converse

from ...models.chat.server import Reply, Server, serving

QUESTION = "Warum ist der Himmel am Tag eigentlich blau und am Abend manchmal rot?"
ANSWER = "Blaues Licht wird in der Luft stärker gestreut als rotes, darum sehen wir es aus allen Richtungen."
ASKS = "Du stellst Fragen zu diesem Text: {{ passage }}\n{{ conversation }}"


def rows(n: int = 1, turns: tuple[str, ...] = (), passage: str = "Das Licht der Sonne.") -> pl.DataFrame:
    roles = ("user", "assistant")
    messages = [
        {"role": roles[i % 2], "content": t, "tool_calls": None, "reasoning": None} for i, t in enumerate(turns)
    ]
    column = pl.Series("messages", [messages] * n, dtype=records.turns_dtype())
    frame = pl.DataFrame([column, pl.Series("passage", [f"{passage} {i}" for i in range(n)])])
    tags = dict.fromkeys(("lang", "prompt_lang", "response_lang"), pl.lit("deu_Latn"))
    return frame.with_columns(**tags, task=pl.lit("chat"), id=pl.format("row {}", pl.int_range(pl.len())))


def talk(body: dict[str, Any], number: int) -> str:
    return QUESTION if "Du stellst Fragen" in body["messages"][-1]["content"] else ANSWER


def outcome(reply: Reply, given: pl.DataFrame, seed: int = 0, **options: Any) -> tuple[Outcome, Server]:
    with serving(reply) as server:
        options = {"user_prompt": ASKS, **options}
        step = Converse(model=server.player(), user_model=server.player(), **options)
        step.preflight()
        return step.outcome(given, kind="instruction", seed=seed), server


def roles(row: dict[str, Any]) -> str:
    return "".join(turn["role"][0] for turn in row["messages"])


def test_user_and_assistant_take_turns_until_there_are_enough_answers() -> None:
    found, server = outcome(talk, rows(), stop=0, at_most=3)
    (row,) = found.kept.to_dicts()
    assert roles(row) == "uauaua"
    assert row["converse_answers"] == 3
    assert (row["origin"], len(row["parents"])) == ("synthetic", 1)
    assert len(server.bodies) == 6


def test_who_plays_the_user_sees_the_passage_and_what_was_said() -> None:
    _, server = outcome(talk, rows(), stop=0, at_most=2)
    third = server.bodies[2]["messages"][-1]["content"]
    assert "Das Licht der Sonne. 0" in third
    assert f"User: {QUESTION}\n\nAssistant: {ANSWER}" in third


def test_the_assistant_is_sent_the_turns_and_without_a_prompt_the_user_too_with_roles_exchanged() -> None:
    _, server = outcome(lambda body, n: ANSWER, rows(turns=(QUESTION,)), stop=0, at_most=2, user_prompt=None)
    assert server.bodies[0]["messages"] == [{"role": "user", "content": QUESTION}]
    assert [m["role"] for m in server.bodies[1]["messages"]] == ["assistant", "user"]
    assert [m["role"] for m in server.bodies[2]["messages"]] == ["user", "assistant", "user"]


def test_the_end_is_drawn_after_each_answer() -> None:
    found, _ = outcome(talk, rows(400), stop=0.5, at_most=6)
    answers = found.kept["converse_answers"]
    shares = [(answers == n).mean() for n in range(1, 4)]
    assert shares == pytest.approx([1 / 2, 1 / 4, 1 / 8], abs=0.07)
    again, _ = outcome(talk, rows(400), stop=0.5, at_most=6)
    assert again.kept["converse_answers"].equals(answers)
    other, _ = outcome(talk, rows(400), seed=1, stop=0.5, at_most=6)
    assert not other.kept["converse_answers"].equals(answers)


def test_each_sample_is_a_conversation_of_its_own() -> None:
    found, _ = outcome(talk, rows(), samples=3, temperature=1, stop=0.5)
    assert found.kept["converse_sample"].to_list() == [0, 1, 2]
    assert found.kept["id"].n_unique() == 3
    assert found.kept["group_id"].n_unique() == 1


def third_is_english(body: dict[str, Any], number: int) -> str:
    if number == 3:
        return "This answer is in English, although the whole conversation is in German, which nobody asked for."
    return talk(body, number)


def test_a_turn_in_another_language_rejects_the_row_or_ends_the_conversation_before() -> None:
    found, _ = outcome(third_is_english, rows(), stop=0, at_most=3)
    assert found.rejected["rule"].to_list() == ["wrong_language"]
    assert ": This answer is in English" in found.rejected["value"][0]
    ended, _ = outcome(third_is_english, rows(), stop=0, at_most=3, on_bad_turn="end")
    (row,) = ended.kept.to_dicts()
    assert (roles(row), row["converse_answers"]) == ("ua", 1)


def test_without_a_good_exchange_there_is_nothing_to_end_with() -> None:
    found, _ = outcome(lambda body, n: "  ", rows(), on_bad_turn="end")
    assert found.rejected["rule"].to_list() == ["empty"]


def test_two_roles_are_asked_and_both_are_named(tmp_path: Path) -> None:
    with serving(talk) as one, serving(talk) as two:
        step = Converse(
            model=one.player(),
            user_model=Player(base_url=two.player().base_url, model="curious"),
            user_prompt=ASKS,
            stop=1,
        )
        kept = step(rows(), kind="instruction")
    assert kept.select("converse_model", "converse_user_model").row(0) == ("scripted", "curious")
    assert (len(one.bodies), len(two.bodies)) == (1, 1)
    assert set(step.models()) == {"model", "user_model", "language_identifier"}


def test_an_empty_conversation_needs_a_prompt_that_begins_it() -> None:
    with pytest.raises(UserError, match="user_prompt"):
        outcome(talk, rows(), user_prompt=None)


def test_a_prompt_may_name_columns_and_the_conversation() -> None:
    step = Converse(model="a", user_model="b", user_prompt=ASKS)
    (port,) = step.ports().values()
    assert port.columns == ("passage",)


def test_the_probability_of_an_end_may_grow() -> None:
    found, _ = outcome(talk, rows(400), stop=0.25, stop_grows=2, at_most=6)
    answers = found.kept["converse_answers"]
    # A quarter ends after the first answer, half of the others after the second, all that are left after the third.
    assert [(answers == n).mean() for n in range(1, 5)] == pytest.approx([0.25, 0.375, 0.375, 0], abs=0.07)
