"""Rejected rows are written as they come: the same rows and counts as if all had been held."""

from pathlib import Path

import polars as pl
import pytest

from xlcorpus import ledger
from xlcorpus.engine import rejects
from xlcorpus.engine.rejects import Rejects
from xlcorpus.outcomes import reject_rows

LANGS = ("ell_Grek", "yor_Latn", "khm_Khmr", None)


def batches(count: int, rows: int) -> list[pl.DataFrame]:
    """Sentences of four languages, one of them unknown."""
    return [
        pl.DataFrame(
            {
                "id": [f"{batch}-{row}" for row in range(rows)],
                "text": [f"Satz {row}" for row in range(rows)],
                "lang": [LANGS[(batch + row) % 4] for row in range(rows)],
            },
            schema={"id": pl.String, "text": pl.String, "lang": pl.String},
        )
        for batch in range(count)
    ]


def rule_of(batch: int) -> str:
    return ("empty", "too_short", "error")[batch % 3]


def test_many_rows_make_several_files_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejects, "FILE_ROWS", 10)
    given = batches(9, rows=4)
    taken = Rejects("sentence", "read", tmp_path, "task")
    for number, rows in enumerate(given):
        taken.take(rows, rule_of(number), pl.col("text").str.len_chars())
    files, counts = taken.close()

    whole = pl.concat(
        reject_rows(rows, "sentence", "read", rule_of(number), pl.col("text").str.len_chars())
        for number, rows in enumerate(given)
    )
    assert [file.rows for file in files] == [12, 12, 12]
    assert [file.file for file in files] == [
        "rejects-task.parquet",
        "rejects-task-00001.parquet",
        "rejects-task-00002.parquet",
    ]
    assert pl.concat(pl.read_parquet(tmp_path / file.file) for file in files).equals(whole)
    none = whole["lang"].clear()
    assert counts == ledger.count("read", none, none, whole)


def test_long_rows_are_not_held_until_they_are_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejects, "FILE_BYTES", 10_000)
    taken = Rejects("document", "read", tmp_path, "task")
    for number in range(4):
        rows = pl.DataFrame({"id": [str(number)], "text": ["x" * 6_000], "lang": ["eng_Latn"]})
        taken.take(rows, "too_long", pl.lit(6_000))

    assert [file.rows for file in taken.close()[0]] == [2, 2]


def test_nothing_rejected_makes_no_file(tmp_path: Path) -> None:
    assert Rejects("sentence", "read", tmp_path, "task").close() == ([], [])
    assert list(tmp_path.iterdir()) == []
