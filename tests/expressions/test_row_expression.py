"""Expressions over the columns of one row."""

import pickle
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.expressions.connection import locked
from xlcorpus.expressions.row_expression import row_expression
from xlcorpus.row_random import draws

ROWS = pl.DataFrame(
    {
        "id": ["c", "a", "b", "d"],
        "text": ["Das kostet 1.234,5 Euro.", "It is 1,234.5 euros.", "कल ३ बजे", None],
        "lang": ["deu_Latn", "eng_Latn", "hin_Deva", "deu_Latn"],
        "score": [0.9, 0.2, None, 0.5],
        "messages": [[{"role": "user", "content": "Hallo"}], [], None, [{"role": "user", "content": None}]],
        'odd "name"': [1, 2, 3, 4],
        "ключ": ["к", "л", None, "м"],
    }
)


def values(text: str, frame: pl.DataFrame = ROWS, seed: int = 0) -> list[object]:
    return row_expression(text, frame.schema).evaluate(frame, seed).to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("score > 0.3 AND lang = 'deu_Latn'", [True, False, False, True]),
        ("messages[1].content", ["Hallo", None, None, None]),
        ("len(messages)", [1, 0, None, 1]),
        ("list_transform(messages, lambda m: m.role)", [["user"], [], None, ["user"]]),
        ('"odd ""name""" % 2 = 0', [False, True, False, True]),
        ("ключ = 'л'", [False, True, None, False]),
        ("coalesce(score, 0) -- a comment", [0.9, 0.2, 0.0, 0.5]),
        ("numbers(text, lang)", [[1234.5], [1234.5], [3.0], None]),
        ("words(text, lang)", [["Das", "kostet", "1.234,5", "Euro"], ["It", "is", "1,234.5", "euros"]]),
        ("1", [1, 1, 1, 1]),
        ("score * 0.5", [0.45, 0.1, None, 0.25]),
        ("CASE WHEN lang IN ('hin_Deva', 'eng_Latn') THEN 'x' END", [None, "x", "x", None]),
    ],
)
def test_values_stand_in_the_order_of_the_rows(text: str, expected: list[object]) -> None:
    assert values(text)[: len(expected)] == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("lnag = 'x'", "no column 'lnag'; did you mean 'lang'?"),
        ("messages[1].contnt", "no field 'contnt'; did you mean 'content'?"),
        ("lenght(text) > 3", "no function lenght(); did you mean 'length'?"),
        ("text + 1", "wrong types: +(VARCHAR, INTEGER)"),
        ("score > 'high'", "Could not convert string 'high' to DOUBLE"),
        ("sum(score) > 1", "no aggregate, as sum() is"),
        ("max(score)", "no aggregate, as max() is"),
        ("row_number() OVER ()", "no window"),
        ("score > (SELECT 1)", "no subquery"),
        ("text IN (SELECT 'a')", "no subquery"),
        ("unnest(messages)", "unnest() makes rows"),
        ("COLUMNS('s.*') > 0", "name one"),
        ("list_transform(messages, m -> m.role)", "write list_transform(l, lambda x: ...)"),
        ("1), (2", "one expression over columns belongs here"),
        ("1) AS x, (2", "one expression"),
        ("1) FROM _rows UNION ALL SELECT (2", "one expression"),
        ("text; DROP TABLE x", "this is not SQL"),
        ("text >", "`text >`: this is not SQL: syntax error at its end"),
        ("(score + 1", "this is not SQL"),
        ("  ", "an expression is empty"),
        ("random() < 0.5", "draw('purpose', id)"),
        ("INTERVAL 1 DAY", "which a table cannot hold"),
        ("map {'a': 1}", "which a table cannot hold"),
    ],
)
def test_what_is_no_expression_of_a_row_is_refused_before_there_are_rows(text: str, why: str) -> None:
    with pytest.raises(UserError, match=re.escape(why)):
        row_expression(text, ROWS.schema)


def test_a_column_whose_type_is_not_known_yet_fits_everywhere() -> None:
    schema = {"id": pl.String(), "judge_score": None, "check_answer_value": None}
    for text in ("judge_score > 0.5 AND check_answer_value = 'A'", "judge_score", "judge_score[1].x"):
        row_expression(text, schema)
    with pytest.raises(UserError, match="did you mean 'judge_score'"):
        row_expression("jugde_score > 0.5", schema)


def test_columns_that_differ_in_case_alone_are_refused_where_they_are_named() -> None:
    frame = pl.DataFrame({"Text": ["a"], "text": ["b"], "n": [1]})
    assert values("n", frame) == [1]
    with pytest.raises(UserError, match="'Text' and 'text' differ in case alone"):
        row_expression("text = 'b'", frame.schema)


def test_a_value_that_cannot_be_computed_names_the_expression() -> None:
    with pytest.raises(UserError, match=r"`CAST\(text AS INT\)`: .*try_cast"):
        values("CAST(text AS INT)")
    with pytest.raises(UserError, match="no language 'xx-nope'"):
        values("words(text, 'xx-nope')")
    with pytest.raises(UserError, match="the rows have no column 'score'"):
        row_expression("score > 0", ROWS.schema).evaluate(ROWS.drop("score"))


def test_an_expression_travels_to_workers() -> None:
    expression = pickle.loads(pickle.dumps(row_expression("score > 0.3", ROWS.schema)))
    assert expression.evaluate(ROWS).to_list() == [True, False, None, True]


def test_no_rows_have_no_values() -> None:
    for text in ("score > 0.3", "1", "words(text, lang)", "draw('x', id)", "numbers(text, lang)"):
        assert values(text, ROWS.clear()) == []


def test_a_draw_belongs_to_the_row_and_its_purpose() -> None:
    drawn = values("draw('split', id)", seed=7)
    assert drawn == [draws(row_id, 7, "split", 1)[0] for row_id in ROWS["id"]]
    assert values("draw('split', id)", ROWS[::-1], seed=7) == drawn[::-1]
    assert values("draw('other', id)", seed=7) != drawn
    assert values("draw('split', ключ)")[2] is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=8)), min_size=1, max_size=30))
def test_lengths_and_equality_are_those_of_python(texts: list[str | None]) -> None:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    assert values("length(text)", frame) == [None if t is None else len(t) for t in texts]
    assert values("text = text || ''", frame) == [None if t is None else True for t in texts]


def test_rows_keep_their_order_beyond_one_batch_of_the_database() -> None:
    frame = pl.DataFrame({"n": range(300_000)})
    assert values("n", frame) == list(range(300_000))


def test_the_connection_opens_no_file_and_changes_no_setting(tmp_path: Path) -> None:
    duck = locked().duck
    (tmp_path / "a.csv").write_text("x\n1\n")
    for sql in (
        f"SELECT * FROM read_csv('{tmp_path}/a.csv')",
        f"COPY (SELECT 1) TO '{tmp_path}/b.csv'",
        f"ATTACH '{tmp_path}/c.db'",
        "INSTALL httpfs",
        "SET threads = 4",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
    ):
        with pytest.raises(Exception, match=r"disabled|locked"):
            duck.execute(sql)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
