"""Players that take turns, and those who are trained on what a recipe makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xlcorpus.errors import UserError
from xlcorpus.pipeline import Pipeline
from xlcorpus.recipe import Recipe

from ..cli.calling import call
from ..models.chat.server import serving

TURNS = """
name: turns
models: {student: {about: answers and judges, BY}}
steps:
  seeds: {step: read, kind: sentence, paths: seeds.jsonl, source: s, license: CC0-1.0}
  learn:
    rounds:
      times: 3
      start: {texts: seeds}
      steps:
        answer: {step: generate, model: student, prompt: "Answer {{ text }}", into: said}
        good: {step: select, keep: "said != ''"}
      next: {texts: good}
release: {tables: {first: learn.texts, second: ANSWERS}}
holds:
  - {what: something is said, of: second, all: "said != ''"}
"""


def recipe(by: str, answers: str = "learn.answer") -> Recipe:
    return Recipe.from_yaml(TURNS.replace("BY", by).replace("ANSWERS", answers), "turns.yaml")


def model(name: str) -> dict[str, str]:
    return {"base_url": "http://localhost:1/v1", "model": name}


def asked(pipeline: Pipeline) -> dict[str, Any]:
    return {node.name: node.step.model.model for node in pipeline.nodes if hasattr(node.step, "samples")}  # type: ignore[attr-defined]


def test_a_round_is_played_by_its_player_and_the_last_one_goes_on() -> None:
    found = asked(recipe("by_round: true").with_models(student=[model("m0"), model("m1")]).pipeline())
    assert found == {"learn.1.answer": "m0", "learn.2.answer": "m1", "learn.3.answer": "m1"}


def test_samples_count_on_for_the_player_who_was_asked_before() -> None:
    pipeline = recipe("by_round: true").with_models(student=[model("m0"), model("m1")]).pipeline()
    samples = {node.name: node.step.first_sample for node in pipeline.nodes if hasattr(node.step, "samples")}  # type: ignore[attr-defined]
    assert samples == {"learn.1.answer": 0, "learn.2.answer": 0, "learn.3.answer": 1}


def test_players_can_stand_in_the_recipe() -> None:
    by = "by_round: ['http://localhost:1/v1#a', 'http://localhost:1/v1#b', 'http://localhost:1/v1#c']"
    assert [*asked(recipe(by).pipeline()).values()] == ["a", "b", "c"]
    assert [*asked(recipe(by).with_models(student=model("x")).pipeline()).values()] == ["x", "b", "c"]


def test_without_by_round_every_player_is_asked_in_every_round() -> None:
    pipeline = recipe("default: null").with_models(student=[model("m0"), model("m1")]).pipeline()
    step = next(node.step for node in pipeline.nodes if node.name == "learn.3.answer")
    assert [player.model for player in step.model] == ["m0", "m1"]  # type: ignore[attr-defined]


def test_what_can_be_made_before_a_model_is_trained_is_made_and_released() -> None:
    waits = recipe("by_round: ['http://localhost:1/v1#m0', {after: second}]")
    assert "student" not in waits.missing()
    pipeline = waits.pipeline()
    assert [node.name for node in pipeline.nodes if "learn.2" in node.name or "learn.3" in node.name] == []
    assert pipeline.release is not None
    assert pipeline.release.tables == {"second": ["learn.1.answer.round"]}
    assert [hold.of for hold in pipeline.holds] == ["second"]
    assert pipeline.afterwards == (
        "Next, train the player of 'student' on the table 'second' of this release, and go on with it: xlcorpus run "
        "turns.yaml --model student=http://localhost:1/v1#m0 --model student=http://localhost:8000/v1#NAME"
    )
    pipeline.resolve()
    whole = waits.with_models(student=[model("m0"), model("m1")]).pipeline()
    assert whole.afterwards == ""
    assert asked(whole)["learn.3.answer"] == "m1"


def test_a_table_that_needs_the_player_itself_is_refused() -> None:
    with pytest.raises(UserError, match="none of it is made without 'student'"):
        recipe("default: {after: second}").pipeline()


def test_a_role_that_nobody_plays_in_some_round_is_missing() -> None:
    with pytest.raises(UserError, match="roles that nobody plays: student"):
        recipe("by_round: true").pipeline()


def test_a_run_that_waits_for_a_model_releases_the_table_and_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = '{"text": "How is a kettle cleaned?", "lang": "eng_Latn"}\n{"text": "चाय कैसे बनती है?", "lang": "hin_Deva"}\n'
    (tmp_path / "seeds.jsonl").write_text(rows, "utf8")
    text = TURNS.replace("BY", "by_round: [null, {after: second}]").replace("ANSWERS", "learn.answer")
    (tmp_path / "turns.yaml").write_text(text, "utf8")
    monkeypatch.chdir(tmp_path)
    with serving(lambda body, number: "with care") as server:
        first = ("run", "turns.yaml", "--model", f"student={server.url}#m0")
        code, out, err = call(monkeypatch, capsys, *first)
        assert code == 0, err
        assert f"go on with it: xlcorpus run turns.yaml --model student={server.url}#m0 --model student=http" in out
        assert [path.name for path in (tmp_path / "runs/turns/release/data").iterdir()] == ["second"]
        assert len(server.bodies) == 2
        code, out, err = call(monkeypatch, capsys, *first, "--model", f"student={server.url}#m1")
        assert code == 0, err
        assert "go on with it" not in out
        assert [body["model"] for body in server.bodies] == ["m0"] * 2 + ["m1"] * 4
