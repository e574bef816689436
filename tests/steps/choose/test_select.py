"""Choosing rows by expressions, ranks and balance."""

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.pipeline import Pipeline
from xlcorpus.step import CorpusEnv, Heard, Table
from xlcorpus.steps import Read, Select

ROWS = pl.DataFrame(
    {
        "id": ["a", "b", "c", "d", "e", "f"],
        "text": ["Eins", "Zwei", "Drei", "Vier", "Fünf", "Sechs"],
        "lang": ["deu_Latn", "deu_Latn", "deu_Latn", "eng_Latn", "eng_Latn", "hin_Deva"],
        "group_id": ["g", "g", "g", "h", "h", None],
        "judge_score": [0.1, 0.9, 0.9, 0.3, None, float("nan")],
    }
)


def chosen(frame: pl.DataFrame = ROWS, **options: Any) -> list[str]:
    return Select(**options)(frame, kind="sentence")["id"].to_list()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"keep": "judge_score > 0.2"}, ["b", "c", "d", "f"]),  # NaN is above all numbers in SQL
        ({"keep": "length(text) = 4 AND lang <> 'eng_Latn'"}, ["a", "b", "c"]),
        ({"score": "judge_score", "by": "group_id", "top": 1}, ["b", "d"]),
        ({"score": "judge_score", "by": "group_id", "top": 1, "bottom": 1}, ["a", "b", "d"]),
        ({"score": "-judge_score", "by": ["group_id"], "top": 1}, ["a", "d"]),
        ({"score": "judge_score", "top": 2}, ["b", "c"]),
        ({"score": "judge_score", "bottom": 1}, ["a"]),
        ({"score": "length(text)", "by": ["lang", "text LIKE '%e%'"], "top": 1}, ["a", "b", "d", "e", "f"]),
        ({"score": "judge_score", "by": "lang", "quantile": 0.5}, ["b", "c", "d"]),
        ({"score": "judge_score", "by": "lang", "quantile": 0.01}, ["b", "d"]),
        ({"keep": "id <> 'b'", "score": "judge_score", "by": "lang", "top": 1}, ["c", "d"]),
    ],
)
def test_rows_are_chosen(options: dict[str, Any], expected: list[str]) -> None:
    assert chosen(**options) == expected


def test_what_is_not_chosen_is_rejected_with_its_rule_and_value() -> None:
    outcome = Select(keep="lang <> 'hin_Deva'", score="judge_score", by="group_id", top=1).outcome(
        ROWS, kind="sentence"
    )
    assert outcome.rejected.select("id", "rule", "value").rows() == [
        ("f", "keep", "false"),
        ("e", "no_score", None),
        ("a", "rank", "3"),
        ("c", "rank", "2"),
    ]
    assert outcome.kept.select("id", "select_rank").rows() == [("b", 1), ("d", 1)]


def test_a_row_without_a_group_is_a_group_of_its_own() -> None:
    rows = ROWS.with_columns(judge_score=pl.lit(0.5), group_id=pl.lit(None, dtype=pl.String))
    assert chosen(rows, score="judge_score", by="group_id", top=1) == rows["id"].to_list()


def test_a_balanced_subset_has_as_many_rows_of_each_value_as_the_rarest() -> None:
    rows = pl.DataFrame(
        {"id": [f"{i:03d}" for i in range(100)], "text": "x", "lang": ["deu_Latn"] * 50 + ["eng_Latn"] * 50}
    )
    rows = rows.with_columns(correct=pl.Series([i % 10 < 7 for i in range(99)] + [None]))
    made = Select(balance="correct", by="lang")(rows, kind="sentence")
    assert made.group_by("lang", "correct").len().sort("lang", "correct").rows() == [
        ("deu_Latn", False, 15),
        ("deu_Latn", True, 15),
        ("eng_Latn", False, 14),
        ("eng_Latn", True, 14),
    ]
    other = Select(balance="correct", by="lang")(rows, kind="sentence", seed=1)
    assert other["id"].to_list() != made["id"].to_list()
    best = Select(balance="correct", score="-CAST(id AS INT)", each=2)(rows, kind="sentence")
    assert best["id"].to_list() == ["000", "001", "007", "008"]


def test_values_with_fewer_rows_than_each_are_told() -> None:
    outcome = Select(balance="lang", each=2).outcome(ROWS, kind="sentence")
    assert outcome.kept["lang"].value_counts().sort("lang")["count"].to_list() == [2, 2, 1]
    assert outcome.warnings == ("balance: there are values with fewer rows than each: 2; all of theirs are kept",)


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.sampled_from("uvwx")), max_size=25),
    st.integers(1, 3),
    st.integers(1, 3),
)
def test_best_and_worst_are_those_of_a_sorted_list(rows: list[tuple[str, int, str]], top: int, bottom: int) -> None:
    frame = pl.DataFrame(
        {
            "id": [row[2] for row in rows],
            "text": [str(n) for n in range(len(rows))],
            "lang": "eng_Latn",
            "g": [row[0] for row in rows],
            "s": [row[1] for row in rows],
        },
        schema_overrides={"id": pl.String, "text": pl.String, "g": pl.String, "s": pl.Int64},
    )
    expected = set()
    for group in "ab":
        ranked = sorted((-s, row_id, n) for n, (g, s, row_id) in enumerate(rows) if g == group)
        expected |= {n for *_, n in ranked[:top]} | {n for *_, n in ranked[-bottom:]}
    made = Select(score="s", by="g", top=top, bottom=bottom)(frame, kind="sentence")
    assert made["text"].cast(pl.Int64).to_list() == sorted(expected)


def test_groups_over_many_shards_of_other_columns(tmp_path: Path) -> None:
    frames = [ROWS[:2], ROWS[2:2], ROWS[2:3].drop("judge_score"), ROWS[3:].with_columns(more=pl.lit(1))]
    paths = tuple(tmp_path / f"{i}.parquet" for i in range(len(frames)))
    for path, frame in zip(paths, frames, strict=True):
        frame.write_parquet(path)
    heard = Heard("sentence", "select")
    env = CorpusEnv(kind="sentence", scratch=tmp_path / "s", keep=tmp_path / "k", reject=heard.reject, say=heard.say)
    env.scratch.mkdir()
    made = Select(score="judge_score", by="group_id", top=1).run({"rows": Table("sentence", paths)}, env)
    assert [frame["id"].to_list() for frame in made] == [["b"], [], [], ["d"]]
    assert heard.rejected["rule"].to_list() == ["rank", "no_score", "no_score", "no_score"]


def test_no_rows() -> None:
    for options in ({"keep": "judge_score > 1"}, {"score": "judge_score", "top": 1}, {"balance": "lang"}):
        assert Select(**options)(ROWS.clear(), kind="sentence").is_empty()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "it chooses nothing"),
        ({"by": "lang"}, "by has no effect here"),
        ({"top": 1}, "top needs score"),
        ({"keep": "true", "by": "lang"}, "by has no effect here"),
        ({"score": "judge_score", "top": 1, "quantile": 0.1}, "give one"),
        ({"score": "judge_score", "top": 1, "balance": "lang"}, "use two steps"),
        ({"keep": "judge_scor > 1"}, "keep: `judge_scor > 1`: no column 'judge_scor'; did you mean 'judge_score'?"),
        ({"keep": "right"}, "this is not SQL: syntax error at its end; right is a word of SQL too: the column is"),
        ({"keep": "lang"}, "keep: `lang` is String, not true or false"),
        ({"score": "lang", "top": 1}, "score: `lang` is String, not a number"),
        ({"score": "1", "top": 1, "by": ["lnag"]}, "by: `lnag`: no column 'lnag'"),
        ({"keep": "score > max(score)"}, "no aggregate"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], why: str) -> None:
    with pytest.raises((UserError, ValueError), match=re.escape(why)):
        Select(**options)(ROWS.with_columns(right=True), kind="sentence")


def test_expressions_are_checked_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x\n")
    read = Pipeline("p").then(Read(paths={"deu": [str(tmp_path / "a.txt")]}, kind="sentence"))
    columns = read.then(Select(score="length(text)", top=1)).resolve()[-1].columns
    assert columns == ("select_rank",)
    with pytest.raises(UserError, match=r"step 'select': keep: `lnag = 'x'`: no column 'lnag'; did you mean 'lang'"):
        read.then(Select(keep="lnag = 'x'")).resolve()
