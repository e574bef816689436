"""Exam items translated and checked: what fails in one language goes in all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.engine import run
from xlcorpus.engine.result import RunResult
from xlcorpus.recipe import Recipe
from xlcorpus.steps import Reshape

from ..models.chat.server import serving
from ..models.chat.smollm2 import needs_smollm2, smollm2

MGSM = Path(__file__).parents[3] / "shared" / "data" / "mgsm" / "mgsm_en.tsv"


def assists(body: dict[str, Any], number: int) -> str:
    """Three numbers near the right one; one item whose translation is found wrong."""
    said = body["messages"][-1]["content"]
    if "Right answer:" in said:
        right = int(said.split("Right answer: ")[1].split("\n")[0].replace(",", ""))
        return json.dumps({"first": str(right + 1), "second": str(right + 10), "third": str(right * 2)})
    return "no" if "A baker fills" in said and "school" in said else "yes"


def run_with(folder: Path, writer: Any = None, **params: Any) -> RunResult:
    with serving(assists) as server:
        recipe = Recipe.load("mmlu_prox").with_params(into=["por_Latn"], **params)
        played = {"writer": writer or server.player(), "verifier": server.player(), "translator": "bergamot-en-pt"}
        return run(recipe.with_models(**played).pipeline(), folder)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return run_with(tmp_path_factory.mktemp("mmlu_prox"))


def test_items_are_translated_and_their_answers_stay_where_they_are(result: RunResult) -> None:
    items = result.tables["parallel"].frame()
    english = {row["group_id"]: row for row in result.tables["english"].frame().to_dicts()}
    assert items.height >= 3
    for item in items.to_dicts():
        source = english[item["group_id"]]
        assert item["lang"] == item["question_lang"] == "por_Latn"
        assert item["question"] != source["question"]
        assert item["choices"].index(item["answer"]) == source["choices"].index(source["answer"])


def test_an_item_that_the_verifier_finds_wrong_is_left_out(result: RunResult) -> None:
    rejected = pl.read_parquet(result.folder / "rejects" / "passed" / "*.parquet")
    assert rejected.height == 1
    sources = result.tables["parallel"].frame()["source_question"]
    assert not any("baker" in text for text in sources)


def test_the_release_holds_what_the_paper_says(result: RunResult) -> None:
    assert result.release is not None
    assert [held.what for held in result.release.held if not held.ok] == []


def test_an_item_that_fails_in_one_language_goes_in_all() -> None:
    """The query that keeps items parallel, on what two languages passed."""
    recipe = Recipe.load("mmlu_prox").with_models(
        writer="http://127.0.0.1:9/v1#m", verifier="http://127.0.0.1:9/v1#m", translator="bergamot-en-pt"
    )
    (node,) = [node for node in recipe.pipeline().nodes if node.name == "parallel"]
    rows = pl.DataFrame(
        {
            "question": ["a", "b", "c"], "choices": [["1", "2"]] * 3, "answer": "1",
            "lang": ["deu_Latn", "spa_Latn", "deu_Latn"], "group_id": ["x", "x", "y"], "translate_numbers_kept": 1.0,
            "source_question": "q",
        }
    ).with_columns(question_lang="lang")  # fmt: skip
    assert isinstance(node.step, Reshape)
    assert sorted(node.step(records.finish(rows, "item"), kind="item")["question"]) == ["a", "b"]


@pytest.mark.skipif(not MGSM.is_file(), reason="the data for tests is not there")
def test_it_makes_items_of_mgsm(tmp_path: Path) -> None:
    lines = MGSM.read_text("utf8").splitlines()[:20]
    rows = [dict(zip(("question", "answer"), line.split("\t"), strict=True)) for line in lines]
    (tmp_path / "mgsm.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = run_with(tmp_path / "runs", questions=str(tmp_path / "mgsm.jsonl"))
    items = found.tables["parallel"].frame()
    assert items.height >= 12
    assert set(items["answer"]) <= {row["answer"] for row in rows} | {row["answer"].replace(",", ".") for row in rows}


@needs_smollm2
def test_a_small_model_writes_the_wrong_answers(tmp_path: Path) -> None:
    with smollm2() as address:
        writer = {"base_url": address, "model": "smollm2", "max_tokens": 200, "max_retries": 1}
        found = run_with(tmp_path, writer=writer)
    english = found.tables["english"].frame()
    assert english.height >= 1
    assert english["choices"].list.n_unique().eq(4).all()
