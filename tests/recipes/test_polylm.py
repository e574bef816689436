"""Self-instruct in rounds: tasks in the language of their examples, unlike the pool, until there are enough."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xlcorpus.engine import run
from xlcorpus.engine.result import RunResult
from xlcorpus.recipe import Recipe

from ..models.chat.server import Server, serving

VERBS = ("Descreve", "Compara", "Resume", "Explica", "Inventa", "Critica", "Ordena", "Traduz", "Calcula", "Desenha")
THINGS = (
    "a vida dos pescadores no inverno", "dois mapas antigos da cidade", "um conto sobre uma porta azul",
    "o motor de um barco a vapor", "uma receita com feijão e arroz", "os argumentos de um juiz cansado",
    "sete palavras pela ordem do alfabeto", "a carta de uma avó ao seu neto", "o preço de quatro bilhetes de comboio",
    "um jardim para pessoas que não veem",
)  # fmt: skip
ENGLISH = "Write a short poem about the sea that a child of six can learn by heart in one evening."
ANSWER = "Está bem: aqui fica uma resposta em português, curta e clara, como foi pedida na tarefa."


def writes(body: dict[str, Any], number: int) -> str:
    """Five tasks, of which one is in English and one was there before; else an answer."""
    said = body["messages"][-1]["content"]
    if "Write 5 new tasks" not in said:
        return ANSWER
    new = [f"{VERBS[(3 * number + i) % 10]} {THINGS[(number + 4 * i) % 10]}, em {number + 3} linhas." for i in range(3)]
    old = said.split("- ", 1)[1].split("\n", 1)[0]
    return json.dumps([{"task": task} for task in (*new, old, ENGLISH)])


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunResult, Server, Recipe, Path]:
    folder: Path = tmp_path_factory.mktemp("polylm")
    with serving(writes) as server:
        recipe = Recipe.load("polylm").with_params(into=["por_Latn"], rounds=6, requests=2, tasks=36)
        recipe = recipe.with_models(translator="bergamot-en-pt", writer=server.player())
        result = run(recipe.pipeline(), folder)
        asked = len(server.bodies)
        run(recipe.pipeline(), folder)
        assert len(server.bodies) == asked
        return result, server, recipe, folder


def test_rounds_end_when_the_pool_is_large_enough(ran: tuple[RunResult, Server, Recipe, Path]) -> None:
    new = ran[0].tables["new"].frame()
    seeds = ran[0].tables["seeds"].frame()
    assert seeds.height + new.height >= 36
    assert sorted(set(new["round"])) == [1, 2]
    assert ran[0].tables["grow.3.generate"].frame().height == 0


def test_requests_show_tasks_of_the_language_and_later_ones_show_others(
    ran: tuple[RunResult, Server, Recipe, Path],
) -> None:
    asked = [b["messages"][-1]["content"] for b in ran[1].bodies if "Write 5 new" in b["messages"][-1]["content"]]
    assert all("written in Portuguese" in text and text.count("\n- ") == 3 for text in asked)
    assert len(set(asked)) == len(asked)


def test_what_was_there_and_what_is_in_another_language_is_not_kept(
    ran: tuple[RunResult, Server, Recipe, Path],
) -> None:
    tasks = ran[0].tables["answer"].frame()
    questions = [row[0]["content"] for row in tasks["messages"]]
    assert ENGLISH not in questions
    assert len(set(questions)) == len(questions)
    assert set(tasks["lang"]) == {"por_Latn"}
    assert all(row[-1]["content"] == ANSWER for row in tasks["messages"])


def test_the_release_holds_what_the_paper_says(ran: tuple[RunResult, Server, Recipe, Path]) -> None:
    release = ran[0].release
    assert release is not None
    assert [held.what for held in release.held if not held.ok] == []
    card = (release.folder / "README.md").read_text()
    assert "2307.06018" in card
