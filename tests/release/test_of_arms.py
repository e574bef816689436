"""A config of each arm of a mix."""

from pathlib import Path

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.ledger import LedgerEntry
from xlcorpus.release.build import build_release
from xlcorpus.release.validate import validate_release
from xlcorpus.release_spec import ReleaseSpec
from xlcorpus.steps import Mix

from .conftest import Build, MakeTable


def corpus() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "text": [f"Sentence number {i} of the corpus." for i in range(60)],
            "lang": ["eng_Latn"] * 40 + ["swh_Latn"] * 20,
            "group_id": [f"g{i % 20:02d}" for i in range(60)],
        }
    )


ARMS = {"few": {"shares": {"swh_Latn": 0.1}}, "many": {"shares": {"swh_Latn": 0.75}}}


def test_each_arm_is_a_config_in_the_order_of_its_places(make_table: MakeTable, tmp_path: Path) -> None:
    mixed = Mix(arms=ARMS, size=40, short="repeat")(corpus(), kind="sentence")
    assert mixed["id"].n_unique() == mixed.height
    table = make_table(mixed[:25], mixed[25:], kind="sentence", step="mixed")
    counts = mixed["lang"].value_counts().iter_rows()
    result = build_release(
        tmp_path / "release",
        ReleaseSpec(tables={"mix": "mixed"}, license="CC0-1.0"),
        {"mix": [table]},
        ledger=[LedgerEntry("mixed", lang, 60, rows) for lang, rows in counts],
        pipeline_yaml="name: demo\n",
        versions={},
        models={},
        name="demo",
    )
    assert result.rows == {"mix-few": 40, "mix-many": 40}
    assert result.repeated == {}
    assert validate_release(result.folder) == []
    for arm, swahili in (("few", 4), ("many", 30)):
        rows = pl.read_parquet(result.folder / "data" / f"mix-{arm}" / "*.parquet")
        assert rows["place"].to_list() == list(range(40))
        assert rows["arm"].unique().to_list() == [arm]
        assert rows.filter(lang="swh_Latn").height == swahili
        assert rows["id"].n_unique() == 40
        assert "arms" not in rows.columns
    assert not (result.folder / "arms").exists()
    card = (result.folder / "README.md").read_text()
    assert "| `place` | int64 | place of the row in the order of training, from 0 |" in card
    assert "| `place` | 40 |" not in card  # no score with a distribution


def test_splits_hold_the_same_rows_in_every_arm(make_table: MakeTable, build: Build) -> None:
    mixed = Mix(arms={"one": {}, "two": {"order": "length(text)"}})(corpus(), kind="sentence")
    # `build` counts what a table holds; each row stands in two configs.
    result = build({"mix": make_table(mixed, kind="sentence")}, splits={"test": 0.3}, license="CC0-1.0")
    held = [
        sorted(pl.read_parquet(result.folder / "data" / f"mix-{arm}" / "test-*.parquet")["id"])
        for arm in ("one", "two")
    ]
    assert held[0] == held[1]
    assert 5 < len(held[0]) < 35


def test_a_table_with_arms_joins_no_other(make_table: MakeTable, tmp_path: Path) -> None:
    table = make_table(Mix(arms=ARMS, size=20)(corpus(), kind="sentence"), kind="sentence")
    spec = ReleaseSpec(tables={"mix": ["mixed", "more"]})
    with pytest.raises(UserError, match=r"release.tables.mix: a table with arms makes configs of its own"):
        build_release(tmp_path / "r", spec, {"mix": [table, table]}, [], "name: x\n", {}, {}, "demo")
