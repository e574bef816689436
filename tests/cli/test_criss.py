"""`xlcorpus criss` as a user calls it."""

import importlib.util
import json
from pathlib import Path

import pytest

from xlcorpus.models.encoders.loading import load_encoder

from . import calling

_spec = importlib.util.spec_from_file_location("toys", Path(__file__).parent.parent / "training" / "conftest.py")
assert _spec is not None and _spec.loader is not None
toys = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(toys)

FAST = ["--trainer-options", "{dim: 32, epochs: 1}", "--iterations", "1"]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    src, tgt = toys.captions(300)
    for name, lines in (("de", src), ("en", sorted(tgt))):
        (tmp_path / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines), "utf8")
    return [f"{name}={tmp_path / name}.txt" for name in ("de", "en")]


def called(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of `xlcorpus criss ARGS`."""
    return calling.call(monkeypatch, capsys, "criss", *args)


def test_text_in_pairs_and_encoder_out(monkeypatch, capsys, files: list[str], tmp_path: Path) -> None:
    src, tgt = toys.captions(300)
    out, model = tmp_path / "pairs.tsv", tmp_path / "models" / "de-en"
    code, said, err = called(monkeypatch, capsys, *files, "--out", str(out), "--model", str(model), "--json", *FAST)
    assert code == 0
    assert "round 1" in err
    rows = [line.split("\t") for line in out.read_text("utf8").splitlines()]
    assert json.loads(said)["pairs"] == len(rows)
    gold = set(zip(src, tgt, strict=True))
    assert sum((s, t) in gold for _, s, t in rows) > 250
    assert load_encoder(str(model)).dim == 32


def test_a_lexicon_may_help(monkeypatch, capsys, files: list[str], tmp_path: Path) -> None:
    (tmp_path / "words.tsv").write_text("hund\tdog\n", "utf8")
    args = [*files, "--out", str(tmp_path / "p.parquet"), "--lexicon", f"en-de={tmp_path / 'words.tsv'}", *FAST]
    assert called(monkeypatch, capsys, *args)[0] == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda files: [files[0]], "needs files of two languages or more, not of de"),
        (lambda files: [*files, "x.txt"], "'x.txt': write LANG=FILE"),
        (lambda files: [*files, files[0]], "de was given before"),
        (lambda files: [files[0], "en=/no/such.txt"], "cannot read /no/such.txt"),
        (lambda files: [*files, "--folds", "1"], "--folds: Input should be greater than or equal to 2"),
        (lambda files: [*files, "--lexicon", f"de-en={files[0][3:]}"], "no line has a tab; write source TAB target"),
        (lambda files: [*files, "--format", "csv"], "--format csv"),
    ],
)
def test_mistakes_are_said_in_a_line(change, message, monkeypatch, capsys, files: list[str], tmp_path: Path) -> None:
    code, _, err = called(monkeypatch, capsys, *change(files), "--out", str(tmp_path / "pairs.tsv"), *FAST)
    assert code == 2
    assert message in err
    assert not (tmp_path / "pairs.tsv").exists()


def test_nothing_in_common_is_a_failure_that_says_why(monkeypatch, capsys, files: list[str], tmp_path: Path) -> None:
    other = toys.captions(600)[1][300:]
    (tmp_path / "en.txt").write_text("".join(f"{line}\n" for line in other), "utf8")
    code, _, err = called(monkeypatch, capsys, *files, "--out", str(tmp_path / "pairs.tsv"), *FAST)
    assert code == 1
    assert "nothing was found above chance" in err
    assert not (tmp_path / "pairs.tsv").exists()


def test_moses_names_the_languages_as_they_are_written(monkeypatch, capsys, files: list[str], tmp_path: Path) -> None:
    given = [files[0].replace("de=", "German=", 1), files[1]]
    assert called(monkeypatch, capsys, *given, "--out", str(tmp_path / "p"), *FAST)[0] == 0
    assert {p.name for p in tmp_path.glob("p.*")} == {"p.German", "p.en", "p.scores"}


def test_odd_lines_of_text_lexicon_and_known_pairs_are_left_out(
    monkeypatch, capsys, files: list[str], tmp_path: Path
) -> None:
    with (tmp_path / "de.txt").open("ab") as file:
        file.write(b"sch\xf6n\n")
    (tmp_path / "words.txt").write_text("\ufeffhund\tdog\r\n" + "katze\tcat\r\n" * 9 + "haus\r\n", "utf8")
    (tmp_path / "known.tsv").write_text("ein hund\ta dog\n" * 9 + "one\ttab\ttoo many\n", "utf8")
    given = ["--lexicon", f"de-en={tmp_path}/words.txt", "--known", f"de-en={tmp_path}/known.tsv"]
    code, _, err = called(monkeypatch, capsys, *files, *given, "--out", str(tmp_path / "p.tsv"), *FAST)
    assert code == 0
    assert "de.txt: 1 line is left out (not_utf8)" in err
    assert "words.txt: 1 line is left out (wrong_columns)" in err
    assert "known.tsv: 1 line is left out (wrong_columns)" in err
