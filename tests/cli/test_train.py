"""`xlcorpus train` as a person at the command line sees it."""

import json
from pathlib import Path

import pytest

from xlcorpus.models.encoders.loading import load_encoder

from . import calling

WORDS = ["Hund dog", "Katze cat", "Haus house", "Baum tree", "Fluss river", "Berg hill"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rows = [(a.split(), b.split()) for a in WORDS for b in WORDS]
    (tmp_path / "pairs.tsv").write_text("".join(f"{a[0]} {b[0]}\t{a[1]} {b[1]}\n" for a, b in rows))
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of `xlcorpus LINE`."""
    return calling.call(monkeypatch, capsys, *line.split())


DISTIL = (
    "train pairs.tsv --src-lang de --tgt-lang en --trainer distil --teacher bootstrap --teacher-langs en --epochs 2"
)


def test_it_trains_and_says_what_to_do_with_the_result(folder, monkeypatch, capsys):
    code, out, err = call(monkeypatch, capsys, f"{DISTIL} --out models/de-en")
    assert code == 0
    assert "deu_Latn-eng_Latn: 36 pairs epoch 1 of 2: loss " in err
    assert out.startswith("trained on 36 pairs in ") and "xlcorpus mine ... --encoder models/de-en" in out
    assert load_encoder("models/de-en", device="cpu").dim == 512


def test_json_for_machines(folder, monkeypatch, capsys):
    _, out, _ = call(monkeypatch, capsys, f"{DISTIL} --out m --json")
    result = json.loads(out)
    assert result["out"] == "m" and result["pairs"] == 36 and len(result["losses"]) == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{DISTIL} --out .", "error: . exists already; give another folder, or remove it"),
        (f"{DISTIL} --out m --layers 2", "--layers is no option of the trainer distil; valid: batch-size, device,"),
        (f"{DISTIL} --out m --vocabulary few", "--vocabulary: Input should be a valid integer"),
        ("train pairs.tsv --out m --trainer distil", "the trainer distil needs --teacher: the encoder to learn from"),
        ("train pairs.tsv --out m --trainer destil", "no trainer 'destil'; did you mean 'distil'?"),
        (
            "train pairs.tsv --out m",
            "does not name the languages of its pairs: give --src-lang and --tgt-lang",
        ),
        ("train none.tsv --out m", "no file or folder none.tsv"),
    ],
)
def test_mistakes_are_one_clear_line(folder, monkeypatch, capsys, line, message):
    code, _, err = call(monkeypatch, capsys, line)
    assert code == 2 and message in err
    assert not (folder / "m").exists() and not list(folder.glob(".*"))


def test_every_option_of_every_trainer_is_a_flag(folder, monkeypatch, capsys):
    _, out, _ = call(monkeypatch, capsys, "train --help")
    for flag in ("--teacher-langs", "--batch-tokens", "--temperature", "--label-smoothing", "--start"):
        assert flag in out
