"""The conversation of a row as texts that a prompt can name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TEXTS: Mapping[str, tuple[str, ...]] = {
    "instruction": ("prompt", "response", "reasoning"),
    "preference": ("prompt", "chosen", "rejected"),
    "feedback": ("prompt", "completion"),
    "item": ("prompt",),
}
"""Texts of a row, by kind: of an instruction the turns before the last answer, that answer, and its reasoning; of
others the columns of those names."""


def conversation_texts(row: Mapping[str, Any], kind: str) -> dict[str, str | None]:
    """The texts of a row by name; None where there is none. Empty for kinds without a conversation."""
    if kind != "instruction":
        return {name: as_text(row[name]) for name in TEXTS.get(kind, ()) if name in row}
    turns = row["messages"] or []
    if not turns or turns[-1]["role"] != "assistant":
        return {"prompt": as_text(turns), "response": None, "reasoning": None}
    answer = turns[-1]
    return {"prompt": as_text(turns[:-1]), "response": answer["content"], "reasoning": answer.get("reasoning")}


def as_text(turns: Sequence[Mapping[str, Any]] | None) -> str | None:
    """A conversation as text: of one turn what it says, of several each with its role before it."""
    if not turns:
        return None
    if len(turns) == 1:
        said: str | None = turns[0]["content"]
        return said
    return "\n\n".join(
        f"{turn['role'].capitalize()}: {turn['content'] or turn.get('tool_calls') or ''}" for turn in turns
    )
