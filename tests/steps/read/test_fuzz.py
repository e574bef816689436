"""Whatever the bytes of a file are: rows, rejected rows, or an error that names the file."""

import bz2
import gzip
import io
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.step import SourceEnv
from xlcorpus.steps.read import formats
from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.reading import Reading

quick = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Outcome = tuple[list[Found], dict[str, int]]


@pytest.fixture
def outcome(tmp_path: Path) -> Callable[..., Outcome | None]:
    """outcome(name, bytes, **of the reading) -> (what was found, rejected rows by rule); None: refused by name"""

    def trying(name: str, content: bytes, **options: Any) -> Outcome | None:
        (tmp_path / name).write_bytes(content)
        rejected: dict[str, int] = {}

        def reject(rows: pl.DataFrame, rule: str, measure: pl.Expr) -> None:
            assert rows.select(measure).height == rows.height
            rejected[rule] = rejected.get(rule, 0) + rows.height

        reading = Reading(str(tmp_path / name), name, SourceEnv(kind="pair", reject=reject), **options)
        try:
            found = list(formats.rows(reading, formats.format_of(name)))
        except UserError as problem:
            assert name in str(problem)
            return None
        for part in found:
            assert all(len(column) == len(part.places) for column in part.columns.values())
        return found, rejected

    return trying


NAMES = [
    "a.txt",
    "a.tsv",
    "a.csv",
    "a.jsonl",
    "a.json",
    "a.srt",
    "a.tmx",
    "a.warc",
    "a.parquet",
    "a.arrow",
    "a.txt.zst",
]
PIECES = ["\n", "\r\n", "\r", "\t", ",", ";", '"', "[", "]", "{", "}", ":", "\\ud83d", "a", "世", "\0", "\ufeff", "1"]
PIECES += ["00:00:01,000 --> 00:00:02,000", "WARC/1.0", "Content-Length: 3", '{"text": "a"}', "<tmx>", "<seg>"]
SIGNS = st.lists(st.sampled_from(PIECES).map(str.encode) | st.binary(max_size=4), max_size=40).map(b"".join)


@pytest.mark.parametrize("name", NAMES)
@quick
@given(content=SIGNS, header=st.booleans())
def test_any_bytes(outcome: Callable[..., Outcome | None], name: str, content: bytes, header: bool) -> None:
    kind = "document" if name == "a.warc" else "pair"
    made = outcome(name, content, kind=kind, header=header)  # rows and rejects, or None for a UserError
    assert made is None or all(len(c) == len(f.places) for f in made[0] for c in f.columns.values())


@quick
@given(lines=st.lists(SIGNS.map(lambda b: b.replace(b"\n", b"").replace(b"\r", b"").replace(b"\0", b""))))
def test_every_line_of_a_text_is_a_row_or_rejected(outcome: Callable[..., Outcome | None], lines: list[bytes]) -> None:
    content = b"\n".join([b"first", *lines])
    made = outcome("a.txt", content)
    if made is not None:
        found, rejected = made
        held = len(content.removesuffix(b"\n").split(b"\n"))
        assert sum(len(part.places) for part in found) + sum(rejected.values()) == held


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@quick
@given(values=st.lists(st.dictionaries(st.sampled_from(["text", "id", "x"]), JSON), min_size=1))
@pytest.mark.parametrize("array", [False, True])
def test_any_objects_are_read_or_rejected(
    outcome: Callable[..., Outcome | None], values: list[dict[str, Any]], array: bool
) -> None:
    content = json.dumps(values, indent=1) if array else "\n".join(json.dumps(v) for v in values)
    made = outcome("a.json", content.encode())
    assert made is not None
    found, rejected = made
    assert sum(len(part.places) for part in found) + sum(rejected.values()) == len(values)


WHOLE = "".join(f"Satz {i}\n" for i in range(500)).encode()
PACKED = {
    "a.txt.gz": gzip.compress(WHOLE),
    "a.txt.bz2": bz2.compress(WHOLE),
    "a.txt.xz": lzma.compress(WHOLE),
    "a.txt.zst": zstandard.ZstdCompressor(write_checksum=True).compress(WHOLE),
}


def table() -> bytes:
    buffer = io.BytesIO()
    columns = {"src_text": ["ä", None, "c"] * 20, "n": [1, 2, None] * 20, "m": [["x"], None, []] * 20}
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def feather() -> bytes:
    buffer = io.BytesIO()
    data = pa.table({"text": ["ä", None, "c"], "d": pa.array(["x", "y", "x"]).dictionary_encode()})
    with pa.ipc.new_file(buffer, data.schema) as writer:
        writer.write_table(data)
    return buffer.getvalue()


MEMORY = (
    '<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "x"><tmx><header srclang="de"/><body>'
    + '<tu><tuv xml:lang="de"><seg>Haus <ph>x</ph>&auml;</seg></tuv><tuv xml:lang="en"><seg>house</seg></tuv></tu>' * 5
    + "</body></tmx>"
).encode()
ARCHIVE = b"WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: 2\r\n\r\nja\r\n\r\n" * 3
FILES = {**PACKED, "a.parquet": table(), "a.arrow": feather(), "a.tmx": MEMORY, "a.warc": ARCHIVE}


@pytest.mark.parametrize("name", FILES)
@quick
@given(data=st.data())
def test_damaged_files(outcome: Callable[..., Outcome | None], name: str, data: st.DataObject) -> None:
    content = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    keep = data.draw(st.integers(0, len(content)) | st.just(len(content)))
    made = outcome(name, bytes(content[:keep]), kind="document" if name == "a.warc" else "pair")
    if name in PACKED and made is not None:
        assert sum(len(part.places) for part in made[0]) == 500
