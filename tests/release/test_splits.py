"""Splits of a release: what belongs together stays together, and no row moves when others are added."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from datasets import load_dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus import records
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.release import roots as lineage
from xlcorpus.release.splits import cut, places
from xlcorpus.release.validate import validate_release
from xlcorpus.release_spec import ReleaseSpec

WORDS = ["bahn", "haus", "baum", "fluss", "stern", "berg", "wald", "salz", "licht", "stein"]


def sentences(start: int, rows: int, lang: str = "deu_Latn", **columns: Any) -> pl.DataFrame:
    texts = [" ".join(WORDS[int(d)] for d in f"{n:06d}") for n in range(start, start + rows)]
    frame = pl.DataFrame({"text": texts, "id": [f"{lang[:3]}{n}" for n in range(start, start + rows)]})
    return frame.with_columns(lang=pl.lit(lang), **columns)


def split_of(folder: Path, config: str) -> dict[str, str]:
    """The split of each row of a release, by id."""
    return {
        row: path.name.partition("-")[0]
        for path in (folder / "data" / config).glob("*.parquet")
        for row in pl.read_parquet(path)["id"]
    }


def texts_of(folder: Path) -> dict[str, set[str]]:
    """Everything that is said, by split, over all configs."""
    said: dict[str, set[str]] = {}
    for path in (folder / "data").glob("*/*.parquet"):
        frame = pl.read_parquet(path)
        for column in {"text", "src_text", "tgt_text", "original_text"} & {*frame.columns}:
            said.setdefault(path.name.partition("-")[0], set()).update(frame[column].str.to_lowercase())
    return said


def test_shares_are_kept_in_every_language(make_table: Callable[..., Any], build: Callable[..., Any]) -> None:
    rows = pl.concat([sentences(0, 4000), sentences(10_000, 4000, "hin_Deva")])
    built = build({"text": make_table(rows, kind="sentence")}, splits={"validation": 0.02, "test": 0.05})
    frame = rows.with_columns(split=pl.col("id").replace_strict(split_of(built.folder, "text")))
    shares = frame.group_by("lang").agg(
        test=(pl.col("split") == "test").mean(), validation=(pl.col("split") == "validation").mean()
    )
    assert shares["test"].is_between(0.04, 0.06).all()
    assert shares["validation"].is_between(0.013, 0.027).all()
    assert validate_release(built.folder) == []


def test_no_row_moves_when_rows_are_added(
    make_table: Callable[..., Any], build: Callable[..., Any], tmp_path: Path
) -> None:
    spec = {"splits": {"validation": 0.05, "test": 100}}
    few = split_of(build({"text": make_table(sentences(0, 1000), kind="sentence")}, **spec).folder, "text")
    many = split_of(build({"text": make_table(sentences(0, 5000), kind="sentence")}, **spec).folder, "text")
    assert sum(split == "test" for split in few.values()) == 100
    assert {row: many[row] for row in few} == few
    shutil.rmtree(tmp_path / "release")
    anew = split_of(build({"text": make_table(sentences(0, 5000), kind="sentence")}, **spec).folder, "text")
    assert anew == many
    alone = {"splits": {"validation": 0.05}}
    few = split_of(build({"text": make_table(sentences(0, 1000), kind="sentence")}, "a", **alone).folder, "text")
    many = split_of(build({"text": make_table(sentences(0, 5000), kind="sentence")}, "b", **alone).folder, "text")
    assert {row: many[row] for row in few} == few


def test_a_number_is_measured_anew_for_a_new_language_alone(
    make_table: Callable[..., Any], build: Callable[..., Any]
) -> None:
    german, hindi = sentences(0, 1000), sentences(10_000, 600, "hin_Deva")
    first = split_of(build({"text": make_table(german, kind="sentence")}, splits={"test": 100}).folder, "text")
    second = split_of(build({"text": make_table(hindi, kind="sentence")}, splits={"test": 100}).folder, "text")
    assert sum(split == "test" for split in second.values()) == 100
    third = split_of(build({"text": make_table(german, hindi, kind="sentence")}, splits={"test": 100}).folder, "text")
    assert third == first | second


def test_a_split_added_behind_the_others_moves_no_row_held_out(
    make_table: Callable[..., Any], build: Callable[..., Any]
) -> None:
    table = make_table(sentences(0, 1000), kind="sentence")
    first = split_of(build({"text": table}, splits={"test": 100}).folder, "text")
    more = split_of(build({"text": table}, splits={"test": 100, "dev": 50}).folder, "text")
    assert {row for row, split in first.items() if split == "test"} == {
        r for r, split in more.items() if split == "test"
    }
    assert sum(split == "dev" for split in more.values()) == 50
    other = split_of(build({"text": table}, splits={"test": 200, "dev": 50}).folder, "text")
    assert [sum(split == name for split in other.values()) for name in ("test", "dev")] == [200, 50]


def test_a_run_of_the_first_rows_says_nothing_of_the_shares_of_later_ones(
    make_table: Callable[..., Any], build: Callable[..., Any]
) -> None:
    spec = {"splits": {"test": 40}}
    build({"text": make_table(sentences(0, 100), kind="sentence")}, trial=True, **spec)
    whole = split_of(build({"text": make_table(sentences(0, 1000), kind="sentence")}, **spec).folder, "text")
    assert sum(split == "test" for split in whole.values()) == 40


def test_a_language_that_was_too_small_at_first_stays_whole(
    make_table: Callable[..., Any], build: Callable[..., Any]
) -> None:
    few, many = sentences(5000, 3, "quy_Latn"), sentences(5000, 900, "quy_Latn")
    build({"text": make_table(sentences(0, 1000), few, kind="sentence")}, splits={"test": 100})
    built = build({"text": make_table(sentences(0, 1000), many, kind="sentence")}, splits={"test": 100})
    assert {split for row, split in split_of(built.folder, "text").items() if row.startswith("quy")} == {"train"}
    card = (built.folder / "README.md").read_text()
    assert "`test` holds no row of text quy_Latn (900 rows): they were too few at the first release." in card


def test_shares_that_are_damaged_are_refused(
    make_table: Callable[..., Any], build: Callable[..., Any], tmp_path: Path
) -> None:
    table = make_table(sentences(0, 1000), kind="sentence")
    build({"text": table}, splits={"test": 100})
    kept = tmp_path / "release-splits.json"
    assert json.loads(kept.read_text())["shares"] == {"test": 100}
    for damaged in ("", "[1]", '{"seed": 0}'):
        kept.write_text(damaged)
        with pytest.raises(XlcorpusError, match=r"release-splits\.json is damaged; .* remove it to measure"):
            build({"text": table}, splits={"test": 100})


def parts_in_splits(rows: pl.DataFrame, folder: Path, part: pl.Expr) -> int:
    """The most splits in which the rows of one part are."""
    frame = rows.with_columns(split=pl.col("id").replace_strict(split_of(folder, "text"), default=None), part=part)
    most = frame.drop_nulls("split").group_by("part").agg(pl.col("split").n_unique())["split"].max()
    assert isinstance(most, int)
    return most


def test_documents_stay_whole_and_lines_of_a_file_do_not(
    make_table: Callable[..., Any], build: Callable[..., Any]
) -> None:
    number = pl.int_range(pl.len()) // 20
    rows = sentences(0, 2000, document_id=pl.concat_str(pl.lit("doc"), number), source=pl.lit("wiki"))
    table = {"text": make_table(rows, kind="sentence")}
    assert parts_in_splits(rows, build(table, splits={"test": 0.2}).folder, number) == 1
    alone = build(table, "alone", splits={"test": 0.2}, keep_together=["group_id"])
    assert parts_in_splits(rows, alone.folder, number) == 2
    for file, source in (("doc", "wiki"), ("other", "doc")):
        lines = rows.with_columns(document_id=pl.lit("doc"), source=pl.lit(source))
        table = {"text": make_table(lines, kind="sentence")}
        built = build(table, file, splits={"test": 0.2}, files=(file,))
        assert parts_in_splits(lines, built.folder, pl.lit("all")) == 2


def test_rows_stay_together_by_a_column_of_their_own(make_table: Callable[..., Any], build: Callable[..., Any]) -> None:
    number = pl.int_range(pl.len()) // 20
    rows = sentences(0, 2000, site=pl.concat_str(pl.lit("site"), number), likes=number)
    table = {"text": make_table(rows, kind="sentence")}
    built = build(table, splits={"test": 0.2}, keep_together=["site"])
    assert parts_in_splits(rows, built.folder, number) == 1
    for column, why in (
        ("sight", "no table has a column 'sight'; did you mean 'site'"),
        ("likes", "a column of Int64"),
    ):
        with pytest.raises(UserError, match=f"release.keep_together: .*{why}"):
            build(table, splits={"test": 0.2}, keep_together=[column])


def test_a_version_has_the_place_of_its_item(make_table: Callable[..., Any], build: Callable[..., Any]) -> None:
    native = records.finish(sentences(0, 2000).drop("id"), "sentence")
    versions = native.select(
        pl.concat_str("text", pl.lit(" x")).alias("text"), "lang", parents=pl.concat_list("id"), group_id="id"
    )
    versions = records.finish(versions, "sentence")
    # In a release of its own the row it was made of is not known.
    both = build({"text": make_table(native, versions, kind="sentence")}, splits={"test": 0.2}).folder
    alone = build({"text": make_table(versions, kind="sentence")}, "alone", splits={"test": 0.2}).folder
    whole = split_of(both, "text")
    assert {whole[row] for row in native["id"]} == {"test", "train"}
    assert [whole[row] for row in native["id"]] == [whole[row] for row in versions["id"]]
    assert split_of(alone, "text") == {row: whole[row] for row in versions["id"]}


def test_what_belongs_together_is_never_in_two_splits(
    make_table: Callable[..., Any], build: Callable[..., Any]
) -> None:
    source, target = sentences(0, 2000), sentences(100_000, 2000, "eng_Latn")
    pairs = pl.DataFrame(
        {
            "src_text": source["text"],
            "tgt_text": target["text"],
            "src_id": source["id"],
            "tgt_id": target["id"],
            "parents": [[a, b] for a, b in zip(source["id"], target["id"], strict=True)],
            "id": [f"pair{n}" for n in range(2000)],
        }
    ).with_columns(src_lang=pl.lit("deu_Latn"), tgt_lang=pl.lit("eng_Latn"), score=1.0)
    variants = source.select(
        text=pl.concat_str(pl.lit("x"), "text"),
        original_text="text",
        lang="lang",
        langs=pl.concat_list("lang"),
        method=pl.lit("test"),
        spans=pl.lit([], pl.List(pl.Struct({"start": pl.Int64}))),
        parents=pl.concat_list("id"),
        id=pl.concat_str(pl.lit("variant"), "id"),
    )
    grouped = sentences(200_000, 2000, group_id=pl.concat_str(pl.lit("g"), pl.int_range(pl.len()) % 500))
    marked = sentences(300_000, 2000, duplicate_of=pl.lit(None, pl.String))
    marked = marked.with_columns(duplicate_of=pl.when(pl.int_range(pl.len()) % 2 == 1).then(pl.col("id").shift(1)))
    again = sentences(0, 2000).with_columns(text=pl.col("text").str.to_uppercase(), id=pl.concat_str(pl.lit("z"), "id"))
    built = build(
        {
            "text": make_table(source, target, kind="sentence"),
            "pair": make_table(pairs),
            "variant": make_table(variants, kind="variant"),
            "group": make_table(grouped, kind="sentence"),
            "near": make_table(marked, kind="sentence"),
            "again": make_table(again, kind="sentence"),
        },
        splits={"test": 0.1},
    )
    said = texts_of(built.folder)
    assert len(said["test"]) > 500
    assert not said["test"] & said["train"]
    pair, variant = split_of(built.folder, "pair"), split_of(built.folder, "variant")
    of_row = {f"deu{n}": pair.get(f"pair{n}") for n in range(2000)}
    both = [(of_row[v.removeprefix("variant")], split) for v, split in variant.items()]
    assert all(a == b for a, b in both if a is not None)
    assert {split for _, split in both} == {"test", "train"}
    groups = pl.DataFrame({"id": grouped["id"], "g": grouped["group_id"]}).with_columns(
        split=pl.col("id").replace_strict(split_of(built.folder, "group"))
    )
    assert groups.group_by("g").agg(pl.col("split").n_unique())["split"].max() == 1
    near = split_of(built.folder, "near")
    assert all(near[f"deu{n}"] == near[f"deu{n + 1}"] for n in range(300_000, 302_000, 2))
    lost = sum(entry.rejected.get("split_leak", 0) for entry in built.ledger)
    assert 0 < lost < 0.12 * 14_000
    assert "Left out because they would give away a row that is held out" in (built.folder / "README.md").read_text()


def test_datasets_reads_every_split(make_table: Callable[..., Any], build: Callable[..., Any], tmp_path: Path) -> None:
    built = build({"text": make_table(sentences(0, 500), kind="sentence")}, splits={"validation": 0.2, "test": 30})
    loaded = load_dataset(str(built.folder), "text", cache_dir=str(tmp_path / "cache"))
    assert {name: split.num_rows for name, split in loaded.items()} == {
        name: sum(s == name for s in split_of(built.folder, "text").values())
        for name in ("train", "test", "validation")
    }
    stream = load_dataset(str(built.folder), "text", split="test", streaming=True)
    assert sum(1 for _ in stream) == loaded["test"].num_rows


def test_a_language_with_too_few_rows_is_told(make_table: Callable[..., Any], build: Callable[..., Any]) -> None:
    rows = pl.concat([sentences(0, 2000), sentences(5000, 3, "quy_Latn")])
    card = build({"text": make_table(rows, kind="sentence")}, splits={"test": 100}).folder / "README.md"
    assert "`test` holds no row of text quy_Latn (3 rows): they are too few for it." in card.read_text()


def test_a_split_that_is_larger_than_every_language_is_refused(
    make_table: Callable[..., Any], build: Callable[..., Any]
) -> None:
    with pytest.raises(UserError, match=r"release\.splits\.test: 900 rows are more than half of every language"):
        build({"text": make_table(sentences(0, 1000), kind="sentence")}, splits={"test": 900})


@pytest.mark.parametrize(
    ("splits", "why"),
    [
        ({"train": 0.1}, "no name of a split"),
        ({"a-b": 0.1}, "no name of a split"),
        ({"test": 1.5}, "no share"),
        ({"test": 0}, "are none"),
        ({"a": 0.5, "b": 0.5}, "leave nothing for train"),
    ],
)
def test_splits_that_cannot_be(splits: dict[str, float], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        ReleaseSpec(tables={"a": ["b"]}, splits=splits)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=3, unique=True), min_size=1, max_size=60),
    st.integers(0, 5),
)
def test_rows_that_share_a_root_share_a_split(rows: list[list[int]], seed: int) -> None:
    come_from = pl.DataFrame(
        [(row, root * 2**58 + root) for row, roots in enumerate(rows) for root in roots],
        schema={"row": pl.UInt32, "root": pl.UInt64},
        orient="row",
    )
    place = places(come_from, len(rows), seed)
    assert ((place >= 0) & (place < 1)).all()
    langs = pl.Series(["und"] * len(rows))
    dealt = cut({"a": (place, langs)}, {"a": come_from.rename({"root": "mark"})}, {"test": 0.3, "dev": 0.2}).split["a"]
    for one, a in zip(rows, dealt, strict=True):
        for other, b in zip(rows, dealt, strict=True):
            assert a == b or a is None or b is None or not {*one} & {*other}
    assert all(split is not None for split, at in zip(dealt, place, strict=True) if at < 0.3)


def test_places_are_spread_evenly_whatever_the_number_of_roots() -> None:
    draw = np.random.default_rng(0)
    roots = draw.integers(0, 2**63, size=(20_000, 3), dtype=np.uint64)
    for count in (1, 2, 3):
        frame = pl.DataFrame(
            {"row": np.repeat(np.arange(20_000, dtype=np.uint32), count), "root": roots[:, :count].ravel()}
        )
        assert np.histogram(places(frame, 20_000, 0), bins=10, range=(0, 1))[0] == pytest.approx(2000, rel=0.1)


def test_roots_are_found_through_any_number_of_generations() -> None:
    rows = pl.DataFrame({"id": ["c", "b", "a"], "parents": [["b"], ["a"], []], "group_id": [None, None, "g"]})
    made_of = lineage.edges([("sentence", rows.lazy())], ["group_id"])
    found = lineage.roots(pl.Series(["c", "a", "x"]), made_of)
    by_row = dict(found.iter_rows())
    assert by_row[0] == by_row[1] == lineage.keys(pl.Series(["group_id g"]))[0]
    assert by_row[2] == lineage.keys(pl.Series(["x"]))[0]


@pytest.mark.parametrize(
    ("texts", "langs"),
    [
        (["IŞIK ve gölge", "ışık ve gölge"], ["tur_Latn", "tur_Latn"]),
        (["İzmir", "izmir"], ["azj_Latn", "azj_Latn"]),
        (["IT IS", "It is"], ["tur_Latn", "eng_Latn"]),
    ],
)
def test_a_text_is_the_same_in_any_case_and_under_any_tag(texts: list[str], langs: list[str]) -> None:
    rows = pl.DataFrame({"text": texts, "lang": langs})
    assert lineage.text_keys(rows.lazy(), records.kind("sentence"))["text"].n_unique() == 1


def test_what_datasets_loads_can_be_written_by_it_and_loaded_again(
    make_table: Callable[..., Any], build: Callable[..., Any], pairs: Callable[..., pl.DataFrame], tmp_path: Path
) -> None:
    # A column that is null in a whole file would have no type in a file of its own.
    table = make_table(pairs(0, 30, note=None), pairs(30, 30, note="x"))
    built = build({"pair": table}, splits={"test": 0.2}, row_group_rows=10)
    loaded = load_dataset(str(built.folder), "pair", cache_dir=str(tmp_path / "cache"))
    for name, split in loaded.items():
        split.to_parquet(tmp_path / "again" / f"{name}.parquet")
    files = {name: str(tmp_path / "again" / f"{name}.parquet") for name in loaded}
    again = load_dataset("parquet", data_files=files, cache_dir=str(tmp_path / "cache2"))
    assert again["train"].features == loaded["train"].features
    assert {name: split.to_list() for name, split in again.items()} == {n: s.to_list() for n, s in loaded.items()}


def test_a_marked_duplicate_follows_and_moves_no_other_row() -> None:
    # Places .1 is test, .9 is train; row 2 is a duplicate of row 1, and row 3 has something of both.
    place = np.array([0.1, 0.9, 0.1, 0.9])
    rows = {"row": [0, 1, 2, 3, 3], "mark": [10, 11, 11, 10, 11]}
    marks = {"text": pl.DataFrame(rows, schema={"row": pl.UInt32, "mark": pl.UInt64})}
    configs = {"text": (place, pl.Series(["deu_Latn"] * 4))}
    marked = {"text": pl.Series([False, False, True, True])}
    assert cut(configs, marks, {"test": 0.5}, marked=marked).split["text"].to_list() == ["test", "train", "train", None]
    assert cut(configs, marks, {"test": 0.5}).split["text"].to_list() == ["test", None, "test", None]
