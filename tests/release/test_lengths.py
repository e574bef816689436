"""Lengths are counted a few rows at a time, with the numbers that all rows at once give."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.release import shards
from xlcorpus.release.lengths import histogram, lengths
from xlcorpus.release.measure import measure
from xlcorpus.release.shards import Written, write_config
from xlcorpus.release_spec import ReleaseSpec

SPEC = ReleaseSpec(tables={"rows": "read"})
TEXTS = st.tuples(
    st.sampled_from(["src", "tgt"]),
    st.sampled_from(["deu_Latn", "khm_Khmr", "yor_Latn"]),
    st.none() | st.integers(0, 9),
)


def by_polars(texts: pl.DataFrame) -> list[tuple[object, ...]]:
    chars = pl.col("chars")
    told = texts.group_by("field", "lang").agg(
        texts=pl.len(),
        mean=chars.mean(),
        p5=chars.quantile(0.05, "nearest"),
        median=chars.quantile(0.5, "nearest"),
        p95=chars.quantile(0.95, "nearest"),
    )
    return told.sort("texts", "lang", "field", descending=[True, False, False]).rows()


@given(st.lists(TEXTS, max_size=60))
def test_means_and_quantiles_are_those_of_all_texts(drawn: list[tuple[str, str, int | None]]) -> None:
    texts = pl.DataFrame(drawn, schema={"field": pl.String, "lang": pl.String, "chars": pl.UInt32}, orient="row")
    counts = texts.group_by("field", "lang", "chars").agg(texts=pl.len().cast(pl.Int64))

    assert [(x.field, x.lang, x.texts, x.mean, x.p5, x.median, x.p95) for x in lengths(counts)] == by_polars(texts)


@pytest.fixture
def written(make_table, pairs, tmp_path: Path) -> Written:
    """Pairs whose sources are 0 to 29 letters long, in two languages."""
    frame = pairs(
        rows=30,
        src_text=["ក" * length for length in range(30)],
        src_lang=["khm_Khmr", "deu_Latn", "deu_Latn"] * 10,
    )
    return write_config(tmp_path / "out", "rows", [make_table(frame, kind="pair")], SPEC)


def test_parts_of_files_add_up(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = measure(written, max_examples=5)
    monkeypatch.setattr(shards, "PART_ROWS", 4)
    monkeypatch.setattr("xlcorpus.release.lengths.HELD", 3)

    assert histogram(written)["texts"].sum() == 60
    assert measure(written, max_examples=5) == at_once
    khmer = next(x for x in at_once.lengths if x.lang == "khm_Khmr")
    assert (khmer.texts, khmer.mean, khmer.p5, khmer.median, khmer.p95) == (10, 13.5, 0, 15, 27)
