"""Preferences by self-consistency, with a model that solves two of three times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from aiohttp import web

from xlcorpus.engine import run
from xlcorpus.engine.result import RunResult
from xlcorpus.recipe import Recipe

from ..models.chat.server import completions, serving

GOLD = {
    "baker": "19", "ticket": "42", "Tom": "42", "Garten": "31", "Kiste": "8", "Zug": "15", "Marta": "12",
    "litros": "152", "crayons": "16", "jardinier": "73",
}  # fmt: skip
UNSURE = "Tom"
"""The problem to which every sample has another answer."""
SAMPLES = 6


def solution(text: str, answer: str) -> str:
    """A solution in the language of the problem."""
    if "Wie viel" in text:
        return f"Wir rechnen Schritt für Schritt und kommen zu diesem Ergebnis. Die Antwort ist \\boxed{{{answer}}}."
    if "Cuántos" in text:
        return f"Calculamos paso a paso y llegamos a este resultado. La respuesta es \\boxed{{{answer}}}."
    if "Combien" in text:
        return f"Nous calculons pas à pas et arrivons à ce résultat. La réponse est \\boxed{{{answer}}}."
    return f"We work it out step by step and arrive at this result. The answer is \\boxed{{{answer}}}."


def solves(body: dict[str, Any], number: int) -> web.StreamResponse:
    """Two samples of three are right, one is wrong; one of six refuses."""
    text = body["messages"][-1]["content"]
    name = next(word for word in GOLD if word in text)
    answers = []
    for i in range(body.get("n", 1)):
        if name == UNSURE:
            answers.append(solution(text, str(100 + i)))
        elif i == 5:
            answers.append("I'm sorry, but I can't help with that.")
        else:
            answers.append(solution(text, GOLD[name] if i % 3 < 2 else str(int(GOLD[name]) + 1)))
    return web.json_response(completions(answers))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder: Path = tmp_path_factory.mktemp("scpo")
    with serving(solves) as server:
        player = server.player(license="Apache-2.0")
        recipe = Recipe.load("scpo").with_params(samples=SAMPLES).with_models(student=player)
        return run(recipe.pipeline(), folder)


def test_what_most_samples_agree_on_is_preferred(result: RunResult) -> None:
    pairs = result.tables["pair_preferences"].frame()
    assert pairs.height == len(GOLD) - 1
    for row in pairs.to_dicts():
        question = row["prompt"][0]["content"]
        gold = next(answer for word, answer in GOLD.items() if word in question)
        assert f"\\boxed{{{gold}}}" in row["chosen"][-1]["content"]
        assert f"\\boxed{{{gold}}}" not in row["rejected"][-1]["content"]


def test_votes_are_shares_of_the_samples_asked_for(result: RunResult) -> None:
    pairs = result.tables["pair_preferences"].frame()
    # Four of six are right, one is wrong, one refuses and votes for nothing.
    assert pairs["score_chosen"].to_list() == pytest.approx([4 / 6] * pairs.height)
    assert pairs["weight"].to_list() == pytest.approx([3 / 6] * pairs.height)


def test_a_problem_without_agreement_is_left_out_and_refusals_are_rejected(result: RunResult) -> None:
    rejects = pl.read_parquet(result.folder / "rejects/**/*.parquet")
    assert rejects.filter(pl.col("rule") == "refusal").height == len(GOLD) - 1
    unsure = result.tables["vote"].frame().filter(pl.col("vote_winner_share") < 0.5)
    assert unsure.height == SAMPLES


def test_the_release_holds_what_the_paper_says(result: RunResult) -> None:
    card = (result.folder / "release" / "README.md").read_text()
    assert "2411.04109" in card
    assert "the weight is (V+ - V-)/k" in card
    assert result.release is not None
    assert [held.ok for held in result.release.held] == [True] * 4
