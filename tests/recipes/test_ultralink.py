"""Dialogues about passages, with two models that take turns, and English ones that are sifted and translated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus.engine import run
from xlcorpus.engine.result import RunResult
from xlcorpus.recipe import Recipe

from ..models.chat.server import serving

QUESTION = {
    "German": "Wie lange gibt es die Fähre über den See eigentlich schon, und wer fährt sie heute?",
    "Spanish": "¿Desde cuándo cruza el barco el lago y quién lo conduce en estos días de verano?",
}
ANSWER = {
    "German": "Die Fähre fährt seit vielen Jahren über den See, und heute steht eine erfahrene Frau am Steuer.",
    "Spanish": "El barco cruza el lago desde hace muchos años, y hoy lo conduce una mujer con mucha experiencia.",
}
ENGLISH = "I am sorry, the answer comes in English although the text and the question are in another language."


def plays(body: dict[str, Any], number: int) -> str:
    """Writes in the language that the prompt names; every eleventh answer is in English; says no to all questions but
    whether a program is spoken of."""
    said = body["messages"][-1]["content"]
    lang = "German" if "German" in said else "Spanish"
    if "<dialogue>" in said:
        return "yes" if "hash function" in said and "program code" in said else "no"
    if "Write the assistant's next answer" in said:
        return ENGLISH if number % 11 == 10 else ANSWER[lang]
    return QUESTION[lang]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder: Path = tmp_path_factory.mktemp("ultralink")
    with serving(plays) as server:
        player = server.player()
        recipe = Recipe.load("ultralink").with_params(into=["por_Latn"])
        recipe = recipe.with_models(asker=player, answerer=player, sifter=player, translator="bergamot-en-pt")
        return run(recipe.pipeline(), folder)


def test_dialogues_are_in_the_language_of_their_passage(result: RunResult) -> None:
    rows = result.tables["full"].frame()
    assert set(rows["lang"]) == {"deu_Latn", "spa_Latn"}
    for row in rows.to_dicts():
        told = ANSWER["German" if row["lang"] == "deu_Latn" else "Spanish"]
        assert {turn["content"] for turn in row["messages"][1::2]} == {told}


def test_the_end_comes_sooner_the_longer_a_dialogue_is(result: RunResult) -> None:
    answers = result.tables["converse"].frame()["converse_answers"]
    assert answers.n_unique() > 1
    assert answers.max() <= 3


def test_an_answer_in_english_ends_a_dialogue_or_rejects_it(result: RunResult) -> None:
    rejects = pl.read_parquet(result.folder / "rejects" / "converse" / "*.parquet")
    assert set(rejects["rule"]) <= {"wrong_language"}
    spoken = result.tables["full"].frame()["messages"].explode().struct.field("content")
    assert ENGLISH not in spoken.to_list()


def test_what_depends_on_no_culture_is_translated_once(result: RunResult) -> None:
    sifted = result.tables["agnostic"].frame()
    assert not any("hash function" in row[0]["content"] for row in sifted["messages"])
    translated = result.tables["anywhere"].frame()
    assert 0 < translated.height <= sifted.height
    assert set(translated["lang"]) == {"por_Latn"}
    assert translated["group_id"].is_unique().all()


def test_the_release_holds_what_the_paper_says(result: RunResult) -> None:
    assert result.release is not None
    assert [held.what for held in result.release.held if not held.ok] == []
