"""Tables made of tables by SQL."""

import pickle
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.in_memory import run_frames
from xlcorpus.pipeline import Pipeline
from xlcorpus.step import CorpusEnv, Heard, Table
from xlcorpus.steps import Read, Reshape
from xlcorpus.steps.shape import parts
from xlcorpus.yaml_file import from_yaml, to_yaml

ROWS = pl.DataFrame(
    {
        "id": ["d1", "e1", "d2", "e2", "h1"],
        "text": ["Hallo", "Hello", "Tschüss", "Bye", "नमस्ते"],
        "lang": ["deu_Latn", "eng_Latn", "deu_Latn", "eng_Latn", "hin_Deva"],
        "group_id": ["g1", "g1", "g2", "g2", "g1"],
        "source": ["a", "a", "a", "b", None],
        "license": ["mit", "mit", "mit", "mit", "mit"],
        "origin": ["native", "translated", "native", "native", "native"],
    }
)
CROSS = Reshape(
    kind="pair",
    tables={"a": "read"},
    sql="""SELECT x.text AS src_text, x.lang AS src_lang, y.text AS tgt_text, y.lang AS tgt_lang
           FROM a x JOIN a y USING (group_id) WHERE x.lang = 'deu_Latn' AND y.lang <> 'deu_Latn'""",
    parents=["x.id", "y.id"],
)


def made(kind: str, sql: str, rows: pl.DataFrame = ROWS, **options: Any) -> pl.DataFrame:
    return Reshape(kind=kind, tables={"a": "read"}, sql=sql, **options)(rows, kind="sentence")


def test_versions_of_an_item_are_joined_and_inherit_what_their_parents_share() -> None:
    pairs = CROSS(ROWS, kind="sentence").sort("src_text", "tgt_text")
    columns = ("src_text", "tgt_text", "parents", "group_id", "source", "license", "origin")
    assert pairs.select(columns).rows() == [
        ("Hallo", "Hello", ["d1", "e1"], "g1", "a", "mit", "transformed"),
        ("Hallo", "नमस्ते", ["d1", "h1"], "g1", None, "mit", "native"),
        ("Tschüss", "Bye", ["d2", "e2"], "g2", "a; b", "mit", "native"),
    ]


def test_groups_name_their_rows_behind_an_aggregate() -> None:
    sql = "SELECT string_agg(text, ' ' ORDER BY id) AS text, lang FROM a r GROUP BY lang"
    rows = made("document", sql, parents=["list(r.id ORDER BY r.id)"]).sort("lang")
    assert rows.select("text", "parents", "source", "group_id").rows() == [
        ("Hallo Tschüss", ["d1", "d2"], "a", None),
        ("Hello Bye", ["e1", "e2"], "a; b", None),
        ("नमस्ते", ["h1"], None, "g1"),
    ]


def test_a_query_may_give_parents_and_the_rest_itself() -> None:
    sql = """SELECT 'x' AS text, lang, list(id ORDER BY id) AS parents, 'g' AS group_id, 'own' AS source
             FROM a GROUP BY lang"""
    rows = made("document", sql).sort("lang")
    assert rows["parents"].to_list() == [["d1", "d2"], ["e1", "e2"], ["h1"]]
    assert rows["group_id"].to_list() == ["g"] * 3 and rows["source"].to_list() == ["own"] * 3


def test_a_partner_that_is_missing_is_no_parent() -> None:
    sql = """SELECT x.text AS text, x.lang AS lang, y.text AS english FROM a x
             LEFT JOIN a y ON x.group_id = y.group_id AND y.lang = 'eng_Latn' AND y.id <> 'e1'
             WHERE x.lang = 'deu_Latn'"""
    rows = made("sentence", sql, parents=["x.id", "y.id"]).sort("text")
    assert rows.select("text", "english", "parents", "source").rows() == [
        ("Hallo", None, ["d1"], "a"),
        ("Tschüss", "Bye", ["d2", "e2"], "a; b"),
    ]


def test_lists_become_rows_and_fields_are_taken_by_name() -> None:
    rows = pl.DataFrame(
        {
            "id": ["i"],
            "messages": [[{"role": "user", "content": "Was?"}, {"role": "assistant", "content": "Das."}]],
            "lang": "deu_Latn",
            "task": "chat",
            "prompt_lang": "deu_Latn",
            "response_lang": "deu_Latn",
        }
    )
    step = Reshape(
        kind="sentence",
        tables={"r": "x"},
        sql="SELECT t.content AS text, lang, t.role AS role FROM r, unnest(r.messages) u(t)",
        parents=["r.id"],
    )
    assert step(rows, kind="instruction").select("text", "role").rows() == [("Was?", "user"), ("Das.", "assistant")]
    back = Reshape(
        kind="instruction",
        tables={"s": "x"},
        sql="SELECT [{'content': text, 'role': 'user'}] AS messages, lang, 'x' AS task, lang AS prompt_lang, "
        "lang AS response_lang FROM s",
        parents=["s.id"],
    )
    turn = back(ROWS[:1], kind="sentence")["messages"][0][0]
    assert turn == {"role": "user", "content": "Hallo", "tool_calls": None, "reasoning": None}


def test_equal_rows_have_ids_of_their_own_and_ids_depend_on_content_and_parents() -> None:
    sql = "SELECT 'x' AS text, lang FROM a, range(3)"
    rows = made("sentence", sql, parents=["a.id"])
    assert rows.height == 15 and rows["id"].n_unique() == 15
    assert rows["id"].to_list() == made("sentence", sql, ROWS[::-1], parents=["a.id"])["id"].to_list()
    once = made("sentence", "SELECT 'x' AS text, lang FROM a", parents=["a.id"])
    assert set(once["id"]) < set(rows["id"])


def test_star_keeps_the_columns_and_makes_new_rows() -> None:
    rows = made("sentence", "SELECT * FROM a WHERE lang = 'deu_Latn'", ROWS.with_columns(n=1), parents=["a.id"])
    assert rows.select("text", "group_id", "source", "origin", "n").rows() == [
        ("Hallo", "g1", "a", "native", 1),
        ("Tschüss", "g2", "a", "native", 1),
    ]
    assert set(rows["id"]).isdisjoint(ROWS["id"])


def test_what_cannot_be_inherited_is_told() -> None:
    sql = "SELECT t.text AS text, t.lang AS lang FROM (SELECT id, text, lang FROM a) t"
    outcome = Reshape(kind="sentence", tables={"a": "x"}, sql=sql, parents=["t.id"]).outcome(ROWS, kind="sentence")
    assert outcome.kept["group_id"].to_list() == [None] * 5
    assert outcome.warnings == (
        "group_id, source, license of the parents cannot be reached where the query ends, so rows have none; "
        "select group_id in the query to keep it",
    )


def run(step: Reshape, shards: list[pl.DataFrame], folder: Path, **known: Any) -> pl.DataFrame:
    """The step on a table of these shards."""
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    for number, frame in enumerate(shards):
        frame.write_parquet(folder / f"{number}.parquet")
    table = Table("sentence", tuple(folder / f"{number}.parquet" for number in range(len(shards))))
    heard = Heard("sentence", "reshape")
    env = CorpusEnv(kind="sentence", scratch=scratch, keep=folder / "kept", reject=heard.reject, say=heard.say, **known)
    return pl.concat(step.run({"a": table}, env), how="diagonal_relaxed")


def test_parts_by_item_give_the_rows_of_one_query_for_any_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = pl.concat(ROWS.with_columns(pl.col("id", "group_id") + f"-{i}") for i in range(50))
    # Rows without an item, two of the same id, and one that no join finds.
    rows = rows.with_columns(group_id=pl.when(pl.int_range(pl.len()) % 7 > 0).then("group_id"))
    rows = pl.concat([rows, rows[3:4]])
    whole = run(CROSS, [rows], tmp_path / "whole")
    monkeypatch.setattr(parts, "RUN_ROWS", 40)
    monkeypatch.setattr("xlcorpus.steps.shape.reshape.PART_ROWS", 30)
    by = CROSS.model_copy(update={"by": "group_id"})
    divided = run(by, [rows], tmp_path / "divided")
    assert divided.height > 100
    assert divided.sort("id").equals(whole.sort("id"))
    cut = run(by, [rows[:1], rows[1:1], rows[1:90], rows[90:]], tmp_path / "cut")
    assert cut.equals(divided)


def test_tasks_travel_to_workers_and_leave_alone_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xlcorpus.steps.shape.reshape.PART_ROWS", 2)
    by = CROSS.model_copy(update={"by": "group_id"})
    ROWS.write_parquet(tmp_path / "0.parquet")
    made, written = [], []
    for _ in range(2):
        heard = Heard("sentence", "reshape")
        env = CorpusEnv(kind="sentence", scratch=tmp_path, keep=tmp_path, reject=heard.reject, say=heard.say)
        env.map = lambda function, items: (function(pickle.loads(pickle.dumps(item))) for item in items)
        made.append(pl.concat(by.run({"a": Table("sentence", (tmp_path / "0.parquet",))}, env)))
        written.append({path: path.stat().st_mtime_ns for path in tmp_path.glob("*-0000*.parquet")})
    assert written[0] == written[1] and len(written[0]) > 3
    assert made[0].height == 3 and made[1].equals(made[0])


def test_what_goes_wrong_in_a_query_names_the_step() -> None:
    with pytest.raises(UserError, match="step 'numbers', sql: Could not convert string 'Hallo' to INT32"):
        sql = "SELECT CAST(text AS INT) AS n, text, lang FROM a"
        Reshape(kind="sentence", tables={"a": "x"}, sql=sql, parents=["a.id"]).outcome(
            ROWS, kind="sentence", step="numbers"
        )


def test_texts_are_compared_code_point_by_code_point() -> None:
    rows = pl.DataFrame({"id": ["a", "b"], "text": ["n\u00e0", "na\u0300"], "lang": "yor_Latn"})
    sql = "SELECT text, lang FROM a x WHERE (SELECT count(*) FROM a y WHERE {} = {}) = {}"
    assert made("sentence", sql.format("x.text", "y.text", 1), rows, parents=["x.id"]).height == 2
    same = sql.format("nfc_normalize(x.text)", "nfc_normalize(y.text)", 2)
    assert made("sentence", same, rows, parents=["x.id"])["text"].to_list() == rows["text"].to_list()


def test_draws_are_those_of_the_seed(tmp_path: Path) -> None:
    step = Reshape(
        kind="sentence", tables={"a": "x"}, sql="SELECT text, lang, draw('x', id) AS d FROM a", parents=["a.id"]
    )
    first, other = (run(step, [ROWS], tmp_path / str(seed), seed=seed)["d"] for seed in (1, 2))
    assert first.to_list() != other.to_list()


def test_no_rows() -> None:
    assert CROSS(ROWS.clear(), kind="sentence").is_empty()
    assert made("sentence", "SELECT text, lang FROM a WHERE false", parents=["a.id"]).is_empty()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"sql": "SELECT text, lang FROM b"}, "sql: no table 'b' in tables; "),
        ({"tables": {"a": "x", "b": "y"}}, "tables: the query does not read 'b'"),
        ({"sql": "SELEC text FROM a"}, "this is not SQL"),
        ({"sql": "SELECT random() AS text, lang FROM a"}, "draw('purpose', id)"),
        ({"kind": "sentense"}, "no record kind 'sentense'; did you mean 'sentence'?"),
        ({"parents": []}, "nothing says what rows are made of"),
        ({"parents": ["b.id"]}, "no table 'b'"),
        ({"parents": ["length(text)"]}, "`length(text)` is Int64, neither an id nor a list of ids"),
        ({"parents": ["a.id, a.text"]}, "write them one by one in the list"),
        ({"sql": "SELECT text FROM a"}, "rows of kind sentence need a column 'lang', which the query does not give"),
        ({"sql": "SELECT text, 1 AS lang FROM a"}, "'lang' of kind sentence is String, but the query gives Int32"),
        ({"sql": "SELECT text, lang FROM a UNION ALL SELECT text, lang FROM a"}, "give a column parents in each part"),
        ({"by": "grup_id"}, "by, in the table 'a': `grup_id`: no column 'grup_id'; did you mean 'group_id'?"),
    ],
)
def test_one_clear_error(options: dict[str, Any], why: str) -> None:
    given = {
        "kind": "sentence",
        "tables": {"a": "x"},
        "sql": "SELECT text, lang FROM a",
        "parents": ["a.id"],
        **options,
    }
    with pytest.raises((UserError, ValueError), match=re.escape(why)):
        Reshape(**given)(ROWS, kind="sentence")


YAML = """
name: crossed
steps:
  read: {paths: {deu: [x.txt]}}
  more: {step: read, paths: {eng: [y.txt]}}
  both:
    step: reshape
    kind: pair
    tables: {a: read, b: [more]}
    sql: SELECT a.text AS src_text, a.lang AS src_lang, b.text AS tgt_text, b.lang AS tgt_lang, 0.5 AS x FROM a, b
    parents: [a.id, b.id]
"""


def test_tables_names_the_steps_that_are_read() -> None:
    pipeline = from_yaml(YAML)
    assert from_yaml(to_yaml(pipeline)) == pipeline
    node = pipeline.resolve()[-1]
    assert node.inputs == {"a": ("read",), "b": ("more",)}
    assert node.output_kind == "pair" and node.columns == ("x",)
    tables = run_frames(pipeline, {"read": ROWS[:1], "more": ROWS[1:2]})
    assert tables["both"].select("src_text", "tgt_text", "x", "step").rows() == [("Hallo", "Hello", 0.5, "both")]


def test_the_graph_is_checked_with_the_columns_of_each_table() -> None:
    with pytest.raises(UserError, match=r"step 'both' \(<yaml>:6\): no column 'txt'; did you mean 'text'"):
        from_yaml(YAML.replace("b.text", "b.txt")).resolve()
    with pytest.raises(UserError, match=r"step 'both' reads 'mor', which is no step .* did you mean 'more'"):
        from_yaml(YAML.replace("[more]", "[mor]")).resolve()
    with pytest.raises(UserError, match="rows of kind pair need a column 'tgt_text'"):
        from_yaml(YAML.replace("AS tgt_text", "AS tgt_txt")).resolve()
    longer = from_yaml(YAML).then(
        Reshape(
            kind="sentence",
            tables={"p": "both"},
            sql="SELECT src_text AS text, src_lang AS lang, x > 0.1 AS y FROM p",
            parents=["p.id"],
        )
    )
    assert longer.resolve()[-1].columns == ("y",)
    assert (
        Pipeline("p")
        .then(Read(paths="x"))
        .then(Reshape(kind="sentence", tables={"p": "read"}, sql="SELECT text, lang FROM p", parents=["p.id"]))
        .resolve()
    )
