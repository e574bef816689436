"""`xlcorpus align` on text files that are translations of each other, and on some that are not."""

import csv
from pathlib import Path

import pytest

from xlcorpus.cli import main as cli

GOLD = Path(__file__).parents[2] / "data" / "gold.tsv"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with GOLD.open(encoding="utf8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for name, lang, first in (("de", "de", 0), ("en", "en", 0), ("other", "en", 100)):
        lines = [row[lang] for row in rows[first : first + 12]]
        (tmp_path / f"{name}.txt").write_text("\n".join(lines) + "\n", "utf8")
        if name == "en":
            (tmp_path / "swapped.txt").write_text("\n".join(lines[6:] + lines[:6]) + "\n", "utf8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["xlcorpus", "align", *arguments, "--src-lang", "de", "--tgt-lang", "en"])
    try:
        cli.main()
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


def test_translations_are_aligned(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "de.txt", "en.txt", "--out", "pairs.tsv") == 0
    assert len((folder / "pairs.tsv").read_text("utf8").splitlines()) == 12


@pytest.mark.parametrize("other", ["other.txt", "swapped.txt"])
def test_text_that_is_no_translation_is_refused_and_nothing_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], other: str
) -> None:
    assert run(monkeypatch, "de.txt", other, "--out", "pairs.tsv") == 1
    told = capsys.readouterr().err
    assert "of the text is aligned" in told and "--force" in told
    assert not (folder / "pairs.tsv").exists()


def test_force_writes_what_was_aligned(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "de.txt", "other.txt", "--out", "pairs.tsv", "--force") == 0
    assert (folder / "pairs.tsv").read_text("utf8")


def test_a_byte_order_mark_blank_and_odd_lines_do_not_matter(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (folder / "de.txt").read_bytes().splitlines()
    (folder / "de [1].txt").write_bytes(b"\xef\xbb\xbf" + b"\r\n\r\n".join(lines) + b"\r\nsch\xf6n\r\n")
    assert run(monkeypatch, "de [1].txt", "en.txt", "--out", "odd.tsv") == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "de [1].txt: 1 line is left out (not_utf8)" in told
    assert run(monkeypatch, "de.txt", "en.txt", "--out", "pairs.tsv") == 0
    assert (folder / "odd.tsv").read_bytes() == (folder / "pairs.tsv").read_bytes()


def test_a_code_that_the_script_says_is_a_country_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "ko.txt").write_text("개가 여기 있다.\n" * 3, "utf8")
    monkeypatch.setattr(
        "sys.argv", ["xlcorpus", "align", "ko.txt", "en.txt", "--src-lang", "kr", "--tgt-lang", "en", "--out", "p.tsv"]
    )
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    assert " ko" in capsys.readouterr().err
    assert not (folder / "p.tsv").exists()
