"""Measures of pairs, with the bootstrap encoder and tables made by hand."""

from pathlib import Path

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.mining.evaluate.measures import translation_ranks
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.steps.measure.measure_alignment import MeasureAlignment

GERMAN = ["Anna wohnt in Berlin.", "Der Zug nach Oslo", "Peter hat 12 Pandas", "Musik und Tee"]
ENGLISH = ["Anna lives in Berlin.", "The train to Oslo", "Peter has 12 pandas", "Music and tea"]


def measured(tmp_path: Path, shards: list[list[tuple[str, str, str]]], batch: int = 1000) -> list[pl.DataFrame]:
    """The step's frames for shards of (source, target, source language)."""
    paths = []
    for index, rows in enumerate(shards):
        frame = pl.DataFrame(rows, schema=["src_text", "tgt_text", "src_lang"], orient="row")
        frame = frame.with_columns(tgt_lang=pl.lit("eng_Latn"), score=1.0)
        records.finish(frame, "pair").write_parquet(tmp_path / f"{index}.parquet")
        paths.append(tmp_path / f"{index}.parquet")
    (tmp_path / "scratch").mkdir()
    step = MeasureAlignment(batch=batch)
    return list(
        step.run(
            {"rows": Table("pair", tuple(paths))},
            CorpusEnv(kind="pair", scratch=tmp_path / "scratch", keep=tmp_path / "kept"),
        )
    )


def rows(german: list[str], english: list[str], lang: str = "deu_Latn") -> list[tuple[str, str, str]]:
    return [(g, e, lang) for g, e in zip(german, english, strict=True)]


def test_translations_rank_first_and_a_wrong_pair_does_not(tmp_path: Path) -> None:
    wrong = [ENGLISH[0], ENGLISH[2], ENGLISH[1], ENGLISH[3]]
    (frame,) = measured(tmp_path, [rows(GERMAN, wrong)])
    assert frame["measure_alignment_src_rank"].to_list()[0] == 1
    assert min(frame["measure_alignment_src_rank"].to_list()[1:3]) > 1
    assert frame["measure_alignment_cosine"].dtype == pl.Float64


def test_ranks_go_across_shards_and_equal_those_of_the_function(tmp_path: Path) -> None:
    frames = measured(tmp_path, [rows(GERMAN[:1], ENGLISH[:1]), rows(GERMAN[1:], ENGLISH[1:])])
    assert [f.height for f in frames] == [1, 3]
    encoder = load_encoder("bootstrap")
    ranks = translation_ranks(encoder.encode(GERMAN), encoder.encode(ENGLISH))
    found = pl.concat(frames)
    assert found["src_text"].to_list() == GERMAN
    assert found["measure_alignment_tgt_rank"].to_list() == ranks.backward.tolist()
    assert found["measure_alignment_cosine"].to_list() == pytest.approx(ranks.cosine.tolist(), abs=1e-6)


def test_languages_do_not_compete(tmp_path: Path) -> None:
    both = rows(GERMAN, ENGLISH) + rows(GERMAN, ENGLISH, "gsw_Latn")
    (frame,) = measured(tmp_path, [both])
    ranks = frame["measure_alignment_src_rank"].to_list()
    assert ranks[:4] == ranks[4:]


def test_a_pair_competes_within_its_batch_only(tmp_path: Path) -> None:
    (frame,) = measured(tmp_path, [rows(GERMAN * 5, ENGLISH[::-1] * 5)], batch=2)
    assert frame["measure_alignment_src_rank"].max() <= 2


def test_a_copy_of_the_right_text_is_no_rival(tmp_path: Path) -> None:
    (frame,) = measured(tmp_path, [rows([GERMAN[0]] * 3, [ENGLISH[0]] * 3)])
    assert frame["measure_alignment_src_rank"].to_list() == [1, 1, 1]


def test_an_empty_table_stays_empty(tmp_path: Path) -> None:
    (frame,) = measured(tmp_path, [[]])
    assert frame.height == 0
    assert set(MeasureAlignment().adds("pair")) <= set(frame.columns)
