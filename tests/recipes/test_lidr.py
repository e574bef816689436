"""Preferences by language imbalance, with a model whose Spanish answers are poor and that translates by Apertium."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus.asking import Asking
from xlcorpus.engine.result import RunResult
from xlcorpus.engine.run import run_alone
from xlcorpus.recipe import Recipe

from ..models.chat.server import Reply, Server, serving
from .chat_server import Question, model, refuses, says, slow, translates, translation

pytestmark = pytest.mark.skipif(shutil.which("apertium") is None, reason="needs Apertium")

ANSWERS = {
    "clean a window": "Mix warm water with a little soap. Wipe the window and dry it with a soft cloth.",
    "plant a tree": "Choose a sunny place. Dig a deep hole, put the tree into it and give it a lot of water.",
    "boil an egg": "Put the egg into hot water. Take it out after eight minutes and cool it.",
    "Translate the sentence": "The correct sentence is: the house of my brother is very old and beautiful.",
    "refuse this": "This answer never comes.",
}  # fmt: skip
SPANISH = "No sé mucho de esto, pero creo que se hace con agua y con un poco de paciencia."
PROMPTS = [
    "How do I clean a window?", "How do I plant a tree in the garden?", "How do I boil an egg?",
    "Translate the sentence about the house.", "Please refuse this question.",
]  # fmt: skip


def refuses_one(question: Question) -> str | None:
    return refuses(question) if "refuse this" in question.text else None


def answers_in_spanish(question: Question) -> str | None:
    prompts = {translation(prompt, "eng_Latn", "spa_Latn") for prompt in PROMPTS}
    return SPANISH if question.text in prompts else None


def student() -> Reply:
    return model(translates, refuses_one, says(ANSWERS), answers_in_spanish)


def improved(server: Server, folder: Path, *names: str) -> RunResult:
    (folder / "prompts.jsonl").write_text("\n".join(json.dumps({"instruction": prompt}) for prompt in PROMPTS), "utf8")
    players = [server.player(model=name, license="Apache-2.0") for name in names]
    recipe = Recipe.load("lidr").with_params(prompts=str(folder / "prompts.jsonl"), into=["spa_Latn"])
    pipeline = recipe.with_models(student=players, translator="apertium").pipeline()
    return run_alone(pipeline, folder / "run", Asking(folder / "answers"), 1000)


def pairs_of(result: RunResult, step: str) -> pl.DataFrame:
    found = result.tables[step].frame()
    return found.with_columns(
        prompt=pl.col("prompt").list.last().struct.field("content"),
        chosen=pl.col("chosen").list.last().struct.field("content"),
        rejected=pl.col("rejected").list.last().struct.field("content"),
    )


@pytest.fixture(scope="module")
def run_of_two(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunResult, list[dict[str, Any]]]:
    with serving(student(), pause=slow(0.1, 0.2)) as server:
        result = improved(server, tmp_path_factory.mktemp("lidr"), "m0", "m1")
        return result, server.bodies


def test_the_english_answer_is_preferred_to_the_translation_of_the_other(run_of_two: Any) -> None:
    pairs = pairs_of(run_of_two[0], "improve.1.pair_preferences").filter(lang="eng_Latn")
    assert sorted(pairs["prompt"]) == sorted(PROMPTS[:4])
    for row in pairs.to_dicts():
        assert row["chosen"] == next(answer for part, answer in ANSWERS.items() if part in row["prompt"])
        assert row["rejected"] == translation(SPANISH, "spa_Latn", "eng_Latn")


def test_in_spanish_the_translation_of_the_english_answer_is_preferred(run_of_two: Any) -> None:
    pairs = pairs_of(run_of_two[0], "improve.1.pair_preferences").filter(lang="spa_Latn")
    assert pairs.height == 4
    assert set(pairs["rejected"]) == {SPANISH}
    of_prompts = {translation(prompt, "eng_Latn", "spa_Latn"): prompt for prompt in PROMPTS}
    for row in pairs.to_dicts():
        prompt = of_prompts[row["prompt"]]
        answer = next(answer for part, answer in ANSWERS.items() if part in prompt)
        if "Translate" in prompt:
            assert row["chosen"] == answer
        else:
            assert row["chosen"] != answer
            assert row["chosen"].split()[:2] == translation(answer, "eng_Latn", "spa_Latn").split()[:2]


def test_the_second_round_is_played_by_the_trained_model(run_of_two: Any) -> None:
    result, bodies = run_of_two
    assert {body["model"] for body in bodies} == {"m0", "m1"}
    released = pl.read_parquet(result.folder / "release/data/preference/**/*.parquet")
    assert released["round"].value_counts().sort("round").rows() == [(1, 8), (2, 8)]


def test_what_the_paper_says_holds(run_of_two: Any) -> None:
    release = run_of_two[0].release
    assert release is not None
    assert [held.ok for held in release.held] == [True] * len(release.held)


def test_before_the_model_is_trained_the_first_round_is_released(tmp_path: Path) -> None:
    with serving(student()) as server:
        result = improved(server, tmp_path, "m0")
    assert "improve.2.generate" not in result.tables
    released = pl.read_parquet(result.folder / "release/data/preference/**/*.parquet")
    assert set(released["round"]) == {1}
