"""Every recipe that comes with xlcorpus is rehearsed: stand-ins for all models, all steps, and what must hold."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from xlcorpus import shipped
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.recipe import Recipe
from xlcorpus.rehearsal import rehearse
from xlcorpus.rehearsal.shown import tables
from xlcorpus.release.hub import publish

ROOT = shipped.folder("pipelines")
NAMES = sorted(shipped.pipelines())
DEFECTS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "defects.yaml").read_text("utf8"))


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a rehearsal sends nothing")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_rehearses_without_a_model(name: str, tmp_path: Path) -> None:
    found = rehearse(Recipe.load(name), tmp_path)

    assert found.empty == ()
    assert found.broken == ()
    assert found.result.failures == 0
    assert found.result.folder == (tmp_path / name / "rehearsal").resolve()
    for rows in tables(found).values():
        assert rows
        assert all(row["rehearsed"] for row in rows)


@pytest.mark.parametrize("name", sorted(DEFECTS))
def test_what_somebody_would_get_wrong_is_caught(name: str, tmp_path: Path) -> None:
    """A recipe with a planted defect breaks what must hold, makes nothing, or cannot be built."""
    defect = DEFECTS[name]
    text = Path(shipped.pipelines()[name]).read_text("utf8")
    if "replace" in defect:
        old, new = defect["replace"]
        assert text.count(old) == 1
        text = text.replace(old, new)
    recipe = Recipe.from_yaml(text, str(shipped.pipelines()[name])).with_options(defect.get("set", {}))
    if "texts" in defect:
        for lang, lines in defect["texts"].items():
            (tmp_path / f"{lang}.txt").write_text("\n".join(lines))
        recipe = recipe.with_params(texts={lang: str(tmp_path / f"{lang}.txt") for lang in defect["texts"]})
    if defect.get("caught") not in (None, "holds"):
        folder = Path(__file__).parent
        assert any(f"def {defect['caught']}(" in file.read_text("utf8") for file in folder.glob("test_*.py"))
        return
    try:
        found = rehearse(recipe, tmp_path)
    except XlcorpusError as problem:
        assert "nothing to release" in str(problem)
        return
    assert found.broken or found.empty


def test_a_rehearsal_needs_no_key_and_no_player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    player = {"base_url": "http://host.invalid/v1", "model": "m", "api_key_env": "NO_SUCH_KEY", "price": _PRICE}
    found = rehearse(Recipe.load("scpo").with_models(student=player), tmp_path)
    account = found.result.accounts["generate", "m"]
    assert account.requests == len(found.questions["generate"])
    assert account.paid.price > 0


_PRICE = {"prompt": 1.0, "completion": 2.0}


def test_rehearsed_rows_are_not_published(tmp_path: Path) -> None:
    found = rehearse(Recipe.load("crossin"), tmp_path)
    assert found.result.release is not None
    with pytest.raises(UserError, match="rows of a rehearsal"):
        publish(found.result.release.folder, "somebody/something", dry_run=True)


def test_a_condition_that_only_real_models_meet_is_left_out_and_said(tmp_path: Path) -> None:
    text = Path(shipped.pipelines()["crossin"]).read_text("utf8")
    real = text + "  - {what: never with stand-ins, of: crossed, all: 1 = 2, real: true}\n"
    found = rehearse(Recipe.from_yaml(real), tmp_path)
    assert found.skipped == ("never with stand-ins",)
    assert found.broken == ()


def test_a_rehearsal_comes_before_the_first_run(tmp_path: Path) -> None:
    """Its folder lies in that of the run, which is made later."""
    from xlcorpus.engine.folder import RunFolder

    rehearse(Recipe.load("crossin"), tmp_path)
    with RunFolder(tmp_path / "crossin", "crossin") as folder:
        assert (folder.path / "rehearsal").is_dir()


def test_the_command_says_what_a_real_run_needs(tmp_path: Path) -> None:
    """In a process of its own, as it leaves out what only long runs need."""
    command = [sys.executable, "-m", "xlcorpus", "run", "scpo", "--rehearse", "--workdir", str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert "prompt of generate, to student" in said
    assert "Write the answer as \\boxed{answer}." in said
    assert "--model student=http://localhost:8000/v1#NAME" in said
    assert "generate would send 64 requests to student" in said
    as_json = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert len(json.loads(as_json)["tables"]["preference"]) == 3


def test_every_recipe_but_those_that_mine_names_a_defect() -> None:
    """With stand-ins for pairs nothing is seen of mining; tests of the steps show what they find."""
    mining = {path.stem for folder in ("mining", "alignment") for path in (ROOT / folder).glob("*.yaml")}
    assert {*NAMES} - mining - {"quickstart", "quickstart_bootstrap"} == {*DEFECTS}


def test_released_rows_are_marked_and_only_those_of_a_rehearsal(tmp_path: Path) -> None:
    found = rehearse(Recipe.load("glot500c_cleaning"), tmp_path)
    assert found.result.release is not None
    rows = pl.read_parquet(found.result.release.folder / "data" / "sentence" / "*.parquet")
    assert rows["rehearsed"].all()
