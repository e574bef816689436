"""Which rows of files are versions of one item."""

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.steps import Read
from xlcorpus.yaml_file import from_yaml, to_yaml

Conform = Callable[..., tuple[pl.DataFrame, list[tuple[str, str]]]]

DATA = Path(os.environ.get("XLCORPUS_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))


def test_without_the_option_each_row_is_an_item_of_its_own(conform: Conform) -> None:
    rows, _ = conform([{"text": "Eins.", "group_id": "control group"}, {"text": "Zwei."}])
    assert rows["group_id"].to_list() == [None, None]


def test_a_column_names_the_item(conform: Conform) -> None:
    given = [{"text": "a", "page": 7}, {"text": "b", "page": "tar"}, {"text": "c", "page": " "}, {"text": "d"}]
    rows, _ = conform(given, group_id="page")
    assert rows["group_id"].to_list() == ["7", "tar", None, None]


def test_a_path_names_the_item(conform: Conform) -> None:
    rows, _ = conform(
        [{"id": 3, "text": ["a", "b"], "meta": {"page": 7}}], columns={"text": "text[*]"}, group_id="meta.page"
    )
    assert rows.select("text", "source_id", "group_id").rows() == [("a", "3", "7"), ("b", "3", "7")]


def test_the_same_line_of_several_files_is_one_item(tmp_path: Path) -> None:
    for lang, lines in (("de", ["Eins.", "", "Drei."]), ("en", ["One.", "Two.", "Three."])):
        (tmp_path / f"{lang}.txt").write_text("\n".join(lines), "utf8")
    rows = Read(paths={lang: f"{tmp_path}/{lang}.txt" for lang in ("de", "en")}, group_id={"line": "count"})()
    assert rows.select("text", "group_id").rows() == [
        ("Eins.", "count:1"), ("Drei.", "count:3"), ("One.", "count:1"), ("Two.", "count:2"), ("Three.", "count:3"),
    ]  # fmt: skip


def test_ids_do_not_depend_on_the_item(conform: Conform) -> None:
    given = [{"text": "a", "page": "7"}, {"text": "b", "page": "8"}]
    ids = [conform(given, group_id=of)[0]["id"].to_list() for of in (None, "page", {"line": "x"})]
    assert ids[0] == ids[1] == ids[2]


def test_rows_of_a_frame_have_items(tmp_path: Path) -> None:
    frame = pl.DataFrame({"text": ["a", "b"], "page": [7, 8]})
    assert Read.from_frame(frame, lang="de", group_id="page")()["group_id"].to_list() == ["7", "8"]
    assert Read.from_frame(frame, lang="de", group_id={"line": "x"})()["group_id"].to_list() == ["x:1", "x:2"]


def test_rows_of_ours_that_are_read_again_stay_with_their_item(conform: Conform) -> None:
    first, _ = conform([{"text": "Eins."}])
    version = first.with_columns(text=pl.lit("One."), group_id="id", parents=pl.concat_list("id"), id=pl.lit("v"))
    again, _ = conform(pl.concat([first, version]), paths="b.parquet")
    assert again["group_id"].to_list() == [first["id"].item()] * 2


def test_the_option_stands_in_a_pipeline_file() -> None:
    text = "name: demo\nsteps:\n  read:\n    paths:\n      de: x.tsv\n    group_id:\n      line: mgsm\n"
    assert to_yaml(from_yaml(text)) == text
    with pytest.raises(UserError, match="line"):
        from_yaml(text.replace("line: mgsm", "line: ' '"))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"columns": {"group_id": "page"}}, "columns: write group_id: page beside it"),
        ({"group_id": "pgae"}, r"has no column 'pgae'; did you mean 'page'\?"),
    ],
)
def test_an_item_that_cannot_be(tmp_path: Path, options: dict[str, object], why: str) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a", "page": 7}\n')
    step = Read(paths={"de": str(tmp_path / "a.jsonl")}, **options)
    with pytest.raises(UserError, match=why):
        step.preflight()
        step()


@pytest.mark.skipif(not (DATA / "seed_tasks.jsonl").exists(), reason=f"no seed_tasks.jsonl in {DATA}")
def test_answers_that_stand_in_lists_of_a_real_file() -> None:
    columns = {"prompt": "instruction", "input": "instances[*].input", "response": "instances[*].output"}
    rows = Read(paths={"en": str(DATA / "seed_tasks.jsonl")}, kind="instruction", columns=columns, group_id="id")()
    assert rows.height >= rows["group_id"].n_unique() == 175


@pytest.mark.skipif(not (DATA / "tldr").is_dir(), reason=f"no tldr in {DATA}")
def test_pages_of_a_real_corpus_are_one_item_in_all_languages() -> None:
    paths = {lang: f"{DATA}/tldr/{lang}.jsonl.gz" for lang in ("en", "de", "hi")}
    rows = Read(paths=paths, kind="document", group_id="id")()
    groups = rows.group_by("group_id").agg(pl.col("lang").sort())
    assert (groups["lang"].list.n_unique() == groups["lang"].list.len()).all()
    assert groups.filter(pl.col("lang").list.len() == 3).height > 100
