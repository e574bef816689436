"""Answers of a person in several languages: those that most languages give are preferred."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from xlcorpus.asking import Asking
from xlcorpus.engine.result import RunResult
from xlcorpus.engine.run import run_alone
from xlcorpus.recipe import Recipe

from ..models.chat.server import completions, serving

pytestmark = pytest.mark.skipif(shutil.which("apertium") is None, reason="Apertium is not installed")

ENGLISH = {
    "tea": "People here drink black tea with milk and a lot of sugar.",
    "coffee": "People here drink strong coffee.",
}
SPANISH = {
    "tea": "La gente de aquí toma té negro con leche y con mucho azúcar.",
    "coffee": "La gente de aquí toma un café muy fuerte y sin azúcar.",
    "cocoa": "La gente de aquí toma una taza de cacao bien caliente.",
}


def plays(body: dict[str, Any], number: int) -> str | web.StreamResponse:
    """In English tea three times of four; in Spanish coffee twice, tea once, cocoa once. Names what answers say."""
    text = body["messages"][-1]["content"]
    if "What does the answer name?" in text:
        said = text.split("An answer in ")[1]
        return next(
            name for name in ("tea", "coffee", "cocoa") if {**SPANISH, **ENGLISH}[name] in said or SPANISH[name] in said
        )
    spanish = "¿" in text or "Qué" in text or "qué" in text
    told = (SPANISH["coffee"], SPANISH["tea"], SPANISH["coffee"], SPANISH["cocoa"])
    if not spanish:
        told = (ENGLISH["tea"], ENGLISH["tea"], ENGLISH["coffee"], ENGLISH["tea"])
    return web.json_response(completions(list(told[: body.get("n", 1)])))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder: Path = tmp_path_factory.mktemp("c3po")
    with serving(plays) as server:
        recipe = Recipe.load("c3po").with_params(into=["spa_Latn"], personas=["You live in Nairobi."], samples=4)
        recipe = recipe.with_models(student=server.player(), translator="apertium", namer=server.player())
        return run_alone(recipe.pipeline(), folder, Asking(), limit=1000)


def test_votes_are_counted_over_the_languages(result: RunResult) -> None:
    for _, group in result.tables["vote"].frame().group_by("group_id"):
        assert Counter(group["entity"]) == {"tea": 4, "coffee": 3, "cocoa": 1}
        assert set(group["vote_winner"]) == {"tea"}
        assert group["vote_winner_share"].to_list() == [4 / 8] * 8


def test_each_language_has_its_own_answers_in_its_pairs(result: RunResult) -> None:
    pairs = result.tables["pair_preferences"].frame()
    assert set(pairs["lang"]) == {"eng_Latn", "spa_Latn"}
    for row in pairs.to_dicts():
        chosen, rejected = row["chosen"][-1]["content"], row["rejected"][-1]["content"]
        texts = SPANISH if row["lang"] == "spa_Latn" else ENGLISH
        assert (chosen, rejected) == (texts["tea"], texts["coffee"])


def test_an_answer_that_is_given_once_is_in_no_pair(result: RunResult) -> None:
    said = [row[-1]["content"] for row in result.tables["pair_preferences"].frame()["rejected"]]
    assert SPANISH["cocoa"] not in said


def test_the_release_holds_what_the_paper_says(result: RunResult) -> None:
    assert result.release is not None
    assert [held.what for held in result.release.held if not held.ok] == []
