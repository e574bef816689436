"""Rows are kept, rejected or failed; none is lost."""

import json

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import XlcorpusError
from xlcorpus.step import Port, RowEnv, RowStep, Rule, run_rows


class Halve(RowStep):
    """Keeps even lengths; fails on texts with an x; makes nothing of texts with an n."""

    def ports(self) -> dict[str, Port]:
        return {"rows": Port(("sentence",))}

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        if rows["text"].str.contains("x").any():
            raise ValueError("cannot halve x")
        if rows["text"].str.contains("!").any():
            raise XlcorpusError("the endpoint is gone")
        rows = rows.filter(~pl.col("text").str.contains("n"))
        return rows.with_columns(
            halve_length=pl.col("text").str.len_chars(), _error=pl.when(text="odd").then(pl.lit("too odd"))
        )

    def rules(self, kind: str) -> list[Rule]:
        return [Rule("uneven", pl.col("halve_length"), pl.col("halve_length") % 2 == 0)]


def rows(*texts: str) -> pl.DataFrame:
    return records.finish(pl.DataFrame({"text": texts, "lang": "eng_Latn"}), "sentence")


def test_every_row_is_accounted_for() -> None:
    outcome = run_rows(Halve(), rows("aa", "abc", "bx", "ccdd", "no", "odd"), RowEnv(kind="sentence", step="halve"))
    assert outcome.kept["text"].to_list() == ["aa", "ccdd"]
    assert sorted(outcome.rejected.select("rule", "value", "error").rows()) == [
        ("error", None, "ValueError: cannot halve x"),
        ("error", None, "too odd"),
        ("no_output", None, None),
        ("uneven", "3", None),
    ]


def test_a_rejected_row_is_kept_whole() -> None:
    outcome = run_rows(Halve(), rows("abc"), RowEnv(kind="sentence", step="halve"))
    kept = json.loads(outcome.rejected["row"][0])
    assert kept["text"] == "abc"
    assert kept["halve_length"] == 3


def test_a_failure_of_the_whole_stops_the_run() -> None:
    with pytest.raises(XlcorpusError, match="the endpoint is gone"):
        run_rows(Halve(), rows("aa", "a!"), RowEnv(kind="sentence", step="halve"))


def test_a_step_called_on_a_frame_lets_errors_through() -> None:
    assert Halve()(pl.DataFrame({"text": ["aa", "abc"], "lang": "eng_Latn"}))["text"].to_list() == ["aa"]
    with pytest.raises(ValueError, match="cannot halve x"):
        Halve()(pl.DataFrame({"text": ["x"], "lang": "eng_Latn"}))
