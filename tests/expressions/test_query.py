"""A SELECT over tables of Parquet shards."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.expressions import connection
from xlcorpus.expressions.query import query, tables_of

ROWS = pl.DataFrame(
    {
        "id": ["c", "a", "b", "d"],
        "group_id": ["g1", "g1", "g2", None],
        "lang": ["deu_Latn", "eng_Latn", "eng_Latn", "hin_Deva"],
        "text": ["Hallo", "Hello", "Bye", "नमस्ते"],
        "score": [0.1, 0.2, 0.3, 0.4],
    }
)
Ask = Callable[..., pl.DataFrame]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """ask(sql, cuts, a=frame, ...) -> the result; frames are cut into shards at these rows."""

    def run(sql: str, cuts: Sequence[int] = (), seed: int = 0, **frames: pl.DataFrame) -> pl.DataFrame:
        shards = {}
        for name, frame in frames.items():
            borders = [0, *cuts, frame.height]
            paths = [tmp_path / f"{name}-{len(cuts)}-{i}.parquet" for i in range(len(borders) - 1)]
            for path, begin, end in zip(paths, borders, borders[1:], strict=False):
                frame[begin:end].write_parquet(path)
            shards[name] = paths
        made = query(sql, {name: frame.schema for name, frame in frames.items()})
        return pl.concat(list(made.run(shards, tmp_path / "spill", seed)))

    return run


def test_versions_of_an_item_are_joined(ask: Ask) -> None:
    sql = (
        "SELECT a.text AS src, b.text AS tgt FROM rows a JOIN rows b USING (group_id) "
        "WHERE a.lang = 'deu_Latn' AND b.lang = 'eng_Latn'"
    )
    assert ask(sql, rows=ROWS).to_dicts() == [{"src": "Hallo", "tgt": "Hello"}]


def test_rows_come_in_the_order_of_their_ids_however_they_were_cut(ask: Ask) -> None:
    sql = "SELECT id, row_number() OVER () AS n, list(text) OVER () AS texts FROM rows"
    whole = ask(sql, rows=ROWS)
    assert whole["id"].to_list() == ["a", "b", "c", "d"]
    assert whole["n"].to_list() == [1, 2, 3, 4]
    assert ask(sql, (1, 1, 3), rows=ROWS).equals(whole)


def test_rows_of_the_same_id_keep_the_order_of_the_table(ask: Ask) -> None:
    rows = pl.DataFrame({"id": ["x"] * 5000 + ["a"], "n": range(5001)})
    sql = "SELECT n FROM rows"
    assert ask(sql, rows=rows)["n"].to_list() == [5000, *range(5000)]
    assert ask(sql, (7, 4096), rows=rows)["n"].to_list() == [5000, *range(5000)]


def test_sums_do_not_depend_on_the_cut(ask: Ask) -> None:
    rows = pl.DataFrame(
        {"id": [f"{i * 7919 % 20_011:x}" for i in range(20_000)], "x": [0.1 * i for i in range(20_000)]}
    )
    sql = "SELECT sum(x) AS s, avg(x) AS a, stddev(x) AS d, arg_max(id, round(x / 100)) AS m FROM rows"
    assert ask(sql, rows=rows).equals(ask(sql, (1, 999, 15_000), rows=rows))


def test_plain_types_come_out(ask: Ask) -> None:
    made = ask("SELECT sum(1) AS n, count(*) AS c, 0.5 AS d, avg(score) AS a, list(score) AS l FROM rows", rows=ROWS)
    assert dict(made.schema) == {
        "n": pl.Int64,
        "c": pl.Int64,
        "d": pl.Float64,
        "a": pl.Float64,
        "l": pl.List(pl.Float64),
    }


def test_columns_are_known_before_a_row_is_read() -> None:
    made = query("SELECT lang, max(score) AS best, any_value(later) AS x FROM a GROUP BY lang", {"a": SCHEMA})
    assert list(made.columns or ()) == ["lang", "best", "x"]
    assert made.tables == {"a": ("id", "lang", "score", "later")}


SCHEMA = {**ROWS.schema, "later": None}


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("SELECT idd FROM a", "no column 'idd'; did you mean 'id'?"),
        ("SELECT b.id FROM a", "no table 'b'"),
        ("SELECT id FROM aa", "no table 'aa'; "),
        ("SELECT id FROM main.a", "no table 'main.a'"),
        ("SELECT id, id FROM a", "two columns are named 'id'"),
        ("SELECT x.id, y.lang AS Id FROM a x JOIN a y USING (group_id)", "two columns are named 'Id'"),
        ("SELECT lang, count(*) FROM a", "must appear in the GROUP BY clause"),
        ("SELECT id FROM a WHERE score > text + 1", "wrong types: +(VARCHAR, INTEGER)"),
        ("SELECT id FROM a x, a y", "several tables have a column 'id'"),
        ("SELECT id, INTERVAL 1 DAY AS x FROM a", "'x' is of type"),
    ],
)
def test_one_clear_error_before_a_row_is_read(sql: str, why: str) -> None:
    with pytest.raises(UserError, match=re.escape(why)):
        query(sql, {"a": SCHEMA})


def test_columns_that_some_shards_lack_are_null_there(tmp_path: Path) -> None:
    ROWS[:2].write_parquet(tmp_path / "0.parquet")
    ROWS[2:].with_columns(later=pl.lit("x")).write_parquet(tmp_path / "1.parquet")
    made = query("SELECT later FROM a", {"a": SCHEMA})
    [frame] = made.run({"a": [tmp_path / "0.parquet", tmp_path / "1.parquet"]}, tmp_path / "spill")
    assert frame["later"].to_list() == [None, "x", None, "x"]


def test_no_rows_have_the_columns_of_the_result(ask: Ask) -> None:
    assert ask("SELECT id, score FROM rows WHERE false", rows=ROWS).schema == {"id": pl.String, "score": pl.Float64}
    assert ask("SELECT lang, count(*) AS n FROM rows GROUP BY lang", rows=ROWS.clear()).is_empty()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM rows",
        "SELECT rows FROM rows",
        "SELECT r FROM rows r",
        "SELECT count(x) AS n FROM rows NATURAL JOIN (SELECT 'a' AS id, 1 AS x)",
        "PIVOT rows ON lang IN ('deu_Latn', 'eng_Latn') USING first(text) GROUP BY group_id",
        "SELECT COLUMNS('s.*') FROM rows",
    ],
)
def test_columns_that_are_not_named_are_read_where_they_count(ask: Ask, sql: str) -> None:
    assert query(sql, {"rows": ROWS.schema}).tables["rows"] == tuple(ROWS.columns)
    assert ask(sql, rows=ROWS).height


def test_embeddings_stay_arrays_of_their_length(ask: Ask) -> None:
    vectors = pl.Series([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], None], dtype=pl.Array(pl.Float32, 2))
    rows = ROWS.with_columns(embedding=vectors)
    sql = "SELECT embedding, array_cosine_similarity(embedding, [1, 0]::FLOAT[2]) AS s FROM rows ORDER BY id"
    made = ask(sql, rows=rows)
    assert made.schema["embedding"] == pl.Array(pl.Float32, 2)
    assert made["s"].round(2).to_list() == [0.0, pytest.approx(0.71), 1.0, None]


def test_long_texts_are_sorted_range_by_range_of_ids(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pl.DataFrame({"id": [f"{i * 7919 % 997:03d}" for i in range(3000)], "n": range(3000)}).with_columns(
        text=pl.lit("x" * 500), embedding=pl.Series([[0.5, 1.0]] * 3000, dtype=pl.Array(pl.Float32, 2))
    )
    sql = "SELECT *, row_number() OVER () AS place FROM rows"
    whole = ask(sql, rows=rows)
    monkeypatch.setattr("xlcorpus.expressions.in_order.SORTED_BYTES", 100_000)
    assert ask(sql, (1, 1, 1700), rows=rows).equals(whole)
    assert whole["id"].to_list() == sorted(rows["id"])
    same = rows.with_columns(id=pl.lit("x"))
    assert ask(sql, (5,), rows=same)["n"].to_list() == list(range(3000))


@pytest.mark.parametrize("folder", ["lang=xho", "a[1]", "it's", "**", "कखग ?"])
def test_folders_may_have_any_name(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "rows.parquet"
    path.parent.mkdir()
    ROWS.write_parquet(path)
    [frame] = query("SELECT lang FROM a ORDER BY id", {"a": ROWS.schema}).run({"a": [path]}, tmp_path / "spill")
    assert frame["lang"].to_list() == ROWS.sort("id")["lang"].to_list()


def test_columns_may_have_any_name(ask: Ask) -> None:
    rows = ROWS.select("id", pl.col("score").alias('ein "Wert'), pl.col("text").alias("select"), मान="lang")
    sql = """SELECT 10 * "ein ""Wert" AS "x y", "select", मान FROM rows WHERE मान = 'hin_Deva' """
    assert ask(sql, rows=rows).rows() == [(4.0, "नमस्ते", "hin_Deva")]
    with pytest.raises(UserError, match='the column is written "select", in double quotes'):
        ask("SELECT select FROM rows", rows=rows)


def test_a_value_that_cannot_be_computed_is_told(ask: Ask) -> None:
    with pytest.raises(UserError, match=r"Could not convert string 'Hello' to INT32.*try_cast"):
        ask("SELECT CAST(text AS INT) AS n FROM rows", rows=ROWS)
    with pytest.raises(UserError, match="no language 'nope'"):
        ask("SELECT words(text, 'nope') AS w FROM rows", rows=ROWS)


def test_what_does_not_fit_into_memory_is_spilled(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.OPENED, "memory_limit", "100MiB")
    monkeypatch.setattr("xlcorpus.expressions.in_order.SORTED_BYTES", 20_000_000)
    rows = pl.DataFrame({"id": [f"{i * 7919 % 100_003:08x}" for i in range(15_000)], "text": ["x" * 10_000] * 15_000})
    made = ask("SELECT id, length(text) AS n FROM rows", rows=rows)
    assert made["id"].to_list() == sorted(rows["id"])


def test_a_query_that_needs_too_much_memory_at_once_says_what_helps(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.OPENED, "memory_limit", "60MiB")
    rows = pl.DataFrame({"id": [f"{i:08x}" for i in range(25_000)], "text": ["x" * 3000] * 25_000})
    with pytest.raises(XlcorpusError, match="60MiB of memory; by: group_id"):
        ask("SELECT list(text) AS l FROM rows", rows=rows)


def test_the_tables_that_a_query_reads() -> None:
    assert tables_of("WITH t AS (SELECT * FROM z) SELECT * FROM t JOIN y USING (id) JOIN y b ON true") == ["z", "y"]


@pytest.mark.parametrize("beside", [{}, {"score": None}])
def test_a_name_that_two_tables_have_is_found_before_there_are_rows(beside: dict[str, None]) -> None:
    columns = {"id": pl.String(), "task": pl.String(), **beside}
    with pytest.raises(UserError, match=r"several tables have a column 'task': use: 'a\.task' or 'b\.task'"):
        query("SELECT task FROM a JOIN b USING (id)", {"a": columns, "b": columns})
