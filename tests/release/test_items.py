"""A release of items: card, files, splits."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from datasets import load_dataset

from xlcorpus import records
from xlcorpus.release.content_rules import broken_rule
from xlcorpus.release.validate import validate_release

OWN = {name: dtype for name, dtype in records.polars_schema("item").items() if name in records.kind("item").own.names}


def items(rows: int, **columns: Any) -> pl.DataFrame:
    """Items that differ by a number."""
    tags = {"lang": "swh_Latn", "question_lang": "swh_Latn"}
    made = [
        {**dict.fromkeys(OWN), **tags, "question": f"{n} + 1 ni ngapi?", "answer": str(n + 1), **columns}
        for n in range(rows)
    ]
    return pl.DataFrame(made, schema=OWN)


TURN = {"tool_calls": None, "reasoning": None}


def test_a_release_of_items_is_valid_and_loads(
    make_table: Callable[..., Any], build: Callable[..., Any], tmp_path: Any
) -> None:
    chosen = items(3, choices=["moja", "mbili"], context="Hesabu.", context_lang="swh_Latn", answer_start=0)
    asked = items(2, prompt=[{"role": "user", "content": "Ngapi?", **TURN}])
    folder = build({"items": make_table(items(4), chosen, asked, kind="item")}).folder
    assert validate_release(folder) == []
    card = (folder / "README.md").read_text()
    assert "- question-answering" in card
    assert "0 + 1 ni ngapi?" in card
    assert "| `context` | Swahili | 3 | 7 |" in card
    assert "moja<br>mbili" in card
    loaded = load_dataset(str(folder), "items", split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded.num_rows == 9
    assert loaded[0]["prompt"] is None


def test_a_prompt_of_items_is_checked(make_table: Callable[..., Any], build: Callable[..., Any]) -> None:
    good, silent = ([{"role": "user", "content": text, **TURN}] for text in ("Ngapi?", " "))
    rows = pl.concat([items(1), items(1, prompt=good), items(1, prompt=silent)])
    assert rows.select(broken_rule("item")).to_series().to_list() == [None, None, "empty_turn"]
    folder = build({"items": make_table(items(2, context_lang="xx"), kind="item")}).folder
    (problem,) = validate_release(folder)
    assert (problem.column, problem.message.split(";")[0]) == ("context_lang", "no language 'xx'")


def test_versions_of_an_item_and_equal_questions_are_in_one_split(
    make_table: Callable[..., Any], build: Callable[..., Any]
) -> None:
    rows = items(600).with_columns(
        group_id=pl.concat_str(pl.lit("mgsm:"), pl.int_range(pl.len()) % 300), id=pl.concat_str(pl.lit("i"), "answer")
    )
    # The same question about other texts, or with other choices, is another item.
    passages = items(300, question="Nani?").with_columns(
        context=pl.concat_str(pl.lit("Maandishi "), pl.int_range(pl.len())), id=pl.concat_str(pl.lit("p"), "answer")
    )
    built = build({"items": make_table(rows, passages, kind="item")}, splits={"test": 0.3})
    files = (built.folder / "data" / "items").glob("*.parquet")
    found = pl.concat(pl.read_parquet(f).with_columns(split=pl.lit(f.name.partition("-")[0])) for f in files)
    assert found.height == 900
    assert found.drop_nulls("group_id").group_by("group_id").agg(pl.col("split").n_unique())["split"].max() == 1
    assert set(found.filter(question="Nani?")["split"]) == {"test", "train"}


@pytest.mark.parametrize("column", ["question", "context", "choices"])
def test_what_asks_alike_is_held_out_together(
    column: str, make_table: Callable[..., Any], build: Callable[..., Any]
) -> None:
    same = {"question": "Nani?", "context": "Hadithi.", "choices": ["a", "b"]}
    twice = items(40, **same).with_columns(id=pl.concat_str(pl.lit("x"), "answer"))
    other = {"question": "Nini?", "context": "Nyingine.", "choices": ["a", "c"]}[column]
    apart = twice.with_columns(
        pl.Series(column, [other] * 40, dtype=twice.schema[column]), id=pl.concat_str(pl.lit("y"), "answer")
    )
    built = build({"items": make_table(twice, apart, kind="item")}, splits={"test": 0.5})
    files = (built.folder / "data" / "items").glob("*.parquet")
    found = pl.concat(pl.read_parquet(f).with_columns(split=pl.lit(f.name.partition("-")[0])) for f in files)
    sides = found.group_by(pl.col("id").str.head(1).alias("of")).agg(pl.col("split").unique())
    assert all(len(splits) == 1 for splits in sides["split"])
