"""Exports as folders: splits, configs, what is refused, left out and written over."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.release.exports import FORMS, export

Make = Callable[..., Any]


def turn(role: str, content: str | None, tool_calls: str | None = None, reasoning: str | None = None) -> dict[str, Any]:
    """A turn as records hold it."""
    return {"role": role, "content": content, "tool_calls": tool_calls, "reasoning": reasoning}


ASK, ANSWER = turn("user", "რა ამინდია?"), turn("assistant", "მზიანი.")
CALL = '[{"name": "weather", "arguments": {"city": "თბილისი"}}]'
CALLING = [
    turn("system", "Sei kurz."),
    turn("user", "Wetter in Tiflis?"),
    turn("assistant", None, CALL, "Ich frage nach."),
    turn("tool", '{"grad": 31}'),
    turn("assistant", "31 Grad."),
]


def test_each_split_is_a_file(tmp_path: Path, release: Make, pairs: Make, loaded: Make) -> None:
    folder = release(
        tmp_path / "r", "pair", train=pairs(("eins", "one"), ("zwei", "two")), validation=pairs(("drei", "three"))
    )
    done = export(folder, "trl")
    assert done.folder == tmp_path / "r-rows-trl"
    assert sorted(p.name for p in done.folder.glob("*")) == [
        ".xlcorpus-export.json",
        "train.parquet",
        "validation.parquet",
    ]
    assert [(s.split, s.rows, s.written) for s in done.splits] == [("train", 2, 2), ("validation", 1, 1)]
    assert loaded(done.folder / "validation.parquet") == [{"prompt": "drei", "completion": "three"}]


def test_a_release_of_a_pipeline_is_exported(build: Make, make_table: Make, pairs: Make) -> None:
    made = build({"mined": make_table(pairs(("eins", "one"), ("zwei", "two")))})
    assert (export(made.folder, "moses").folder / "train.de-en.en").read_text() == "one\ntwo\n"


def test_datasets_loads_the_folder_with_its_splits(tmp_path: Path, release: Make, chats: Make) -> None:
    from datasets import load_dataset

    folder = release(
        tmp_path / "r", "instruction", train=chats([ASK, ANSWER]), test=chats([ASK, ANSWER], [ASK, ANSWER])
    )
    done = export(folder, "sharegpt")
    found = load_dataset(str(done.folder), cache_dir=str(tmp_path / "cache"))
    assert {split: rows.num_rows for split, rows in found.items()} == {"train": 1, "test": 2}


def test_one_split_alone(tmp_path: Path, release: Make, pairs: Make) -> None:
    folder = release(tmp_path / "r", "pair", train=pairs(("eins", "one")), dev=pairs(("zwei", "two")))
    assert [s.split for s in export(folder, "moses", splits=["dev"]).splits] == ["dev"]
    with pytest.raises(UserError, match=r"no split 'devel'; did you mean 'dev'\?"):
        export(folder, "moses", splits=["devel"])


def test_a_split_of_several_files_is_one_file(tmp_path: Path, release: Make, pairs: Make) -> None:
    folder = release(tmp_path / "r", "pair", train=pairs(("eins", "one")))
    data = folder / "data" / "rows"
    for number in (0, 1):
        (data / f"train-{number:05d}-of-00002.parquet").write_bytes(
            (data / "train-00000-of-00001.parquet").read_bytes()
        )
    (data / "train-00000-of-00001.parquet").unlink()
    assert (export(folder, "moses").folder / "train.de-en.de").read_text() == "eins\neins\n"
    (data / "train-00001-of-00002.parquet").unlink()
    with pytest.raises(XlcorpusError, match=r"train-00001-of-00002\.parquet is missing"):
        export(folder, "moses")


def test_the_config_is_the_one_that_the_form_holds(tmp_path: Path, release: Make, chats: Make, pairs: Make) -> None:
    folder = release(tmp_path / "r", "pair", config="mined", train=pairs(("eins", "one")))
    release(folder, "instruction", config="chat", train=chats([ASK, ANSWER]))
    assert export(folder, "moses").config == "mined"
    assert export(folder, "openai").config == "chat"
    with pytest.raises(UserError, match=r"several configs that csv can hold; give one: --config chat\|mined"):
        export(folder, "csv")
    with pytest.raises(UserError, match=r"openai holds rows of kind instruction; .* has mined \(pair\)"):
        export(folder, "openai", config="mined")
    with pytest.raises(UserError, match=r"no config 'mind'; did you mean 'mined'\?"):
        export(folder, "csv", config="mind")


def test_an_unknown_form_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no form 'sharegtp'; did you mean 'sharegpt'\?"):
        export(tmp_path, "sharegtp")


def test_an_export_gives_way_to_a_newer_one(tmp_path: Path, release: Make, pairs: Make) -> None:
    folder = release(tmp_path / "r", "pair", train=pairs(("eins", "one")), validation=pairs(("zwei", "two")))
    export(folder, "moses", out=tmp_path / "out")
    export(folder, "csv", splits=["train"], out=tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").glob("*")) == [".xlcorpus-export.json", "train.csv"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "r"]


def test_nothing_else_is_written_over(tmp_path: Path, release: Make, pairs: Make) -> None:
    folder = release(tmp_path / "r", "pair", train=pairs(("eins", "one")))
    with pytest.raises(UserError, match="holds no export of xlcorpus; choose another folder: --out"):
        export(folder, "csv", out=folder)
    out = export(folder, "csv", out=tmp_path / "out").folder
    (out / "model.bin").write_text("weeks of work")
    with pytest.raises(UserError, match=r"out holds model\.bin beside an export"):
        export(folder, "csv", out=out)
    assert (out / "model.bin").read_text() == "weeks of work"


def test_what_a_form_cannot_hold_is_named_and_nothing_is_written(
    tmp_path: Path, release: Make, chats: Make, ids: Make
) -> None:
    both = [ASK, turn("assistant", "Moment.", CALL), turn("tool", "31"), ANSWER]
    folder = release(tmp_path / "r", "instruction", train=chats([ASK, ANSWER], both, [ASK, ANSWER, ASK]))
    _, said, open_end = ids(folder)
    with pytest.raises(UserError) as problem:
        export(folder, "sharegpt")
    assert str(problem.value) == (
        "sharegpt cannot hold 2 of 3 rows of config 'rows': "
        f"messages: a turn says something and calls a tool (row {said}); "
        f"messages: the last turn is no answer of the assistant (row {open_end}). "
        "trl, openai, csv can; or leave the rows out: --skip"
    )
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


def test_of_many_unfit_rows_the_first_are_named(tmp_path: Path, release: Make, chats: Make, ids: Make) -> None:
    folder = release(tmp_path / "r", "instruction", train=chats(*[[turn("user", str(i))] for i in range(9)]))
    with pytest.raises(UserError, match=rf"\(rows {', '.join(ids(folder)[:5])} and 4 more\)"):
        export(folder, "alpaca")


def test_rows_left_out_are_counted_by_reason_and_split(
    tmp_path: Path, release: Make, chats: Make, loaded: Make
) -> None:
    folder = release(
        tmp_path / "r",
        "instruction",
        train=chats([ASK, ANSWER], [ASK]),
        test=chats(CALLING, [ASK, ANSWER, turn("system", "Neu."), ANSWER]),
    )
    done = export(folder, "alpaca", skip=True)
    assert [(s.rows, s.written, s.left_out) for s in done.splits] == [
        (2, 1, {"messages: the last turn is no answer of the assistant": 1}),
        (2, 0, {"messages: a turn calls a tool": 1, "messages: there is a turn of the system": 1}),
    ]
    # A file without rows would keep `datasets` from loading the folder.
    assert sorted(p.name for p in done.folder.glob("[!.]*")) == ["dataset_info.json", "train.parquet"]
    assert list(json.loads((done.folder / "dataset_info.json").read_text())) == ["rows_train"]


def test_an_export_has_rows(tmp_path: Path, release: Make, chats: Make) -> None:
    folder = release(tmp_path / "r", "instruction", train=chats([ASK]))
    with pytest.raises(UserError, match="nothing to write: alpaca can hold none of the 1 rows"):
        export(folder, "alpaca", skip=True)


def test_csv_holds_every_column_of_every_kind(tmp_path: Path, release: Make, chats: Make) -> None:
    folder = release(
        tmp_path / "r", "instruction", train=chats(CALLING, [ASK, turn("assistant", 'Er sagt "ja",\r\noder')])
    )
    done = export(folder, "csv")
    raw = (done.folder / "train.csv").read_bytes().decode()
    with (done.folder / "train.csv").open(encoding="utf8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert list(rows[0]) == pl.read_parquet(folder / "data" / "rows" / "*.parquet").columns
    assert json.loads(rows[0]["messages"]) == CALLING
    assert json.loads(rows[1]["messages"])[1]["content"] == 'Er sagt "ja",\r\noder'
    assert (rows[0]["tools"], rows[0]["parents"]) == ("", "[]")
    assert raw.count("\r\n") == 3


def test_csv_tells_an_empty_text_from_none(tmp_path: Path, release: Make) -> None:
    texts = pl.DataFrame({"text": ["eins", "zwei"], "lang": ["deu_Latn"] * 2, "title": ["", None]})
    raw = (export(release(tmp_path / "r", "document", train=texts), "csv").folder / "train.csv").read_bytes()
    assert [line.split(b",")[:5] for line in raw.split(b"\r\n")[1:3]] == [
        [b"eins", b"deu_Latn", b"", b"", b'""'],
        [b"zwei", b"deu_Latn", b"", b"", b""],
    ]


def test_every_form_says_what_reads_it() -> None:
    assert all(form.reader for form in FORMS.values())
