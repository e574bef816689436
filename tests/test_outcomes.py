"""Rows are kept, rejected or failed; none is lost."""

import asyncio
import json
from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.async_step import AsyncStep
from xlcorpus.errors import XlcorpusError
from xlcorpus.row_calls import run_rows
from xlcorpus.step import Port, RowEnv, RowStep, Rule


class Sentences(RowStep):
    """A step on sentences."""

    def ports(self) -> dict[str, Port]:
        return {"rows": Port(("sentence",))}


class Halve(Sentences):
    """Keeps even lengths; fails on texts with an x; makes nothing of texts with an n."""

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
    assert sorted(outcome.rejected.select("rule", "value").rows()) == [("no_output", None), ("uneven", "3")]
    assert sorted(outcome.failed["error"]) == ["ValueError: cannot halve x", "too odd"]
    assert outcome.refused.height == 4


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


def test_the_outcome_of_a_step_on_a_frame_has_the_rows_that_failed() -> None:
    outcome = Halve().outcome(pl.DataFrame({"text": ["aa", "abc", "x"], "lang": "eng_Latn"}))
    assert outcome.kept["text"].to_list() == ["aa"]
    assert outcome.rejected["rule"].to_list() == ["uneven"]
    assert outcome.failed["error"].to_list() == ["ValueError: cannot halve x"]
    assert json.loads(outcome.failed["row"][0])["text"] == "x"


class Double(Sentences):
    """Makes two rows of one, and says of which in the way of the option."""

    says: str = "nothing"

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        parents = {"nothing": pl.col("parents"), "its parent": pl.concat_list("id"), "another": pl.lit(["far away"])}
        made = rows.with_columns(parents[self.says].alias("parents")).drop("id")
        return pl.concat([made, made.with_columns(pl.col("text") + " again")])


@pytest.mark.parametrize("says", ["nothing", "another"])
def test_rows_that_name_none_of_the_input_rows_stop_the_run(says: str) -> None:
    message = "step 'double' made rows that name none of its input rows in `parents`"
    with pytest.raises(XlcorpusError, match=message):
        Double(says=says).outcome(rows("a", "b"))


def test_rows_that_name_their_parents_are_the_output_of_the_parents() -> None:
    outcome = Double(says="its parent").outcome(rows("a", "b"))
    assert outcome.kept["text"].to_list() == ["a", "b", "a again", "b again"]
    assert outcome.refused.height == 0


class Promises(Sentences):
    """Promises a column that it makes for long texts only."""

    batch_rows = 1

    def adds(self, kind: str) -> tuple[str, ...]:
        return ("promises_length",)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        long = rows["text"].str.len_chars().max() > 3
        return rows.with_columns(promises_length=1.0) if long else rows


def test_a_column_that_is_promised_and_not_made_stops_the_run() -> None:
    assert Promises()(rows("long text"))["promises_length"].to_list() == [1.0]
    message = r"step 'promises' made rows without the column 'promises_length', which its adds\(\) promises"
    with pytest.raises(XlcorpusError, match=message):
        Promises()(rows("long text", "abc"))


def test_no_rows_break_no_promise() -> None:
    assert Promises()(rows().with_columns(text=pl.lit("").cast(pl.String))).height == 0


class Ask(AsyncStep):
    """Asks about each row, all at a time."""

    def ports(self) -> dict[str, Port]:
        return {"rows": Port(("sentence",))}

    def open(self, env: RowEnv) -> list[str]:
        return []

    async def ask(self, question: Any, order: tuple[int, ...], env: RowEnv) -> str:
        text = str(question["text"])
        env.loaded.append(text)
        await asyncio.sleep(0.01 * (5 - order[0]))  # the last answers first
        if text == "bad":
            raise ValueError("no answer")
        if text == "gone":
            raise XlcorpusError("the endpoint is gone")
        return text.upper()

    def made(self, rows: pl.DataFrame, said: list[Any], env: RowEnv) -> pl.DataFrame:
        return rows.with_columns(ask_answer=pl.Series(said, dtype=pl.String))


def asked(*texts: str) -> tuple[Ask, RowEnv, pl.DataFrame]:
    step, env = Ask(), RowEnv(kind="sentence", step="ask")
    env.loaded = step.open(env)
    return step, env, rows(*texts)


def test_rows_that_are_asked_about_come_out_in_order() -> None:
    step, env, given = asked(*"abcd")
    assert run_rows(step, given, env).kept["ask_answer"].to_list() == [*"ABCD"]


def test_a_row_without_an_answer_fails_and_no_other_is_asked_about_again() -> None:
    step, env, given = asked("a", "bad", "c", "d")
    outcome = run_rows(step, given, env)
    assert outcome.kept["text"].to_list() == ["a", "c", "d"]
    assert outcome.failed["error"].to_list() == ["ValueError: no answer"]
    assert sorted(env.loaded) == ["a", "bad", "c", "d"]


def test_what_ends_a_run_ends_it() -> None:
    step, env, given = asked("a", "gone", "c")
    with pytest.raises(XlcorpusError, match="the endpoint is gone"):
        run_rows(step, given, env)
