"""Light steps run in threads of the run's own process: no Ray, and the same release."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from xlcorpus import Pipeline, ReleaseSpec
from xlcorpus.engine import run, threads
from xlcorpus.engine.cluster import Cluster
from xlcorpus.errors import UserError
from xlcorpus.steps import Deduplicate, Identify, Normalise, Quality, Read

SENTENCES = [
    "Der Bäcker öffnet jeden Morgen um sechs Uhr seinen kleinen Laden am Markt.",
    "Meine Schwester hat gestern ein altes Fahrrad für wenig Geld gekauft.",
    "Wenn es morgen nicht regnet, gehen wir alle zusammen an den See.",
    "The library on the corner is closed until the end of the month.",
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(3):
        lines = [
            {"text": f"{SENTENCES[i % 4]} {SENTENCES[(i * 7 + number) % 4]} Das war im Jahr {1000 + i + 40 * number}."}
            for i in range(40)
        ]
        (folder / f"{number}.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf8")
    return folder


def pipeline(corpus: Path) -> Pipeline:
    read = Read(paths={"deu": f"{corpus}/*.jsonl"}, kind="document", source="ours", license="CC0-1.0")
    release = ReleaseSpec(title="Light", tables={"document": ["deduplicate"]})
    made = Pipeline("light", release=release).then(read).then(Normalise()).then(Identify()).then(Quality())
    return made.then(Deduplicate(match="fuzzy"))


def released(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("release/data/**/*.parquet"))}


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where a run would have to start Ray, and must not."""

    def start(self: Cluster) -> None:
        raise AssertionError("Ray is started")

    monkeypatch.setattr(Cluster, "private", True)
    monkeypatch.setattr(Cluster, "start", start)


@pytest.mark.usefixtures("alone")
def test_a_small_corpus_is_cleaned_without_ray(corpus: Path, tmp_path: Path) -> None:
    result = run(pipeline(corpus), tmp_path / "runs")

    assert result.failures == 0
    kept = result.tables["deduplicate"].frame()
    assert kept["source"].unique().to_list() == ["ours"]
    assert 0 < kept.height <= 120


@pytest.mark.ray
@pytest.mark.usefixtures("ray_cluster")
def test_the_release_is_the_one_that_workers_make(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cluster, "private", False)
    there = run(pipeline(corpus), tmp_path / "there").folder
    monkeypatch.setattr(Cluster, "private", True)
    here = run(pipeline(corpus), tmp_path / "here").folder

    assert released(here)
    assert released(here) == released(there)


@pytest.mark.usefixtures("alone")
def test_a_mistake_of_the_user_is_told_as_one(corpus: Path, tmp_path: Path) -> None:
    (corpus / "3.jsonl").write_text(json.dumps({"wort": "kein Text"}), "utf8")

    with pytest.raises(UserError, match=r"3\.jsonl"):
        run(pipeline(corpus), tmp_path / "runs")


@pytest.mark.usefixtures("alone")
def test_what_is_there_is_not_done_again(corpus: Path, tmp_path: Path) -> None:
    run(pipeline(corpus), tmp_path / "runs")
    (corpus / "3.jsonl").write_text(json.dumps({"text": " ".join(SENTENCES[:3])}), "utf8")

    again = run(pipeline(corpus), tmp_path / "runs")

    assert again.ran == ["read", "normalise", "identify", "quality", "deduplicate"]
    folders = [f for f in (again.folder / "steps").glob("quality-*") if "scores" not in f.name]
    assert [len(list(folder.glob("part-*.parquet"))) for folder in folders] == [4]
    assert run(pipeline(corpus), tmp_path / "runs").ran == []


@pytest.mark.usefixtures("alone")
def test_lines_of_a_file_are_split_and_stay_on_their_side(tmp_path: Path) -> None:
    file = tmp_path / "de.txt"
    read = Read(paths={"de": str(file)}, source="ours")
    made = Pipeline("lines", release=ReleaseSpec(tables={"text": ["read"]}, splits={"test": 20})).then(read)

    def sides(lines: int, limit: int | None = None) -> dict[str, set[str]]:
        file.write_text("".join(f"Das ist der Satz Nummer {n}.\n" for n in range(lines)), "utf8")
        result = run(made, tmp_path / "runs", limit=limit)
        paths = (result.folder / "release" / "data" / "text").glob("*.parquet")
        return {p.name.partition("-")[0]: set(pl.read_parquet(p)["text"]) for p in paths}

    assert len(sides(200, limit=60)["test"]) == 20
    assert not (tmp_path / "runs" / "lines" / "splits.json").exists()
    few = sides(200)
    assert len(few["test"]) == 20
    shutil.rmtree(tmp_path / "runs" / "lines" / "release")
    many = sides(2000)
    assert all(few[name] <= many[name] for name in ("train", "test"))
    assert 100 < len(many["test"]) < 300


@pytest.mark.parametrize(("cores", "most"), [(1, float("inf")), (2, float("inf")), (4, 80_000), (16, 40_000)])
def test_few_cores_do_any_amount_of_light_work_themselves(
    cores: int, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "cores", lambda: cores)

    assert threads.most_here(40_000) == most
    assert threads.most_here(0) == 0, "nothing is known of the step"
