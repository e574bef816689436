"""Every sort of damage to a release is found, and said where it is and what would be right."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from xlcorpus.release.validate import validate_release

SHARD = "data/pairs/train-00000-of-00001.parquet"


def messages(folder: Path) -> list[str]:
    return [str(p) for p in validate_release(folder)]


def rewrite(folder: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    path = folder / SHARD
    table = pq.read_table(path)
    changed = change(table)
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)


def replaced(column: str, new: object, rows: int = 1) -> Callable[[pa.Table], pa.Table]:
    """Put `new` into the first rows of a column."""

    def change(table: pa.Table) -> pa.Table:
        values = table[column].to_pylist()
        values[:rows] = [new] * rows
        return table.set_column(table.column_names.index(column), column, pa.array(values, table[column].type))

    return change


def test_a_good_release_has_no_problems(release: Path):
    assert validate_release(release) == []


def test_a_missing_shard(make_table, build, pairs):
    noise = [random.Random(i).randbytes(150).hex() for i in range(9000)]
    folder = build({"pairs": make_table(pairs(rows=9000, src_text=noise))}, shard_mb=1, row_group_rows=500).folder
    shards = sorted((folder / "data/pairs").iterdir())
    shards[0].unlink()
    found = messages(folder)
    assert found[0] == f"data/pairs: {shards[0].name} is missing"
    assert "num_examples of config 'pairs', train, is 9,000, but its files hold" in found[1]


def test_a_wrong_file_name(release: Path):
    (release / SHARD).rename(release / "data/pairs/part-0.parquet")
    assert messages(release)[0] == (
        "data/pairs/part-0.parquet: does not belong here; files are named train-<number>-of-<total>.parquet"
    )


def test_a_cut_off_file(release: Path):
    path = release / SHARD
    path.write_bytes(path.read_bytes()[:-300])
    assert messages(release)[0].startswith(f"{SHARD}: cannot be read: ")


def test_a_damaged_page(release: Path):
    path = release / SHARD
    content = bytearray(path.read_bytes())
    content[200:1500] = bytes(1300)
    path.write_bytes(content)
    assert messages(release)[0].startswith(f"{SHARD}: cannot be read: ")


def test_a_wrong_column_type(release: Path):
    rewrite(release, lambda t: t.set_column(4, "score", pc.cast(t["score"], pa.string())))
    assert messages(release) == [
        f"{SHARD}, column 'score': has type string, should be double",
        f"{SHARD}: columns differ from the features of config 'pairs' in README.md",
    ]


def test_a_missing_column(release: Path):
    rewrite(release, lambda t: t.drop_columns(["origin"]))
    assert f"{SHARD}, column 'origin': is missing; every pair has it" in messages(release)


def test_an_id_that_stands_twice(release: Path):
    ids = pq.read_table(release / SHARD)["id"].to_pylist()
    rewrite(release, replaced("id", ids[7]))
    assert messages(release) == [
        f"{SHARD}, row {ids[7]}, column 'id': stands in train-00000-of-00001.parquet already; "
        "ids are unique in a config"
    ]


def test_a_wrong_count(release: Path):
    card = release / "README.md"
    card.write_text(card.read_text("utf8").replace("num_examples: 80", "num_examples: 81"), "utf8")
    assert messages(release) == ["README.md: num_examples of config 'pairs', train, is 81, but its files hold 80 rows"]


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("xx", "no language 'xx'; give an English name, an ISO 639 code or a tag such as deu_Latn"),
        ("de", "'de' should be 'deu_Latn'"),
    ],
)
def test_a_bad_language(release: Path, tag: str, message: str):
    row = pq.read_table(release / SHARD)["id"][0]
    rewrite(release, replaced("src_lang", tag, rows=3))
    assert messages(release) == [f"{SHARD}, row {row}, column 'src_lang': {message}"]


def test_a_bad_origin(release: Path):
    rewrite(release, replaced("origin", "minde"))
    assert [m.split(": ", 1)[1] for m in messages(release)] == ["'minde' is no origin; did you mean 'mined'?"]


def test_a_null_where_none_may_be(release: Path):
    def change(table: pa.Table) -> pa.Table:
        values = pa.array([None, *table["tgt_text"].to_pylist()[1:]], pa.string())
        return table.set_column(1, pa.field("tgt_text", pa.string()), values)

    rewrite(release, change)
    assert [m.split(": ", 1)[1] for m in messages(release)] == ["is null, must have a value"]


def test_a_message_without_content(release: Path):
    path = release / "data/instructions/train-00000-of-00001.parquet"
    table = pq.read_table(path)
    turns = table["messages"].to_pylist()
    turns[0][0]["content"] = None
    changed = table.set_column(0, table.schema.field("messages"), pa.array(turns, table["messages"].type))
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)
    assert [m.split(": ", 1)[1] for m in messages(release)] == ["a turn has neither content nor tool_calls"]


def test_a_role_that_is_none(release: Path):
    path = release / "data/instructions/train-00000-of-00001.parquet"
    table = pq.read_table(path)
    turns = table["messages"].to_pylist()
    turns[11][1]["role"] = "gpt"
    changed = table.set_column(0, table.schema.field("messages"), pa.array(turns, table["messages"].type))
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)
    assert [m.split(", column ", 1)[1] for m in messages(release)] == [
        "'messages.role': 'gpt' is no role; valid: assistant, system, tool, user"
    ]


def test_no_record_kind(release: Path):
    path = release / SHARD
    pq.write_table(pq.read_table(path).replace_schema_metadata({}), path)
    assert messages(release)[0].startswith(f"{SHARD}: metadata xlcorpus.kind is ''; valid: document, feedback")


def test_a_config_that_the_header_does_not_know(release: Path):
    (release / "data" / "more").mkdir()
    assert messages(release) == ["data/more: no config of that name in the header of README.md"]


def test_a_config_without_files(release: Path):
    (release / "data/instructions").rename(release.parent / "away")
    assert messages(release) == ["README.md: config 'instructions' has no folder data/instructions"]


@pytest.mark.parametrize(
    ("card", "message"),
    [
        (None, "not a release"),
        ("# no header", "does not begin with a YAML header"),
        ("---\na: [\n---\n", "is not YAML"),
        ("---\n- a\n---\n", "is not a mapping"),
        ("---\nlicense: mit\n---\n", "must hold `configs`"),
    ],
)
def test_a_card_without_a_header(tmp_path: Path, card: str | None, message: str):
    if card is not None:
        (tmp_path / "README.md").write_text(card, "utf8")
    found = messages(tmp_path)
    assert len(found) == 1
    assert message in found[0]
