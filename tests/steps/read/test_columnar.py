"""Parquet and Arrow files, whatever their types."""

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

from xlcorpus.errors import UserError
from xlcorpus.step import SourceEnv
from xlcorpus.steps.read import formats
from xlcorpus.steps.read.reading import Reading

Reader = Callable[..., tuple[pl.DataFrame, dict[str, list[str]]]]


def parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def ipc(table: pa.Table, stream: bool = False) -> bytes:
    buffer = io.BytesIO()
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(buffer, table.schema) as writer:
        writer.write_table(table)
    return buffer.getvalue()


def columns(path: Path, form: str = "parquet") -> dict[str, list[Any]]:
    (found,) = formats.rows(Reading(str(path), path.name, SourceEnv(kind="sentence")), form)
    return {n: c if isinstance(c, list) else c.to_list() for n, c in found.columns.items()}


def test_what_datasets_writes_for_rows_of_several_types(tmp_path: Path) -> None:
    (tmp_path / "m.jsonl").write_text('{"text": "hi", "x": [1]}\n{"text": ["a"], "x": ["b"]}\n')
    data = load_dataset("json", data_files=str(tmp_path / "m.jsonl"), split="train", cache_dir=str(tmp_path / "cache"))
    data.to_parquet(tmp_path / "a.parquet")
    assert columns(tmp_path / "a.parquet") == {"text": ["hi", ["a"]], "x": [[1], ["b"]]}
    data.save_to_disk(tmp_path / "saved")
    (saved,) = (tmp_path / "saved").glob("*.arrow")
    assert columns(saved, "arrow")["text"] == ["hi", ["a"]]


TYPES = pa.table(
    {
        "text": pa.array(["a", "b"], pa.large_string()),
        "dictionary": pa.array(["x", "y"]).dictionary_encode(),
        "time": pa.array([datetime(2026, 1, 2), None], pa.timestamp("us", "UTC")),
        "nothing": pa.nulls(2),
        "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
        "dictionaries": pa.array([["p"], ["q"]], pa.list_(pa.dictionary(pa.int32(), pa.string()))),
        "uuid": pa.array([b"0" * 16, b"1" * 16], pa.uuid()),
    }
)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.parquet", parquet(TYPES)), ("a.arrow", ipc(TYPES)), ("b.arrow", ipc(TYPES, stream=True))],
)
def test_types_that_polars_lacks_are_read_as_plain_ones(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    found = columns(tmp_path / name, "parquet" if "parquet" in name else "arrow")
    assert found["text"] == ["a", "b"]
    assert found["dictionary"] == ["x", "y"]
    assert found["nothing"] == [None, None]
    assert found["map"][0] == [{"key": "k", "value": 1}]
    assert [list(x) for x in found["dictionaries"]] == [["p"], ["q"]]
    assert found["uuid"] == ["0" * 16, "1" * 16]  # bytes that are text


@pytest.mark.parametrize("ending", ["arrow", "feather"])
def test_arrow_files_are_read_by_their_name(read: Reader, ending: str) -> None:
    rows, _ = read(f"a.{ending}", ipc(pa.table({"text": ["ja", "nein"]})))
    assert rows["text"].to_list() == ["ja", "nein"]


def test_rows_that_are_no_utf8_are_rejected_alone(read: Reader) -> None:
    raw = pa.array([b"gut", b"sch\xf6n", b"fein"])
    text = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    rows, rejected = read("a.parquet", parquet(pa.table({"text": text})))
    assert rows["text"].to_list() == ["gut", "fein"]
    assert rejected == {"not_utf8": ["row 2"]}


@pytest.mark.parametrize("keep", [0, 3, 40, -1, -20])
def test_a_cut_off_file_is_refused(read: Reader, keep: int) -> None:
    for name, content in {"a.parquet": parquet(TYPES), "a.arrow": ipc(TYPES)}.items():
        with pytest.raises(UserError, match=rf"{name}: not a whole (Parquet|Arrow) file"):
            read(name, content[:keep])


def test_limit_counts_rows_over_all_batches(read: Reader) -> None:
    table = pa.table({"text": [str(i) for i in range(25_000)]})
    assert read("a.parquet", parquet(table), limit=10_001)[0].height == 10_001
    assert read("a.arrow", ipc(table), limit=10_001)[0]["text"][-1] == "10000"


def test_text_without_the_mark_of_text_is_read_and_other_bytes_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"text": ["Grüße".encode(), None], "image": [b"\xff", b"\x00"]}).write_parquet(path)
    assert columns(path) == {"text": ["Grüße", None]}


def test_an_object_with_bytes_in_a_text_is_rejected(read: Reader, tmp_path: Path) -> None:
    odd = pl.DataFrame({"text": [{"image": b"\xff\xd8", "n": 1}], "id": [b"a"]})
    odd.write_parquet(tmp_path / "a.parquet")
    rows, rejected = read("a.parquet", None)
    assert rows.is_empty()
    assert rejected == {"wrong_type": ["line 1: text is an object"]}


def test_ids_of_bytes_are_their_text(read: Reader, tmp_path: Path) -> None:
    pl.DataFrame({"text": ["Guten Tag."], "id": [b"q7"]}).write_parquet(tmp_path / "a.parquet")
    assert read("a.parquet", None)[0]["source_id"].to_list() == ["q7"]
