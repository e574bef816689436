"""Checkpoints that no pipeline needs any more are shown, and removed on request."""

import json
import shutil
from pathlib import Path

import pytest

from xlcorpus import Pipeline, ReleaseSpec
from xlcorpus.cli import main as cli
from xlcorpus.engine import run
from xlcorpus.engine.folder import RunFolder
from xlcorpus.engine.prune import prune
from xlcorpus.errors import UserError
from xlcorpus.steps import Deduplicate, Normalise, Quality, Read
from xlcorpus.yaml_file import to_yaml

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("ray_cluster")]


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with two files and no runs."""
    monkeypatch.chdir(tmp_path)
    write("a.txt", "Am Tag {} ging der Wanderer weiter nach Süden\n")
    write("b.txt", "Am Abend {} kam der Wanderer in ein kleines Dorf\n")
    return tmp_path


def write(name: str, line: str) -> None:
    Path(name).write_text("".join(line.format(i) for i in range(100)), "utf8")


def demo(least: int = 2, name: str = "demo") -> Pipeline:
    return (
        Pipeline(name)
        .then(Read(paths={"de": "*.txt"}))
        .then(Normalise())
        .then(Quality(min_characters=least))
        .then(Deduplicate())
        .releasing(ReleaseSpec(tables={"text": "deduplicate"}))
    )


def files(folder: Path | str) -> set[str]:
    return {str(p.relative_to(folder)) for p in Path(folder).rglob("*") if p.is_file()}


def steps(run_name: str = "demo") -> list[str]:
    return sorted(p.name.rpartition("-")[0] for p in Path("runs", run_name, "steps").iterdir())


def test_nothing_to_remove_after_one_run(corpus: Path) -> None:
    run(demo(), "runs")
    assert prune(Path("runs")).waste == []


def test_what_an_earlier_run_with_other_options_left(corpus: Path) -> None:
    run(demo(), "runs")
    run(demo(least=5), "runs")
    before = files("runs")
    found = prune(Path("runs"))
    assert [w.path.name.rpartition("-")[0] for w in found.waste] == ["quality"]
    assert found.waste[0].bytes == sum(p.stat().st_size for p in found.waste[0].path.iterdir())
    assert files("runs") == before  # shown, not removed

    prune(Path("runs"), remove=True)
    assert steps() == ["deduplicate", "normalise", "quality", "quality-scores", "read"]
    assert prune(Path("runs")).waste == []
    assert run(demo(least=5), "runs").ran == []
    assert run(demo(), "runs").ran == ["quality"]  # gives the rows that it gave before


def test_what_files_left_that_are_gone(corpus: Path) -> None:
    run(demo(), "runs")
    Path("b.txt").unlink()
    run(demo(), "runs")
    found = prune(Path("runs"), remove=True)
    assert {w.path.parent.name.rpartition("-")[0] for w in found.waste} == {
        "read",
        "normalise",
        "quality",
        "deduplicate",
    }
    assert {w.reason for w in found.waste} == {"of other input"}
    assert run(demo(), "runs").ran == []
    write("b.txt", "Am Abend {} kam der Wanderer in ein kleines Dorf\n")
    assert run(demo(), "runs").ran == ["read", "normalise", "quality", "deduplicate"]


def test_a_trial_with_a_limit_does_not_make_the_whole_run_waste(corpus: Path) -> None:
    run(demo(), "runs")
    run(demo(), "runs", limit=5)
    assert prune(Path("runs")).waste == []
    run(demo(), "runs")
    assert {w.path.name.rpartition("-")[0] for w in prune(Path("runs"), remove=True).waste} >= {"read"}
    assert run(demo(), "runs").ran == []


def test_given_pipelines_say_what_is_needed(corpus: Path) -> None:
    run(demo(), "runs")
    run(demo(least=5), "runs")
    run(demo(name="other"), "runs")
    run(demo(least=5, name="other"), "runs")
    both = [demo(), demo(least=5)]
    assert prune(Path("runs"), both).waste == []
    prune(Path("runs"), [demo()], remove=True)
    assert run(demo(), "runs").ran == []
    assert steps() == ["deduplicate", "normalise", "quality", "quality-scores", "read"]
    assert steps("other") == ["deduplicate", "normalise", "quality", "quality", "quality-scores", "read"]
    with pytest.raises(UserError, match="runs holds no run of the pipeline 'third'"):
        prune(Path("runs"), [demo(name="third")])


def test_a_run_that_did_not_end_keeps_what_it_goes_on_from(corpus: Path) -> None:
    result = run(demo(), "runs")
    assert result.release is not None
    reads = next(Path("runs/demo/steps").glob("read-*"))
    remembered = json.loads(Path("runs/demo/steps.json").read_text())
    Path("runs/demo/steps.json").write_text(json.dumps({"whole": dict.fromkeys(remembered["whole"])}))
    (reads / "scratch" / "abc").mkdir(parents=True)
    (reads / "scratch" / "abc" / "vectors.npy").write_bytes(b"12345")
    (reads / ".part-1.parquet.0f.tmp").write_bytes(b"123")
    assert [(w.path.name, w.bytes) for w in prune(Path("runs"), remove=True).waste] == [(".part-1.parquet.0f.tmp", 3)]
    assert (reads / "scratch" / "abc" / "vectors.npy").exists()

    run(demo(), "runs")
    assert [(w.path.name, w.bytes) for w in prune(Path("runs"), remove=True).waste] == [("scratch", 5)]
    assert not (reads / "scratch").exists()


def test_a_run_that_is_going_on_is_left_alone(corpus: Path) -> None:
    run(demo(), "runs")
    run(demo(least=5), "runs")
    before = files("runs")
    with RunFolder(Path("runs/demo"), "demo"):
        found = prune(Path("runs"), remove=True)
    assert found.waste == []
    assert "another run is using" in found.left[0]
    assert files("runs") == before


def test_folders_that_are_not_a_run_are_left_alone(corpus: Path) -> None:
    run(demo(), "runs")
    run(demo(least=5), "runs")
    shutil.copytree("runs/demo", "runs/backup")
    thesis = Path("runs/thesis/steps/draft-0123456789abcdef")
    thesis.mkdir(parents=True)
    (thesis / "part-0.parquet").write_text("x")
    Path("runs/linked").symlink_to(corpus / "runs" / "demo")
    own = Path("runs/demo/steps/notes")
    own.mkdir()
    (own / "mine.txt").write_text("x")
    Path("runs/demo/steps/linked-0123456789abcdef").symlink_to(corpus)
    before = files("runs/backup") | {str(thesis), str(own / "mine.txt")}
    prune(Path("runs"), remove=True)
    assert files("runs/backup") <= before
    assert (thesis / "part-0.parquet").exists()
    assert (own / "mine.txt").exists()
    assert (corpus / "a.txt").exists()
    assert len(list(Path("runs/backup/steps").glob("quality-*"))) == 3
    assert len(list(Path("runs/demo/steps").glob("quality-*"))) == 2


def test_a_run_of_which_nothing_is_remembered_is_left_alone(corpus: Path) -> None:
    run(demo(), "runs")
    Path("runs/demo/steps.json").unlink()
    found = prune(Path("runs"), remove=True)
    assert (found.waste, found.left) == ([], ["runs/demo: not known what it needs; give its pipeline, or run it once"])


def test_the_command(corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["xlcorpus", "prune", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        shown = capsys.readouterr()
        return code, shown.out, " ".join(shown.err.split())

    run(demo(), "runs")
    run(demo(least=5), "runs")
    code, out, _ = call("runs")
    assert code == 0
    assert "demo/steps/quality-" in out
    assert "(of other options, code or models)" in out
    assert "in all; nothing was removed: --yes removes it" in out
    assert steps().count("quality") == 2

    assert json.loads(call("runs", "--json")[1])["removed"] is False
    Path("demo.yaml").write_text(to_yaml(demo()))
    code, out, _ = call("runs", "demo.yaml", "--set", "quality.min_characters=5", "--yes")
    assert (code, "removed " in out, steps().count("quality")) == (0, True, 1)
    assert "nothing to remove: every checkpoint is needed" in call("runs")[1]
    assert call("runs", "--set", "quality.min_characters=5")[0] == 2
    assert call("nowhere")[0] == 2
    assert "error: no folder nowhere" in call("nowhere")[2]
