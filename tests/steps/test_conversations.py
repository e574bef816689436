"""Conversations in the forms in which people have them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from xlcorpus import records

ASK = {"role": "user", "content": "Wetter in Bonn?"}
ANSWER = {"role": "assistant", "content": "12 Grad."}
TURNS = [("user", "Wetter in Bonn?"), ("assistant", "12 Grad.")]


Conform = Callable[..., tuple[pl.DataFrame, list[tuple[str, str]]]]
Instructions = Callable[..., tuple[list[list[dict[str, str]]], list[tuple[str, str]]]]


def texts(turns: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in turns]


@pytest.fixture
def instructions(conform: Conform) -> Instructions:
    """instructions(row, ..., **options of `read`) -> the messages of each, (rule, value) of each rejected row."""

    def make(*rows: Any, **options: Any) -> tuple[list[list[dict[str, str]]], list[tuple[str, str]]]:
        frame, rejected = conform(list(rows), kind="instruction", **options)
        assert frame.schema["messages"] == records.turns_dtype()
        return frame["messages"].to_list(), rejected

    return make


# Forms


@pytest.mark.parametrize(
    "messages",
    [
        [ASK, ANSWER],
        [{"content": "Wetter in Bonn?", "role": "user"}, ANSWER],
        json.dumps([ASK, ANSWER]),
        [json.dumps(ASK), json.dumps(ANSWER)],
        [{"from": "human", "value": "Wetter in Bonn?"}, {"from": "gpt", "value": "12 Grad."}],
        [{"role": "User", "parts": [{"text": "Wetter in Bonn?"}]}, {"role": "model", "parts": [{"text": "12 Grad."}]}],
        [
            {"role": "human", "content": [{"type": "text", "text": "Wetter in Bonn?"}]},
            {"role": "bot", "content": "12 Grad."},
        ],
        [{"role": "prompter", "text": "Wetter in Bonn?"}, {"role": "AI", "content": ["12 Grad."]}],
        [ASK | {"weight": 1, "name": None}, ANSWER | {"tool_calls": None}],
    ],
)
def test_forms_of_messages(instructions: Instructions, messages: Any) -> None:
    made, rejected = instructions({"messages": messages})
    assert [texts(turns) for turns in made] == [TURNS]
    assert rejected == []


def test_rows_of_one_file_may_have_other_forms(instructions: Instructions) -> None:
    given = [
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "look"}, {"type": "text", "text": "there"}]},
                ANSWER,
            ]
        },
        {"messages": [ASK, ANSWER]},
        {"messages": None, "prompt": "Wetter in Bonn?", "response": "12 Grad."},
        {"prompt": [ASK], "response": "12 Grad."},
        {"prompt": [{"role": "system", "content": "Kurz."}, ASK], "response": [ANSWER]},
    ]
    made, rejected = instructions(*given)
    assert texts(made[0]) == [("user", "look\nthere"), ("assistant", "12 Grad.")]
    assert [texts(turns) for turns in made[1:4]] == [TURNS] * 3
    assert texts(made[4]) == [("system", "Kurz."), *TURNS]
    assert rejected == []


def test_sharegpt_through_columns(instructions: Instructions) -> None:
    row = {"system": "Kurz.", "conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}
    made, _ = instructions(row, columns={"messages": "conversations"})
    assert texts(made[0]) == [("system", "Kurz."), ("user", "a"), ("assistant", "b")]


def test_an_empty_system_text_is_no_turn(instructions: Instructions) -> None:
    rows = [{"prompt": "a", "response": "b", "system": s} for s in ("", None, "Kurz.")]
    made, _ = instructions(*rows)
    assert [len(turns) for turns in made] == [2, 2, 3]


def test_typed_turns_of_a_table(conform: Conform) -> None:
    frame = pl.DataFrame({"messages": [[ANSWER | {"role": "user"}, ANSWER], [{"role": "gpt", "content": "x"}]]})
    rows, rejected = conform(frame, kind="instruction")
    assert texts(rows["messages"][0].to_list()) == [("user", "12 Grad."), ("assistant", "12 Grad.")]
    assert rejected == [("bad_messages", "line 2: messages has no turn of the user")]
    again, _ = conform(rows, kind="instruction", paths="b.parquet")
    assert again["messages"].to_list() == rows["messages"].to_list()


def test_what_the_options_name_comes_before_messages(instructions: Instructions) -> None:
    row = {"q": "a", "response": "b", "messages": 5}
    assert texts(instructions(row, columns={"prompt": "q"})[0][0]) == [("user", "a"), ("assistant", "b")]


# Tools


def test_a_turn_that_calls_a_tool_needs_no_content(conform: Conform) -> None:
    call = [{"type": "function", "function": {"name": "wetter", "arguments": '{"ort": "Köln"}'}}]
    row = {
        "messages": [
            ASK,
            {"role": "assistant", "content": None, "tool_calls": call, "reasoning_content": "Nachsehen."},
            {"role": "tool", "content": {"grad": 12}},
            ANSWER,
        ],
        "tools": [{"type": "function", "function": {"name": "wetter"}}],
    }
    frame, rejected = conform([row], kind="instruction")
    turns = frame["messages"][0].to_list()
    assert list(turns[1]) == ["role", "content", "tool_calls", "reasoning"]
    assert turns[1]["content"] is None
    assert json.loads(turns[1]["tool_calls"]) == call
    assert turns[1]["reasoning"] == "Nachsehen."
    assert turns[2]["content"] == '{"grad": 12}'
    assert json.loads(frame["tools"][0]) == row["tools"]
    assert rejected == []


def test_older_forms_of_calls(instructions: Instructions) -> None:
    openai = {"role": "assistant", "content": None, "function_call": {"name": "wetter", "arguments": "{}"}}
    sharegpt = {"from": "function_call", "value": '{"name": "wetter"}'}
    made, _ = instructions(
        {"messages": [ASK, openai, {"role": "function", "content": "12"}, ANSWER]},
        {"messages": [{"from": "human", "value": "a"}, sharegpt, {"from": "observation", "value": "12"}, ANSWER]},
    )
    assert [turns[1]["role"] for turns in made] == ["assistant", "assistant"]
    assert "wetter" in made[0][1]["tool_calls"] and made[1][1]["tool_calls"] == '{"name": "wetter"}'
    assert [turns[2]["role"] for turns in made] == ["tool", "tool"]


@pytest.mark.parametrize(
    ("tools", "kept"),
    [('[{"name": "x"}]', '[{"name": "x"}]'), ([], None), ("", None), (None, None), ({"a": 1}, '{"a": 1}')],
)
def test_tools_are_json_text(conform: Conform, tools: Any, kept: str | None) -> None:
    frame, _ = conform([{"prompt": "a", "response": "b", "tools": tools}], kind="instruction")
    assert frame["tools"].to_list() == [kept]


def test_constraints_are_kinds_with_arguments(conform: Conform) -> None:
    given = [{"kind": "length", "arguments": '{"max": 5}'}]
    frame, _ = conform([{"prompt": "a", "response": "b", "constraints": given}], kind="instruction")
    assert frame["constraints"].to_list() == [given]


# What is no conversation


@pytest.mark.parametrize(
    ("row", "rule", "value"),
    [
        ({"messages": []}, "bad_messages", "messages has no turns"),
        ({"messages": [ANSWER]}, "bad_messages", "messages has no turn of the user"),
        (
            {"messages": [{"role": "system", "content": "x"}, ANSWER]},
            "bad_messages",
            "messages has no turn of the user",
        ),
        ({"messages": [ASK, {"role": "narrator", "content": "x"}]}, "bad_messages", "role 'narrator'"),
        ({"messages": [ASK, {"content": "x"}]}, "bad_messages", "a turn has no role"),
        ({"messages": [ASK, {"role": 5, "content": "x"}]}, "bad_messages", "role 5"),
        ({"messages": [ASK, "x"]}, "bad_messages", "a turn is text without role"),
        ({"messages": "Hallo"}, "bad_messages", "messages is text, but not the JSON of turns"),
        ({"messages": 5}, "wrong_type", "messages is a number"),
        ({"messages": {"a": 1}}, "wrong_type", "messages is an object"),
        (
            {"messages": [ASK, {"role": "assistant", "content": None}, ANSWER]},
            "missing_field",
            "content of a turn of the assistant",
        ),
        (
            {"messages": [ASK, {"role": "assistant", "content": None, "tool_calls": []}]},
            "missing_field",
            "content of a turn of the assistant",
        ),
        ({"messages": [ASK, {"role": "assistant", "content": 12}]}, "wrong_type", "content is a number"),
        (
            {"messages": [ASK, {"role": "assistant", "content": [{"type": "image_url", "image_url": {}}]}]},
            "bad_messages",
            "a part of type 'image_url'",
        ),
        ({"prompt": "a", "response": 5}, "wrong_type", "response is a number"),
        ({"prompt": "a", "response": None}, "missing_field", "messages"),
        ({"prompt": {"x": 1}, "response": "b"}, "wrong_type", "text of a part is null"),
        ({"prompt": "a", "response": "b", "tools": "no json"}, "wrong_type", "tools is text, but no JSON"),
    ],
)
def test_rows_without_a_conversation_are_rejected_alone(
    instructions: Instructions, row: dict[str, Any], rule: str, value: str
) -> None:
    good = {"messages": [ASK, ANSWER], "prompt": None, "response": None}
    made, rejected = instructions(good, row, good)
    assert [texts(turns) for turns in made] == [TURNS, TURNS]
    assert rejected == [(rule, f"line 2: {value}")]


# Preferences and feedback


Preference = Callable[..., dict[str, list[tuple[str, str]]]]


@pytest.fixture
def preference(conform: Conform) -> Preference:
    """preference(**row) -> its prompt and answers as (role, content)."""

    def make(**row: Any) -> dict[str, list[tuple[str, str]]]:
        frame, rejected = conform([row], kind="preference")
        assert rejected == []
        return {name: texts(frame[name][0].to_list()) for name in ("prompt", "chosen", "rejected")}

    return make


GOOD, BAD = {"role": "assistant", "content": "gut"}, {"role": "assistant", "content": "schlecht"}
WANTED = {"prompt": [TURNS[0]], "chosen": [("assistant", "gut")], "rejected": [("assistant", "schlecht")]}


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Wetter in Bonn?", "chosen": "gut", "rejected": "schlecht"},
        {"prompt": "Wetter in Bonn?", "chosen": [GOOD], "rejected": "schlecht"},
        {"prompt": [ASK], "chosen": [ASK, GOOD], "rejected": [ASK, BAD]},
        {"prompt": "Wetter in Bonn? ", "chosen": [ASK, GOOD], "rejected": [ASK, BAD]},
        {"prompt": "Wetter in Bonn?", "chosen": [ASK, GOOD], "rejected": [BAD]},
        {"chosen": [ASK, GOOD], "rejected": [ASK, BAD]},
        {
            "chosen": [{"from": "human", "value": "Wetter in Bonn?"}, {"from": "gpt", "value": "gut"}],
            "rejected": [ASK, BAD],
        },
    ],
)
def test_the_prompt_stands_once(preference: Preference, row: dict[str, Any]) -> None:
    made = preference(**row)
    assert [content.strip() for _, content in made["prompt"]] == ["Wetter in Bonn?"]
    assert made["chosen"] == WANTED["chosen"] and made["rejected"] == WANTED["rejected"]


def test_a_longer_beginning_is_the_prompt(preference: Preference) -> None:
    system = {"role": "system", "content": "Kurz."}
    more = [ASK, ANSWER, {"role": "user", "content": "Und morgen?"}]
    for prompt in (None, "Wetter in Bonn?", [ASK, ANSWER]):
        made = preference(prompt=prompt, chosen=[*more, GOOD], rejected=[*more, BAD])
        assert made["prompt"] == [*TURNS, ("user", "Und morgen?")]
    made = preference(prompt="Wetter in Bonn?", chosen=[system, ASK, GOOD], rejected=[system, ASK, BAD])
    assert made["prompt"] == [("system", "Kurz."), TURNS[0]]


def test_equal_answers_keep_their_last_turn(preference: Preference) -> None:
    made = preference(chosen=[ASK, GOOD], rejected=[ASK, GOOD])
    assert made == {"prompt": [TURNS[0]], "chosen": [("assistant", "gut")], "rejected": [("assistant", "gut")]}


@pytest.mark.parametrize(
    ("row", "rule", "value"),
    [
        ({"prompt": "a", "chosen": [], "rejected": "b"}, "bad_messages", "chosen has no turns"),
        ({"prompt": "a", "chosen": [ASK], "rejected": "b"}, "bad_messages", "chosen has no turn of the assistant"),
        ({"prompt": "a", "chosen": "b", "rejected": 5}, "wrong_type", "rejected is a number"),
        ({"prompt": "a", "chosen": "b", "rejected": None}, "missing_field", "rejected"),
        ({"prompt": None, "chosen": "b", "rejected": "c"}, "missing_field", "prompt"),
        (
            {"prompt": None, "chosen": [ANSWER, GOOD], "rejected": [ANSWER, BAD]},
            "bad_messages",
            "prompt has no turn of the user",
        ),
    ],
)
def test_what_is_no_preference_is_rejected(conform: Conform, row: dict[str, Any], rule: str, value: str) -> None:
    good = {"prompt": "a", "chosen": "b", "rejected": "c"}
    frame, rejected = conform([good, row], kind="preference")
    assert frame.height == 1
    assert rejected == [(rule, f"line 2: {value}")]


def test_a_completion_that_repeats_its_prompt(conform: Conform) -> None:
    frame, _ = conform([{"prompt": [ASK], "completion": [ASK, ANSWER], "label": True}], kind="feedback")
    assert texts(frame["completion"][0].to_list()) == [TURNS[1]]


@pytest.mark.parametrize("nothing", ["", " \n", "\u200b", "\u00a0\u2060"])
def test_an_answer_that_says_nothing_is_a_missing_field(conform: Conform, nothing: str) -> None:
    asked = {"role": "user", "content": "¿Qué hora es?"}
    given = [
        {"messages": [asked, {"role": "assistant", "content": nothing}]},
        {"messages": [asked, {"role": "assistant", "content": "Las dos."}]},
        {"messages": [{"role": "user", "content": nothing}, {"role": "assistant", "content": "Las dos."}]},
        {"prompt": "¿Qué hora es?", "response": nothing},
    ]
    rows, rejected = conform(given, kind="instruction")
    assert rows.height == 1
    assert [rule for rule, _ in rejected] == ["missing_field"] * 3
    plain = pl.DataFrame({"prompt": ["a", "b"], "response": [nothing, "Las dos."]})
    assert conform(plain, kind="instruction")[0].height == 1
    assert conform(plain.rename({"response": "completion"}).with_columns(label=True), kind="feedback")[0].height == 1


def test_a_call_of_a_tool_says_something(conform: Conform) -> None:
    call = {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": {"name": "clock"}}]}
    rows, _ = conform([{"messages": [{"role": "user", "content": "Saa ngapi?"}, call]}], kind="instruction")
    assert rows.height == 1
