"""Solved problems in two languages: a translator that loses numbers, a student that is right two of three times."""

from __future__ import annotations

import shutil
from typing import Any

import polars as pl
import pytest

from xlcorpus.asking import Asking
from xlcorpus.engine.result import RunResult
from xlcorpus.engine.run import run_alone
from xlcorpus.recipe import Recipe

from ..models.chat.server import Reply, Server, serving
from .chat_server import Question, model, translates

pytestmark = pytest.mark.skipif(shutil.which("apertium") is None, reason="needs Apertium")

GOLD = {"48 ": "57", "37 ": "449", "29 ": "19", "euro": "44", "9 ": "29"}
"""Answers by what stands in a problem, in English and in Spanish."""
SAMPLES = 6


def loses_numbers(question: Question) -> str | None:
    """Of tomatoes in the first translation, of bottles in every one."""
    once = "tomatoes" in question.text and question.sample == 0
    if question.model == "translator" and (once or "bottle" in question.text):
        return "".join(letter for letter in translates(question) or "" if not letter.isdecimal())
    return None


def solves(question: Question) -> str | None:
    """Two samples of three are right: one way twice, another way once in four."""
    if question.model != "student":
        return None
    problem = question.text.partition("Instruction:")[2]
    answer = next((answer for part, answer in GOLD.items() if part in problem), "4500")
    wrong = question.sample % 3 == 2
    answer = str(int(answer) + 1) if wrong else answer
    way = f"{answer} + 5 - 5 = {answer}" if question.sample % 4 == 3 else f"2 * {answer} / 2 = {answer}"
    if "in Spanish" in question.text:
        return f"Primero calculamos paso a paso con mucho cuidado: {way}. La respuesta es {answer}."
    return f"First we work it out step by step with great care: {way}. The answer is {answer}."


def behaves() -> Reply:
    return model(loses_numbers, translates, solves)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunResult, Server]:
    folder = tmp_path_factory.mktemp("mathoctopus")
    with serving(behaves()) as server:
        recipe = Recipe.load("mathoctopus").with_params(into=["spa_Latn"], samples=SAMPLES)
        players = {name: server.player(model=name) for name in ("translator", "student")}
        pipeline = recipe.with_models(**players).pipeline()
        return run_alone(pipeline, folder / "run", Asking(folder / "answers"), 100), server


def released(ran: Any, config: str) -> pl.DataFrame:
    return pl.read_parquet(ran[0].folder / f"release/data/{config}/**/*.parquet")


def test_a_translation_that_loses_numbers_is_asked_for_again_and_given_up_in_the_end(ran: Any) -> None:
    translations = released(ran, "translations")
    assert translations.height == 5
    assert translations["question"].str.contains("7 filas").sum() == 1
    assert not translations["question"].str.contains("botella").any()
    asked = [body["messages"][-1]["content"] for body in ran[1].bodies if body["model"] == "translator"]
    assert len([text for text in asked if "tomatoes" in text and "garden" in text]) == 2
    assert len([text for text in asked if "bottles" in text]) == 5


def test_a_problem_that_cannot_be_translated_stays_in_its_own_language(ran: Any) -> None:
    parallel = released(ran, "parallel")
    assert parallel["lang"].value_counts().sort("lang").rows() == [("eng_Latn", 6), ("spa_Latn", 5)]


def test_crossed_rows_ask_in_english_for_an_answer_in_spanish(ran: Any) -> None:
    cross = released(ran, "cross")
    assert cross.height == 5
    for row in cross.to_dicts():
        question, answer = (turn["content"] for turn in row["messages"])
        assert "Please answer in Spanish." in question
        assert "How" in question
        assert (row["prompt_lang"], row["response_lang"]) == ("eng_Latn", "spa_Latn")
        assert answer.partition("#### ")[2].isdecimal()


def test_right_solutions_are_kept_once_on_each_path(ran: Any) -> None:
    sampled = released(ran, "sampled")
    # Of six samples two are wrong, three are on one path and one on another.
    assert sampled.height == 2 * 11
    assert set(sampled["correct"]) == {1.0}
    assert sampled["path"].n_unique() == 2 * 6


def test_what_the_paper_says_holds(ran: Any) -> None:
    assert [held.ok for held in ran[0].release.held] == [True] * 6
