"""Questions with their answers, as test sets give them, as items."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.steps import Read

Conform = Callable[..., tuple[pl.DataFrame, list[tuple[str, str]]]]

DATA = Path(os.environ.get("XLCORPUS_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
DE, EN = "deu_Latn", "eng_Latn"
ASK = {"role": "user", "content": "Was ist 2 + 2?"}
RULE = {"role": "system", "content": "Antworte kurz."}


def items(conform: Conform, *rows: dict[str, Any], **options: Any) -> tuple[pl.DataFrame, list[tuple[str, str]]]:
    return conform(list(rows), kind="item", **options)


def test_a_question_and_its_answer_are_enough(conform: Conform) -> None:
    made, _ = items(conform, {"question": "Was ist 2 + 2?", "answer": "4"})
    assert made.select("question", "answer", "lang", "question_lang", "context_lang", "choices", "prompt").rows() == [
        ("Was ist 2 + 2?", "4", DE, DE, None, None, None)
    ]


def test_question_and_context_may_be_in_other_languages(conform: Conform) -> None:
    row = {"question": "Where?", "question_lang": "en", "context": "In Bonn.", "answer": "Bonn", "answer_start": 3}
    made, _ = items(conform, row, row | {"context": " ", "answer_start": None})
    assert made.select("lang", "question_lang", "context", "context_lang", "answer_start").rows() == [
        (DE, EN, "In Bonn.", DE, 3),
        (DE, EN, None, None, None),
    ]


@pytest.mark.parametrize(
    ("choices", "answer", "want"),
    [
        (["3", "4"], "B", (["3", "4"], "B")),
        ([3, 4.5], 1, (["3", "4.5"], "1")),
        ('["drei", "vier"]', "vier", (["drei", "vier"], "vier")),
        ([], True, (None, "true")),
        (None, " ", (None, None)),
    ],
)
def test_choices_and_answers_become_text(conform: Conform, choices: Any, answer: Any, want: Any) -> None:
    made, rejected = items(conform, {"question": "Was?", "choices": choices, "answer": answer})
    assert (made.select("choices", "answer").rows(), rejected) == ([want], [])


def test_choices_may_stand_in_a_column_each(conform: Conform) -> None:
    rows = [{"question": "Was?", "A": "ja", "B": "nein", "C": None}, {"question": "Was?", "A": "1", "B": " ", "C": 3}]
    made, _ = items(conform, *rows, columns={"choices": ["A", "B", "C"]})
    assert made["choices"].to_list() == [["ja", "nein"], ["1", "3"]]


def test_a_prompt_asks_in_place_of_a_question(conform: Conform) -> None:
    rows = [{"prompt": [RULE, ASK], "answer": 4}, {"prompt": "Was ist 1 + 1?", "answer": 2}, {"question": "Was?"}]
    made, rejected = items(conform, *rows)
    assert made["question"].to_list() == ["Was ist 2 + 2?", "Was ist 1 + 1?", "Was?"]
    said = [turns and [(t["role"], t["content"]) for t in turns] for turns in made["prompt"].to_list()]
    assert said == [[(t["role"], t["content"]) for t in (RULE, ASK)], [("user", "Was ist 1 + 1?")], None]
    assert rejected == []


@pytest.mark.parametrize("typed", [False, True])
def test_a_prompt_ends_with_the_user(conform: Conform, typed: bool) -> None:
    rows = [{"prompt": [ASK, {"role": "assistant", "content": "4"}]}, {"prompt": [RULE, ASK]}]
    made, rejected = conform(pl.DataFrame(rows) if typed else rows, kind="item")
    assert made.height == 1
    assert rejected == [
        ("bad_messages", "line 1: prompt ends with a turn of the assistant; the answer follows the user's")
    ]


def test_what_does_not_fit_is_rejected(conform: Conform) -> None:
    rows = [
        {"question": None, "answer": "a"},
        {"question": "Was?", "answer": ["a"]},
        {"question": "Was?", "choices": "a, b"},
        {"question": "Was?", "choices": [["a"]]},
        {"question": "Was?", "question_lang": "xx-nichts"},
    ]
    made, rejected = items(conform, *rows)
    assert made.height == 0
    assert [rule for rule, _ in rejected] == ["missing_field", *["wrong_type"] * 3, "unknown_language"]


def test_a_file_that_asks_nothing_is_refused(conform: Conform) -> None:
    with pytest.raises(UserError, match="has no column 'question', which an item needs"):
        items(conform, {"frage": "Was?", "answer": "a"})


def test_several_columns_make_choices_alone() -> None:
    with pytest.raises(UserError, match="columns: answer is one column of the file; several make the choices"):
        Read(paths={"de": __file__}, kind="item", columns={"answer": ["a", "b"]}).preflight()


def test_rows_in_memory_become_items() -> None:
    frame = pl.DataFrame({"q": ["Was?"], "A": ["ja"], "B": ["nein"], "a": ["A"], "nr": [7]})
    columns = {"question": "q", "choices": ["A", "B"], "answer": "a"}
    made = Read.from_frame(frame, kind="item", lang="de", columns=columns, group_id="nr")()
    assert made.select("question", "choices", "answer", "group_id").rows() == [("Was?", ["ja", "nein"], "A", "7")]


@pytest.mark.skipif(not (DATA / "mgsm").is_dir(), reason=f"no mgsm in {DATA}")
def test_a_problem_of_a_real_test_set_is_one_item_in_all_languages() -> None:
    paths = {lang: f"{DATA}/mgsm/mgsm_{lang}.tsv" for lang in ("bn", "en", "sw", "th")}
    columns = {"question": "1", "answer": "2"}
    rows = Read(paths=paths, kind="item", columns=columns, group_id={"line": "mgsm"})()
    problems = rows.group_by("group_id").agg(pl.len(), pl.col("answer").str.replace_all(",", "").n_unique())
    assert set(problems["len"]) == {4}
    assert problems.filter(pl.col("answer") == 1).height > 240
