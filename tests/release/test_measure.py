"""Numbers of the card, against numbers counted by hand."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from xlcorpus.release.measure import measure
from xlcorpus.release.shards import write_config
from xlcorpus.release_spec import ReleaseSpec

SPEC = ReleaseSpec(tables={"rows": "mine"})


@pytest.fixture
def measured(make_table, tmp_path: Path):
    def run(frame: pl.DataFrame, kind: str = "pair", examples: int = 3):
        return measure(write_config(tmp_path / "out", "rows", [make_table(frame, kind=kind)], SPEC), examples)

    return run


def test_counts_language_pairs_and_lengths(measured, pairs):
    found = measured(pairs(rows=3, src_text=["a", "abc", "नमस्ते"], tgt_lang=["eng_Latn", "eng_Latn", "hin_Deva"]))
    assert found.rows_by_lang == {"deu_Latn-eng_Latn": 2, "deu_Latn-hin_Deva": 1}
    assert found.languages == ("deu_Latn", "eng_Latn", "hin_Deva")
    source = found.lengths[0]
    assert (source.field, source.lang, source.texts, source.median) == ("src", "deu_Latn", 3, 3)
    assert source.mean == pytest.approx((1 + 3 + 6) / 3)


def test_messages_are_measured_in_the_language_of_their_turn(measured, instructions):
    found = measured(instructions(4), "instruction")
    assert [(x.field, x.lang, x.texts) for x in found.lengths] == [
        ("prompt", "deu_Latn", 4),
        ("response", "eng_Latn", 4),
    ]


def test_groups_count_their_texts(measured):
    texts = [
        {"lang": "deu_Latn", "text": "Hallo", "id": None},
        {"lang": "tha_Thai", "text": "สวัสดี", "id": None},
    ]
    found = measured(pl.DataFrame({"texts": [texts]}), "group")
    assert found.rows_by_lang == {"deu_Latn": 1, "tha_Thai": 1}
    assert {x.lang: x.mean for x in found.lengths} == {"deu_Latn": 5, "tha_Thai": 6}


def test_variants_name_every_language_in_them(measured):
    spans = [{"start": 0, "end": 1, "original": "a", "replacement": "b", "lang": "fra_Latn"}]
    row = {
        "text": "b",
        "original_text": "a",
        "lang": "deu_Latn",
        "langs": ["deu_Latn", "eng_Latn"],
        "method": "m",
    }
    found = measured(pl.DataFrame([{**row, "spans": spans}]), "variant")
    assert found.languages == ("deu_Latn", "eng_Latn", "fra_Latn")


def test_scores_have_quantiles_and_a_histogram(measured, pairs):
    values = [i / 100 for i in range(101)]
    score = measured(pairs(rows=101, score=values)).scores[0]
    assert (score.low, score.p25, score.median, score.high) == (0.0, 0.25, 0.5, 1.0)
    assert sum(score.histogram) == 101
    assert len(score.histogram) == 20


def test_scores_that_are_missing_or_not_finite_are_counted(measured, pairs):
    score = measured(pairs(rows=4, score=[1.0, None, float("nan"), float("inf")])).scores[0]
    assert (score.rows, score.missing, score.low, score.high, score.histogram) == (1, 3, 1.0, 1.0, ())


def test_a_score_without_any_value(measured, pairs):
    score = measured(pairs(rows=2, score=pl.Series([None, None], dtype=pl.Float64))).scores[0]
    assert (score.rows, score.missing) == (0, 2)


def test_sources_and_their_licences_are_counted(measured, pairs):
    found = measured(pairs(rows=3, source=["a", "b", "a"], license=["mit", None, "mit"]))
    assert [(s.source, s.license, s.rows) for s in found.sources] == [("a", "mit", 2), ("b", None, 1)]


def test_examples_show_every_language_before_a_second_of_one(measured, pairs):
    found = measured(pairs(tgt_lang=["eng_Latn"] * 39 + ["hin_Deva"]), examples=3)
    assert [e["tgt_lang"] for e in found.examples] == ["eng_Latn", "hin_Deva", "eng_Latn"]


def test_examples_are_short_where_there_are_short_ones(measured, pairs):
    found = measured(pairs(rows=2, src_text=["x" * 1000, "short"]), examples=3)
    assert [e["src_text"] for e in found.examples] == ["short"]


def test_where_all_are_long_a_long_example_is_shown(measured, pairs):
    assert len(measured(pairs(rows=2, src_text=["x" * 1000, "y" * 1000]), examples=1).examples) == 1
