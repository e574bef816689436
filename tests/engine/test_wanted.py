"""A node that wants a number of rows: models are asked about no more of the input than that takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xlcorpus.engine import run
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.in_memory import run_frames
from xlcorpus.models.chat.player import Player
from xlcorpus.pipeline import Pipeline
from xlcorpus.recipe import Recipe
from xlcorpus.steps import Deduplicate, Generate, Normalise, Read, Select
from xlcorpus.wanted import slices_to_try, together

from ..models.chat.server import serving

ROWS = 400


@pytest.fixture
def corpus(tmp_path: Path) -> str:
    path = tmp_path / "de.txt"
    path.write_text("".join(f"Der {i}. Satz erzählt von Hunden\n" for i in range(ROWS)))
    return str(path)


def asking(corpus: str, player: Player, **options: Any) -> Pipeline:
    return (
        Pipeline("good")
        .then(Read(paths={"deu": [corpus]}, license="CC0-1.0"))
        .then(Normalise())
        .then(Generate(model=player, prompt="{{ text }}", into="said"))
        .then(Select(keep="said = 'gut'"), **options)
    )


def third(body: dict[str, Any], number: int) -> str:
    """Every third sentence is good."""
    sentence = int(str(body["messages"][-1]["content"]).split()[1].rstrip("."))
    return "gut" if sentence % 3 == 0 else "schlecht"


def test_the_first_rows_that_are_good_and_not_many_more_questions(corpus: str, tmp_path: Path) -> None:
    with serving(third) as server:
        result = run(asking(corpus, server.player(), want=20), tmp_path / "runs")
        asked = len(server.bodies)
    rows = result.tables["select"].frame()
    assert rows["text"].to_list() == [f"Der {i}. Satz erzählt von Hunden" for i in range(0, 60, 3)]
    assert 60 <= asked <= 150


def test_a_step_behind_it_reads_the_wanted_rows_alone(corpus: str, tmp_path: Path) -> None:
    with serving(third) as server:
        result = run(asking(corpus, server.player(), want=20).then(Deduplicate()), tmp_path / "runs")
    assert result.tables["deduplicate"].frame().height == 20


def test_more_are_wanted_later_and_nothing_is_asked_twice(corpus: str, tmp_path: Path) -> None:
    with serving(third) as server:
        run(asking(corpus, server.player(), want=20), tmp_path / "runs")
        result = run(asking(corpus, server.player(), want=50), tmp_path / "runs")
        questions = [body["messages"][-1]["content"] for body in server.bodies]
    assert result.tables["select"].frame().height == 50
    assert len(questions) == len({*questions}) < ROWS


def test_the_same_run_again_does_nothing(corpus: str, tmp_path: Path) -> None:
    with serving(third) as server:
        run(asking(corpus, server.player(), want=20), tmp_path / "runs")
        assert run(asking(corpus, server.player(), want=20), tmp_path / "runs").ran == []


def test_too_few_good_candidates_stop_the_run(corpus: str, tmp_path: Path) -> None:
    with serving(third) as server:
        with pytest.raises(XlcorpusError, match="'select' wants 20 rows and kept 10 of all its candidates") as problem:
            run(asking(corpus, server.player(), want=20, candidates=30), tmp_path / "runs")
        assert len(server.bodies) == 30
    assert not isinstance(problem.value, UserError)


def test_a_trial_of_a_few_rows_wants_none(corpus: str, tmp_path: Path) -> None:
    with serving(third) as server:
        result = run(asking(corpus, server.player(), want=20), tmp_path / "runs", limit=6)
    assert result.tables["select"].frame().height == 2


def test_on_frames_the_rows_are_the_same(corpus: str) -> None:
    with serving(third) as server:
        frames = run_frames(asking(corpus, server.player(), want=20))
    assert frames["select"]["text"].to_list() == [f"Der {i}. Satz erzählt von Hunden" for i in range(0, 60, 3)]


def test_it_does_not_reach_across_a_step_that_needs_the_whole_table() -> None:
    player = Player(base_url="http://localhost:1/v1", model="m")
    across = (
        Pipeline("across")
        .then(Read(paths={"deu": ["x.txt"]}))
        .then(Generate(model=player, prompt="{{ text }}", into="said"))
        .then(Deduplicate())
        .then(Select(keep="said = 'gut'"), want=5)
    )
    with pytest.raises(UserError, match="want cannot reach 'generate': 'deduplicate' stands between"):
        across.resolve()
    alone = Pipeline("alone").then(Read(paths={"deu": ["x.txt"]})).then(Select(keep="lang = 'deu_Latn'"), want=5)
    with pytest.raises(UserError, match="nothing before it asks a model"):
        alone.resolve()
    best = asking("x.txt", player).then(Select(score="length(said)", top=1, by="lang"), name="best", want=5)
    with pytest.raises(UserError, match="the step needs its whole table"):
        best.resolve()


def test_it_is_the_same_in_a_file() -> None:
    text = """
name: good
steps:
  read: {paths: {deu: [x.txt]}}
  generate: {model: {base_url: "http://localhost:1/v1", model: m}, prompt: "{{ text }}", into: said}
  select: {keep: "said = 'gut'", want: 20, candidates: 100}
"""
    pipeline = Recipe.from_yaml(text).pipeline()
    names = [node.name for node in pipeline.resolve()]
    assert names == ["read", "select.candidates", "generate", "select.tried", "select"]
    assert pipeline.to_dict()["steps"]["select"] == {"keep": "said = 'gut'", "want": 20, "candidates": 100}
    with pytest.raises(UserError, match=r"<yaml>:6: want is a number of rows, 1 or more, got 'viele'"):
        Recipe.from_yaml(text.replace("want: 20", "want: viele")).pipeline()
    with pytest.raises(UserError, match="candidates says how many rows `want` may take"):
        Recipe.from_yaml(text.replace("want: 20, ", "")).pipeline()


@pytest.mark.parametrize(
    ("tried", "found", "then"),
    [(0, 0, 8), (8, 0, 16), (8, 10, 80), (8, 99, 9), (8, 50, 16), (90, 1, 100)],
)
def test_the_next_slices_follow_from_what_came_of_the_last(tried: int, found: int, then: int) -> None:
    assert slices_to_try(tried, there=100, found=found, wanted=100) == then


def test_the_path_runs_in_one_piece_and_its_side_tables_before_it() -> None:
    inputs = {
        "read": {}, "words": {"rows": ("read",)}, "ask": {"rows": ("read",)}, "beside": {"rows": ("ask",)},
        "mark": {"rows": ("ask",), "lexicon": ("words",)},
    }  # fmt: skip
    order = together(["read", "ask", "beside", "words", "mark"], ["ask", "mark"], inputs)
    assert order == ["read", "words", "ask", "mark", "beside"]
    with pytest.raises(UserError, match="the input 'lexicon' of 'mark' is made of the rows that are tried"):
        together(["read", "ask", "beside", "mark"], ["ask", "mark"], {**inputs, "words": {"rows": ("beside",)}})
