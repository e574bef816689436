"""Small real tables and a release of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.ledger import LedgerEntry
from xlcorpus.release.build import ReleaseResult, build_release
from xlcorpus.release_spec import ReleaseSpec


@dataclass(frozen=True)
class Rows:
    """A finished table, as the engine hands it over."""

    kind: str
    shards: tuple[Path, ...]


MakeTable = Callable[..., Rows]
Build = Callable[..., ReleaseResult]

PIPELINE = "name: demo\nsteps:\n  mine: {k: 4}\nrelease:\n  tables: {pairs: mine}\n"
LEDGER = [
    LedgerEntry("quality", "deu_Latn", 100, 90, 0, {"too_short": 10}),
    LedgerEntry("quality", "hin_Deva", 100, 50, 0, {"letters": 50}),
]
TEXTS = [
    ("Der Hund schläft im Garten.", "The dog sleeps in the garden."),
    ("Wo ist der Bahnhof?", "Where is the station?"),
    ("Morgen kommt der Zug um acht.", "Tomorrow the train comes at eight."),
    ("Ich habe den Schlüssel verloren.", "I have lost the key."),
]


@pytest.fixture
def make_table(tmp_path: Path) -> MakeTable:
    """`make_table(frame, ...)` writes frames as shards of one table, as a step would."""
    count = 0

    def make(*frames: pl.DataFrame, kind: str = "pair", step: str = "mine") -> Rows:
        nonlocal count
        paths = []
        for frame in frames:
            count += 1
            path = tmp_path / "steps" / f"part-{count:05d}.parquet"
            path.parent.mkdir(exist_ok=True)
            records.finish(frame, kind, step, "demo").write_parquet(path)
            paths.append(path)
        return Rows(kind, tuple(paths))

    return make


def _pairs(start: int = 0, rows: int = 40, **columns: Any) -> pl.DataFrame:
    """Pairs that differ by a number; columns given by name replace or add."""
    numbers = range(start, start + rows)
    frame = pl.DataFrame(
        {
            "src_text": [f"{TEXTS[i % 4][0]} {i}" for i in numbers],
            "tgt_text": [f"{TEXTS[i % 4][1]} {i}" for i in numbers],
            "score": [1.0 + (i % 20) / 40 for i in numbers],
        }
    ).with_columns(
        src_lang=pl.lit("deu_Latn"),
        tgt_lang=pl.lit("eng_Latn"),
        source=pl.lit("sample corpus"),
        license=pl.lit("CC0-1.0"),
        origin=pl.lit("mined"),
    )
    return frame.with_columns(
        **{k: pl.lit(v) if isinstance(v, str) or v is None else pl.Series(v) for k, v in columns.items()}
    )


def _instructions(rows: int = 12) -> pl.DataFrame:
    """Translation instructions, machine-made."""
    return pl.DataFrame(
        {
            "messages": [
                [
                    {"role": "user", "content": f"Übersetze ins Englische: {TEXTS[i % 4][0]} {i}"},
                    {"role": "assistant", "content": TEXTS[i % 4][1]},
                ]
                for i in range(rows)
            ],
        }
    ).with_columns(
        lang=pl.lit("deu_Latn"),
        task=pl.lit("translation"),
        prompt_lang=pl.lit("deu_Latn"),
        response_lang=pl.lit("eng_Latn"),
        origin=pl.lit("translated"),
        source=pl.lit("sample corpus"),
        license=pl.lit("CC0-1.0"),
    )


@pytest.fixture
def pairs() -> Callable[..., pl.DataFrame]:
    """`pairs(start, rows, **columns)` makes a frame of pairs."""
    return _pairs


@pytest.fixture
def instructions() -> Callable[..., pl.DataFrame]:
    """`instructions(rows)` makes a frame of instructions."""
    return _instructions


def _given(step: str, table: Rows, lost: int) -> list[LedgerEntry]:
    """What the ledger says a step gave."""
    lang = records.kind(table.kind).lang_expr().alias("lang")
    counts = pl.concat(pl.read_parquet(p).select(lang) for p in table.shards)["lang"].value_counts(sort=True)
    return [LedgerEntry(step, tag, 0, n + (lost if not i else 0)) for i, (tag, n) in enumerate(counts.iter_rows())]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """`build(tables, **spec)` builds a release of {config: table}."""

    def run(
        tables: dict[str, Rows],
        folder: str = "release",
        kept: tuple[str, ...] = (),
        lost: int = 0,
        trial: bool = False,
        files: tuple[str, ...] = (),
        **spec: Any,
    ) -> ReleaseResult:
        """`lost` rows more are counted of each table's first language than the table holds."""
        given = [entry for config, table in tables.items() for entry in _given(f"make_{config}", table, lost)]
        return build_release(
            tmp_path / folder,
            ReleaseSpec(tables={config: f"make_{config}" for config in tables}, **spec),
            {config: [table] for config, table in tables.items()},
            ledger=[*LEDGER, *given],
            kept=kept,
            pipeline_yaml=PIPELINE,
            versions={"xlcorpus": "0.1.0"},
            models={"mine.encoder": "bootstrap", "translate.translator": "lexicon"},
            name="demo",
            shares=tmp_path / f"{folder}-splits.json",
            trial=trial,
            files=files,
        )

    return run


@pytest.fixture
def release(make_table: MakeTable, build: Build) -> Path:
    """Folder of a release with two configs."""
    pair_table = make_table(_pairs(), _pairs(40))
    instruction_table = make_table(_instructions(), kind="instruction", step="translate")
    return build({"pairs": pair_table, "instructions": instruction_table}).folder
