"""Rows of another table beside each row."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.in_memory import run_frames
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.steps import Attach
from xlcorpus.steps.shape.attached import Pool, chosen_places, nearest_places
from xlcorpus.yaml_file import from_yaml

POOL = pl.DataFrame(
    {
        "id": ["p4", "p1", "p3", "p2"],
        "text": ["Vier", "One", "तीन", "Two"],
        "lang": ["deu_Latn", "eng_Latn", "hin_Deva", "eng_Latn"],
        "group_id": ["g4", "g1", "g3", "g2"],
    }
)
ROWS = pl.DataFrame(
    {
        "id": ["a", "b", "c"],
        "text": ["x", "y", "z"],
        "lang": ["eng_Latn", "deu_Latn", "eng_Latn"],
        "group_id": ["g9", "g4", "g1"],
    }
)


def with_vectors(frame: pl.DataFrame, vectors: list[list[float] | None]) -> pl.DataFrame:
    return frame.with_columns(pl.Series("embedding", vectors, dtype=pl.Array(pl.Float32, 2)))


def attached(rows: pl.DataFrame = ROWS, pool: pl.DataFrame = POOL, **options: Any) -> dict[str, Any]:
    given = {"take": ["text"], "join": " ", "at_least": 0} | options
    made = Attach.model_validate(given)(rows, kind="sentence", pool=pool)
    return dict(made.select("id", options.get("into", "attached")).iter_rows())


def test_by_key_the_first_rows_by_id_that_agree() -> None:
    assert attached(by="key", key="lang", k=2) == {"a": "One Two", "b": "", "c": "Two"}


def test_versions_of_the_own_item_are_attached_where_that_is_asked() -> None:
    assert attached(by="key", key="group_id", own_item=True) == {"a": "", "b": "Vier", "c": "One"}


def test_a_row_never_gets_itself() -> None:
    found = attached(POOL, by="key", key="lang", own_item=True, k=4)
    assert found == {"p1": "Two", "p2": "One", "p3": "", "p4": ""}


def test_the_key_may_have_another_name_in_the_pool() -> None:
    rows = ROWS.with_columns(to_lang=pl.Series(["hin_Deva", "hin_Deva", None]))
    assert attached(rows, by="key", key="to_lang", pool_key="lang") == {"a": "तीन", "b": "तीन", "c": ""}


def test_several_columns_are_a_list_of_structs() -> None:
    found = attached(by="key", key="lang", k=2, take=["lang", "text"], join=None, into="shots")
    assert found["a"] == [{"lang": "eng_Latn", "text": "One"}, {"lang": "eng_Latn", "text": "Two"}]
    assert found["b"] == []


def test_by_vector_the_nearest_first_and_the_lower_id_of_equals() -> None:
    pool = with_vectors(POOL, [[0, 1], [1, 0], [1, 0], [1, 1]])
    rows = with_vectors(ROWS, [[2, 0.1], [0, 1], None])
    assert attached(rows, pool, by="vector", k=3) == {"a": "One तीन Two", "b": "Two One तीन", "c": ""}


def test_by_vector_among_those_that_agree() -> None:
    pool = with_vectors(POOL, [[0, 1], [1, 0], [1, 0], [1, 1]])
    rows = with_vectors(ROWS, [[0, 1], [0, 1], [0, 1]])
    assert attached(rows, pool, by="vector", k=2, key="lang") == {"a": "Two One", "b": "", "c": "Two"}


def test_rows_that_get_too_few_are_rejected_with_their_number() -> None:
    outcome = Attach(by="key", key="lang", k=2, take=["text"], at_least=2).outcome(ROWS, kind="sentence", pool=POOL)
    assert outcome.kept["id"].to_list() == ["a"]
    assert outcome.rejected["rule"].to_list() == ["too_few_attached"] * 2
    assert sorted(json.loads(value) for value in outcome.rejected["value"]) == [0, 1]


def test_draws_are_even_and_other_for_another_seed() -> None:
    rows = pl.DataFrame({"id": [f"r{i}" for i in range(3000)], "text": "x", "lang": "eng_Latn"})
    step = Attach(by="draw", k=2, take=["text"], join=" ")
    drawn = step(rows, kind="sentence", pool=POOL)["attached"]
    counts = Counter(" ".join(drawn).split())
    assert counts.total() == 6000 and all(1380 < count < 1620 for count in counts.values()) and len(counts) == 4
    again = step(rows, kind="sentence", pool=POOL, seed=1)["attached"]
    assert (drawn != again).sum() > 0.8 * len(drawn)


@pytest.mark.parametrize("by", ["draw", "key", "vector"])
def test_the_same_rows_for_any_shards_and_order_of_the_pool(
    by: Literal["draw", "key", "vector"], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    rows = pl.DataFrame({"id": [f"r{i:02}" for i in range(40)], "text": "x", "lang": ["eng_Latn", "deu_Latn"] * 20})
    rows = with_vectors(rows, rng.normal(size=(40, 2)).tolist())
    step = Attach(by=by, k=3, key="lang", take=["id"])
    whole = step(rows, kind="sentence", pool=rows)

    def table(name: str, frames: list[pl.DataFrame]) -> Table:
        paths = []
        for number, frame in enumerate(frames):
            paths.append(tmp_path / f"{name}-{number}.parquet")
            records.finish(frame, "sentence").write_parquet(paths[-1])
        return Table("sentence", tuple(paths))

    inputs = {
        "rows": table("rows", [rows[:7], rows[7:8], rows[8:]]),
        "pool": table("pool", [rows[30:], rows[:30].reverse()]),
    }
    env = CorpusEnv(kind="sentence", scratch=tmp_path, keep=tmp_path)
    parts = pl.concat(step.run(inputs, env))
    assert parts["attached"].to_list() == whole["attached"].to_list()


def test_an_empty_pool_leaves_nothing_to_attach() -> None:
    assert attached(pool=POOL.clear(), by="draw") == {"a": "", "b": "", "c": ""}
    assert attached(ROWS.clear(), by="draw") == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "key"}, "by: key needs key"),
        ({"by": "key", "key": "group_id"}, "write own_item: true"),
        ({"by": "draw", "take": ["text", "lang"]}, "take names 2"),
        ({"by": "draw", "at_least": 2}, "more than k: 1"),
        ({"by": "draw", "pool_key": "lang"}, "pool_key stands beside key"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        attached(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "draw", "take": ["txt"]}, "no column 'txt' in the pool; did you mean 'text'"),
        ({"by": "draw", "into": "lang"}, "already"),
        ({"by": "draw", "key": "to_lang"}, "key, in the rows"),
        ({"by": "draw", "key": "lang", "pool_key": "langg"}, "pool_key, in the pool"),
        ({"by": "draw", "take": ["parents"]}, "join makes a text of texts"),
    ],
)
def test_columns_that_are_not_there_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        attached(**options)


CODES = st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 4)), max_size=12)


@given(pool=CODES, rows=CODES, k=st.integers(1, 4), seed=st.integers(0, 9))
def test_places_are_those_that_a_search_of_all_finds(
    pool: list[tuple[int, int]], rows: list[tuple[int, int]], k: int, seed: int
) -> None:
    def codes(pairs: list[tuple[int, int]]) -> Any:
        return np.array(pairs, dtype=np.int64).reshape(-1, 2).T

    rng = np.random.default_rng(seed)
    known, (key, item) = Pool(*codes(pool)), codes(rows)
    y, x = (rng.normal(size=(len(pairs), 3)).astype(np.float32) for pairs in (pool, rows))
    first = chosen_places(known, key, item, k, None)
    drawn = chosen_places(known, key, item, k, lambda row: rng.random(k))
    near = nearest_places(known, key, item, k, x, y)
    for row, (own_key, own_item) in enumerate(rows):
        fit = [p for p, (a, b) in enumerate(pool) if a == own_key >= 0 and b != own_item]
        cosine = y @ x[row] / np.linalg.norm(y, axis=1) if pool else []
        assert first[row].tolist() == fit[:k]
        assert len(set(drawn[row].tolist())) == len(drawn[row]) == min(k, len(fit))
        assert set(drawn[row].tolist()) <= set(fit)
        assert near[row].tolist() == sorted(fit, key=lambda p: -cosine[p])[:k]


FEW_SHOT = """
name: few_shot
steps:
  rows: {step: read, paths: rows.txt}
  pool: {step: read, paths: pool.txt}
  asked: {step: embed, inputs: rows}
  known: {step: embed, inputs: pool}
  attach: {by: vector, take: [text], inputs: {rows: asked, pool: known}}
  template: {fields: {shown: "{{ attached[0].text }} {{ text }}"}}
"""


def test_what_is_attached_fills_templates() -> None:
    rows = pl.DataFrame({"text": ["Where is the station?"], "lang": "eng_Latn"})
    pool = pl.DataFrame({"text": ["Who rang?", "Where is the inn?"], "lang": "eng_Latn"})
    made = run_frames(from_yaml(FEW_SHOT), {"rows": rows, "pool": pool})["template"]
    assert made["shown"].to_list() == ["Where is the inn? Where is the station?"]


def test_the_pool_may_be_several_tables() -> None:
    steps = "rows: {step: read, paths: r.txt}, a: {step: read, paths: a.txt}, b: {step: read, paths: b.txt}"
    attach = 'attach: {by: draw, k: 2, take: [text], join: " ", inputs: {rows: rows, pool: [a, b]}}'
    texts = {name: pl.DataFrame({"text": [name], "lang": "eng_Latn"}) for name in ("rows", "a", "b")}
    made = run_frames(from_yaml(f"name: several\nsteps: {{{steps}, {attach}}}"), texts)["attach"]
    assert sorted(made["attached"].item().split()) == ["a", "b"]


def test_sources_and_licences_of_what_is_attached_join_those_of_the_row() -> None:
    rows = ROWS.with_columns(source=pl.lit("mine"), license=pl.lit("MIT"))
    pool = POOL.with_columns(source=pl.lit("theirs"), license=pl.Series([None, "CC0-1.0", "MIT", "MIT"]))
    made = Attach(by="key", key="lang", k=2, take=["text"], at_least=0)(rows, kind="sentence", pool=pool)
    assert made.select("id", "source", "license").rows() == [
        ("a", "mine; theirs", "CC0-1.0 AND MIT"),
        ("b", "mine", "MIT"),
        ("c", "mine; theirs", "MIT"),
    ]
    own = Attach(by="key", key="lang", take=["text"], own_item=True)(rows, kind="sentence", pool=pool)
    assert own["license"].to_list() == ["CC0-1.0 AND MIT", None, "CC0-1.0 AND MIT"]
