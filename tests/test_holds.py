"""Conditions on the rows of a release, computed on Parquet shards."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from xlcorpus.head_spec import Hold
from xlcorpus.holds import Held, check_hold, held, interval

ROWS = pl.DataFrame(
    {
        "id": ["d", "a", "c", "b", "f", "e"],
        "lang": ["deu_Latn", "hin_Deva", "deu_Latn", "hin_Deva", "deu_Latn", None],
        "text": ["eins", "दो", "drei", "चार", "fünf", "six"],
        "arm": ["x", "x", "y", "y", "y", "y"],
        "score": [0.9, 0.8, None, 0.6, 0.5, 0.4],
    }
)


def computed(tmp_path: Path, rows: pl.DataFrame = ROWS, shards: int = 2, **hold: Any) -> Held:
    """A condition on `rows`, cut into shards."""
    paths = []
    for number in range(shards):
        paths.append(tmp_path / f"part-{number}.parquet")
        rows[number::shards].write_parquet(paths[-1])
    spec = Hold(what="w", **({} if "sql" in hold else {"of": "t"}), **hold)
    check_hold(spec, {"t": rows.schema})
    return held(spec, {"t": paths}, {"t": rows.schema}, tmp_path / "spill")


@pytest.mark.parametrize(
    ("hold", "ok", "found"),
    [
        ({"all": "length(text) >= 2"}, True, "6 rows"),
        ({"all": "score >= 0.5"}, False, "2 of 6 rows do not: id c, e"),
        ({"where": "score IS NOT NULL", "all": "score >= 0.5"}, False, "1 of 5 rows do not: id e"),
        ({"where": "lang = 'deu_Latn'", "all": "regexp_matches(text, '^[a-zü]+$')"}, True, "3 rows"),
        ({"where": "lang = 'fra_Latn'", "all": "true"}, False, "no row that it is about"),
        ({"all": "null"}, False, "6 of 6 rows do not: id a, b, c"),
        ({"share": "lang = 'deu_Latn'", "between": [0.4, 0.6]}, True, "0.5 of 6 rows"),
        ({"share": "lang = 'deu_Latn'", "between": [0.6, 0.7]}, True, "0.5 of 6 rows, 99% interval 0.0663 to 0.934"),
        ({"share": "score > 1", "between": [0.6, 1]}, False,
         "0 of 6 rows, 99% interval 0 to 0.586, outside of 0.6 to 1"),
        ({"by": "arm", "all": "count(*) >= 2"}, True, "2 groups"),
        ({"by": ["arm"], "all": "min(score) > 0.5"}, False, "1 of 2 groups do not: arm = y: not true"),
        ({"by": ["arm", "lang"], "all": "count(score) = count(*)"}, False,
         "1 of 5 groups do not: arm = y, lang = deu_Latn: not true"),
        ({"by": "arm", "where": "lang = 'deu_Latn'", "share": "score > 0", "between": [0, 1]}, True, "2 groups"),
        ({"by": "arm", "where": "lang = 'fra_Latn'", "all": "true"}, False, "no row that it is about"),
        ({"sql": "SELECT text FROM t GROUP BY text HAVING count(*) > 1"}, True, "no row"),
        ({"sql": "SELECT lang, count(*) AS n FROM t GROUP BY lang HAVING n > 1 ORDER BY lang"}, False,
         "2 rows, first lang = deu_Latn, n = 3"),
    ],
)  # fmt: skip
def test_a_condition_is_computed(tmp_path: Path, hold: dict[str, Any], ok: bool, found: str) -> None:
    told = computed(tmp_path, **hold)
    assert (told.ok, told.found) == (ok, found)


def test_what_cannot_be_computed_does_not_hold(tmp_path: Path) -> None:
    told = computed(tmp_path, all="CAST(text AS INTEGER) > 0")
    assert not told.ok
    assert told.found.startswith("cannot be computed: `CAST(text AS INTEGER) > 0`: Could not convert string 'eins'")


def test_a_column_whose_type_is_not_known_yet_may_be_a_condition(tmp_path: Path) -> None:
    check_hold(Hold(what="w", of="t", all="judge_passed"), {"t": {**ROWS.schema, "judge_passed": None}})
    assert computed(tmp_path, ROWS.with_columns(judge_passed=True), all="judge_passed").ok


@pytest.mark.parametrize("hold", [{"all": "score >= 0.5"}, {"by": "arm", "all": "min(score) > 0.5"}])
def test_the_shards_do_not_matter(tmp_path: Path, hold: dict[str, Any]) -> None:
    assert {computed(tmp_path, shards=n, **hold) for n in (1, 2, 6)} == {computed(tmp_path, **hold)}


def test_a_column_that_a_shard_lacks_is_null_there(tmp_path: Path) -> None:
    ROWS.write_parquet(tmp_path / "0.parquet")
    ROWS.drop("score").write_parquet(tmp_path / "1.parquet")
    shards = {"t": [tmp_path / "0.parquet", tmp_path / "1.parquet"]}
    told = held(Hold(what="w", of="t", all="score > 0"), shards, {"t": ROWS.schema}, tmp_path)
    assert told.found == "7 of 12 rows do not: id a, b, c"


def test_a_table_without_rows_holds_nothing(tmp_path: Path) -> None:
    for hold in (Hold(what="w", of="t", all="true"), Hold(what="w", sql="SELECT id FROM t")):
        assert held(hold, {"t": ()}, {"t": ROWS.schema}, tmp_path) == Held("w", False, "`t` is empty")


def test_a_condition_goes_over_several_tables(tmp_path: Path) -> None:
    shards = {}
    for name, rows in {"whole": ROWS, "part": ROWS.head(2)}.items():
        rows.write_parquet(tmp_path / f"{name}.parquet")
        shards[name] = [tmp_path / f"{name}.parquet"]
    schemas = dict.fromkeys(shards, ROWS.schema)
    inside = Hold(what="w", sql="SELECT id FROM part EXCEPT SELECT id FROM whole")
    assert held(inside, shards, schemas, tmp_path / "spill").ok
    reverse = Hold(what="w", sql="SELECT id FROM whole EXCEPT SELECT id FROM Part ORDER BY id")
    assert held(reverse, shards, schemas, tmp_path / "spill").found == "4 rows, first id = b"


@given(st.integers(0, 60), st.integers(1, 60))
def test_the_interval_is_that_of_the_binomial_distribution(yes: int, rows: int) -> None:
    yes = min(yes, rows)
    low, high = interval(yes, rows)
    assert low <= yes / rows <= high
    # Clopper and Pearson: at the ends what was seen, or more of it, has half of the remaining probability.
    assert yes == 0 or binom.sf(yes - 1, rows, low) == pytest.approx(0.005)
    assert yes == rows or binom.cdf(yes, rows, high) == pytest.approx(0.005)
