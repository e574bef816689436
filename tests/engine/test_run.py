"""The engine on one local Ray: checkpoints, resume, rejects, failures."""

import json
from pathlib import Path

import polars as pl
import pytest

from xlcorpus import Pipeline, ReleaseSpec
from xlcorpus.engine import run
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.step import Port, RowEnv, RowStep, Rule
from xlcorpus.steps import Deduplicate, Normalise, Read

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("ray_cluster")]


class Longer(RowStep):
    """Rejects short texts and fails on the word `boom`."""

    least: int = 3
    """characters"""

    def ports(self) -> dict[str, Port]:
        return {"rows": Port(("sentence",))}

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        if rows["text"].str.contains("boom").any():
            raise ValueError("boom")
        return rows.with_columns(longer_length=pl.col("text").str.len_chars())

    def rules(self, kind: str) -> list[Rule]:
        return [Rule("short", pl.col("longer_length"), pl.col("longer_length") >= self.least)]


class Weigh(RowStep):
    """Rejects short texts, and writes down in `calls.txt` which rows it measured."""

    least: int = 3
    """characters"""
    calls: str
    """file"""

    def ports(self) -> dict[str, Port]:
        return {"rows": Port(("sentence",))}

    def accepts(self) -> tuple[str, ...]:
        return ("least",)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        with Path(self.calls).open("a") as file:
            file.writelines(f"{text}\n" for text in rows["text"])
        if rows["text"].str.contains("boom").any():
            raise ValueError("boom")
        return rows.with_columns(weigh_length=pl.col("text").str.len_chars() * (1 if self.least == 3 else 1000))

    def rules(self, kind: str) -> list[Rule]:
        return [Rule("short", pl.col("weigh_length"), pl.col("weigh_length") >= self.least)]


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two files of 25,000 lines in all: four shards."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "de.txt").write_text("".join(f"Satz Nummer {i % 9000}\n" for i in range(15000)))
    (tmp_path / "en.txt").write_text("".join(f"sentence {i}\n" for i in range(9998)) + "x\n\n")
    return tmp_path


def demo(**options: int) -> Pipeline:
    return (
        Pipeline("demo")
        .then(Read(paths={"de": "de.txt", "en": "en.txt"}))
        .then(Normalise())
        .then(Longer(**options))
        .then(Deduplicate(match="exact"))
        .releasing(ReleaseSpec(tables={"text": "deduplicate"}))
    )


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_run_and_its_ledger(corpus: Path) -> None:
    result = run(demo(), "runs")
    assert result.tables["deduplicate"].frame()["text"].len() == 9000 + 9998
    ledger = {(e.step, e.lang): (e.rows_in, e.rows_out, dict(e.rejected)) for e in result.ledger}
    assert ledger["read", "eng_Latn"] == (9999, 9999, {})
    assert ledger["read", "und"] == (1, 0, {"empty": 1})
    assert ledger["longer", "eng_Latn"] == (9999, 9998, {"short": 1})
    assert ledger["deduplicate", "deu_Latn"] == (15000, 9000, {"duplicate": 6000})


def test_rejected_rows_can_be_read(corpus: Path) -> None:
    run(demo(), "runs")
    rows = pl.read_parquet("runs/demo/rejects/longer/*.parquet")
    assert rows.select("rule", "value", "lang").rows() == [("short", "1", "eng_Latn")]
    assert json.loads(rows["row"][0])["text"] == "x"


def test_a_second_run_does_nothing(corpus: Path) -> None:
    first = run(demo(), "runs")
    second = run(demo(), "runs")
    assert (first.ran, second.ran) == (["read", "normalise", "longer", "deduplicate"], [])
    assert second.ledger == first.ledger


def test_a_changed_option_recomputes_its_step_and_what_depends_on_it(corpus: Path) -> None:
    run(demo(), "runs")
    assert run(demo(least=12), "runs").ran == ["longer", "deduplicate"]
    assert run(demo(), "runs").ran == []


def test_a_changed_file_is_read_again(corpus: Path) -> None:
    run(demo(), "runs")
    (corpus / "en.txt").write_text("something else\n")
    result = run(demo(), "runs")
    assert result.ran == ["read", "normalise", "longer", "deduplicate"]
    assert "something else" in result.tables["deduplicate"].frame()["text"]


def test_a_damaged_shard_is_made_again(corpus: Path) -> None:
    first = run(demo(), "runs")
    whole = bytes_of(Path("runs/demo/release"))
    shard = first.tables["longer"].shards[1]
    shard.write_bytes(shard.read_bytes()[:-7])
    second = run(demo(), "runs")
    assert second.ran == ["longer"]
    assert bytes_of(Path("runs/demo/release")) == whole


def test_limit_reads_the_first_rows(corpus: Path) -> None:
    assert run(demo(), "runs", limit=10).tables["read"].frame().height == 20


def test_rows_that_fail_are_set_aside(corpus: Path) -> None:
    (corpus / "en.txt").write_text("fine\nboom\n" + "fine too\n" * 500)
    result = run(demo(), "runs")
    assert result.failures == 1
    rows = pl.read_parquet("runs/demo/rejects/longer/*.parquet").filter(pl.col("rule") == "error")
    assert rows["error"].to_list() == ["ValueError: boom"]


def test_too_many_failures_stop_the_run(corpus: Path) -> None:
    (corpus / "de.txt").write_text("gut\n")
    (corpus / "en.txt").write_text("fine\nboom\nboom\n")
    with pytest.raises(
        XlcorpusError, match=r"step 'longer' failed on 2 of 4 rows.*First: row [0-9a-f]{32}: ValueError: boom"
    ):
        run(demo(), "runs")


def test_an_empty_corpus_is_refused(corpus: Path) -> None:
    (corpus / "de.txt").write_text("\n")
    (corpus / "en.txt").write_text("")
    with pytest.raises(UserError, match="step 'read': nothing to read: the corpus is empty"):
        run(demo(), "runs")


def test_a_folder_of_others_is_left_alone(corpus: Path) -> None:
    (corpus / "runs" / "demo").mkdir(parents=True)
    (corpus / "runs" / "demo" / "thesis.tex").write_text("x")
    with pytest.raises(UserError, match="is not empty and was not made by xlcorpus; choose another --workdir"):
        run(demo(), "runs")


def test_a_folder_of_another_pipeline_is_left_alone(corpus: Path) -> None:
    (corpus / "runs" / "demo").mkdir(parents=True)
    (corpus / "runs" / "demo" / "run.json").write_text('{"pipeline": "other"}')
    with pytest.raises(UserError, match="belongs to the run of another pipeline, 'other'"):
        run(demo(), "runs")


def test_a_step_that_keeps_nothing_leaves_later_steps_an_empty_table(corpus: Path) -> None:
    pipeline = demo(least=10_000).then(Normalise(), name="again").then(Deduplicate(), name="last")
    pipeline = pipeline.releasing(ReleaseSpec(tables={"text": "normalise", "rest": "last"}))
    result = run(pipeline, "runs", limit=50)
    assert result.tables["last"].frame().height == 0
    assert result.release is not None
    assert result.release.empty == ("rest",)
    assert "step 'longer' kept none of 100 rows (short 100)" in result.warnings


def weighing(least: int, pipeline: str = "demo") -> Pipeline:
    step = Weigh(least=least, calls=str(Path("calls.txt").resolve()))
    return Pipeline(pipeline, max_error_rate=0.5).then(Read(paths={"en": "en.txt"})).then(step).then(Normalise())


def test_another_threshold_measures_nothing_again(corpus: Path) -> None:
    Path("en.txt").write_text("one\ntwo\nfour\nboom\nseven\n")
    assert run(weighing(3), "runs").tables["normalise"].frame()["text"].to_list() == ["one", "two", "four", "seven"]
    calls = Path("calls.txt").read_text()
    second = run(weighing(4), "runs")
    assert second.ran == ["weigh", "normalise"]
    assert second.tables["normalise"].frame()["text"].to_list() == ["four", "seven"]
    rejects = pl.read_parquet("runs/demo/rejects/weigh/*.parquet")
    assert rejects.select("rule", "value").rows() == [("short", "3"), ("short", "3"), ("error", None)]
    assert Path("calls.txt").read_text() == calls
    fresh = run(weighing(4, "fresh"), "runs")
    assert second.tables["weigh"].frame().drop("recipe").equals(fresh.tables["weigh"].frame().drop("recipe"))
    assert [e.to_dict() for e in second.ledger] == [e.to_dict() for e in fresh.ledger]


def test_measures_are_made_again_for_other_rows(corpus: Path) -> None:
    Path("en.txt").write_text("one\nfour\n")
    run(weighing(3), "runs")
    Path("en.txt").write_text("one\nseven\n")
    assert run(weighing(4), "runs").tables["weigh"].frame()["text"].to_list() == ["seven"]
