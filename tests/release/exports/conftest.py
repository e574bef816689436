"""Releases for the tests of exports, and exports read back by the project's own reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from xlcorpus import records
from xlcorpus.release.shards import KIND_KEY
from xlcorpus.step import SourceEnv
from xlcorpus.steps import Read

LANGS = {"src_lang": "deu_Latn", "tgt_lang": "eng_Latn"}


def _chats(*messages: list[dict[str, Any]], tools: str | None = None) -> pl.DataFrame:
    """Instructions with these turns."""
    frame = pl.DataFrame({"messages": messages}, schema={"messages": records.turns_dtype()})
    tags = {name: pl.lit("hin_Deva") for name in ("lang", "prompt_lang", "response_lang")}
    return frame.with_columns(**tags, task=pl.lit("chat"), tools=pl.lit(tools, dtype=pl.String))


def _preferences(*rows: tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]) -> pl.DataFrame:
    """Preferences: (prompt, chosen, rejected)."""
    names = ("prompt", "chosen", "rejected")
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(names, records.turns_dtype()))
    return frame.with_columns(lang=pl.lit("kat_Geor"))


def _feedback(*rows: tuple[list[dict[str, Any]], list[dict[str, Any]], bool]) -> pl.DataFrame:
    """Feedback: (prompt, completion, label)."""
    turns = records.turns_dtype()
    schema = {"prompt": turns, "completion": turns, "label": pl.Boolean}
    return pl.DataFrame(list(rows), schema=schema, orient="row").with_columns(lang=pl.lit("kat_Geor"))


def _items(*rows: dict[str, Any]) -> pl.DataFrame:
    """Items with these columns."""
    schema = {
        name: dtype for name, dtype in records.polars_schema("item").items() if name in records.kind("item").own.names
    }
    tags = {"lang": "swh_Latn", "question_lang": "swh_Latn"}
    return pl.DataFrame([dict.fromkeys(schema) | tags | row for row in rows], schema=schema)


def _pairs(*texts: tuple[str, str], **columns: str) -> pl.DataFrame:
    """German and English pairs, unless `columns` names other languages."""
    frame = pl.DataFrame(list(texts), schema={"src_text": pl.String, "tgt_text": pl.String}, orient="row")
    return frame.with_columns(**{name: pl.lit(value) for name, value in (LANGS | columns).items()})


def _groups(*texts: dict[str, str]) -> pl.DataFrame:
    """Groups: {language: text} of each."""
    return pl.DataFrame({"texts": [[{"lang": k, "text": v, "id": None} for k, v in t.items()] for t in texts]})


def _release(folder: Path, kind: str, *, config: str = "rows", **splits: pl.DataFrame) -> Path:
    """A release (its header and files) of one config, or a further config of it."""
    data = folder / "data" / config
    data.mkdir(parents=True)
    (folder / "README.md").write_text("---\npretty_name: demo\n---\n")
    for split, frame in splits.items():
        table = records.finish(frame, kind, "made", "demo").to_arrow().cast(records.kind(kind).schema)
        table = table.replace_schema_metadata({KIND_KEY: kind.encode()})
        pq.write_table(table, data / f"{split}-00000-of-00001.parquet")
    return folder


def _ids(folder: Path, config: str = "rows") -> list[str]:
    """The ids of the rows of a config."""
    return pl.read_parquet(folder / "data" / config / "*.parquet")["id"].to_list()


def _read_back(kind: str, paths: Any, **options: Any) -> pl.DataFrame:
    """What the step `read` makes of files."""
    step = Read(kind=kind, paths=paths, **options)
    rejected: list[str] = []

    def reject(rows: pl.DataFrame, rule: str, measure: pl.Expr) -> None:
        rejected.extend(f"{rule}: {value}" for value in rows.select(measure.cast(pl.String)).to_series())

    env = SourceEnv(kind=kind, reject=reject, say=lambda text, warning: None)
    frames = [frame for unit in step.units() for frame in step.read(unit, env)]
    assert not rejected
    return pl.concat(frames)


def _loaded(path: Path) -> list[dict[str, Any]]:
    """The rows of a file as `datasets` loads them."""
    from datasets import load_dataset

    rows = load_dataset("parquet", data_files=str(path), split="train", cache_dir=str(path.parent.parent / "cache"))
    return list(rows)


def _lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text("utf8").split("\n")[:-1]]


@pytest.fixture(scope="session")
def chats() -> Callable[..., Any]:
    """Instructions with these turns."""
    return _chats


@pytest.fixture(scope="session")
def preferences() -> Callable[..., Any]:
    """Preferences: (prompt, chosen, rejected)."""
    return _preferences


@pytest.fixture(scope="session")
def feedback() -> Callable[..., Any]:
    """Feedback: (prompt, completion, label)."""
    return _feedback


@pytest.fixture(scope="session")
def items() -> Callable[..., Any]:
    """Items with these columns."""
    return _items


@pytest.fixture(scope="session")
def pairs() -> Callable[..., Any]:
    """German and English pairs, unless `columns` names other languages."""
    return _pairs


@pytest.fixture(scope="session")
def groups() -> Callable[..., Any]:
    """Groups: {language: text} of each."""
    return _groups


@pytest.fixture(scope="session")
def release() -> Callable[..., Any]:
    """A release (its header and files) of one config, or a further config of it."""
    return _release


@pytest.fixture(scope="session")
def ids() -> Callable[..., Any]:
    """The ids of the rows of a config."""
    return _ids


@pytest.fixture(scope="session")
def read_back() -> Callable[..., Any]:
    """What the step `read` makes of files."""
    return _read_back


@pytest.fixture(scope="session")
def loaded() -> Callable[..., Any]:
    """The rows of a file as `datasets` loads them."""
    return _loaded


@pytest.fixture(scope="session")
def lines() -> Callable[..., Any]:
    """The objects of a JSON Lines file."""
    return _lines
