"""What a person at the command line sees: messages and exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .calling import call

PIPELINE = """\
name: demo
steps:
  read: {paths: {de: de.txt}}
  normalise: {}
release:
  tables: {text: normalise}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo.yaml").write_text(PIPELINE)
    (tmp_path / "de.txt").write_text("Guten Tag, liebe Leute.\nBis morgen um acht Uhr.\n")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "none.yaml"], 2, "error: no pipeline file none.yaml"),
        (["run", "demo.yaml", "--set", "normalise.frm=1"], 2, "'normalise' has no option 'frm'"),
        (
            ["run", "demo.yaml", "--set", "normalize.form=1"],
            2,
            "no step 'normalize' in demo.yaml; did you mean 'normalise'?",
        ),
        (["run", "demo.yaml", "--set", "nonsense"], 2, "--set nonsense: write step.option=value"),
        (
            ["run", "demo.yaml", "--set", "read.paths.de=nix.txt"],
            2,
            "step 'read' (demo.yaml:3): no file 'nix.txt'",
        ),
        (["run", "demo.yaml", "--address", "somewhere"], 2, "write host:port of the head node"),
        (["run", "demo.yaml", "--limit", "none"], 2, "Invalid value for '--limit'"),
        (["runn"], 2, "No such command 'runn'"),
        (["steps", "mien"], 2, "no step 'mien'; did you mean 'mine'?"),
        (["validate", "nowhere"], 2, "no folder nowhere"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    got, _, err = call(monkeypatch, capsys, *arguments)
    assert message in err
    assert got == code
    assert "Traceback" not in err


def test_debug_shows_the_traceback(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Traceback" in call(monkeypatch, capsys, "--debug", "run", "none.yaml")[2]


def test_check_prints_the_graph_and_runs_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(monkeypatch, capsys, "check", "demo.yaml", "--json")
    steps = json.loads(out)["steps"]
    assert code == 0
    assert [(s["name"], s["reads"], s["makes"]) for s in steps] == [
        ("read", {}, "sentence"),
        ("normalise", {"rows": ["read"]}, "sentence"),
    ]
    assert not (folder / "runs").exists()


def test_steps_lists_every_step_with_its_first_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = json.loads(call(monkeypatch, capsys, "steps", "--json")[1])
    assert {"read", "mine", "code_switch", "translate"} <= {s["name"] for s in steps}
    undocumented = [(s["name"], o["name"]) for s in steps for o in s["options"] if not o["meaning"] or not s["doc"]]
    assert undocumented == []


def test_steps_shows_the_options_of_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = call(monkeypatch, capsys, "steps", "mine")[1]
    assert "ratio | distance | absolute" in out
    assert "neighbours per sentence" in " ".join(out.split())


@pytest.mark.ray
def test_a_whole_run_from_the_shell(folder: Path) -> None:
    """In a process of its own: Ray starts, the release is valid, and the JSON can be read."""
    program = [sys.executable, "-m", "xlcorpus"]
    done = subprocess.run([*program, "run", "demo.yaml", "--json"], capture_output=True, text=True, check=True)
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["ran"] == ["read", "normalise"]
    assert json.loads(done.stdout.splitlines()[0])["event"] == "start"
    valid = subprocess.run([*program, "validate", "runs/demo/release"], capture_output=True, text=True, check=False)
    assert (valid.returncode, valid.stdout.strip()) == (0, "runs/demo/release: a valid release")
    dry = subprocess.run(
        [*program, "publish", "runs/demo/release", "--repo-id", "me/demo", "--dry-run"],
        capture_output=True, text=True, check=True, env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    assert "README.md" in dry.stdout
