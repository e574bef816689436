"""What trainers choke on in conversations, or learn wrongly from; such rows are not released."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from xlcorpus import records

SHORTEST_PROMPT = 20
"""Characters of a prompt that an answer must not repeat; 8 where the prompt has no spaces (Chinese, Thai)."""

_SEEN = r"[^\p{Z}\p{Cc}\p{Cf}]"
"""A character that is no space, control or invisible format character."""

_THOUGHT = (
    ("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"), ("<reflection>", "</reflection>"), ("<scratchpad>", "</scratchpad>"),
    ("[THINK]", "[/THINK]"), ("<|begin_of_thought|>", "<|end_of_thought|>"), ("<|channel|>analysis", "<|end|>"),
    ("<seed:think>", "</seed:think>"),
)  # fmt: skip
"""How models open and close a block of reasoning."""

RULES = {
    "empty_turn": "a turn says nothing and calls no tool",
    "ends_with_user": "the last turn of a conversation, or of an answer, is not the assistant's",
    "prompt_in_answer": "an answer begins with the user's turn before it, or has all of it as a paragraph",
    "unclosed_reasoning": "a block of reasoning is opened at the beginning of a line and not closed",
    "equal_answers": "chosen and rejected are the same up to white space",
}
"""What each rule finds."""

_TURN = pl.element().struct
_CONTENT = _TURN.field("content")


def broken_rule(kind: str, allowed: Collection[str] = ()) -> pl.Expr:
    """The first of `RULES` that a row breaks (String), null for none; for every kind.

    Args:
        kind: record kind.
        allowed: rules that do not apply.
    """
    columns = records.message_columns(kind)
    rules: dict[str, list[pl.Expr]] = {}
    for column in columns:
        rules.setdefault("empty_turn", []).append(_any(column, _is_empty()))
        if column != "prompt":
            rules.setdefault("ends_with_user", []).append(
                pl.col(column).list.last().struct.field("role") != "assistant"
            )
            rules.setdefault("prompt_in_answer", []).append(_repeats(column, columns))
        rules.setdefault("unclosed_reasoning", []).append(
            _any(column, _opens(_CONTENT) | _opens(_TURN.field("reasoning")))
        )
    if {"chosen", "rejected"} <= set(columns):
        rules["equal_answers"] = [_said("chosen") == _said("rejected")]
    broken = pl.lit(None, dtype=pl.String)
    for name, tests in reversed(rules.items()):
        if name not in allowed:
            broken = pl.when(pl.any_horizontal(t.fill_null(False) for t in tests)).then(pl.lit(name)).otherwise(broken)
    return broken


def _any(column: str, test: pl.Expr) -> pl.Expr:
    return pl.col(column).list.eval(test.fill_null(False)).list.any()


def _is_empty() -> pl.Expr:
    silent = ~_CONTENT.fill_null("").str.contains(_SEEN)
    return silent & (_TURN.field("tool_calls").fill_null("") == "")


def _opens(text: pl.Expr) -> pl.Expr:
    """Whether a text opens more blocks of one sort than it closes."""
    tests = []
    for opening, closing in _THOUGHT:
        opened = text.str.count_matches(r"(?mi)^\s*" + _escaped(opening))
        tests.append((opened > 0) & (opened > text.str.count_matches("(?i)" + _escaped(closing))))
    return pl.any_horizontal(t.fill_null(False) for t in tests)


def _escaped(text: str) -> str:
    return "".join("\\" + c if c in "[]|()" else c for c in text)


def _repeats(column: str, columns: Collection[str]) -> pl.Expr:
    """Whether a turn of the assistant repeats the user's turn before it, in a conversation or in prompt and answer."""
    if "prompt" in columns:
        asked = pl.col("prompt").list.last().struct.field("content")
        answer = pl.col(column).list.first().struct.field("content")
        return _holds(answer, asked)
    turns = pl.element()
    before = turns.shift(1).struct
    pair = (_TURN.field("role") == "assistant") & (before.field("role") == "user")
    return _any(column, pair & _holds(_CONTENT, before.field("content")))


def _holds(answer: pl.Expr, asked: pl.Expr) -> pl.Expr:
    answer, asked = answer.str.strip_chars(), asked.str.strip_chars()
    long = asked.str.len_chars() >= pl.when(asked.str.contains(" ", literal=True)).then(SHORTEST_PROMPT).otherwise(8)
    # Arithmetic in place of a search: how much longer the text gets when the prompt is taken out of it as a paragraph.
    paragraph = pl.lit("\n") + answer + pl.lit("\n")
    return long & (
        answer.str.starts_with(asked) | paragraph.str.contains(pl.lit("\n") + asked + pl.lit("\n"), literal=True)
    )


def _said(column: str) -> pl.Expr:
    """Everything an answer says, without white space."""
    parts = pl.concat_str(_CONTENT.fill_null(""), _TURN.field("tool_calls").fill_null(""))
    return pl.col(column).list.eval(parts.str.replace_all(r"\s", "")).list.join("\x1f")
