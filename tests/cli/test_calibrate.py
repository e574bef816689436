"""`xlcorpus calibrate` and `xlcorpus import-policy` on files."""

import json
import random
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from xlcorpus.cli.calibrate import register as register_calibrate
from xlcorpus.cli.import_policy import register as register_import
from xlcorpus.cli.main import app
from xlcorpus.steps.filter.policy import Policy

PARTS = (
    ["Mtoto", "Mama yake", "Rafiki yangu", "Mwalimu wetu", "Babu"],
    ["anasoma kitabu", "anakaa asubuhi", "anasubiri sana", "anakunywa chai", "anafanya kazi"],
    ["katika mji", "kwenye soko", "na wazazi wake", "kwa furaha", "na anacheka kama paka"],
)


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    draws = random.Random(0)
    texts = [
        ". ".join(" ".join(draws.choice(part) for part in PARTS) for _ in range(draws.randint(3, 8))) + "."
        for _ in range(200)
    ]
    path = tmp_path / "sw.parquet"
    pl.DataFrame({"text": texts}).write_parquet(path)
    return path


@pytest.fixture
def runner() -> CliRunner:
    known = {command.name for command in app.registered_commands}
    if "import-policy" not in known:
        register_import(app)
    register_calibrate(app)
    return CliRunner()


def test_a_policy_is_written_and_what_it_is_worth_is_shown(reference: Path, tmp_path: Path, runner: CliRunner) -> None:
    out = tmp_path / "deep" / "policy.yaml"

    done = runner.invoke(app, ["calibrate", f"sw={reference}", "--out", str(out), "--json"])

    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout.splitlines()[-1])
    (trial,) = result["languages"]
    assert trial["lang"] == "swh_Latn"
    assert trial["clean"][0] > 0.9
    assert Policy.load(out).languages["swh_Latn"].reference is not None


def test_the_policy_needs_a_yaml_name(reference: Path, runner: CliRunner) -> None:
    done = runner.invoke(app, ["calibrate", f"sw={reference}", "--out", "policy.txt"])

    assert done.exit_code != 0
    assert "ends in .yaml" in str(done.exception)


def test_tables_of_a_folder_are_imported(tmp_path: Path, runner: CliRunner) -> None:
    (tmp_path / "swh_Latn.yml").write_text("dup_line_frac: 0.3\nlanguage_score: 0.5\n", "utf8")
    out = tmp_path / "out.yaml"

    done = runner.invoke(app, ["import-policy", str(tmp_path), "--out", str(out)])

    assert done.exit_code == 0, done.output
    assert Policy.load(out).languages["swh_Latn"].limits == {"max_repeated_lines": 0.3}
