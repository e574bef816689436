"""The step around the loop: records in, pairs that know where they come from out."""

import importlib.util
from pathlib import Path

import polars as pl
import pytest

from xlcorpus import Pipeline, ReleaseSpec, records, run
from xlcorpus.errors import UserError
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.steps import Criss, Read
from xlcorpus.steps.mine import criss_tasks as tasks

_spec = importlib.util.spec_from_file_location("toys", Path(__file__).parent.parent / "training" / "conftest.py")
assert _spec is not None and _spec.loader is not None
toys = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(toys)

FAST = {"trainer_options": {"dim": 32, "epochs": 1}, "iterations": 1}
GERMAN, ENGLISH = toys.captions(400)
GOLD = dict(zip(GERMAN, ENGLISH, strict=True))


def sentences(src: list[str], tgt: list[str]) -> pl.DataFrame:
    rows = [("deu_Latn", t) for t in src] + [("eng_Latn", t) for t in tgt]
    frame = pl.DataFrame(rows, schema=["lang", "text"], orient="row").with_columns(
        source=pl.lit("test"), license=pl.lit("CC0-1.0"), document_id=pl.lit("d"), position=pl.int_range(len(rows))
    )
    return records.finish(frame, "sentence")


def looped(
    folder: Path, step: Criss, rows: pl.DataFrame, said: list[tuple[str, bool]] | None = None, **side: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(pairs, rejected rows) of the step; what it says goes into `said`."""
    tables = {}
    for port, frame in {"rows": rows, **side}.items():
        frame.write_parquet(folder / f"{port}.parquet")
        tables[port] = Table({"rows": "sentence", "known": "pair"}.get(port, port), (folder / f"{port}.parquet",))
    rejected = [pl.DataFrame()]
    (folder / "scratch").mkdir(exist_ok=True)
    env = CorpusEnv(kind="sentence", scratch=folder / "scratch", keep=folder / "kept")
    env.say = lambda text, warning: said.append((text, warning)) if said is not None else None
    env.reject = lambda rows, rule, measure: rejected.append(rows.with_columns(rule=pl.lit(rule)))
    frames = [records.finish(f, "pair", "criss") for f in step.run(tables, env)]
    return pl.concat(frames) if frames else pl.DataFrame(), pl.concat(rejected, how="diagonal")


@pytest.fixture(scope="module")
def pairs_and_rejects(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, pl.DataFrame, Path]:
    folder = tmp_path_factory.mktemp("criss")
    pairs, rejected = looped(folder, Criss(**FAST), sentences(GERMAN, ["nothing else", "!!!", *sorted(ENGLISH)]))
    return pairs, rejected, folder


def test_every_row_knows_its_round_model_and_threshold(pairs_and_rejects) -> None:
    pairs, _, _ = pairs_and_rejects
    assert pairs.select((pl.col("score") >= pl.col("criss_threshold")).all()).item()
    assert pairs["criss_iteration"].is_in([0, 1]).all()
    assert pairs["criss_model"].str.contains("^(static-1|seed by)").all()
    assert pairs["criss_cosine"].is_between(0, 1.001).all()
    assert pairs["parents"].to_list() == pairs.select(pl.concat_list("src_id", "tgt_id")).to_series().to_list()


def test_nearly_all_pairs_are_right(pairs_and_rejects) -> None:
    pairs, _, _ = pairs_and_rejects
    assert pairs.height > 300
    assert sum(GOLD[s] == t for s, t in pairs.select("src_text", "tgt_text").iter_rows()) > 0.95 * pairs.height


def test_sentences_without_a_partner_are_rejected(pairs_and_rejects) -> None:
    pairs, rejected, _ = pairs_and_rejects
    assert set(rejected["rule"]) == {"unpaired"}
    assert {"nothing else", "!!!"} <= set(rejected["text"])
    assert not set(rejected["id"]) & {*pairs["src_id"], *pairs["tgt_id"]}


def test_the_encoder_is_kept(pairs_and_rejects) -> None:
    _, _, folder = pairs_and_rejects
    assert load_encoder(str(folder / "kept" / "encoder")).dim == 32


def test_what_a_killed_run_trained_is_not_trained_again(pairs_and_rejects, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, _, folder = pairs_and_rejects
    studied: list[tasks.TrainingTask] = []
    real = tasks.train_model
    monkeypatch.setattr(tasks, "train_model", lambda task: studied.append(task) or real(task))
    rows = pl.read_parquet(folder / "rows.parquet")
    again, _ = looped(folder, Criss(**FAST), rows)
    assert [task.keep for task in studied] == [True]  # only the encoder at the end, which may be half written
    assert again.equals(pairs)


def test_languages_without_a_pair_release_nothing_and_say_why(tmp_path: Path) -> None:
    said: list[tuple[str, bool]] = []
    pairs, rejected = looped(tmp_path, Criss(**FAST), sentences(GERMAN[:200], ENGLISH[200:]), said)
    assert pairs.is_empty()
    assert rejected.height == 400
    assert any(warning and "nothing was found above chance" in text for text, warning in said)
    assert not (tmp_path / "kept").exists()


def test_a_lexicon_in_the_other_direction_is_read_too(tmp_path: Path) -> None:
    lexicon = pl.DataFrame({"src_lang": ["eng_Latn"], "tgt_lang": "deu_Latn", "src_word": "dog", "tgt_word": "hund"})
    lexicon.write_parquet(tmp_path / "lexicon.parquet")
    found = _known_of(tmp_path / "lexicon.parquet")
    assert found.lexicon.rows() == [("hund", "dog")]
    assert found.anything


def _known_of(path: Path):
    from xlcorpus.steps.mine.criss import _known

    pair = ("deu_Latn", "eng_Latn")
    return _known({"lexicon": Table("lexicon", (path,))}, [pair])[pair]


def test_one_language_is_not_enough(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="mining needs two languages, but the corpus holds only deu_Latn"):
        looped(tmp_path, Criss(**FAST), sentences(GERMAN[:5], []))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trainer": "statik"}, "no trainer 'statik'; did you mean 'static'"),
        ({"trainer_options": {"dims": 3}}, "trainer_options of static: dims: Extra inputs"),
        ({"pairs": ["de-de"]}, "names one language twice"),
        ({"start": "/no/such/model"}, "no such folder"),
    ],
)
def test_wrong_options_are_named_before_anything_runs(options: dict, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Criss(**options).preflight()


@pytest.mark.ray
def test_a_pipeline_runs_it_on_the_cluster(ray_cluster: None, tmp_path: Path) -> None:
    for lang, texts in (("de", GERMAN), ("en", sorted(ENGLISH))):
        (tmp_path / f"{lang}.txt").write_text("".join(f"{t}\n" for t in texts), "utf8")
    pipeline = (
        Pipeline("loop")
        .then(Read(paths={lang: str(tmp_path / f"{lang}.txt") for lang in ("de", "en")}))
        .then(Criss(**FAST))
        .releasing(ReleaseSpec(tables={"pair": "criss"}))
    )
    result = run(pipeline, tmp_path / "runs")
    pairs = result.tables["criss"].frame()
    assert sum(GOLD[s] == t for s, t in pairs.select("src_text", "tgt_text").iter_rows()) > 300
    encoder = next((tmp_path / "runs" / "loop" / "steps").glob("criss-*/kept/*/encoder"))
    assert load_encoder(str(encoder)).dim == 32
    assert run(pipeline, tmp_path / "runs").ran == []
