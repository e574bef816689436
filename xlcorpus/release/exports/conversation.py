"""The turns of a row, with the calls of tools that stand in them as JSON text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlcorpus.release.exports import json_text
from xlcorpus.release.exports.made import Settings, Unfit


@dataclass(frozen=True)
class Call:
    """A call of a tool."""

    name: str
    arguments: dict[str, Any]
    written: str
    """the arguments as JSON text"""
    id: str | None


@dataclass(frozen=True)
class Turn:
    """One turn."""

    role: str
    content: str | None
    calls: tuple[Call, ...] = ()
    reasoning: str | None = None

    @property
    def thought(self) -> str:
        """The reasoning as it stands in front of a text in LLaMA-Factory's and Qwen's templates; empty: none."""
        return "" if self.reasoning is None else f"<think>\n{self.reasoning}\n</think>\n\n"


def read_turns(row: Mapping[str, Any], column: str, settings: Settings) -> list[Turn]:
    """The turns of a column; without reasoning where the settings drop it.

    Raises:
        Unfit: no turns, calls that no tool can be called by, or reasoning where the settings refuse it.
    """
    if not row[column]:
        raise Unfit(column, "there are no turns")
    return [_turn(turn, column, settings) for turn in row[column]]


def _turn(given: Mapping[str, Any], column: str, settings: Settings) -> Turn:
    calls = tuple(_call(item, column) for item in _items(given["tool_calls"], column))
    content, thought = given["content"], given["reasoning"]
    if content is None and not calls:
        raise Unfit(column, "a turn neither says anything nor calls a tool")
    if calls and given["role"] != "assistant":
        raise Unfit(column, f"a turn of the {given['role']} calls a tool")
    if thought is not None and settings.reasoning == "refuse":
        raise Unfit(column, "a turn has reasoning")
    return Turn(given["role"], content, calls, None if settings.reasoning == "drop" else thought)


def _items(text: str | None, column: str) -> list[Any]:
    """The calls in JSON text: a list of them, or one."""
    if text is None:
        return []
    try:
        found = json_text.parse(text)
    except ValueError:
        raise Unfit(column, "tool_calls is not JSON") from None
    return found if isinstance(found, list) else [found]


def _call(item: Any, column: str) -> Call:
    """A call as OpenAI writes it (`function: {name, arguments}`), or without what is around it."""
    if not isinstance(item, dict) or item.get("type", "function") != "function":
        raise Unfit(column, "a call is not of type function")
    inner = item.get("function", item)
    name = inner.get("name") if isinstance(inner, dict) else None
    if not isinstance(name, str) or not name:
        raise Unfit(column, "a call does not name its tool")
    given = inner.get("arguments")
    if isinstance(given, str) and given.strip():
        written, given = given, _object(given)
    else:
        given = given or {}
        written = json_text.dump(given)
    if not isinstance(given, dict):
        raise Unfit(column, "the arguments of a call are no JSON object")
    return Call(name, given, written, str(item["id"]) if item.get("id") else None)


def _object(text: str) -> Any:
    try:
        return json_text.parse(text)
    except ValueError:
        return None


def answered(turns: Sequence[Turn]) -> list[Call | None]:
    """For each turn the call whose result it is: results come in the order of the calls. None: it is no result."""
    found: list[Call | None] = []
    waiting: list[Call] = []
    for turn in turns:
        found.append(waiting.pop(0) if turn.role == "tool" and waiting else None)
        if turn.role == "assistant":
            waiting = list(turn.calls)
    return found


def read_tools(text: str | None) -> list[dict[str, Any]]:
    """The tools of a row as OpenAI writes them, `{"type": "function", "function": {...}}`; empty: none.

    Raises:
        Unfit: no JSON, or what it holds are no tools.
    """
    try:
        found = json_text.parse(text) if text else []
    except ValueError:
        raise Unfit("tools", "tools is not JSON") from None
    tools = found if isinstance(found, list) else [found]
    if not all(isinstance(tool, dict) for tool in tools):
        raise Unfit("tools", "a tool is not a JSON object")
    return [tool if "function" in tool else _wrapped(tool) for tool in tools]


def _wrapped(tool: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {key: value for key, value in tool.items() if key != "type"}}


def said_by(turns: Iterable[Turn], column: str, *roles: str) -> None:
    """Raise unless every turn is of one of the roles, and calls no tool."""
    for turn in turns:
        if turn.role not in roles:
            raise Unfit(column, f"there is a turn of the {turn.role}")
        if turn.calls:
            raise Unfit(column, "a turn calls a tool")
