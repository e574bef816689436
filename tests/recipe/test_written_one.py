"""The recipe that docs/recipes.md shows how to write is a recipe: it rehearses, and does what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from xlcorpus.asking import Asking
from xlcorpus.engine.run import run_alone
from xlcorpus.recipe import Recipe
from xlcorpus.rehearsal import rehearse

from ..models.chat.server import completions, serving

DOCS = Path(__file__).parents[2] / "docs" / "recipes.md"


@pytest.fixture
def written() -> Recipe:
    told = DOCS.read_text("utf8").split("As a file:\n\n```yaml\n")[1].split("```")[0]
    assert len(told.splitlines()) <= 40
    return Recipe.from_yaml(told)


def test_it_rehearses(written: Recipe, tmp_path: Path) -> None:
    found = rehearse(written, tmp_path)
    assert (found.empty, found.broken) == ((), ())
    assert set(found.questions) == {"generate", "judge"}


def says(body: dict[str, Any], number: int) -> web.StreamResponse | str:
    """Paraphrases of which the last is the least like the sentence, and one that means something else."""
    said = body["messages"][-1]["content"]
    if "Do A and B mean the same" in said:
        return "2" if "Kuchen" in said else "5"
    text = said.split(": ", 1)[1]
    answers = [f"{text} Das ist so.", "Der Kuchen steht seit gestern Abend im Ofen und riecht sehr gut."]
    answers += [f"Man sagt: {text}", "Es verhält sich damit ganz genau so, wie es eben berichtet worden ist."]
    return web.json_response(completions(answers[: body.get("n", 1)]))


def test_it_does_what_it_says(written: Recipe, tmp_path: Path) -> None:
    with serving(says) as server:
        recipe = written.with_models(writer=server.player(), checker=server.player())
        result = run_alone(recipe.pipeline(), tmp_path, Asking(), limit=5)
    kept = result.tables["best"].frame()
    assert kept.height == 5
    assert set(kept["paraphrase"]) == {"Es verhält sich damit ganz genau so, wie es eben berichtet worden ist."}
    assert result.release is not None
    assert all(held.ok for held in result.release.held)
