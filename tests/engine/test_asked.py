"""A run that asks a model: many rows under way, answers that are kept, what may be spent."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus.accounts import BudgetReachedError
from xlcorpus.engine import run
from xlcorpus.errors import UserError
from xlcorpus.models.chat.player import Player
from xlcorpus.pipeline import Pipeline
from xlcorpus.release_spec import ReleaseSpec
from xlcorpus.steps import Generate, Read, Translate

from ..models.chat.server import serving

ROWS = 12


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for n in range(3):
        (folder / f"{n}.txt").write_text("".join(f"Satz {n} {i} über Hunde\n" for i in range(ROWS)))
    return folder


def pipeline(corpus: Path, player: Player, **options: Any) -> Pipeline:
    paths = {"deu": [str(path) for path in sorted(corpus.glob("*.txt"))]}
    return (
        Pipeline("asks")
        .then(Read(paths=paths, license="CC0-1.0"))
        .then(Generate(model=player, prompt="Wiederhole: {{ text }}", into="said", **options))
        .releasing(ReleaseSpec(title="Asked", tables={"sentences": "generate"}))
    )


def files(folder: Path) -> dict[str, bytes]:
    release = folder / "asks" / "release"
    return {str(path.relative_to(release)): path.read_bytes() for path in release.rglob("*") if path.is_file()}


def echo(body: dict[str, Any], number: int) -> str:
    return str(body["messages"][-1]["content"]).removeprefix("Wiederhole: ")


def test_answers_stand_beside_their_rows_and_are_counted(corpus: Path, tmp_path: Path) -> None:
    with serving(echo) as server:
        result = run(pipeline(corpus, server.player(license="Apache-2.0")), tmp_path / "runs")
    rows = result.tables["generate"].frame()
    assert rows["said"].to_list() == rows["text"].to_list()
    assert rows.height == 3 * ROWS
    assert result.asked["generate", "scripted"].answers == 3 * ROWS
    assert result.accounts["generate", "scripted"].requests == 3 * ROWS
    assert "`generate`: 36 answers of scripted (252 prompt tokens, 108 written)" in result.notes
    card = (tmp_path / "runs/asks/release/README.md").read_text()
    assert "36 answers of scripted" in card
    assert "scripted is used under: Apache-2.0" in card


def test_a_slow_row_holds_up_no_shard_behind_it(corpus: Path, tmp_path: Path) -> None:
    answered: dict[str, float] = {}

    async def pause(body: dict[str, Any]) -> None:
        await asyncio.sleep(0.5 if "Satz 0 0 " in echo(body, 0) else 0.001)
        answered[echo(body, 0)] = time.monotonic()

    with serving(echo, pause=pause) as server:
        run(pipeline(corpus, server.player()), tmp_path / "runs")
    assert list(answered)[-1].startswith("Satz 0 0 ")
    last = sorted(answered.values())
    assert last[-2] < last[-1] - 0.2


def test_a_run_that_may_spend_no_more_goes_on_with_a_higher_limit(corpus: Path, tmp_path: Path) -> None:
    with serving(echo) as server:
        whole = pipeline(corpus, server.player())
        run(whole, tmp_path / "undisturbed")
        asked = [body["messages"][-1]["content"] for body in server.bodies]
        server.bodies.clear()
        for limit in (5, 13):
            with pytest.raises(BudgetReachedError, match="the answers are kept"):
                run(whole, tmp_path / "killed", max_requests=limit)
        result = run(whole, tmp_path / "killed")
        again = [body["messages"][-1]["content"] for body in server.bodies]
        server.bodies.clear()
        run(whole, tmp_path / "killed")
        assert not server.bodies
    assert sorted(again) == sorted(asked)
    assert files(tmp_path / "killed") == files(tmp_path / "undisturbed")
    assert result.asked["generate", "scripted"].answers == 3 * ROWS


def test_another_step_and_another_recipe_ask_nothing_again(corpus: Path, tmp_path: Path) -> None:
    with serving(echo) as server:
        run(pipeline(corpus, server.player()), tmp_path / "runs")
        server.bodies.clear()
        other = pipeline(corpus, server.player())
        renamed = Pipeline("other", other.nodes).then(
            Generate(model=server.player(), prompt="Wiederhole: {{ text }}", into="again"), name="more"
        )
        result = run(renamed, tmp_path / "runs")
        assert not server.bodies
        assert result.accounts["more", "scripted"].kept == 3 * ROWS
        run(renamed, tmp_path / "runs", refresh=True)
        assert not server.bodies  # the tables are whole


def test_a_changed_prompt_is_asked_and_nothing_else(corpus: Path, tmp_path: Path) -> None:
    prompt = tmp_path / "p.md"
    prompt.write_text("Wiederhole: {{ text }}")
    with serving(echo) as server:
        asking = pipeline(corpus, server.player())
        step = Generate(model=server.player(), prompt=str(prompt), into="said")
        asking = Pipeline("asks", asking.nodes[:1]).then(step)
        run(asking, tmp_path / "runs")
        server.bodies.clear()
        prompt.write_text("Wiederhole bitte: {{ text }}")
        result = run(asking, tmp_path / "runs")
    assert result.ran == ["generate"]
    assert len(server.bodies) == 3 * ROWS


def test_another_threshold_asks_nothing_and_knows_what_was_asked(corpus: Path, tmp_path: Path) -> None:
    with serving(lambda body, n: "Ein Satz über Hunde") as server:
        for least in (0.0, 1.0):
            step = Translate(into=["fr"], translator="chat", model=server.player(), min_numbers_kept=least)
            asking = Pipeline("asks", pipeline(corpus, server.player()).nodes[:1]).then(step)
            result = run(asking, tmp_path / "runs")
            assert result.asked["translate", "scripted"].answers == 3 * ROWS
    assert len(server.bodies) == 3 * ROWS


def test_rows_that_get_no_answer_are_set_aside(corpus: Path, tmp_path: Path) -> None:
    def reply(body: dict[str, Any], number: int) -> str:
        return "" if "Satz 1 3 " in echo(body, number) else echo(body, number)

    with serving(reply) as server:
        result = run(pipeline(corpus, server.player(), attempts=1), tmp_path / "runs")
    assert result.tables["generate"].frame().height == 3 * ROWS - 1
    rejects = pl.read_parquet(tmp_path / "runs/asks/rejects/**/*.parquet")
    assert rejects["rule"].to_list() == ["unreadable"]


def test_no_pipeline_is_named_like_the_folder_of_answers(corpus: Path, tmp_path: Path) -> None:
    player = Player(base_url="http://127.0.0.1:9/v1", model="m")
    named = Pipeline("answers", pipeline(corpus, player).nodes)
    with pytest.raises(UserError, match="cannot be named 'answers'"):
        run(named, tmp_path)
