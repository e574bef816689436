"""A whole release: `datasets` reads it, the same input gives the same bytes, an older one gives way."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.ledger import LedgerEntry
from xlcorpus.release.build import read_release
from xlcorpus.release.validate import validate_release


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_datasets_loads_every_config_offline(release: Path, tmp_path: Path):
    # A process of its own: `datasets` reads its settings when it is imported.
    script = """
import sys
from datasets import get_dataset_config_names, load_dataset
folder = sys.argv[1]
assert sorted(get_dataset_config_names(folder)) == ["instructions", "pairs"], get_dataset_config_names(folder)
pairs = load_dataset(folder, "pairs", split="train")
assert pairs.num_rows == 80 and pairs[41]["src_text"] == "Wo ist der Bahnhof? 41", pairs[41]
assert load_dataset(folder, split="train").num_rows == 80  # the default config
streamed = next(iter(load_dataset(folder, "instructions", split="train", streaming=True)))
assert [m["role"] for m in streamed["messages"]] == ["user", "assistant"], streamed
"""
    env = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path / "hf"),
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }
    done = subprocess.run([sys.executable, "-c", script, str(release)], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_two_builds_give_the_same_bytes(make_table, build, pairs):
    table = make_table(pairs(0, 3000), pairs(2000, 3000))
    first, second = (build({"pairs": table}, folder=name).folder for name in ("one", "two"))
    assert digests(first) == digests(second)


def test_the_result_says_what_became_of_the_rows(make_table, build, pairs):
    tables = {"pairs": make_table(pairs(), pairs(30)), "nothing": make_table(pairs(rows=0))}
    result = build(tables)
    assert (result.rows, result.repeated, result.empty) == ({"pairs": 70}, {"pairs": 10}, ("nothing",))
    assert read_release(result.folder) == result
    assert not (result.folder / "data" / "nothing").exists()


def test_a_release_holds_the_card_and_the_data_and_nothing_else(release: Path):
    assert sorted(digests(release)) == [
        "README.md",
        "data/instructions/train-00000-of-00001.parquet",
        "data/pairs/train-00000-of-00001.parquet",
    ]
    assert [p.name for p in release.parent.iterdir() if p.name.startswith(".")] == []


def test_what_is_built_is_valid(release: Path):
    assert validate_release(release) == []


def test_an_older_release_gives_way(make_table, build, pairs):
    build({"old": make_table(pairs())})
    result = build({"new": make_table(pairs())})
    assert [p.name for p in (result.folder / "data").iterdir()] == ["new"]


def test_a_failing_build_leaves_the_older_release(make_table, build, pairs):
    folder = build({"pairs": make_table(pairs())}).folder
    before = digests(folder)
    with pytest.raises(XlcorpusError):
        build({"pairs": make_table(pairs(tgt_text=[None] * 39 + ["x"]))})
    assert digests(folder) == before
    assert [p.name for p in folder.parent.iterdir() if p.name.startswith(".")] == []


def test_a_folder_of_somebody_else_is_left_alone(make_table, build, pairs, tmp_path: Path):
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="holds no release of xlcorpus"):
        build({"pairs": make_table(pairs())})
    assert (tmp_path / "release" / "thesis.txt").exists()


def test_nothing_to_release_is_an_error(make_table, build, pairs):
    with pytest.raises(XlcorpusError, match="nothing to release: pairs is empty") as caught:
        build({"pairs": make_table(pairs(rows=0))})
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("column", "message"),
    [("src_text", "belongs to every pair"), ("lid_scor", "did you mean 'lid_score'")],
)
def test_drop_columns_takes_score_columns_only(make_table, build, pairs, column: str, message: str):
    with pytest.raises(UserError, match=message):
        build({"pairs": make_table(pairs(lid_score=[0.1] * 40))}, drop_columns=[column])


def test_the_ledger_counts_the_release(make_table, build, pairs):
    french = pairs(rows=5).with_columns(src_lang=pl.lit("fra_Latn"))
    result = build({"pairs": make_table(pairs(), pairs(30)), "more": make_table(french)})
    assert result.ledger == (
        LedgerEntry("release", "deu_Latn-eng_Latn", 80, 70, 0, {"repeated_id": 10}),
        LedgerEntry("release", "fra_Latn-eng_Latn", 5, 5),
    )
    card = (result.folder / "README.md").read_text("utf8")
    assert "| `release` | 85 | 75 | 10 | 0 | 88.2% | `repeated_id` 10 |" in card


@pytest.mark.parametrize("lost", [1, -1])
def test_rows_that_no_rule_left_out_are_an_error(make_table, build, pairs, lost: int):
    with pytest.raises(XlcorpusError, match="config 'pairs' holds 40 rows of deu_Latn-eng_Latn, but make_pairs gave"):
        build({"pairs": make_table(pairs())}, lost=lost)


def test_kept_columns_are_released_and_explained(make_table, build, pairs):
    first = pairs(label=[1] * 40, meta=['{"a": 1}'] * 40)
    second = pairs(40, 40, label=["gut"] * 40).with_columns(meta=pl.lit(None))
    result = build({"pairs": make_table(first, second)}, kept=("label", "meta"))
    rows = pl.read_parquet(result.folder / "data/pairs/*.parquet")
    assert rows["label"].to_list() == ["1"] * 40 + ["gut"] * 40
    card = (result.folder / "README.md").read_text("utf8")
    assert "| `label` | string | as the source file has it |" in card
    assert validate_release(result.folder) == []


def test_kept_numbers_are_no_scores(make_table, build, pairs):
    table = make_table(pairs(label=[1, 2] * 20))
    card = (build({"pairs": table}, kept=("label",)).folder / "README.md").read_text("utf8")
    assert "| `label` | int64 |" in card
    assert "| `label` | 40 |" not in card


def test_a_column_without_values_is_of_text_in_every_file(make_table, build, pairs, tmp_path: Path):
    nothing = pairs(0, 4000).with_columns(reason=pl.lit(None), src_text=pl.Series(_noise(4000)))
    reasons = pairs(4000, 4000).with_columns(reason=pl.lit("r"), src_text=pl.Series(_noise(4000, 1)))
    for name, tables in (("some", make_table(nothing, reasons)), ("none", make_table(nothing))):
        folder = build({"pairs": tables}, folder=name, shard_mb=1, row_group_rows=500).folder
        files = sorted(folder.glob("data/pairs/*.parquet"))
        assert len(files) > 1
        assert {pq.read_schema(f).field("reason").type for f in files} == {pa.string()}
        assert validate_release(folder) == []


def _noise(rows: int, seed: int = 0) -> list[str]:
    noise = random.Random(seed)
    return [noise.randbytes(300).hex() for _ in range(rows)]
