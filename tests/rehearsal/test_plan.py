"""What a run would ask: counted by a rehearsal of the input, and measured by a pilot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xlcorpus.engine import run
from xlcorpus.errors import UserError
from xlcorpus.recipe import Recipe
from xlcorpus.rehearsal import plan as planning
from xlcorpus.rehearsal.prompts import prompts

from ..models.chat.server import serving

RECIPE = """
name: echo
params:
  texts: {type: text, about: the input}
models:
  writer: {about: writes}
steps:
  read: {paths: {deu: "${texts}"}, source: own, license: CC0-1.0}
  generate: {model: writer, prompt: "Sag es anders: {{ text }}", into: said, samples: 2, temperature: 1}
  select: {keep: "length(said) > 0"}
release: {title: Echo, tables: {sentence: select}}
"""


def echo(folder: Path, rows: int) -> Recipe:
    path = folder / "de.txt"
    path.write_text("".join(f"Der {i}. Satz steht in dieser Datei.\n" for i in range(rows)))
    return Recipe.from_yaml(RECIPE).with_params(texts=str(path))


def answer(body: dict[str, Any], number: int) -> str:
    return "In dieser Datei steht ein Satz, der anders gesagt wird."


def test_requests_are_counted_on_all_rows(tmp_path: Path) -> None:
    found = planning.plan(echo(tmp_path, 150), tmp_path / "runs")
    (one,) = found.asked
    assert (one.step, one.model, one.requests, one.price, one.measured) == ("generate", "writer", 300, None, False)
    assert found.counted
    assert one.prompt_tokens == pytest.approx(300 * 49 / 3, rel=0.1)


def test_of_a_large_input_the_first_rows_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "ROWS", 50)
    found = planning.plan(echo(tmp_path, 1000), tmp_path / "runs")
    assert (found.rows["read"], found.rehearsed["read"], found.counted) == (1000, 50, False)
    assert found.asked[0].requests == 2000


def test_a_pilot_measures_tokens_and_price_and_its_answers_are_kept(tmp_path: Path) -> None:
    with serving(answer) as server:
        player = server.player(price={"prompt": 1.0, "completion": 10.0})
        recipe = echo(tmp_path, 100).with_models(writer=player)
        found = planning.plan(recipe, tmp_path / "runs", pilot=5)
        assert len(server.bodies) == 10
        (one,) = found.asked
        assert (one.requests, one.measured) == (200, True)
        result = run(recipe.pipeline(), tmp_path / "runs")
        assert len(server.bodies) == 200
        paid = result.asked["generate", "scripted"]
        assert one.price == pytest.approx(paid.price, rel=0.1)
        assert one.completion_tokens == paid.completion_tokens


def test_without_a_price_list_there_are_tokens_only(tmp_path: Path) -> None:
    recipe = echo(tmp_path, 10).with_models(writer={"base_url": "http://host.invalid/v1", "model": "m"})
    (one,) = planning.plan(recipe, tmp_path / "runs").asked
    assert one.price is None
    assert one.completion_tokens > 0


def test_the_prompt_of_a_row_and_its_answers(tmp_path: Path) -> None:
    with serving(answer) as server:
        recipe = echo(tmp_path, 30).with_models(writer=server.player())
        before = prompts(recipe, "generate", 3, tmp_path / "runs")
        assert [one.answer for one in before] == [None, None]
        assert before[0].messages[0].content == "Sag es anders: Der 3. Satz steht in dieser Datei."
        run(recipe.pipeline(), tmp_path / "runs")
        asked = len(server.bodies)
        after = prompts(recipe, "generate", 25, tmp_path / "runs")
        assert [one.sample for one in after] == [0, 1]
        assert [one.answer.content if one.answer else None for one in after] == [answer({}, 0)] * 2
        assert len(server.bodies) == asked


def test_a_step_or_row_that_is_not_there_is_said(tmp_path: Path) -> None:
    recipe = echo(tmp_path, 10)
    with pytest.raises(UserError, match="no step 'genrate' of echo asks a model; did you mean 'generate'"):
        prompts(recipe, "genrate", 0, tmp_path)
    with pytest.raises(UserError, match="--row 10: generate asks about 10 rows"):
        prompts(recipe, "generate", 10, tmp_path)


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from ..cli.calling import call

    monkeypatch.chdir(tmp_path)
    echo(tmp_path, 10)
    Path("echo.yaml").write_text(RECIPE)
    code, said, _ = call(monkeypatch, capsys, "plan", "echo.yaml", "--param", "texts=de.txt", "--json")
    assert code == 0
    assert json.loads(said)["asked"][0]["requests"] == 20
    code, said, _ = call(
        monkeypatch, capsys, "prompt", "echo.yaml", "generate", "--row", "2", "--param", "texts=de.txt"
    )
    assert code == 0
    assert "Sag es anders: Der 2. Satz" in said
    assert "no answer yet" in said
