"""Instructions in English and Spanish, by Apertium, and parallel text as instructions to translate out of English."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.engine import run
from xlcorpus.engine.result import RunResult
from xlcorpus.recipe import Recipe

pytestmark = pytest.mark.skipif(
    shutil.which("apertium") is None, reason="needs apertium and apertium-eng-spa (Debian packages)"
)
DATA = Path(os.environ.get("XLCORPUS_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
TATOEBA = DATA / "tatoeba" / "spa-eng.tsv"
PAIRS = [
    ("spa_Latn", "eng_Latn", "La puerta está abierta.", "The door is open."),
    ("eng_Latn", "spa_Latn", "We eat at two.", "Comemos a las dos."),
    ("spa_Latn", "eng_Latn", "Mañana llueve.", "It will rain tomorrow."),
    ("eng_Latn", "spa_Latn", "I lost my umbrella.", "He perdido mi paraguas."),
    ("spa_Latn", "eng_Latn", "El tren llega tarde.", "The train is late."),
    ("spa_Latn", "deu_Latn", "Hace frío.", "Es ist kalt."),
    ("eng_Latn", "fra_Latn", "It is cold.", "Il fait froid."),
]
REQUESTS = ["From {source} into {target}:", "What is this in {target}?"]


def recipe(folder: Path) -> Recipe:
    table = folder / "pairs.tsv"
    table.write_text("\n".join("\t".join(row) for row in [("src_lang", "tgt_lang", "src_text", "tgt_text"), *PAIRS]))
    given = {"into": ["spa_Latn"], "bitext": str(table), "requests": REQUESTS}
    return Recipe.load("x_llama").with_params(**given).with_models(translator="apertium")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder: Path = tmp_path_factory.mktemp("x_llama")
    return run(recipe(folder).pipeline(), folder / "runs")


def turns(result: RunResult, step: str) -> list[tuple[str, str]]:
    rows = result.tables[step].frame()["messages"].to_list()
    return [(row[0]["content"], row[-1]["content"]) for row in rows]


def test_parallel_text_is_translated_out_of_english_whichever_side_it_stood_on(result: RunResult) -> None:
    asked = [(*question.split("\n\n"), answer) for question, answer in turns(result, "translations")]
    english = {(src, tgt) if lang == "eng_Latn" else (tgt, src) for lang, _, src, tgt in PAIRS[:5]}
    assert {(text, answer) for _, text, answer in asked} == english


def test_requests_name_the_languages_and_take_turns(result: RunResult) -> None:
    requests = [question.split("\n\n")[0] for question, _ in turns(result, "translations")]
    assert sorted(requests.count(text) for text in ("From English into Spanish:", "What is this in Spanish?")) == [2, 3]


def test_the_release_holds_english_instructions_their_translations_and_the_parallel_text(result: RunResult) -> None:
    released = pl.read_parquet(result.folder / "release/data/instruction/*.parquet")
    english, spanish = (released.filter(pl.col("lang") == lang) for lang in ("eng_Latn", "spa_Latn"))
    assert set(english["id"]) == set(result.tables["read"].frame()["id"])
    assert spanish["request"].is_null().sum() == result.tables["translate"].frame().height > 20
    assert set(spanish.filter(pl.col("request").is_null())["group_id"]) <= set(english["id"])
    assert result.release is not None
    assert [held.ok for held in result.release.held] == [True] * 4


def test_no_more_parallel_text_is_taken_than_was_asked_for(tmp_path: Path) -> None:
    result = run(recipe(tmp_path).with_params(translations=2).pipeline(), tmp_path / "runs")
    assert result.tables["translations"].frame().height == 2


@pytest.mark.skipif(not TATOEBA.is_file(), reason="needs the real text in shared/data")
def test_real_parallel_text_is_asked_for_in_thirty_ways(tmp_path: Path) -> None:
    real = Recipe.load("x_llama").with_params(into=["spa_Latn"], bitext={"spa-eng": str(TATOEBA)})
    options = {"read_bitext.header": False, "read_bitext.columns": {"src_text": "1", "tgt_text": "2"}}
    result = run(real.with_models(translator="apertium").with_options(options).pipeline(), tmp_path)
    made = result.tables["translations"].frame()
    assert made["request"].n_unique() == 30
    counts = made["request"].value_counts()["count"].to_list()
    assert max(counts) - min(counts) <= 1
    assert set(made["response_lang"]) == {"spa_Latn"}
    assert made.height > 900


def test_parallel_text_as_it_came_is_found(tmp_path: Path) -> None:
    wrong = recipe(tmp_path).with_options({"asked.tables": {"p": "read_bitext"}})
    result = run(wrong.pipeline(), tmp_path / "runs")
    assert result.release is not None
    held = {held.what: held.ok for held in result.release.held}
    assert not held["translations go out of English"]
