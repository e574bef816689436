"""Rows in the order of their places, sorted on disk."""

from pathlib import Path

import polars as pl
import pytest

from xlcorpus import arms
from xlcorpus.arms import in_order, rows_of_arm


def test_rows_come_out_in_the_order_of_their_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arms, "BUCKET_ROWS", 7)
    places = [(i * 37) % 100 for i in range(100)]
    rows = pl.DataFrame({"id": [f"r{place}" for place in places], "place": places})
    # Columns that some frames lack are null there.
    frames = [rows[:60], rows[60:].with_columns(title=pl.lit("t"))]
    made = list(in_order(frames, 100, 0, tmp_path / "sorting"))
    assert len(made) == 15  # ranges of places, each sorted by itself
    whole = pl.concat(made, how="diagonal")
    assert whole["place"].to_list() == list(range(100))
    assert whole["id"].to_list() == [f"r{i}" for i in range(100)]
    assert whole["title"].null_count() == 60
    assert list((tmp_path / "sorting").iterdir()) == []


def test_a_row_with_several_places_in_an_arm_is_several_rows(tmp_path: Path) -> None:
    spots = [
        [{"arm": "a", "place": 2, "copy": 0}, {"arm": "b", "place": 0, "copy": 0}],
        [{"arm": "a", "place": 0, "copy": 0}, {"arm": "a", "place": 1, "copy": 1}],
    ]
    rows = pl.DataFrame({"id": ["x", "y"], "parents": [["p"], []], "group_id": ["g", None], "arms": spots})
    rows.write_parquet(tmp_path / "rows.parquet")
    assert arms.arms_of([tmp_path / "rows.parquet"]) == ["a", "b"]
    (made,) = rows_of_arm([tmp_path / "rows.parquet"], "a", tmp_path / "sorting")
    assert made.select("place", "copy", "parents", "group_id").rows() == [
        (0, 0, [], None),
        (1, 1, ["y"], "y"),
        (2, 0, ["p"], "g"),
    ]
    assert made["id"].to_list()[::2] == ["y", "x"]
    assert made["id"].n_unique() == 3
