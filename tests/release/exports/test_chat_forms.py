"""Conversations, preferences and feedback in the forms of their trainers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.release.exports import export
from xlcorpus.release.exports.made import Settings
from xlcorpus.release.exports.role_content import trl

Make = Callable[..., Any]


def turn(role: str, content: str | None, tool_calls: str | None = None, reasoning: str | None = None) -> dict[str, Any]:
    """A turn as records hold it."""
    return {"role": role, "content": content, "tool_calls": tool_calls, "reasoning": reasoning}


ASK, ANSWER = turn("user", "რა ამინდია?"), turn("assistant", "მზიანი.")
CALL = '[{"name": "weather", "arguments": {"city": "თბილისი"}}]'
CALLING = [
    turn("system", "Sei kurz."),
    turn("user", "Wetter in Tiflis?"),
    turn("assistant", None, CALL, "Ich frage nach."),
    turn("tool", '{"grad": 31}'),
    turn("assistant", "31 Grad."),
]
WEATHER = '[{"name": "weather", "description": "Wetter", "parameters": {"type": "object", "properties": {}}}]'
THOUGHT = [ASK, turn("assistant", "მზიანი.", None, "ცა სუფთაა")]


def test_trl_preferences_have_the_prompt_apart(tmp_path: Path, release: Make, preferences: Make, loaded: Make) -> None:
    row = ([turn("system", "Sei kurz."), ASK], [ANSWER], [turn("assistant", "არ ვიცი")])
    done = export(release(tmp_path / "r", "preference", train=preferences(row)), "trl")
    assert loaded(done.folder / "train.parquet") == [
        {
            "prompt": [{"role": "system", "content": "Sei kurz."}, {"role": "user", "content": "რა ამინდია?"}],
            "chosen": [{"role": "assistant", "content": "მზიანი."}],
            "rejected": [{"role": "assistant", "content": "არ ვიცი"}],
        }
    ]


def test_trl_preferences_carry_their_margin_and_are_unfit_without_it(preferences: Make) -> None:
    rows = preferences(([ASK], [ANSWER], [turn("assistant", "არ ვიცი")]), ([ASK], [ANSWER], [turn("assistant", "?")]))
    rows = records.finish(rows.with_columns(margin=pl.Series([0.5, None])), "preference")
    made = trl("preference", rows, Settings())
    assert made.rows["margin"].to_pylist() == [0.5]
    assert [(unfit.id, unfit.column) for unfit in made.unfit] == [(rows["id"][1], "margin")]


def test_trl_feedback_is_what_kto_reads(tmp_path: Path, release: Make, feedback: Make, loaded: Make) -> None:
    done = export(release(tmp_path / "r", "feedback", train=feedback(([ASK], [ANSWER], False))), "trl")
    assert loaded(done.folder / "train.parquet") == [
        {
            "prompt": [{"role": "user", "content": "რა ამინდია?"}],
            "completion": [{"role": "assistant", "content": "მზიანი."}],
            "label": False,
        }
    ]


def test_trl_items_are_what_grpo_reads(tmp_path: Path, release: Make, items: Make, loaded: Make) -> None:
    rows = items(
        {"question": "2 + 2 ni ngapi?", "answer": "4"},
        {"question": "Mji mkuu?", "context": "Nairobi ni mji mkuu.", "choices": ["Mombasa", "Nairobi"], "answer": "B"},
        {"question": "რა ამინდია?", "prompt": [turn("system", "Sei kurz."), ASK], "answer": "მზიანი"},
    )
    done = export(release(tmp_path / "r", "item", train=rows), "trl")
    user = [
        [{"role": "user", "content": "2 + 2 ni ngapi?"}],
        [{"role": "user", "content": "Nairobi ni mji mkuu.\n\nMji mkuu?\n\nA. Mombasa\nB. Nairobi"}],
        [{"role": "system", "content": "Sei kurz."}, {"role": "user", "content": "რა ამინდია?"}],
    ]
    assert loaded(done.folder / "train.parquet") == [
        {"prompt": asked, "answer": answer} for asked, answer in zip(user, ("4", "B", "მზიანი"), strict=True)
    ]


def test_trl_holds_no_item_without_an_answer(tmp_path: Path, release: Make, items: Make, loaded: Make) -> None:
    rows = items({"question": "Nani?"}, {"question": "Nini?", "answer": "maji"})
    folder = release(tmp_path / "r", "item", train=rows)
    with pytest.raises(UserError, match=r"answer: it is null .* csv can; or leave the rows out"):
        export(folder, "trl")
    assert loaded(export(folder, "trl", skip=True).folder / "train.parquet")[0]["answer"] == "maji"


def test_more_choices_than_letters_have_numbers(tmp_path: Path, release: Make, items: Make, loaded: Make) -> None:
    rows = items({"question": "Ipi?", "choices": [f"c{n}" for n in range(27)], "answer": "27"})
    (row,) = loaded(export(release(tmp_path / "r", "item", train=rows), "trl").folder / "train.parquet")
    assert row["prompt"][0]["content"].splitlines()[-1] == "27. c26"


def test_trl_turns_without_calls_are_plain_structs(tmp_path: Path, release: Make, chats: Make) -> None:
    done = export(release(tmp_path / "r", "instruction", train=chats([ASK, ANSWER])), "trl")
    turns = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))
    assert pl.read_parquet_schema(done.folder / "train.parquet") == {"messages": turns}


def test_trl_turns_have_only_the_keys_that_say_something(
    tmp_path: Path, release: Make, chats: Make, loaded: Make
) -> None:
    # Templates ask whether a turn has tool_calls: a null would count as a call.
    plain = chats([ASK, ANSWER])
    folder = release(tmp_path / "r", "instruction", train=pl.concat([chats(CALLING, tools=WEATHER), plain]), test=plain)
    done = export(folder, "trl")
    called, said = loaded(done.folder / "train.parquet")
    assert called["messages"][2:4] == [
        {
            "role": "assistant",
            "reasoning_content": "Ich frage nach.",
            "tool_calls": [
                {"type": "function", "function": {"name": "weather", "arguments": {"city": "თბილისი"}}},
            ],
        },
        {"role": "tool", "name": "weather", "content": '{"grad": 31}'},
    ]
    assert json.loads(called["tools"]) == [{"type": "function", "function": json.loads(WEATHER)[0]}]
    answers = [{"role": "user", "content": "რა ამინდია?"}, {"role": "assistant", "content": "მზიანი."}]
    assert said == {"messages": answers, "tools": None}
    assert loaded(done.folder / "test.parquet") == [said]


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([turn("user", "?"), turn("assistant", None, "[{")], "tool_calls is not JSON"),
        ([turn("user", "?"), turn("assistant", None, '[{"arguments": {}}]')], "a call does not name its tool"),
        ([turn("user", "?"), turn("assistant", None, '[{"name": "f", "arguments": "x"}]')], "no JSON object"),
        ([turn("user", "?"), turn("assistant", None, '[{"type": "custom"}]')], "a call is not of type function"),
        ([turn("user", "?"), turn("assistant", None, '[{"name": "f", "arguments": {"x": NaN}}]')], "is not JSON"),
        ([turn("user", None, CALL)], "a turn of the user calls a tool"),
        ([], "there are no turns"),
    ],
)
def test_calls_that_call_nothing_are_unfit(
    tmp_path: Path, messages: list[dict], why: str, release: Make, chats: Make
) -> None:
    with pytest.raises(UserError, match=why):
        export(release(tmp_path / "r", "instruction", train=chats(messages)), "trl")


def test_trl_prompts_end_with_a_question_or_an_answer(tmp_path: Path, release: Make, preferences: Make) -> None:
    folder = release(
        tmp_path / "r", "preference", train=preferences(([turn("system", "Sei kurz.")], [ANSWER], [ANSWER]))
    )
    with pytest.raises(UserError, match="prompt: the last turn is of the system"):
        export(folder, "trl")


def test_openai_results_name_their_calls(tmp_path: Path, release: Make, chats: Make, lines: Make) -> None:
    two = '[{"id": "a1", "function": {"name": "f", "arguments": "{\\"x\\":1}"}}, {"name": "g"}]'
    said = [ASK, turn("assistant", "Gleich.", two), turn("tool", "1"), turn("tool", "2"), ANSWER]
    done = export(release(tmp_path / "r", "instruction", train=chats(said, tools=WEATHER)), "openai")
    (row,) = lines(done.folder / "train.jsonl")
    assert row["messages"][1:4] == [
        {
            "role": "assistant",
            "content": "Gleich.",
            "tool_calls": [
                {"id": "a1", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}},
                {"id": "call_1", "type": "function", "function": {"name": "g", "arguments": "{}"}},
            ],
        },
        {"role": "tool", "tool_call_id": "a1", "content": "1"},
        {"role": "tool", "tool_call_id": "call_1", "content": "2"},
    ]
    assert row["tools"] == [{"type": "function", "function": json.loads(WEATHER)[0]}]


def test_openai_has_no_tools_where_there_are_none(tmp_path: Path, release: Make, chats: Make, lines: Make) -> None:
    done = export(release(tmp_path / "r", "instruction", train=chats([ASK, ANSWER])), "openai")
    assert lines(done.folder / "train.jsonl") == [
        {"messages": [{"role": "user", "content": "რა ამინდია?"}, {"role": "assistant", "content": "მზიანი."}]}
    ]


def test_openai_takes_no_result_without_call_and_no_call_without_result(
    tmp_path: Path, release: Make, chats: Make
) -> None:
    folder = release(
        tmp_path / "r",
        "instruction",
        train=chats([ASK, turn("tool", "1"), ANSWER], [ASK, turn("assistant", None, CALL), ASK]),
    )
    with pytest.raises(UserError) as problem:
        export(folder, "openai")
    assert "a turn of the tool answers no call" in str(problem.value)
    assert "a call has no result before the next turn" in str(problem.value)


def test_sharegpt_is_what_llama_factory_reads(tmp_path: Path, release: Make, chats: Make, loaded: Make) -> None:
    done = export(release(tmp_path / "r", "instruction", train=chats(CALLING, tools=WEATHER)), "sharegpt")
    (row,) = loaded(done.folder / "train.parquet")
    assert row["system"] == "Sei kurz."
    assert row["conversations"] == [
        {"from": "human", "value": "Wetter in Tiflis?"},
        {"from": "function_call", "value": f"<think>\nIch frage nach.\n</think>\n\n{CALL}"},
        {"from": "observation", "value": '{"grad": 31}'},
        {"from": "gpt", "value": "31 Grad."},
    ]
    assert json.loads(row["tools"])[0]["function"]["name"] == "weather"


def test_sharegpt_preferences_and_feedback(
    tmp_path: Path, release: Make, feedback: Make, preferences: Make, loaded: Make
) -> None:
    better, worse = turn("assistant", "მზიანი."), turn("assistant", "წვიმს.")
    liked = release(tmp_path / "p", "preference", train=preferences(([ASK], [better], [worse])))
    asked = {"from": "human", "value": "რა ამინდია?"}
    (row,) = loaded(export(liked, "sharegpt").folder / "train.parquet")
    assert row == {
        "conversations": [asked],
        "chosen": {"from": "gpt", "value": "მზიანი."},
        "rejected": {"from": "gpt", "value": "წვიმს."},
        "system": "",
    }
    judged = release(tmp_path / "f", "feedback", train=feedback(([ASK], [better], True)))
    (row,) = loaded(export(judged, "sharegpt").folder / "train.parquet")
    assert row == {"conversations": [asked, {"from": "gpt", "value": "მზიანი."}], "label": True, "system": ""}


def test_alpaca_has_earlier_turns_as_history(tmp_path: Path, release: Make, chats: Make, loaded: Make) -> None:
    said = [
        turn("system", "Sei kurz."),
        turn("user", "1"),
        turn("assistant", "2"),
        turn("user", "3"),
        turn("assistant", "4"),
    ]
    longer = [*said, turn("user", "5"), turn("assistant", "6")]
    done = export(release(tmp_path / "r", "instruction", train=chats([ASK, ANSWER], longer)), "alpaca")
    assert loaded(done.folder / "train.parquet") == [
        {"instruction": "რა ამინდია?", "input": "", "output": "მზიანი.", "system": "", "history": []},
        {"instruction": "5", "input": "", "output": "6", "system": "Sei kurz.", "history": [["1", "2"], ["3", "4"]]},
    ]


def test_llama_factory_finds_its_entries(tmp_path: Path, release: Make, preferences: Make) -> None:
    row = ([ASK], [ANSWER], [ANSWER])
    folder = release(tmp_path / "r", "preference", train=preferences(row), validation=preferences(row))
    entries = json.loads((export(folder, "alpaca").folder / "dataset_info.json").read_text("ascii"))
    assert entries["rows_validation"] == {
        "file_name": "validation.parquet",
        "formatting": "alpaca",
        "ranking": True,
        "columns": {
            "prompt": "instruction",
            "query": "input",
            "chosen": "chosen",
            "rejected": "rejected",
            "system": "system",
            "history": "history",
        },
    }
    assert list(entries) == ["rows_train", "rows_validation"]


def test_an_answer_of_several_turns_is_no_alpaca_answer(tmp_path: Path, release: Make, preferences: Make) -> None:
    folder = release(tmp_path / "r", "preference", train=preferences(([ASK], [ANSWER], [ANSWER, ASK, ANSWER])))
    with pytest.raises(UserError, match="rejected: the answer is not one turn of the assistant"):
        export(folder, "alpaca")


def test_reasoning_has_a_field_where_the_form_has_one(
    tmp_path: Path, release: Make, chats: Make, loaded: Make, lines: Make
) -> None:
    folder = release(tmp_path / "r", "instruction", train=chats(THOUGHT))
    shown = {"role": "assistant", "content": "მზიანი.", "reasoning_content": "ცა სუფთაა"}
    assert loaded(export(folder, "trl").folder / "train.parquet")[0]["messages"][1] == shown
    assert lines(export(folder, "openai").folder / "train.jsonl")[0]["messages"][1] == shown


def test_reasoning_stands_in_the_text_where_it_has_no_field_or_that_is_asked_for(
    tmp_path: Path, release: Make, chats: Make, loaded: Make
) -> None:
    folder = release(tmp_path / "r", "instruction", train=chats(THOUGHT))
    text = "<think>\nცა სუფთაა\n</think>\n\nმზიანი."
    assert loaded(export(folder, "alpaca").folder / "train.parquet")[0]["output"] == text
    inline = export(folder, "trl", reasoning="inline").folder / "train.parquet"
    assert loaded(inline)[0]["messages"][1] == {"role": "assistant", "content": text}


def test_reasoning_may_be_left_out_and_that_is_counted(tmp_path: Path, release: Make, chats: Make, lines: Make) -> None:
    folder = release(tmp_path / "r", "instruction", train=chats(THOUGHT, [ASK, ANSWER]))
    done = export(folder, "openai", reasoning="drop")
    assert [row["messages"][1] for row in lines(done.folder / "train.jsonl")] == [
        {"role": "assistant", "content": "მზიანი."}
    ] * 2
    assert done.splits[0].changed == {"reasoning left out": 1}


def test_reasoning_may_be_refused(tmp_path: Path, release: Make, chats: Make, ids: Make) -> None:
    folder = release(tmp_path / "r", "instruction", train=chats(THOUGHT, [ASK, ANSWER]))
    with pytest.raises(UserError, match=rf"messages: a turn has reasoning \(row {ids(folder)[0]}\)"):
        export(folder, "sharegpt", reasoning="refuse")


def test_reasoning_is_no_option_of_pairs_and_tables(tmp_path: Path, release: Make, pairs: Make) -> None:
    folder = release(tmp_path / "r", "pair", train=pairs(("eins", "one")))
    with pytest.raises(UserError, match="moses of pair rows has no turns"):
        export(folder, "moses", reasoning="drop")
    with pytest.raises(UserError, match="reasoning 'dropp'; did you mean 'drop'"):
        export(folder, "moses", reasoning="dropp")  # type: ignore[arg-type]


def test_half_of_a_surrogate_pair_stays_an_escape(
    tmp_path: Path, release: Make, chats: Make, loaded: Make, lines: Make
) -> None:
    half = '[{"name": "f", "arguments": {"x": "\\ud83d"}}]'
    folder = release(tmp_path / "r", "instruction", train=chats([ASK, turn("assistant", None, half)]))
    (row,) = lines(export(folder, "openai").folder / "train.jsonl")
    assert row["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"x": "\\ud83d"}'
    (row,) = loaded(export(folder, "sharegpt").folder / "train.parquet")
    assert json.loads(row["conversations"][1]["value"]) == [{"name": "f", "arguments": {"x": "\ud83d"}}]
    assert export(folder, "trl").splits[0].written == 1
