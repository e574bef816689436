"""What must fit together in a translated item: the answer with its choices, and its place in the context."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from xlcorpus.step import Rule
from xlcorpus.text.option_letters import place_of

_PARTS: Final = ("answer", "choices", "context", "answer_start")
ANSWER_PLACES: Final = "translate_answer_places"
_DISTINCT, _WERE_DISTINCT = "_distinct", "_were_distinct"
_LABEL = re.compile(r"\s*(?:[(\[（【]?[^\s()\[\]（）【】.:：、]{1,6}(?:[)\]）】.:：、]+(?:\s+|\Z)|\s*\Z))")


def alone(rows: pl.DataFrame) -> pl.DataFrame:
    """Items with the texts that are translated for themselves: choices without their labels, and answers that are
    neither the text of a choice nor its label."""
    choices: list[list[str] | None] = []
    answers: list[str | None] = []
    for answer, given, lang in rows.select("answer", "choices", "lang").iter_rows():
        tied = answer is not None and (answer in (given or ()) or _is_label(answer, given, lang))
        answers.append(None if tied else answer)
        choices.append(given and _without(given, labels(given, lang)))
    return rows.with_columns(
        pl.Series("answer", answers, dtype=pl.String), pl.Series("choices", choices, dtype=pl.List(pl.String))
    )


def together(before: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """Translated items with their labels and answers: one that was the text of a choice is again that of this choice.

    Args:
        before: the items, shape (items,).
        made: their translations of `alone`, in the same order.

    Returns:
        `made`, with all answers, and `answer_start` where the answer stands once in the context, where it is written as
        there; how often it stands there is in `translate_answer_places`, null where it had no place.
    """
    rows = [
        _together(old, new, lang)
        for old, new, lang in zip(
            before.select(_PARTS).to_dicts(), made.select(_PARTS).to_dicts(), before["lang"], strict=True
        )
    ]
    schema: dict[str, Any] = {name: before.schema[name] for name in ("answer", "choices", "answer_start")}
    schema |= dict.fromkeys((ANSWER_PLACES, _DISTINCT, _WERE_DISTINCT), pl.Int64)
    return made.with_columns(pl.DataFrame(rows, schema=schema, orient="row"))


def same_choices() -> Rule:
    """`same_choices`: two choices that differed are the same text now."""
    return Rule("same_choices", pl.col("choices").list.join(" | "), pl.col(_DISTINCT) >= pl.col(_WERE_DISTINCT))


def labels(choices: Sequence[str], lang: str) -> list[str]:
    """What labels each choice, with the white space behind it: "A) ", "(ख) ", "2. "; empty texts where not all have
    the label of their place.

    >>> labels(["A. a dog", "B. a cat"], "eng_Latn")
    ['A. ', 'B. ']
    """
    found = [match.group() if (match := _LABEL.match(choice)) else "" for choice in choices]
    if len(choices) > 1 and all(label and place_of(label, lang) == place for place, label in enumerate(found)):
        return found
    return [""] * len(choices)


def _together(old: dict[str, Any], new: dict[str, Any], lang: str) -> tuple[Any, ...]:
    """Answer, choices, start and the three counts of one item."""
    answer, choices, distinct, were_distinct = new["answer"], old["choices"], None, None
    tied = answer is None
    if choices is not None:
        marks = labels(choices, lang)
        distinct, were_distinct = len({*new["choices"]}), len({*_without(choices, marks)})
        choices = [mark + choice for mark, choice in zip(marks, new["choices"], strict=True)]
    if tied:
        answer = old["answer"]
        if choices is not None and answer in old["choices"]:
            answer = choices[old["choices"].index(answer)]
    start, count = old["answer_start"], None
    if start is not None:
        written, places = _found(answer, new["context"], as_written=tied)
        count = len(places)
        if (old["answer"], old["context"]) != (answer, new["context"]):
            start = places[0] if count == 1 else None
            answer = written if count == 1 else answer
    return answer, choices, start, count, distinct, were_distinct


def _without(choices: Sequence[str], marks: Sequence[str]) -> list[str]:
    return [choice[len(mark) :] for choice, mark in zip(choices, marks, strict=True)]


def _is_label(answer: str, choices: list[str] | None, lang: str) -> bool:
    place = place_of(answer, lang)
    if choices:
        return place is not None and place < len(choices)
    # Where the choices stand in the question, a word may be a label in some language: "دال" is one, and means "sign".
    return place is not None and sum(unicodedata.category(c)[0] == "L" for c in answer) == 1


def _found(answer: str | None, context: str | None, as_written: bool) -> tuple[str | None, list[int]]:
    """An answer as it stands in a context, and where, in code points; unless `as_written`, its first letter may be
    large there and small here, or the other way round: translators write lone phrases as sentences."""
    if not answer or not context:
        return answer, []
    for written in (answer,) if as_written else (answer, answer[0].swapcase() + answer[1:]):
        if places := [at for at in range(len(context)) if context.startswith(written, at)]:
            return written, places
    return answer, []
