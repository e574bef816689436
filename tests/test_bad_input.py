"""Bad input gets a clear error and an exit code: 2 for the user's mistakes, 1 for failures. Nothing is lost."""

import gzip
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.cli import main as cli

Xlcorpus = Callable[..., tuple[int, str]]
PIPELINE = """\
name: demo
steps:
  read: {paths: {de: "de.*", en: en.txt}}
  normalise: {}
  embed: {}
  mine: {threshold: 1.0}
release:
  tables: {pair: mine}
"""

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("ray_cluster")]


@pytest.fixture
def xlcorpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xlcorpus:
    """xlcorpus("run", ...) -> (exit code, what stands on stderr), in a folder with a small German-English corpus."""
    monkeypatch.chdir(tmp_path)
    Path("demo.yaml").write_text(PIPELINE)
    Path("de.txt").write_text("Anna wohnt in Berlin.\nDer Zug fährt um 10:45 Uhr.\n")
    Path("en.txt").write_text("Anna lives in Berlin.\nThe train leaves at 10:45.\n")

    def call(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["xlcorpus", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        err = " ".join(capsys.readouterr().err.split())
        assert "Traceback" not in err
        return code, err

    return call


def test_the_corpus_itself_is_fine(xlcorpus: Xlcorpus) -> None:
    assert xlcorpus("run", "demo.yaml") == (0, "")
    assert pl.read_parquet("runs/demo/release/data/pair/*.parquet").height == 2


def test_a_missing_file(xlcorpus: Xlcorpus) -> None:
    Path("en.txt").unlink()
    code, err = xlcorpus("run", "demo.yaml")
    assert code == 2
    assert "step 'read' (demo.yaml:3): no file 'en.txt' (looked in " in err


def test_an_empty_corpus(xlcorpus: Xlcorpus) -> None:
    Path("de.txt").write_text("")
    Path("en.txt").write_text("\n\n")
    code, err = xlcorpus("run", "demo.yaml")
    assert code == 2
    assert "step 'read': nothing to read (demo.yaml:3): the corpus is empty" in err


def test_one_language_only(xlcorpus: Xlcorpus) -> None:
    code, err = xlcorpus("run", "demo.yaml", "--set", "read.paths={de: de.txt}")
    assert code == 2
    assert "mining needs two languages, but the corpus holds only deu_Latn" in err


def test_a_line_that_is_not_utf8_is_set_aside(xlcorpus: Xlcorpus) -> None:
    Path("de.txt").write_bytes(Path("de.txt").read_bytes() + b"sch\xf6n\n")
    assert xlcorpus("run", "demo.yaml")[0] == 0
    rejected = pl.read_parquet("runs/demo/rejects/read/*.parquet")
    assert rejected.select("rule", "value", "lang").rows() == [("not_utf8", "line 3", "und")]
    assert "sch\\\\xf6n" in rejected["row"][0]


def test_a_cut_off_gzip(xlcorpus: Xlcorpus) -> None:
    whole = gzip.compress("".join(f"Satz {i}\n" for i in range(20000)).encode())
    Path("de.txt.gz").write_bytes(whole[: len(whole) // 2])
    code, err = xlcorpus("run", "demo.yaml")
    assert code == 2
    assert "de.txt.gz: the compressed file is cut off or damaged" in err


def test_a_cut_off_parquet(xlcorpus: Xlcorpus) -> None:
    pl.DataFrame({"text": ["Satz"] * 1000}).write_parquet("de.parquet")
    Path("de.parquet").write_bytes(Path("de.parquet").read_bytes()[:-100])
    code, err = xlcorpus("run", "demo.yaml")
    assert code == 2
    assert "de.parquet: not a whole Parquet file" in err


def test_a_model_that_is_not_there(xlcorpus: Xlcorpus) -> None:
    code, err = xlcorpus("run", "demo.yaml", "--set", "embed.encoder=./my-model")
    assert code == 2
    assert "step 'embed' (demo.yaml:5): encoder './my-model': no such folder" in err


def test_a_full_disk(xlcorpus: Xlcorpus, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(small)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        Path("de.txt").write_text("".join(f"Satz {i} von {i * i}\n" for i in range(20000)))
        code, err = xlcorpus("run", "demo.yaml", "--workdir", str(small))
        assert code == 1
        assert f"no space left to write in {small}" in err
        assert "Make room or choose another --workdir; the run goes on from here when started again" in err
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[None]:
    """Another process that holds the run's folder."""
    hold = (
        "import sys\nfrom pathlib import Path\nfrom xlcorpus.engine.folder import RunFolder\n"
        "with RunFolder(Path('runs/demo'), 'demo'):\n    print('holding', flush=True)\n    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", hold], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield
    process.communicate()


def test_a_folder_that_another_run_is_using(xlcorpus: Xlcorpus, running: None) -> None:
    code, err = xlcorpus("run", "demo.yaml")
    assert code == 2
    assert "another run is using" in err
    assert "choose another --workdir" in err


def test_a_folder_that_is_not_ours(xlcorpus: Xlcorpus) -> None:
    Path("runs/demo").mkdir(parents=True)
    Path("runs/demo/photo.jpg").write_text("x")
    code, err = xlcorpus("run", "demo.yaml")
    assert code == 2
    assert "is not empty and was not made by xlcorpus; choose another --workdir or empty it" in err
