"""The command `export`: what it prints, and its exit codes."""

import json
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from xlcorpus import records
from xlcorpus.release.exports import FORMS
from xlcorpus.release.shards import KIND_KEY

from . import calling


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the release `r`: pairs, one with a line break."""
    monkeypatch.chdir(tmp_path)
    frame = pl.DataFrame({"src_text": ["eins\nzwei", "drei"], "tgt_text": ["one two", "three"]})
    frame = frame.with_columns(src_lang=pl.lit("deu_Latn"), tgt_lang=pl.lit("eng_Latn"))
    table = records.finish(frame, "pair").to_arrow().cast(records.kind("pair").schema)
    (tmp_path / "r" / "data" / "mined").mkdir(parents=True)
    (tmp_path / "r" / "README.md").write_text("---\npretty_name: demo\n---\n")
    path = tmp_path / "r" / "data" / "mined" / "train-00000-of-00001.parquet"
    pq.write_table(table.replace_schema_metadata({KIND_KEY: b"pair"}), path)
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of `xlcorpus export ARGUMENTS`."""
    return calling.call(monkeypatch, capsys, "export", *arguments)


def test_it_says_what_came_in_and_what_was_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(monkeypatch, capsys, "r", "--as", "moses", "--out", "texts")
    assert code == 0
    assert out.splitlines() == [
        "texts: mined (pair) as moses, for Moses, Marian, OpusFilter",
        "  train: rows in 2, written 2, left out 0",
        "    line breaks and tabs became spaces: 1",
    ]
    assert (folder / "texts" / "train.de-en.de").read_text() == "eins zwei\ndrei\n"


def test_it_says_so_for_machines(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = call(monkeypatch, capsys, "r", "--as", "tmx", "--json")
    assert json.loads(out) == {
        "folder": str(folder / "r-mined-tmx"),
        "form": "tmx",
        "config": "mined",
        "kind": "pair",
        "splits": [{"split": "train", "rows": 2, "lines": 2, "left_out": {}, "changed": {}, "written": 2}],
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rr", "--as", "moses"], "no folder rr"),
        (["r", "--as", "mozes"], "no form 'mozes'; did you mean 'moses'?"),
        (["r", "--as", "alpaca"], "alpaca holds rows of kind feedback, instruction, preference; r has mined (pair)"),
        (["r", "--as", "csv", "--reasoning", "drop"], "reasoning: csv of pair rows has no turns"),
        (["r", "--as", "csv", "--out", "r"], "r is there and holds no export of xlcorpus"),
    ],
)
def test_mistakes_end_with_exit_code_2(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    code, _, err = call(monkeypatch, capsys, *arguments)
    assert (code, message in err) == (2, True), err


def test_what_is_no_release_is_a_failure(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data").mkdir()
    assert call(monkeypatch, capsys, "data", "--as", "csv")[0::2] == (
        1,
        "error: data holds no README.md: not a release",
    )


def test_the_help_names_every_form(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from xlcorpus.cli.export import FORM_NAMES

    assert FORM_NAMES.split("|") == list(FORMS)
