"""Turns as `{role, content}`: what TRL and Axolotl read (Parquet), and OpenAI's files (JSON Lines).

TRL 1.16 (trl/trainer/*_trainer.py, docs "Dataset formats") and Axolotl 0.19 (prompt_strategies/chat_template.py) hand
turns to the chat template of the model: reasoning is `reasoning_content`, arguments of calls are objects, `tools` may
be JSON text. OpenAI: arguments are JSON text, and each result names its call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pyarrow as pa

from xlcorpus import records
from xlcorpus.release.exports import json_text
from xlcorpus.release.exports.conversation import Call, Turn, answered, read_tools, read_turns
from xlcorpus.release.exports.item_prompts import with_prompts
from xlcorpus.release.exports.made import Made, Settings, Unfit, each_row

_TURNS = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
LINE = pa.schema([("line", pa.string())])
"""One JSON object a row."""


_BESIDE: dict[str, dict[str, pa.DataType]] = {
    "instruction": {},
    "preference": {"margin": pa.float64(), "weight": pa.float64()},
    "feedback": {"label": pa.bool_()},
    "item": {"answer": pa.string()},
}
"""Columns beside the turns, where the rows have them; TRL takes no null there."""


def trl(kind: str, rows: pl.DataFrame, settings: Settings) -> Made:
    """`messages` of an instruction; `prompt`, `chosen`, `rejected`, `margin`, `weight` of a preference; `prompt`,
    `completion`, `label` of feedback (KTO); or `prompt`, `answer` of an item (GRPO), which is unfit without one.

    Turns hold `role` and `content` alone where that says all of every row. Otherwise they are JSON objects (the type
    `Json` of `datasets` 4.7), so that a turn has the keys that say something and no others: chat templates ask whether
    a turn has `tool_calls`.
    """
    columns = records.message_columns(kind)
    plain = not settings.calls and (not settings.thoughts or settings.reasoning in ("inline", "drop", "refuse"))
    fields = [pa.field(c, _TURNS if plain else pa.list_(pa.string())) for c in columns]
    fields += [pa.field("tools", pa.string())] if settings.tools else []
    beside = [pa.field(name, dtype) for name, dtype in _BESIDE[kind].items() if name in rows.columns]
    fields += beside
    rows = with_prompts(rows) if kind == "item" else rows

    def make(row: Mapping[str, Any], settings: Settings) -> Mapping[str, Any]:
        turns = {column: read_turns(row, column, settings) for column in columns}
        if "prompt" in turns and turns["prompt"][-1].role == "system":
            raise Unfit("prompt", "the last turn is of the system")
        made: dict[str, Any] = {}
        for column, said in turns.items():
            shown = [_for_template(t, call, settings) for t, call in zip(said, answered(said), strict=True)]
            made[column] = shown if plain else [json_text.dump(turn) for turn in shown]
        if settings.tools:
            tools = read_tools(row["tools"])
            made["tools"] = json_text.dump(tools) if tools else None
        for field in beside:
            if row[field.name] is None:
                raise Unfit(field.name, "it is null")
            made[field.name] = row[field.name]
        return made

    made = each_row(rows, make, pa.schema(fields), settings)
    if plain:
        return made
    as_json = pa.schema([pa.field(f.name, pa.list_(pa.json_())) if f.name in columns else f for f in fields])
    return Made(made.rows.cast(as_json), made.unfit)


def _for_template(turn: Turn, answers: Call | None, settings: Settings) -> dict[str, Any]:
    shown: dict[str, Any] = {"role": turn.role}
    if answers is not None:
        shown["name"] = answers.name
    shown |= _said(turn, settings)
    if turn.calls:
        shown["tool_calls"] = [
            {
                **({"id": c.id} if c.id else {}),
                "type": "function",
                "function": {"name": c.name, "arguments": c.arguments},
            }
            for c in turn.calls
        ]
    return shown


def _said(turn: Turn, settings: Settings) -> dict[str, Any]:
    """Content and reasoning; no content where a turn only calls tools."""
    if settings.reasoning == "inline" and turn.reasoning is not None:
        return {"content": turn.thought + (turn.content or "")}
    said = {"content": turn.content, "reasoning_content": turn.reasoning}
    return {key: value for key, value in said.items() if value is not None}


def openai(rows: pl.DataFrame, settings: Settings) -> Made:
    """One object a line: `messages`, and `tools` where a row has them (OpenAI's files for fine-tuning)."""
    return each_row(rows, _openai_row, LINE, settings)


def _openai_row(row: Mapping[str, Any], settings: Settings) -> Mapping[str, Any]:
    turns = read_turns(row, "messages", settings)
    results = answered(turns)
    _check_results(turns, results)
    ids = _call_ids(turns)
    messages = []
    for turn, answers in zip(turns, results, strict=True):
        shown: dict[str, Any] = {"role": turn.role}
        if answers is not None:
            shown["tool_call_id"] = ids[id(answers)]
        shown |= {"content": None} | _said(turn, settings)
        if turn.calls:
            shown["tool_calls"] = [
                {"id": ids[id(c)], "type": "function", "function": {"name": c.name, "arguments": c.written}}
                for c in turn.calls
            ]
        messages.append(shown)
    tools = read_tools(row["tools"])
    return {"line": json_text.dump({"messages": messages, **({"tools": tools} if tools else {})})}


def _check_results(turns: Sequence[Turn], results: Sequence[Call | None]) -> None:
    """Every result belongs to a call, and every call has its result before anything else is said."""
    waiting = 0
    for turn, answers in zip(turns, results, strict=True):
        if turn.role == "tool" and answers is None:
            raise Unfit("messages", "a turn of the tool answers no call")
        if turn.role != "tool" and waiting:
            raise Unfit("messages", "a call has no result before the next turn")
        waiting = waiting - 1 if turn.role == "tool" else len(turn.calls)


def _call_ids(turns: Sequence[Turn]) -> dict[int, str]:
    """The id of each call, by the identity of the object: its own, or else `call_1`, `call_2`, ..."""
    calls = [call for turn in turns for call in turn.calls]
    own = {call.id for call in calls}
    free = (name for n in range(1, 2 * len(calls) + 1) if (name := f"call_{n}") not in own)
    return {id(call): call.id or next(free) for call in calls}
