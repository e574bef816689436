"""An answer in Spanish against a translated one of a small English model: a reward model decides."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from xlcorpus.asking import Asking
from xlcorpus.engine.result import RunResult
from xlcorpus.engine.run import run_alone
from xlcorpus.models.rewards import load_classifier
from xlcorpus.recipe import Recipe

from ..models import tiny_models
from ..models.chat.server import serving
from ..models.chat.smollm2 import needs_smollm2, smollm2

pytestmark = [
    pytest.mark.skipif(shutil.which("apertium") is None, reason="Apertium is not installed"),
    needs_smollm2,
]

PROMPTS = (
    "What is the capital of France? Answer in one short sentence.",
    "Name a large animal that lives in the sea. Answer in one short sentence.",
    "Why do people wear a coat in winter? Answer in one short sentence.",
)
SPANISH = "Con mucho gusto: aquí tienes una respuesta breve y clara, escrita directamente en español."


def writes(body: dict[str, Any], number: int) -> str:
    return SPANISH


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunResult, str]:
    folder: Path = tmp_path_factory.mktemp("direct_or_translated")
    (folder / "prompts.jsonl").write_text("".join(json.dumps({"instruction": text}) + "\n" for text in PROMPTS))
    reward = tiny_models.classifier(folder / "reward", tokens=1024)
    with serving(writes) as server, smollm2() as address:
        small = {"base_url": address, "model": "smollm2", "max_tokens": 60}
        recipe = Recipe.load("direct_or_translated").with_params(
            prompts=str(folder / "prompts.jsonl"), into=["spa_Latn"], max_tokens=60
        )
        recipe = recipe.with_models(native=server.player(), english=small, translator="apertium", reward=reward)
        return run_alone(recipe.pipeline(), folder / "run", Asking(), limit=100), reward


def test_each_prompt_has_an_answer_in_the_language_and_a_translated_one(ran: tuple[RunResult, str]) -> None:
    scored = ran[0].tables["scored"].frame()
    for _, group in scored.group_by("group_id"):
        assert sorted(group["made"]) == ["direct", "translated"]
        by_origin = dict(zip(group["made"], group["messages"].list.last().struct.field("content"), strict=True))
        assert by_origin["direct"] == SPANISH
        assert by_origin["translated"] != SPANISH
    assert scored.height >= 2


def test_the_reward_decides(ran: tuple[RunResult, str]) -> None:
    result, reward = ran
    scores = load_classifier(reward, "cpu")
    for row in result.tables["pair_preferences"].frame().to_dicts():
        prompt = [{"role": turn["role"], "content": turn["content"]} for turn in row["prompt"]]
        answers = [[*prompt, {"role": "assistant", "content": row[s][-1]["content"]}] for s in ("chosen", "rejected")]
        chosen, rejected = scores.score(answers)
        assert chosen > rejected
        assert row["score_chosen"] == pytest.approx(chosen, abs=1e-4)


def test_the_release_holds_what_the_paper_says(ran: tuple[RunResult, str]) -> None:
    release = ran[0].release
    assert release is not None
    assert [held.what for held in release.held if not held.ok] == []
