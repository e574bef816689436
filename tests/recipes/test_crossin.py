"""Questions and answers in different languages, by Apertium."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.engine import run
from xlcorpus.engine.result import RunResult
from xlcorpus.recipe import Recipe

pytestmark = pytest.mark.skipif(
    shutil.which("apertium") is None, reason="needs apertium and apertium-eng-spa (Debian packages)"
)
ROWS = 40


def recipe() -> Recipe:
    return Recipe.load("crossin").with_params(into=["spa_Latn"], rows=ROWS).with_models(translator="apertium")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return run(recipe().pipeline(), tmp_path_factory.mktemp("crossin"))


def of_task(result: RunResult, task: str) -> list[dict[str, str]]:
    rows = result.tables["drawn"].frame().filter(pl.col("task") == task)
    assert rows.height == ROWS
    turns = rows["messages"].to_list()
    return [{turn["role"]: turn["content"] for turn in row} for row in turns]


def test_an_english_question_has_a_spanish_answer_and_the_other_way_round(result: RunResult) -> None:
    english = result.tables["read"].frame()["messages"].to_list()
    answers = {row[0]["content"]: row[-1]["content"] for row in english}
    crossed = [(row["user"].removesuffix(" [spa_Latn]"), row["assistant"]) for row in of_task(result, "en2x")]
    assert {question for question, _ in crossed} <= {*answers}
    # Code alone is the same in all languages.
    assert all(answer != answers[question] or answer.startswith("```") for question, answer in crossed)
    for row in of_task(result, "x2en"):
        assert row["user"].endswith(" [eng_Latn]")
        assert row["assistant"] in answers.values()


def test_versions_of_a_row_stay_together(result: RunResult) -> None:
    crossed = result.tables["cross"].frame()
    assert set(crossed["group_id"]) == set(result.tables["read"].frame()["id"])
    assert crossed.group_by("group_id").len()["len"].unique().to_list() == [3]
    assert set(crossed["license"]) == {"CC0-1.0"}


def test_the_release_holds_what_the_paper_says(result: RunResult) -> None:
    assert result.release is not None
    assert [held.ok for held in result.release.held] == [True] * 3


def test_an_answer_in_the_language_of_its_question_is_found(tmp_path: Path) -> None:
    sql = str(recipe().pipeline().to_dict()["steps"]["cross"]["sql"])
    wrong = sql.replace("WHEN 'en2x' THEN x.lang ELSE 'eng_Latn' END AS response_lang", "WHEN '' THEN '' ELSE "
                        "'eng_Latn' END AS response_lang")  # fmt: skip
    assert wrong != sql
    result = run(recipe().with_options({"cross.sql": wrong}).pipeline(), tmp_path)
    assert result.release is not None
    held = {held.what: held.ok for held in result.release.held}
    assert not held["question and answer are in different languages"]
    assert not held["both directions in about equal share"]
