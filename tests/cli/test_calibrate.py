"""`xlcorpus calibrate` and `xlcorpus import-policy` on files."""

import json
import random
import sys
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.cli.main import main
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


def xlcorpus(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    """Exit code, and what is on the two streams."""
    monkeypatch.setattr(sys, "argv", ["xlcorpus", *arguments])
    code = 0
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_policy_is_written_and_what_it_is_worth_is_shown(
    reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "policy.yaml"

    code, said, _ = xlcorpus(monkeypatch, capsys, "calibrate", f"sw={reference}", "--out", str(out), "--json")

    assert code == 0
    (trial,) = json.loads(said.splitlines()[-1])["languages"]
    assert trial["lang"] == "swh_Latn"
    assert trial["clean"][0] > 0.9
    assert Policy.load(out).languages["swh_Latn"].reference is not None


def test_the_policy_needs_a_yaml_name(
    reference: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, said = xlcorpus(monkeypatch, capsys, "calibrate", f"sw={reference}", "--out", "policy.txt")

    assert code == 2
    assert "ends in .yaml" in said


def test_tables_of_a_folder_are_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "swh_Latn.yml").write_text("dup_line_frac: 0.3\nlanguage_score: 0.5\n", "utf8")
    out = tmp_path / "out.yaml"

    code, _, said = xlcorpus(monkeypatch, capsys, "import-policy", str(tmp_path), "--out", str(out))

    assert code == 0
    assert "1 languages" in said
    assert Policy.load(out).languages["swh_Latn"].limits == {"max_repeated_lines": 0.3}


def test_a_file_that_is_no_table_of_a_language_makes_no_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pages.jsonl").write_text('{"text": "Habari ya asubuhi.", "lang": "sw"}\n', "utf8")
    out = tmp_path / "out.yaml"

    code, _, said = xlcorpus(monkeypatch, capsys, "import-policy", str(tmp_path / "pages.jsonl"), "--out", str(out))

    assert code == 2
    assert "no file is a table of a language, as deu_Latn.yml is: pages.jsonl" in said
    assert not out.exists()


def test_notes_of_hundreds_of_languages_are_said_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tags = [
        "deu",
        "fra",
        "ita",
        "spa",
        "por",
        "nld",
        "swe",
        "dan",
        "fin",
        "est",
        "lav",
        "lit",
        "pol",
        "ces",
        "slk",
        "slv",
        "hun",
        "ron",
        "sqi",
        "eus",
        "cat",
        "glg",
        "cym",
        "gle",
    ]
    pl.DataFrame({"text": ["Drei Worte reichen."] * len(tags), "lang": tags}).write_ndjson(tmp_path / "few.jsonl")
    out = tmp_path / "out.yaml"

    code, _, said = xlcorpus(monkeypatch, capsys, "calibrate", str(tmp_path / "few.jsonl"), "--out", str(out))

    assert code == 0
    assert said.count("too few") == 20
    assert "4 more notes stand in" in said
    assert len(Policy.load(out).notes) == len(tags)
