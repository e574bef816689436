"""What LLaMA-Factory 0.9.5 reads (llamafactory/data/converter.py): its forms sharegpt and alpaca, as Parquet.

LLaMA-Factory leaves out, with a line in its log, conversations in which questions (`human`, `observation`) and answers
(`gpt`, `function_call`) do not take turns; here they are unfit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import polars as pl
import pyarrow as pa

from xlcorpus.release.exports import json_text
from xlcorpus.release.exports.conversation import Turn, read_tools, read_turns, said_by
from xlcorpus.release.exports.made import Made, Settings, Unfit, each_row

_SAID = pa.struct([("from", pa.string()), ("value", pa.string())])
_TEXT = pa.string()
_COLUMNS = {
    "sharegpt": {
        "instruction": {"conversations": pa.list_(_SAID), "system": _TEXT, "tools": _TEXT},
        "preference": {"conversations": pa.list_(_SAID), "chosen": _SAID, "rejected": _SAID, "system": _TEXT},
        "feedback": {"conversations": pa.list_(_SAID), "label": pa.bool_(), "system": _TEXT},
    },
    "alpaca": {
        kind: {
            "instruction": _TEXT,
            "input": _TEXT,
            **answer,
            "system": _TEXT,
            "history": pa.list_(pa.list_(_TEXT)),
        }
        for kind, answer in {
            "instruction": {"output": _TEXT},
            "preference": {"chosen": _TEXT, "rejected": _TEXT},
            "feedback": {"output": _TEXT, "label": pa.bool_()},
        }.items()
    },
}
"""Columns by form and record kind."""

_NAMES = {
    "conversations": "messages",
    "instruction": "prompt",
    "input": "query",
    "output": "response",
    "label": "kto_tag",
}
"""What LLaMA-Factory calls a column in dataset_info.json, where it is not its name."""

_TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "observation_tag": "observation",
    "function_tag": "function_call",
    "system_tag": "system",
}


def sharegpt(kind: str, rows: pl.DataFrame, settings: Settings) -> Made:
    """`conversations` of `{from, value}`, `system`, and `tools`; `chosen`, `rejected`; or `label`."""

    def make(row: Mapping[str, Any], settings: Settings) -> Mapping[str, Any]:
        column = "messages" if kind == "instruction" else "prompt"
        system, turns = _begun(read_turns(row, column, settings))
        answers = {name: _one_answer(row, name, settings) for name in _ANSWERS[kind]}
        _check_order(turns, column, answered=kind == "instruction")
        made: dict[str, Any] = {"system": system, "conversations": [_said(turn, column) for turn in turns]}
        if kind == "instruction":
            tools = read_tools(row["tools"])
            return made | {"tools": json_text.dump(tools) if tools else ""}
        said = {name: _said(turn, name) for name, turn in answers.items()}
        if kind == "preference":
            return made | said
        return made | {"conversations": [*made["conversations"], said["completion"]], "label": row["label"]}

    return each_row(rows, make, pa.schema(list(_COLUMNS["sharegpt"][kind].items())), settings)


def alpaca(kind: str, rows: pl.DataFrame, settings: Settings) -> Made:
    """`instruction`, `input` (empty), `output` (or `chosen`, `rejected`), `system`, and earlier turns in `history`."""

    def make(row: Mapping[str, Any], settings: Settings) -> Mapping[str, Any]:
        column = "messages" if kind == "instruction" else "prompt"
        system, turns = _begun(read_turns(row, column, settings))
        if kind == "instruction" and row["tools"] is not None:
            raise Unfit("tools", "there are tools")
        said_by(turns, column, "user", "assistant")
        _check_order(turns, column, answered=kind == "instruction")
        answers = {name: _one_answer(row, name, settings) for name in _ANSWERS[kind]}
        for name, turn in answers.items():
            said_by([turn], name, "assistant")
        if kind == "instruction":
            turns, answers = turns[:-1], {"output": turns[-1]}
        texts = [turn.thought + (turn.content or "") for turn in turns]
        said = {_OUTPUT.get(name, name): turn.thought + (turn.content or "") for name, turn in answers.items()}
        history = [list(pair) for pair in list(pairwise(texts))[::2]]
        label = {"label": row["label"]} if kind == "feedback" else {}
        return {"instruction": texts[-1], "input": "", **said, "system": system, "history": history, **label}

    return each_row(rows, make, pa.schema(list(_COLUMNS["alpaca"][kind].items())), settings)


_ANSWERS: dict[str, tuple[str, ...]] = {
    "instruction": (),
    "preference": ("chosen", "rejected"),
    "feedback": ("completion",),
}
_OUTPUT = {"completion": "output"}


def _begun(turns: list[Turn]) -> tuple[str, list[Turn]]:
    """What the system says first, and the other turns."""
    if turns[0].role == "system":
        return turns[0].content or "", turns[1:]
    return "", turns


def _check_order(turns: Sequence[Turn], column: str, answered: bool) -> None:
    """Questions and answers take turns; the last one is an answer where the column holds it."""
    for place, turn in enumerate(turns):
        if turn.role == "system":
            raise Unfit(column, "a turn of the system is not the first")
        if (turn.role == "assistant") != bool(place % 2):
            raise Unfit(column, "questions (user, tool) and answers (assistant) do not take turns")
    if len(turns) % 2 == answered or not turns:
        raise Unfit(column, f"the last turn is {'no' if answered else 'an'} answer of the assistant")


def _one_answer(row: Mapping[str, Any], column: str, settings: Settings) -> Turn:
    turns = read_turns(row, column, settings)
    if len(turns) != 1 or turns[0].role != "assistant":
        raise Unfit(column, "the answer is not one turn of the assistant")
    return turns[0]


def _said(turn: Turn, column: str) -> dict[str, str]:
    if not turn.calls:
        role = {"user": "human", "assistant": "gpt", "tool": "observation"}[turn.role]
        return {"from": role, "value": turn.thought + (turn.content or "")}
    if turn.content:
        raise Unfit(column, "a turn says something and calls a tool")
    calls = [{"name": call.name, "arguments": call.arguments} for call in turn.calls]
    return {"from": "function_call", "value": turn.thought + json_text.dump(calls)}


def dataset_info(form: str, kind: str, config: str, files: Mapping[str, str]) -> str:
    """The file dataset_info.json: an entry `<config>_<split>` for each split.

    Args:
        form: sharegpt or alpaca.
        kind: record kind.
        config: name of the config.
        files: name of the file by split.
    """
    shared: dict[str, Any] = {
        "formatting": form,
        **({"ranking": True} if kind == "preference" else {}),
        "columns": {_NAMES.get(column, column): column for column in _COLUMNS[form][kind]},
        **({"tags": _TAGS} if form == "sharegpt" else {}),
    }
    # LLaMA-Factory opens the file in the locale's encoding: ASCII alone.
    entries = {f"{config}_{split}": {"file_name": name, **shared} for split, name in files.items()}
    return json.dumps(entries, indent=2) + "\n"
