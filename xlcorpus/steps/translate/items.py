"""What must fit together in a translated item: the answer with its choices, and its place in the context."""

from __future__ import annotations

import unicodedata

import polars as pl

from xlcorpus.step import Rule
from xlcorpus.text.option_letters import place_of

ANSWER_PLACES = "translate_answer_places"
_DISTINCT = "_distinct"


def without_tied_answers(rows: pl.DataFrame) -> pl.DataFrame:
    """Items without the answers that are not translated for themselves: labels of choices, and texts of choices."""
    tied = [
        answer is not None and (answer in (choices or ()) or _is_label(answer, choices, lang))
        for answer, choices, lang in rows.select("answer", "choices", "lang").iter_rows()
    ]
    return rows.with_columns(answer=pl.when(~pl.Series(tied, dtype=pl.Boolean)).then("answer"))


def with_tied_answers(before: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """Translated items with their answers: an answer that was the text of a choice is again that of the same choice.

    Args:
        before: the items, shape (items,).
        made: their translations, in the same order, without the answers that are tied.

    Returns:
        `made`, with all answers, and `answer_start` where the answer stands once in the context, where it is written as
        there; how often it stands there is in `translate_answer_places`, null where it had no place.
    """
    answers: list[str | None] = []
    starts: list[int | None] = []
    counts: list[int | None] = []
    columns = ("answer", "choices", "context", "answer_start")
    for old, new in zip(before.select(columns).to_dicts(), made.select(columns).to_dicts(), strict=True):
        tied = new["answer"] is None
        answer = _of_choice(old["answer"], old["choices"], new["choices"]) if tied else new["answer"]
        start, count = old["answer_start"], None
        if start is not None:
            written, places = _found(answer, new["context"], as_written=tied)
            same = (old["answer"], old["context"]) == (answer, new["context"])
            start, count = (start, len(places)) if same else (places[0] if len(places) == 1 else None, len(places))
            answer = answer if start is None or same else written
        answers.append(answer)
        starts.append(start)
        counts.append(count)
    return made.with_columns(
        pl.Series("answer", answers, dtype=pl.String),
        pl.Series("answer_start", starts, dtype=pl.Int64),
        pl.Series(ANSWER_PLACES, counts, dtype=pl.Int64),
        before["choices"].list.n_unique().alias(_DISTINCT),
    )


def same_choices() -> Rule:
    """`same_choices`: two choices that differed are the same text now."""
    choices = pl.col("choices")
    return Rule("same_choices", choices.list.join(" | "), choices.list.n_unique() >= pl.col(_DISTINCT))


def _is_label(answer: str, choices: list[str] | None, lang: str) -> bool:
    place = place_of(answer, lang)
    if choices:
        return place is not None and place < len(choices)
    # Where the choices stand in the question, a word may be a label in some language: "دال" is one, and means "sign".
    return place is not None and sum(unicodedata.category(c)[0] == "L" for c in answer) == 1


def _of_choice(answer: str | None, choices: list[str] | None, made: list[str] | None) -> str | None:
    """What became of the choice whose text an answer is; the answer itself where it is none."""
    return made[choices.index(answer)] if choices and made and answer in choices else answer


def _found(answer: str | None, context: str | None, as_written: bool) -> tuple[str | None, list[int]]:
    """An answer as it stands in a context, and where, in code points; unless `as_written`, its first letter may be
    large there and small here, or the other way round: translators write lone phrases as sentences."""
    if not answer or not context:
        return answer, []
    for written in (answer,) if as_written else (answer, answer[0].swapcase() + answer[1:]):
        if places := [at for at in range(len(context)) if context.startswith(written, at)]:
            return written, places
    return answer, []
