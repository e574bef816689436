"""Recipes on the command line: parameters, players, what is missing, what does not hold."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from . import calling

RECIPE = """\
name: demo
params:
  files: {default: {de: de.txt}, about: text by language}
  langs: {default: [deu_Latn], about: languages}
models:
  encoder: {about: vectors of sentences}
steps:
  read: {paths: "${files}"}
  embed: {encoder: encoder}
release:
  tables: {text: embed}
holds:
  - {what: no other language, of: text, all: "lang IN ${langs}"}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo.yaml").write_text(RECIPE)
    (tmp_path / "de.txt").write_text("Guten Tag, liebe Leute.\nBis morgen um acht Uhr.\n")
    return tmp_path


@pytest.fixture
def call(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple]:
    """`call(*arguments)` gives (exit code, stdout, stderr) of `xlcorpus ARGUMENTS`."""

    return partial(calling.call, monkeypatch, capsys)


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "roles that nobody plays: encoder. The recipe needs encoder: vectors of sentences"),
        (["--model", "encodr=bootstrap"], "--model encodr=...: no role 'encodr'; did you mean 'encoder'?"),
        (["--model", "bootstrap"], "--model bootstrap: write role=http://localhost:8000/v1#NAME"),
        (["--model", "encoder=http://localhost/v1"], "after the address belongs the model's name"),
        (["--models", "none.yaml"], "no file of models none.yaml"),
        (["--param", "lang=[a]"], "--param lang=[a]: no parameter 'lang'; did you mean 'langs'?"),
        (["--param", "langs=deu_Latn"], "but list belongs there; write [deu_Latn]"),
        (["--param", "langs=[deu_Latn"], "the value is not valid YAML"),
        (["--param", "files={de: nix.txt}"], "input that is not there: step 'read' (demo.yaml:8): no file 'nix.txt'"),
    ],
)
def test_what_is_wrong_or_missing_is_said_before_anything_runs(
    call: Callable[..., tuple], folder: Path, command: str, arguments: list[str], message: str
) -> None:
    code, _, err = call(command, "demo.yaml", *arguments)
    assert message in err
    assert code == 2
    assert not (folder / "runs").exists()


def test_check_shows_parameters_and_players(call: Callable[..., tuple], folder: Path) -> None:
    (folder / "models.yaml").write_text("encoder: bootstrap\nteacher: {base_url: 'http://h/v1', model: m}\n")
    told = json.loads(call("check", "demo.yaml", "--param", "langs=[hin_Deva]", "--json")[1])
    assert told["params"] == {"files": {"de": "de.txt"}, "langs": ["hin_Deva"]}
    assert told["models"] == {"encoder": "bootstrap"}
    assert told["steps"][1]["options"] == {}  # bootstrap is the default
    assert "holds: no other language" in call("check", "demo.yaml")[1]


def test_a_run_whose_conditions_fail_builds_the_release_and_exits_1(call: Callable[..., tuple], folder: Path) -> None:
    code, out, err = call("run", "demo.yaml", "--model", "encoder=bootstrap", "--json")
    assert code == 0
    result = json.loads(out.splitlines()[-1])
    assert result["holds"] == [{"what": "no other language", "ok": True, "found": "2 rows"}]

    code, out, err = call("run", "demo.yaml", "--model", "encoder=bootstrap", "--param", "langs=[hin_Deva]")
    assert code == 1
    assert "does not hold: no other language: 2 of 2 rows do not" in out
    assert "the release is built, but not what demo promises: no other language" in err
    assert "| **no** | no other language |" in (folder / "runs/demo/release/README.md").read_text("utf8")

    code, _, err = call("publish", "runs/demo/release", "--repo-id", "me/demo", "--dry-run")
    assert (code, "is not what its recipe promises" in err) == (1, True)


def test_the_shelf_is_listed_and_searched(call: Callable[..., tuple]) -> None:
    assert "criss" in call("recipes")[1]
    assert [r["name"] for r in json.loads(call("recipes", "--search", "vecalign", "--json")[1])] == ["align_documents"]
    assert call("recipes", "--search", "nonsense")[::2] == (
        2, "error: no recipe has 'nonsense' in its head; xlcorpus recipes lists all"
    )  # fmt: skip
