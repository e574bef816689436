"""Conversations as people write them, as turns of `role`, `content`, `tool_calls` and `reasoning`.

OpenAI's messages, with text as a list of parts; ShareGPT's `{from, value}`; Gemini's `{role, parts}`; plain text.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xlcorpus.steps.read.column_types import MISSING_FIELD, WRONG_TYPE, Misfit, as_json, type_name

BAD_MESSAGES = "bad_messages"

Turn = dict[str, str | None]
"""`role`, `content`, `tool_calls`, `reasoning`, in that order."""

ROLES = {
    "system": ("system", "developer"),
    "user": ("user", "human", "prompter"),
    "assistant": ("assistant", "gpt", "chatgpt", "bot", "chatbot", "model", "ai", "bing", "bard"),
    "tool": ("tool", "function", "observation", "tool_response", "ipython"),
}
"""Our roles, and how datasets name them, whatever the case."""
CALLERS = ("function_call", "tool_call")
"""Roles of ShareGPT datasets for a turn of the assistant that is a call."""

_UNSEEN = ("Zs", "Zl", "Zp", "Cc", "Cf")
"""Categories of characters that nobody sees: spaces, controls, invisible format characters."""

_ROLE_OF = {name: role for role, names in ROLES.items() for name in names} | dict.fromkeys(CALLERS, "assistant")
_TEXT_PARTS = (None, "text", "input_text", "output_text")
_THOUGHT_PARTS = ("thinking", "reasoning")


def turn(role: str, content: str | None, tool_calls: str | None = None, reasoning: str | None = None) -> Turn:
    """A turn with its fields in order."""
    return {"role": role, "content": content, "tool_calls": tool_calls, "reasoning": reasoning}


def conversation(value: Any) -> list[Turn]:
    """The turns of a column `messages`: a list of turns, or the JSON text of one.

    Raises:
        Misfit: `bad_messages`, `missing_field` or `wrong_type`, with what is wrong in words.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            raise Misfit(BAD_MESSAGES, "messages is text, but not the JSON of turns") from None
    if not isinstance(value, list):
        raise Misfit(WRONG_TYPE, f"messages is {type_name(value)}")
    return _turns(value)


def spoken(value: Any, role: str, name: str) -> list[Turn]:
    """The turns of a column that may also be plain text, which is one turn of `role`.

    Args:
        value: text, a turn, a list of turns, or a list of text parts.
        role: who speaks where the value does not say so.
        name: the column, for messages.

    Raises:
        Misfit: as `conversation`.
    """
    if isinstance(value, str):
        return [turn(role, value)]
    items = [value] if isinstance(value, dict) else value
    if not isinstance(items, list):
        raise Misfit(WRONG_TYPE, f"{name} is {type_name(value)}")
    if any(isinstance(item, dict) and _first(item, ("role", "from")) is not None for item in items):
        return _turns(items)
    if not items:
        return []
    text, reasoning = _parts(items, name)
    return [turn(role, text, None, reasoning)]


def check_prompt(turns: Sequence[Turn], name: str) -> None:
    """Raise unless somebody asks: a conversation, or a prompt, has a turn of the user."""
    _check(turns, "user", name)


def check_answer(turns: Sequence[Turn], name: str) -> None:
    """Raise unless the assistant answers."""
    _check(turns, "assistant", name)


def _check(turns: Sequence[Turn], role: str, name: str) -> None:
    if not turns:
        raise Misfit(BAD_MESSAGES, f"{name} has no turns")
    if not any(t["role"] == role for t in turns):
        raise Misfit(BAD_MESSAGES, f"{name} has no turn of the {role}")
    check_said(turns, role, name)


def says(text: str | None) -> bool:
    """Whether a text has a character that is to be seen."""
    return any(unicodedata.category(char) not in _UNSEEN for char in text or "")


def check_said(turns: Sequence[Turn], role: str, name: str) -> None:
    """Raise where a role has turns, and none of them says anything or calls a tool."""
    of_role = [t for t in turns if t["role"] == role]
    if of_role and not any(t["tool_calls"] or says(t["content"]) for t in of_role):
        raise Misfit(MISSING_FIELD, f"{name}: the {role} says nothing")


def cut_prompt(prompt: list[Turn], answers: Sequence[list[Turn]]) -> tuple[list[Turn], list[list[Turn]]]:
    """A prompt that stands once, and the answers behind it.

    Answers that begin with the turns of the prompt lose them; whole turns that two answers begin with are of the
    prompt. The last turn of an answer always stays.

        cut_prompt([], [[ask, good], [ask, bad]])  # [ask], [[good], [bad]]
    """
    asked = _keys(prompt)
    answers = [a[len(asked) :] if len(a) > len(asked) and _keys(a)[: len(asked)] == asked else a for a in answers]
    shared: list[Turn] = []
    # One answer alone does not say where its prompt ends.
    while len(answers) > 1 and all(len(a) > 1 and _keys(a[:1]) == _keys(answers[0][:1]) for a in answers):
        shared.append(answers[0][0])
        answers = [a[1:] for a in answers]
    again = _keys(shared)
    if again[-len(asked) :] == asked:  # the answers know what stood before the prompt: a system turn
        return shared, answers
    overlap = max(n for n in range(len(again) + 1) if asked[len(asked) - n :] == again[:n])
    return prompt + shared[overlap:], answers


def _keys(turns: Sequence[Turn]) -> list[tuple[str | None, ...]]:
    """What makes two turns the same: space around the text does not count."""
    return [(t["role"], (t["content"] or "").strip(), t["tool_calls"]) for t in turns]


def json_text(value: Any, name: str) -> str | None:
    """A value that is kept as JSON text (`tools`, `tool_calls`): text is checked, an empty value is none.

    Raises:
        Misfit: text that is no JSON, a number, a boolean.
    """
    if isinstance(value, str):
        if not value.strip():
            return None
        try:
            return value if json.loads(value) else None
        except json.JSONDecodeError:
            raise Misfit(WRONG_TYPE, f"{name} is text, but no JSON") from None
    if not isinstance(value, list | dict | None):
        raise Misfit(WRONG_TYPE, f"{name} is {type_name(value)}")
    return as_json(value) if value else None


def _turns(items: Iterable[Any]) -> list[Turn]:
    return [_turn(item) for item in items]


def _turn(item: Any) -> Turn:
    if isinstance(item, str):
        try:
            item = json.loads(item)
        except json.JSONDecodeError:
            raise Misfit(BAD_MESSAGES, "a turn is text without role") from None
    if not isinstance(item, dict):
        raise Misfit(BAD_MESSAGES, f"a turn is {type_name(item)}")
    said = _first(item, ("role", "from"))
    role = _ROLE_OF.get(said.strip().lower()) if isinstance(said, str) else None
    if role is None:
        raise Misfit(BAD_MESSAGES, "a turn has no role" if said is None else f"role {said!r}")
    content = _first(item, ("content", "value", "parts", "text"))
    calls = json_text(item.get("tool_calls"), "tool_calls")
    if calls is None and item.get("function_call"):
        calls = as_json([{"type": "function", "function": item["function_call"]}])
    if said.strip().lower() in CALLERS:
        calls, content = json_text(content, "tool_calls"), None
    text, thought = _content(content, role)
    if text is None and calls is None:
        raise Misfit(MISSING_FIELD, f"content of a turn of the {role}")
    reasoning = _first(item, ("reasoning", "reasoning_content", "thinking"))
    if not isinstance(reasoning, str | None):
        raise Misfit(WRONG_TYPE, f"reasoning is {type_name(reasoning)}")
    return turn(role, text, calls, reasoning or thought)


def _content(value: Any, role: str) -> tuple[str | None, str | None]:
    """Text and thought of a turn's content."""
    if value is None or isinstance(value, str):
        return value, None
    if isinstance(value, list) and (role != "tool" or all(_is_part(part) for part in value)):
        return _parts(value, "content")
    if role == "tool":  # a result is data
        return as_json(value), None
    if isinstance(value, dict) and _is_part(value):
        return _parts([value], "content")
    raise Misfit(WRONG_TYPE, f"content is {type_name(value)}")


def _is_part(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, dict) and ("type" in value or list(value) == ["text"]))


def _parts(parts: list[Any], name: str) -> tuple[str | None, str | None]:
    """Text parts joined by line ends, so that words of two are not glued; parts of thought apart."""
    texts: list[str] = []
    thoughts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        if not isinstance(part, dict):
            raise Misfit(WRONG_TYPE, f"{name} is a list with {type_name(part)}")
        sort = part.get("type")
        if sort not in (*_TEXT_PARTS, *_THOUGHT_PARTS):
            raise Misfit(BAD_MESSAGES, f"a part of type {sort!r}")
        text = part.get("text") if sort in _TEXT_PARTS else _first(part, (str(sort), "text"))
        if not isinstance(text, str):
            raise Misfit(WRONG_TYPE, f"text of a part is {type_name(text)}")
        (texts if sort in _TEXT_PARTS else thoughts).append(text)
    return ("\n".join(texts) if texts else None), ("\n".join(thoughts) if thoughts else None)


def _first(item: Mapping[str, Any], names: Iterable[str]) -> Any:
    """The first of some keys whose value is not null: typed formats give every turn all keys."""
    return next((item[name] for name in names if item.get(name) is not None), None)
