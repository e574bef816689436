"""The pool of polylm, with a writer that repeats itself, breaks its JSON and mixes languages."""

from __future__ import annotations

import json
import shutil
from typing import Any

import polars as pl
import pytest

from xlcorpus.asking import Asking
from xlcorpus.engine.result import RunResult
from xlcorpus.engine.run import run_alone
from xlcorpus.recipe import Recipe

from ..models.chat.server import Reply, Server, serving
from .chat_server import Question, model, rambles, sometimes

pytestmark = pytest.mark.skipif(shutil.which("apertium") is None, reason="needs Apertium")

SPANISH = [
    "Escribe una carta amable a un vecino cuyo perro ladra toda la noche.",
    "Compara el tren y el autobús para un viaje de dos horas.",
    "¿Qué verduras puede cultivar una familia en un balcón pequeño?",
    "Resume las reglas del ajedrez para un niño de seis años.",
    "Inventa un nombre para una panadería que solo abre después de medianoche.",
    "Enumera los pasos para cambiar la rueda de una bicicleta.",
]  # fmt: skip
REPEATED = "¿Qué verduras puede cultivar una familia en un balcón muy pequeño?"
"""Nearly one of the others."""
FRENCH = "Explique en quelques phrases pourquoi la mer est salée et les rivières ne le sont pas."
ROUNDS = 4


def proposes(question: Question) -> str | None:
    """Two tasks, one of them often known, and one in another language, in a fence."""
    if "new tasks in" not in question.whole:
        return None
    first = len(question.whole) % len(SPANISH)
    said = [{"task": task} for task in (SPANISH[first], SPANISH[(first + 2) % len(SPANISH)], REPEATED, FRENCH)]
    return f"Here they are:\n```json\n{json.dumps(said, ensure_ascii=False)}\n```"


def answers(question: Question) -> str:
    return "Así se hace: primero se piensa y luego se escribe."


def writer() -> Reply:
    broken = sometimes(rambles, 0.6)
    return model(lambda question: broken(question) if "new tasks in" in question.text else None, proposes, answers)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunResult, Server]:
    folder = tmp_path_factory.mktemp("polylm")
    recipe = Recipe.load("polylm").with_params(into=["spa_Latn"], rounds=ROUNDS, requests=2)
    with serving(writer()) as server:
        pipeline = recipe.with_models(writer=server.player(), translator="apertium").pipeline()
        return run_alone(pipeline, folder / "run", Asking(folder / "answers"), 1000), server


def released(ran: Any) -> pl.DataFrame:
    return pl.read_parquet(ran[0].folder / "release/data/instruction/**/*.parquet")


def asked(rows: pl.DataFrame) -> list[str]:
    return rows["messages"].list.first().struct.field("content").to_list()


def rouge_l(a: str, b: str) -> float:
    """F-measure of the longest common subsequence of words."""
    x, y = ([w.strip(".,?¿") for w in text.lower().split()] for text in (a, b))
    row = [0] * (len(y) + 1)
    for word in x:
        above = row[:]
        for place, other in enumerate(y):
            row[place + 1] = above[place] + 1 if word == other else max(above[place + 1], row[place])
    return 2 * row[-1] / (len(x) + len(y))


def test_the_pool_grows_by_novel_tasks_alone(ran: Any) -> None:
    rows = released(ran)
    tasks = asked(rows)
    assert set(tasks) <= {*SPANISH, REPEATED}
    assert len(tasks) > 3
    assert max(rouge_l(a, b) for place, a in enumerate(tasks) for b in tasks[:place]) < 0.7


def test_tasks_in_another_language_are_left_out(ran: Any) -> None:
    rejects = pl.read_parquet(ran[0].folder / "rejects/**/*.parquet")
    wrong = rejects.filter(pl.col("step").str.ends_with("identify"))
    assert set(wrong["rule"]) == {"wrong_language"}
    assert FRENCH not in asked(released(ran))


def test_broken_json_is_asked_for_again(ran: Any) -> None:
    again = [body for body in ran[1].bodies if len(body["messages"]) == 3]
    assert again
    assert all("new tasks in" in body["messages"][0]["content"] for body in again)
