"""Cross-lingual reasoning: questions in other languages, English solutions, demonstrations with words of both."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from xlcorpus.asking import Asking
from xlcorpus.engine.result import RunResult
from xlcorpus.engine.run import run_alone
from xlcorpus.models.translators.backends import load_translator
from xlcorpus.recipe import Recipe

from ..models.chat.server import serving

pytestmark = pytest.mark.skipif(shutil.which("apertium") is None, reason="Apertium is not installed")


def translates(body: dict[str, Any], number: int) -> str:
    """Into Spanish by Apertium, into Portuguese by the small models."""
    text = body["messages"][-1]["content"]
    spanish = "into Spanish" in body["messages"][0]["content"]
    translator = load_translator("apertium" if spanish else "bergamot-en-pt")
    (made,) = translator.translate([text], "eng_Latn", "spa_Latn" if spanish else "por_Latn")
    return made if isinstance(made, str) else text


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder: Path = tmp_path_factory.mktemp("xcot")
    with serving(translates) as server:
        recipe = Recipe.load("xcot").with_params(into=["spa_Latn", "por_Latn"], ratio=0.8)
        pipeline = recipe.with_models(translator=server.player()).pipeline()
        return run_alone(pipeline, folder, Asking(), limit=1000)


def test_a_question_is_answered_as_the_english_one_is(result: RunResult) -> None:
    english = {row["id"]: row for row in result.tables["read"].frame().to_dicts()}
    rows = result.tables["plain"].frame().to_dicts()
    assert {row["lang"] for row in rows} == {"spa_Latn", "por_Latn"}
    for row in rows:
        source = english[row["group_id"]]
        question, answer = (turn["content"] for turn in row["messages"])
        assert question != source["question"]
        assert answer == source["rationale"]


def test_demonstrations_are_other_problems_with_words_of_the_language(result: RunResult) -> None:
    switched = result.tables["code_switch"].frame()
    texts = dict(zip(switched["text"], switched["langs"].list.last(), strict=True))
    for row in result.tables["xicl"].frame().to_dicts():
        shown = row["messages"][0]["content"].split("\n\n")
        assert len(shown) == 3
        for part in shown[:2]:
            assert texts[part.split("\n")[0].removeprefix("Question: ")] == row["lang"]
        assert shown[2].endswith("Answer:")


def test_the_question_is_said_in_another_language_before_it_is_solved(result: RunResult) -> None:
    asked = {
        (row["group_id"], row["lang"]): row["messages"][0]["content"]
        for row in result.tables["plain"].frame().to_dicts()
    }
    for row in result.tables["online"].frame().to_dicts():
        said = row["messages"][1]["content"].split("\n\n")[0]
        assert said == asked[row["group_id"], row["bridge_lang"]]


def test_the_release_holds_what_the_paper_says(result: RunResult) -> None:
    assert result.release is not None
    assert [held.what for held in result.release.held if not held.ok] == []
