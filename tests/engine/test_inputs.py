"""Files that come, go and change: only what is new is computed, and the release is that of a fresh run."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import polars as pl
import pytest

from xlcorpus import Pipeline, ReleaseSpec
from xlcorpus.engine import RunResult, run
from xlcorpus.engine.progress import Progress
from xlcorpus.errors import UserError
from xlcorpus.step import CorpusStep, Env, Port, RowStep, Table, Unit
from xlcorpus.steps import Deduplicate, Embed, Normalise, Quality, Read

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("ray_cluster")]


class Counted(Progress):
    """Counts the rows that each step took in this run."""

    def __init__(self) -> None:
        super().__init__("silent")
        self.rows: Counter[str] = Counter()

    def advance(self, name: str, rows_in: int, kept: int, rejected: int, failed: int) -> None:
        self.rows[name] += rows_in


def write(name: str, first: int, count: int) -> None:
    lines = (f"Am Tag {i} ging der Wanderer {i} Schritte weiter nach Süden\n" for i in range(first, first + count))
    Path(name).write_text("".join(lines), "utf8")


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two files with 100 and 200 lines."""
    monkeypatch.chdir(tmp_path)
    write("b.txt", 0, 100)
    write("d.txt", 1000, 200)
    return tmp_path


def demo(paths: str | list[str] = "*.txt") -> Pipeline:
    return (
        Pipeline("demo")
        .then(Read(paths={"de": paths}))
        .then(Normalise())
        .then(Quality())
        .then(Deduplicate())
        .releasing(ReleaseSpec(tables={"text": "deduplicate"}))
    )


def computed(pipeline: Pipeline) -> tuple[RunResult, dict[str, int]]:
    """The result of a run, and how many rows each step took in it."""
    counted = Counted()
    return run(pipeline, "runs", progress=counted), dict(counted.rows)


def shown(folder: Path) -> dict[str, bytes]:
    """What a run shows: its release and its rejects."""
    files = (p for part in ("release", "rejects") for p in sorted((folder / part).rglob("*")) if p.is_file())
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


def same_as_fresh(pipeline: Pipeline, result: RunResult) -> bool:
    fresh = run(pipeline, "fresh")
    return (shown(fresh.folder), fresh.ledger) == (shown(result.folder), result.ledger)


@pytest.mark.parametrize("name", ["a.txt", "c.txt", "e.txt"])
def test_one_more_file_is_the_only_one_read(corpus: Path, name: str) -> None:
    _, first = computed(demo())
    write(name, 5000, 30)
    result, second = computed(demo())
    assert first == {"read": 300, "normalise": 300, "quality": 300, "deduplicate": 300}
    assert second == {"read": 30, "normalise": 30, "quality": 30, "deduplicate": 330}
    assert result.ran == ["read", "normalise", "quality", "deduplicate"]
    assert same_as_fresh(demo(), result)


def test_one_more_file_in_a_list(corpus: Path) -> None:
    computed(demo(["d.txt"]))
    result, second = computed(demo(["b.txt", "d.txt"]))
    assert second == {"read": 100, "normalise": 100, "quality": 100, "deduplicate": 300}
    assert same_as_fresh(demo(["b.txt", "d.txt"]), result)


def test_a_file_less(corpus: Path) -> None:
    computed(demo())
    Path("b.txt").unlink()
    result, second = computed(demo())
    assert second == {"deduplicate": 200}
    assert same_as_fresh(demo(), result)


def test_a_file_that_comes_back(corpus: Path) -> None:
    computed(demo())
    Path("b.txt").rename("b.away")
    computed(demo())
    Path("b.away").rename("b.txt")
    result, third = computed(demo())
    assert third == {}
    assert same_as_fresh(demo(), result)


def test_a_changed_file(corpus: Path) -> None:
    computed(demo())
    write("b.txt", 7000, 50)
    result, second = computed(demo())
    assert second == {"read": 50, "normalise": 50, "quality": 50, "deduplicate": 250}
    assert same_as_fresh(demo(), result)


def test_a_longer_file_is_read_again_but_its_first_shards_are_not_computed_again(corpus: Path) -> None:
    write("d.txt", 1000, 10_000)
    computed(demo())
    write("d.txt", 1000, 10_010)
    result, second = computed(demo())
    assert second == {"read": 10_010, "normalise": 10, "quality": 10, "deduplicate": 10_110}
    assert same_as_fresh(demo(), result)


def test_another_order_of_the_files(corpus: Path) -> None:
    computed(demo(["b.txt", "d.txt"]))
    result, second = computed(demo(["d.txt", "b.txt"]))
    assert second == {"deduplicate": 300}
    assert result.tables["read"].frame()["text"][0].startswith("Am Tag 1000")
    assert same_as_fresh(demo(["d.txt", "b.txt"]), result)


def test_a_file_of_which_nothing_is_released_still_counts_on_the_card(corpus: Path) -> None:
    computed(demo())
    Path("e.txt").write_text("1\n2\n", "utf8")
    result, second = computed(demo())
    assert second == {"read": 2, "normalise": 2, "quality": 2}
    assert same_as_fresh(demo(), result)


def test_a_file_given_twice_is_read_once_and_stands_twice(corpus: Path) -> None:
    result, rows = computed(demo(["b.txt", "b.txt"]))
    assert rows == {"read": 100, "normalise": 100, "quality": 100, "deduplicate": 200}
    assert result.tables["quality"].frame().height == 200
    assert result.tables["deduplicate"].frame().height == 100


def test_what_a_corpus_step_gives_again_is_not_computed_again_behind_it(corpus: Path) -> None:
    behind = demo().then(Embed())
    computed(behind)
    Path("e.txt").write_text(Path("b.txt").read_text("utf8"), "utf8")  # all duplicates
    _, second = computed(behind)
    assert second == {"read": 100, "normalise": 100, "quality": 100, "deduplicate": 400}


def test_a_file_of_the_same_size_and_time_is_another_file(corpus: Path) -> None:
    computed(demo())
    before = Path("b.txt").stat()
    text = Path("b.txt").read_text("utf8")
    Path("b.txt").write_text(text.replace("Wanderer", "Schnider"), "utf8")
    os.utime("b.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert Path("b.txt").stat().st_size == before.st_size
    result, second = computed(demo())
    assert second["read"] == 100
    assert "Schnider" in result.tables["deduplicate"].frame()["text"][0]


def test_a_file_that_cannot_be_read_is_said_so(corpus: Path) -> None:
    class Gone(Read):
        def units(self) -> list[Unit]:
            return [Unit(Path("gone.txt"), "gone.txt", "deu_Latn")]

    with pytest.raises(UserError, match=r"cannot read gone\.txt: No such file"):
        run(Pipeline("demo").then(Gone(paths=["gone.txt"])), "runs")


def test_a_changed_seed_computes_only_what_draws(corpus: Path) -> None:
    class Draw(RowStep):
        def ports(self) -> dict[str, Port]:
            return {"rows": Port(("sentence",))}

        def apply(self, rows: pl.DataFrame, env: Env) -> pl.DataFrame:
            return rows.with_columns(draw_seed=pl.lit(float(env.seed)))

    def seeded(seed: int) -> Pipeline:
        one = Pipeline("demo", seed=seed).then(Read(paths={"de": "*.txt"})).then(Normalise())
        return one.then(Draw())

    run(seeded(1), "runs")
    result = run(seeded(2), "runs")
    assert result.ran == ["draw"]
    assert result.tables["draw"].frame()["draw_seed"].unique().to_list() == [2.0]


class Keeps(CorpusStep):
    """Keeps a file of its own beside its output, as a step does that trains."""

    produces: ClassVar[str] = "sentence"

    def ports(self) -> dict[str, Port]:
        return {"rows": Port(("sentence",))}

    def run(self, inputs: dict[str, Table], env: Env) -> Iterator[pl.DataFrame]:  # type: ignore[override]
        assert env.keep is not None
        env.keep.mkdir(parents=True)
        (env.keep / "rows").write_text(str(inputs["rows"].frame().height))
        yield inputs["rows"].frame()


def test_what_a_step_keeps_lies_apart_for_each_input(corpus: Path) -> None:
    pipeline = Pipeline("demo").then(Read(paths={"de": "*.txt"})).then(Keeps())
    run(pipeline, "runs")
    Path("b.txt").unlink()
    run(pipeline, "runs")
    kept = Path("runs/demo/steps").glob("keeps-*/kept/*/rows")
    assert sorted(p.read_text() for p in kept) == ["200", "300"]


_opened: list[str] | None = None


def _spy(event: str, arguments: tuple[object, ...]) -> None:
    if _opened is not None and event in ("open", "glob.glob"):
        _opened.append(f"{event} {arguments[0]}")


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """The files that this process opens and the patterns that it looks up, as Python reports them."""
    global _opened
    if not getattr(sys, "_xlcorpus_spy", False):
        sys.addaudithook(_spy)  # for good: a hook cannot be taken away
        sys._xlcorpus_spy = True  # type: ignore[attr-defined]
    _opened = []
    yield _opened
    _opened = None


def test_files_are_looked_up_and_models_hashed_once_a_run(corpus: Path, opened: list[str]) -> None:
    encoder = corpus / "encoder"
    train_encoder(encoder)
    weights = next(p for p in encoder.rglob("*.safetensors"))
    pipeline = Pipeline("demo").then(Read(paths={"de": "*.txt"})).then(Embed(encoder=str(encoder)))
    pipeline = pipeline.then(Embed(encoder=str(encoder)), name="again").releasing(ReleaseSpec(tables={"text": "read"}))
    for expected in (["read", "embed", "again"], []):
        opened.clear()
        assert run(pipeline, "runs").ran == expected
        assert opened.count("glob.glob *.txt") == 1
        assert opened.count(f"open {weights}") == 1
        assert (opened.count("open b.txt"), opened.count("open d.txt")) == (1, 1)

    (encoder / "vocabulary.txt").write_text("one more file")  # the next run in the same process looks again
    assert run(pipeline, "runs").ran == ["embed", "again"]


def train_encoder(folder: Path) -> None:
    """A small static model of sentence-transformers."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "Tag": 1, "ging": 2, "der": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    torch.manual_seed(0)
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=8)]).save(str(folder))
