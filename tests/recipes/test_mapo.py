"""Solutions in Spanish, preferred by how probable the model's English ones are as their translations."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import web

from xlcorpus.asking import Asking
from xlcorpus.engine.result import RunResult
from xlcorpus.engine.run import run_alone
from xlcorpus.models.likelihood import Texts, load_likelihood
from xlcorpus.recipe import Recipe

from ..models import tiny_models
from ..models.chat.server import completions, serving

pytestmark = pytest.mark.skipif(shutil.which("apertium") is None, reason="Apertium is not installed")

ANSWERS = {
    19: ("6", "8", "29"), 449: ("9", "54", "37"), 44: ("3", "12", "2", "4"), 57: ("7", "15", "48"),
    29: ("4", "5", "9", "1"), 4500: ("750", "6"),
}  # fmt: skip
"""The answer to each problem of the sample, by the numbers in it."""
LOOP = "We go on and on.\nWe go on and on.\nThe answer is {gold}."


def solves(body: dict[str, Any], number: int) -> web.StreamResponse:
    """In English right, marked up, and once in a loop; in Spanish three right and two wrong solutions."""
    text = body["messages"][-1]["content"]
    numbers = set(re.findall(r"\d+", text))
    gold = next(value for value, digits in ANSWERS.items() if set(digits) <= numbers)
    if "How" in text:
        said = [f"Together they are <<1+1={gold}>>{gold}.\nThe answer is {gold}.\n#### {gold}", LOOP.format(gold=gold)]
        said += [f"We add and take away, and find {gold} of them. The answer is {gold}."] * 3
    else:
        right = ("despacio", "con calma y con cuidado", "dos veces y con papel")
        said = [f"Hacemos la cuenta {how} y sale un resultado. La respuesta es {gold}." for how in right]
        wrong = ("muy deprisa", "sin leer bien la pregunta")
        said += [f"Hacemos la cuenta {how} y sale un resultado. La respuesta es {gold + 7}." for how in wrong]
    return web.json_response(completions(said[: body.get("n", 1)]))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunResult, str]:
    folder: Path = tmp_path_factory.mktemp("mapo")
    scorer = tiny_models.nllb(folder / "nllb", ("spa_Latn", "eng_Latn"), 512)
    with serving(solves) as server:
        recipe = Recipe.load("mapo").with_params(into=["spa_Latn"], samples=5)
        recipe = recipe.with_models(student=server.player(), translator="apertium", scorer=scorer)
        return run_alone(recipe.pipeline(), folder / "run", Asking(), limit=1000), scorer


def test_english_solutions_are_cleaned_and_count_once(ran: tuple[RunResult, str]) -> None:
    rows = ran[0].tables["beside"].frame()
    assert set(rows["src_lang"]) == {"spa_Latn"}
    for _, of_answer in rows.group_by("answer_id"):
        assert of_answer.height == 2
        assert not any("<<" in text or "####" in text or "on and on" in text for text in of_answer["tgt_text"])


def test_a_score_is_the_mean_over_english_solutions_of_one_over_their_loss(ran: tuple[RunResult, str]) -> None:
    result, scorer = ran
    row = result.tables["aligned"].frame().row(0, named=True)
    solution = row["messages"][-1]["content"]
    english = result.tables["beside"].frame().filter(src_text=solution)["tgt_text"].unique().to_list()
    asked = [Texts(y=text, x=solution, y_lang="eng_Latn", x_lang="spa_Latn") for text in english]
    sums, counts = load_likelihood(scorer, "cpu").score(asked)
    assert row["alignment"] == pytest.approx(np.mean(-counts / sums), rel=1e-4)


def test_right_solutions_are_preferred_to_all_that_agree_less(ran: tuple[RunResult, str]) -> None:
    result = ran[0]
    solutions = result.tables["aligned"].frame()
    expected = 0
    for _, group in solutions.group_by("group_id"):
        right = group.filter(check_answer_correct=1.0)["alignment"].to_list()
        expected += sum(score > other for score in right for other in group["alignment"])
    assert result.tables["pair_preferences"].frame().height == expected > 0


def test_the_release_holds_what_the_paper_says(ran: tuple[RunResult, str]) -> None:
    release = ran[0].release
    assert release is not None
    assert [held.what for held in release.held if not held.ok] == []
