"""The message lists of a kind, from the columns a file has: messages, prompts and answers in all their forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from xlcorpus import records
from xlcorpus.steps.read.column_types import MISSING_FIELD, WRONG_TYPE, Misfit, Values, as_list, as_text, type_name
from xlcorpus.steps.read.turns import (
    BAD_MESSAGES,
    Turn,
    check_answer,
    check_prompt,
    check_said,
    conversation,
    cut_prompt,
    spoken,
    turn,
)

FORMS = {
    "instruction": ("prompt", "input", "response", "system"),
    "preference": ("prompt", "chosen", "rejected"),
    "feedback": ("prompt", "completion"),
    "item": ("prompt",),
}
"""Columns besides `messages` that become message lists."""

_ANSWERS: dict[str, tuple[str, ...]] = {
    "preference": ("chosen", "rejected"), "feedback": ("completion",), "item": (),
}  # fmt: skip
_BEFORE_ANSWER = ("user", "tool")
"""Roles of the last turn of an item's prompt."""
_OTHER_KEYS = {"from", "value", "parts", "text", "function_call", "reasoning_content", "thinking"}

_VISIBLE = r"[^\p{Z}\p{Cc}\p{Cf}]"

Lost = dict[int, Misfit]


def message_lists(given: Mapping[str, Values], kind: str, rows: int) -> tuple[dict[str, pl.Series], Lost]:
    """The message-list columns of a kind.

    Args:
        given: the columns that the kind knows, by name.
        kind: record kind.
        rows: number of rows.

    Returns:
        The columns (null where a row has none), and what is wrong, by row.
    """
    names = records.message_columns(kind)
    if not names:
        return {}, {}
    plain = _plain_turns(given, kind) or _typed_turns(given, kind)
    if plain is not None:
        return plain, {}
    columns = [as_list(given[name]) if name in given else [None] * rows for name in ("messages", *FORMS[kind])]
    made: list[tuple[list[Turn] | None, ...]] = []
    lost: Lost = {}
    for row, values in enumerate(zip(*columns, strict=True)):  # each row may have a form of its own
        try:
            made.append(_MAKERS[kind](values))
        except Misfit as misfit:
            made.append((None,) * len(names))
            lost[row] = misfit
    dtype = records.turns_dtype()
    return {n: pl.Series(n, [row[i] for row in made], dtype=dtype) for i, n in enumerate(names)}, lost


def _plain_turns(given: Mapping[str, Values], kind: str) -> dict[str, pl.Series] | None:
    """The columns of a file whose prompts and answers are all plain text; None if they are not."""
    if "messages" in given and kind == "instruction":
        return None
    texts: dict[str, pl.Series] = {}
    for name in (n for n in FORMS[kind] if n in given):
        column = as_text(given[name])
        if column is None:
            return None
        texts[name] = column
    asked, answers = "prompt", _ANSWERS.get(kind, ("response",))
    if not {asked, *answers} <= set(texts):
        return None
    frame = pl.DataFrame(texts)
    if kind != "instruction":
        made = {asked: _one_turn("user", asked)} | {answer: _one_turn("assistant", answer) for answer in answers}
        return frame.select(e.alias(n) for n, e in made.items()).to_dict()
    prompt = pl.col(asked)
    if "input" in texts:
        given_input = pl.col("input").fill_null("").str.strip_chars() != ""
        prompt = pl.when(given_input).then(pl.concat_str(asked, "input", separator="\n\n")).otherwise(prompt)
    turns = records.messages([records.message("user", prompt), records.message("assistant", pl.col("response"))])
    if "system" in texts:
        told = pl.col("system").fill_null("").str.strip_chars() != ""
        with_system = pl.concat_list(records.messages([records.message("system", pl.col("system"))]), turns)
        turns = pl.when(told).then(with_system).otherwise(turns)
    whole = pl.all_horizontal(_said("prompt"), _said("response"))
    return frame.select(messages=pl.when(whole).then(turns)).to_dict()


def _one_turn(role: str, column: str) -> pl.Expr:
    return pl.when(_said(column)).then(records.messages([records.message(role, pl.col(column))]))


def _said(column: str) -> pl.Expr:
    """Rows whose text holds a character that is to be seen."""
    return pl.col(column).str.contains(_VISIBLE).fill_null(False)


def _typed_turns(given: Mapping[str, Values], kind: str) -> dict[str, pl.Series] | None:
    """The columns of a typed file (Parquet) whose turns have our form in every row; None if one has not."""
    names = records.message_columns(kind)
    columns = {name: given.get(name) for name in names}
    found: dict[str, pl.Series] = {}
    for name, column in columns.items():
        if not isinstance(column, pl.Series) or not _our_fields(column.dtype):
            return None
        found[name] = column
    frame = pl.DataFrame(found)
    # Of several turns an answer may repeat its prompt.
    single = [pl.col(answer).list.len() == 1 for answer in _ANSWERS.get(kind, ())]
    if kind == "item":
        single.append(pl.col("prompt").list.last().struct.field("role").is_in(_BEFORE_ANSWER))
    speaker = {name: "user" if name in ("messages", "prompt") else "assistant" for name in names}
    given_fields = {n: {f.name for f in c.dtype.inner.fields} for n, c in found.items()}  # type: ignore[attr-defined]
    fine = [_fine(name, role, "tool_calls" in given_fields[name]) for name, role in speaker.items()]
    if "system" in given or not frame.select(pl.all_horizontal(*fine, *single).all()).item():
        return None
    wanted = {
        name: [
            (pl.element().struct.field(f) if f in fields else pl.lit(None)).cast(pl.String).alias(f)
            for f in ("role", "content", "tool_calls", "reasoning")
        ]
        for name, fields in given_fields.items()
    }
    return frame.select(pl.col(name).list.eval(pl.struct(fields)) for name, fields in wanted.items()).to_dict()


def _our_fields(dtype: pl.DataType) -> bool:
    """Turns of texts alone, and no other name under which a turn may say something."""
    if not isinstance(dtype, pl.List) or not isinstance(dtype.inner, pl.Struct):
        return False
    fields = {f.name: f.dtype for f in dtype.inner.fields}
    ours = ("role", "content", "tool_calls", "reasoning")
    typed = all(fields.get(name, pl.String()) in (pl.String, pl.Null) for name in ours)
    return typed and {"role", "content"} <= set(fields) and not _OTHER_KEYS & set(fields)


def _fine(column: str, role: str, calls: bool) -> pl.Expr:
    """Rows whose turns all have a role of ours and a content, call no tool, and in which `role` speaks."""
    turns = pl.element().struct
    known = pl.col(column).list.eval(turns.field("role").is_in(records.roles()).fill_null(False)).list.all()
    said = pl.col(column).list.eval(turns.field("content").str.contains(_VISIBLE).fill_null(False)).list.all()
    speaks = pl.col(column).list.eval(turns.field("role") == role).list.any()
    silent = pl.col(column).list.eval(turns.field("tool_calls").is_null()).list.all() if calls else True
    return (known & said & speaks & silent).fill_null(False)


def _instruction(values: Sequence[Any]) -> tuple[list[Turn] | None]:
    messages, prompt, addition, response, system = values
    if messages is None:
        if prompt is None or response is None:
            return (None,)
        turns = spoken(prompt, "user", "prompt")
        turns = _with_input(turns, addition)
        answer = spoken(response, "assistant", "response")
        check_answer(answer, "response")
        turns += answer
    else:
        turns = conversation(messages)
    check_prompt(turns, "messages" if messages is not None else "prompt")
    check_said(turns, "assistant", "messages")
    if isinstance(system, str) and system.strip() and turns[0]["role"] != "system":
        turns = [turn("system", system), *turns]
    return (turns,)


def _with_input(turns: list[Turn], addition: Any) -> list[Turn]:
    """The prompt with what it is about (Alpaca's `input`) in its last turn."""
    if not isinstance(addition, str | None):
        raise Misfit(WRONG_TYPE, f"input is {type_name(addition)}")
    if addition is None or not addition.strip() or not turns:
        return turns
    return [*turns[:-1], turns[-1] | {"content": f"{turns[-1]['content'] or ''}\n\n{addition}"}]


def _item(values: Sequence[Any]) -> tuple[list[Turn] | None]:
    """The prompt of a row, which may have none."""
    _, prompt = values
    if prompt is None or (isinstance(prompt, str) and not prompt.strip()):
        return (None,)
    turns = spoken(prompt, "user", "prompt")
    check_prompt(turns, "prompt")
    if turns[-1]["role"] not in _BEFORE_ANSWER:
        raise Misfit(BAD_MESSAGES, f"prompt ends with a turn of the {turns[-1]['role']}; the answer follows the user's")
    return (turns,)


def _answered(names: Sequence[str]) -> Callable[[Sequence[Any]], tuple[list[Turn] | None, ...]]:
    """Prompt and answers of a row."""

    def make(values: Sequence[Any]) -> tuple[list[Turn] | None, ...]:
        _, prompt, *given = values
        for name in (n for n, value in zip(names, given, strict=True) if value is None):
            raise Misfit(MISSING_FIELD, name)
        said = [spoken(value, "assistant", name) for value, name in zip(given, names, strict=True)]
        asked = [] if prompt is None else spoken(prompt, "user", "prompt")
        asked, answers = cut_prompt(asked, said)
        if prompt is None and not asked:
            raise Misfit(MISSING_FIELD, "prompt")
        check_prompt(asked, "prompt")
        for name, answer in zip(names, answers, strict=True):
            check_answer(answer, name)
        return (asked, *answers)

    return make


_MAKERS: dict[str, Callable[[Sequence[Any]], tuple[list[Turn] | None, ...]]] = {
    "instruction": _instruction,
    "preference": _answered(_ANSWERS["preference"]),
    "feedback": _answered(_ANSWERS["feedback"]),
    "item": _item,
}


def missing_forms(given: Mapping[str, Values], kind: str) -> Iterator[str]:
    """The columns without which no row of a file makes the message lists of a kind."""
    if kind == "instruction" and "messages" not in given and not {"prompt", "response"} <= set(given):
        yield "messages"
    if kind == "item" and not {"question", "prompt"} & set(given):
        yield "question"
    answers = _ANSWERS.get(kind, ())
    yield from (name for name in answers if name not in given)
    if answers and "prompt" not in given and all(as_text(given[n]) is not None for n in answers if n in given):
        yield "prompt"
