"""Rows in memory are read as those of a file are."""

from typing import Any

import datasets
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from xlcorpus import Pipeline, run_frames, steps, to_yaml
from xlcorpus.errors import UserError
from xlcorpus.steps import Read

TEXTS = {"text": ["Habari ya asubuhi.", "ལྷ་ས་ཆུང་ཆུང་", "Ilé náà tóbi."]}
FORMS = [
    pl.DataFrame(TEXTS),
    pl.LazyFrame(TEXTS),
    pd.DataFrame(TEXTS),
    pa.table(TEXTS),
    datasets.Dataset.from_dict(TEXTS),
    [{"text": text} for text in TEXTS["text"]],
]


@pytest.mark.parametrize("rows", FORMS, ids=lambda rows: f"{type(rows).__module__.split('.')[0]}-{type(rows).__name__}")
def test_every_sort_of_table_gives_the_same_rows(rows: Any) -> None:
    made = Read.from_frame(rows, lang="sw", license="CC0-1.0")()
    assert made["text"].to_list() == TEXTS["text"]
    assert made["lang"].unique().to_list() == ["swh_Latn"]
    assert made["id"].to_list() == Read.from_frame(FORMS[0], lang="sw")()["id"].to_list()
    assert made["source"].unique().to_list() == ["rows given in Python"]


def test_dictionaries_of_mixed_types_are_judged_one_by_one() -> None:
    outcome = Read.from_frame([{"text": "Sawubona."}, {"text": 5}, {"other": "x"}], lang="zu").outcome()
    assert outcome.kept["text"].to_list() == ["Sawubona."]
    assert outcome.rejected["rule"].to_list() == ["wrong_type", "missing_field"]


def test_a_dataset_of_conversations_with_pictures_and_labels() -> None:
    turns = [{"role": "user", "content": "Mmo?"}, {"role": "assistant", "content": "Aane."}]
    features = datasets.Features(
        {
            "chat": [{"role": datasets.Value("string"), "content": datasets.Value("string")}],
            "topic": datasets.ClassLabel(names=["food", "travel"]),
            "photo": datasets.Image(),
        }
    )
    photo = [{"bytes": b"\x89PNG", "path": None}]
    table = pa.Table.from_pydict({"chat": [turns], "topic": [1], "photo": photo}, schema=features.arrow_schema)
    rows = datasets.Dataset(table, info=datasets.DatasetInfo(features=features))
    step = Read.from_frame(rows, kind="instruction", lang="ak", columns={"messages": "chat"}, keep=["topic"])
    made = step()
    assert made["messages"][0].to_list()[1]["content"] == "Aane."
    assert made["topic"].to_list() == ["travel"]
    with pytest.raises(UserError, match="the column 'photo' holds images, no text"):
        Read.from_frame(rows, lang="ak", columns={"text": "photo"})


def test_a_shuffled_selection_of_a_dataset_is_read_as_it_is() -> None:
    rows = datasets.Dataset.from_dict(TEXTS).select([2, 0])
    assert Read.from_frame(rows, lang="sw")()["text"].to_list() == [TEXTS["text"][2], TEXTS["text"][0]]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (pd.DataFrame([["a", "b"]], columns=["text", "text"]), "several columns named 'text'"),
        (pa.table([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]), "several columns named 'text'"),
        (datasets.DatasetDict(train=FORMS[4], test=FORMS[4]), r"splits train, test; choose one: rows\['train'\]"),
        (FORMS[4].to_iterable_dataset(), "rows are a stream"),
        ([{"text": "a"}, {"text": b"b"}], "row 1 holds what JSON does not know"),
        (["a"], "row 0 is a str, not a dictionary"),
        ("a.txt", "rows are a str; give a polars or pandas DataFrame"),
        (pd.DataFrame({"text": ["a", 5]}), "mixes types"),
    ],
)
def test_what_is_no_table_of_texts(rows: Any, why: str) -> None:
    with pytest.raises(UserError, match=why):
        Read.from_frame(rows, lang="de")


def test_missing_columns_and_languages_are_named() -> None:
    with pytest.raises(UserError, match="frame has no column 'txt'; did you mean 'text'"):
        Read.from_frame(FORMS[0], lang="de", columns={"text": "txt"})()
    with pytest.raises(UserError, match=r"the language of the rows is not given; .* lang='de'"):
        Read.from_frame(FORMS[0])()


def test_a_pipeline_of_rows_in_memory_has_no_yaml() -> None:
    pipeline = Pipeline("memory").then(Read.from_frame(FORMS[0], lang="sw")).then(steps.Normalise())
    assert run_frames(pipeline)["normalise"].height == 3
    with pytest.raises(UserError, match="step 'read' cannot be written as YAML: its 3 rows were given in Python"):
        to_yaml(pipeline)


def test_the_options_that_tell_checkpoints_apart_do_not_name_the_file() -> None:
    one, other = (Read.from_frame(FORMS[0], lang="sw").model_dump(mode="json") for _ in range(2))
    assert one == other
