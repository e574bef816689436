"""Parquet files of a release: sizes, names, columns, ids."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xlcorpus import records
from xlcorpus.errors import XlcorpusError
from xlcorpus.release.shards import KIND_KEY, write_config
from xlcorpus.release_spec import ReleaseSpec


def spec(**options) -> ReleaseSpec:
    return ReleaseSpec(tables={"pairs": "mine"}, **options)


def incompressible(rows: int) -> list[str]:
    noise = random.Random(1)
    return [noise.randbytes(300).hex() for _ in range(rows)]


def test_large_tables_are_cut_into_numbered_files(make_table, pairs, tmp_path: Path):
    table = make_table(pairs(rows=8000, src_text=incompressible(8000)))
    written = write_config(tmp_path / "out", "pairs", [table], spec(shard_mb=1, row_group_rows=500))
    count = len(written.shards)
    assert count > 2
    assert [p.name for p in written.shards] == [f"train-{i:05d}-of-{count:05d}.parquet" for i in range(count)]
    assert all(1_000_000 <= p.stat().st_size < 1_500_000 for p in written.shards[:-1])
    assert written.scan().select("src_text").collect()["src_text"].to_list() == incompressible(8000)


def test_row_groups_are_the_same_however_the_input_is_cut(make_table, pairs, tmp_path: Path):
    whole = make_table(pairs(rows=1000))
    parts = make_table(pairs(0, 1), pairs(1, 700), pairs(701, 299))
    one, many = (
        write_config(tmp_path / name, "pairs", [table], spec(row_group_rows=300))
        for name, table in (("a", whole), ("b", parts))
    )
    metadata = pq.read_metadata(one.shards[0])
    assert [metadata.row_group(i).num_rows for i in range(4)] == [300, 300, 300, 100]
    assert one.shards[0].read_bytes() == many.shards[0].read_bytes()


def test_files_are_zstd_and_name_their_kind(make_table, pairs, tmp_path: Path):
    shard = write_config(tmp_path / "out", "pairs", [make_table(pairs())], spec()).shards[0]
    assert pq.read_metadata(shard).row_group(0).column(0).compression == "ZSTD"
    assert pq.read_schema(shard).metadata[KIND_KEY] == b"pair"


def test_columns_stand_in_order_and_are_plain(make_table, pairs, tmp_path: Path):
    first = make_table(pairs(lid_score=[0.5] * 40, _helper=[1] * 40))
    second = make_table(
        pairs(
            40,
            40,
            embedding=pl.Series([[1.0, 2.0]] * 40, dtype=pl.Array(pl.Float32, 2)),
            ngram_score=[1] * 40,
        )
    )
    written = write_config(tmp_path / "out", "pairs", [first, second], spec())
    kind = records.kind("pair").schema
    schema = pq.read_schema(written.shards[0])
    assert schema.names == [*kind.names, "lid_score", "ngram_score"]
    assert schema.field("src_text").type == pa.string()
    frame = written.scan().collect()
    assert frame["lid_score"].to_list() == [0.5] * 40 + [None] * 40


def test_integers_and_floats_of_one_score_become_floats(make_table, pairs, tmp_path: Path):
    tables = [make_table(pairs(x_score=[1] * 40)), make_table(pairs(40, 40, x_score=[0.5] * 40))]
    written = write_config(tmp_path / "out", "pairs", tables, spec())
    assert written.schema.field("x_score").type == pa.float64()


def test_drops_the_columns_it_is_told_to(make_table, pairs, tmp_path: Path):
    written = write_config(
        tmp_path / "out", "pairs", [make_table(pairs(x_score=[1] * 40))], spec(drop_columns=["x_score"])
    )
    assert "x_score" not in written.schema.names


def test_types_that_do_not_go_together_are_named(make_table, pairs, tmp_path: Path):
    tables = [make_table(pairs(x_score=[1.0] * 40)), make_table(pairs(40, 40, x_score=["a"] * 40))]
    with pytest.raises(XlcorpusError, match="'x_score' is double in one table and string"):
        write_config(tmp_path / "out", "pairs", tables, spec())


def test_of_rows_with_one_id_the_first_stays_and_the_others_are_counted(make_table, pairs, tmp_path: Path):
    tables = [make_table(pairs(0, 30), pairs(20, 20)), make_table(pairs(35, 10))]
    written = write_config(tmp_path / "out", "pairs", tables, spec(row_group_rows=7))
    assert (written.rows, written.repeated) == (45, 15)
    assert written.scan().select("src_text").collect().equals(pairs(0, 45).select("src_text"))


def test_a_null_where_none_may_be_names_the_row(make_table, pairs, tmp_path: Path):
    table = make_table(pairs(id=["a", "b", "c", "d"], rows=4, tgt_text=["x", "y", None, "z"]))
    with pytest.raises(XlcorpusError, match="row c: the column 'tgt_text' is null"):
        write_config(tmp_path / "out", "pairs", [table], spec())


def test_a_cut_off_file_is_named(make_table, pairs, tmp_path: Path):
    table = make_table(pairs())
    table.shards[0].write_bytes(table.shards[0].read_bytes()[:500])
    with pytest.raises(XlcorpusError, match=r"part-00001\.parquet: not a whole Parquet file"):
        write_config(tmp_path / "out", "pairs", [table], spec())
