"""The trainer `static`."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.mining.evaluate.measures import translation_ranks
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.training.trainers.static import StaticTrainer

SMALL = StaticTrainer(dim=32)


def p_at_1(folder: Path, pairs: pl.DataFrame) -> float:
    encoder = load_encoder(str(folder))
    x, y = (encoder.encode(pairs[c].to_list()) for c in ("src_text", "tgt_text"))
    return float(np.mean(translation_ranks(x, y, pairs["src_text"], pairs["tgt_text"]).p_at_1))


def test_it_learns_a_language_pair_from_nothing(toy: Any, tmp_path: Path) -> None:
    trained = SMALL.train(toy(600), tmp_path / "model")
    assert trained.pairs == 600
    assert trained.losses[-1] < trained.losses[0]
    assert p_at_1(tmp_path / "model", toy(200, seed=1)) > 0.95


def test_the_same_seed_gives_the_same_model(toy: Any, tmp_path: Path) -> None:
    for name in ("a", "b"):
        SMALL.train(toy(300), tmp_path / name, seed=3)
    first, second = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("a", "b"))
    assert first == second


def test_several_language_pairs_share_one_model(toy: Any, tmp_path: Path) -> None:
    other = toy(600, langs=("fra_Latn", "eng_Latn")).with_columns(pl.col("src_text").str.replace_all("a", "ä"))
    SMALL.train(pl.concat([toy(600), other]), tmp_path / "model")
    assert p_at_1(tmp_path / "model", toy(200, seed=1)) > 0.95
    assert p_at_1(tmp_path / "model", other.tail(200)) > 0.95


def test_it_goes_on_from_a_model_and_keeps_its_words(toy: Any, tmp_path: Path) -> None:
    half, rest = toy(400, words=30), toy(400, seed=2)
    SMALL.train(half, tmp_path / "first")
    SMALL.train(rest, tmp_path / "second", start=str(tmp_path / "first"))
    assert p_at_1(tmp_path / "second", toy(200, seed=1)) > 0.95
    first, second = (load_encoder(str(tmp_path / n)).model[0].vocabulary.keys for n in ("first", "second"))  # type: ignore[attr-defined]
    assert set(first.tolist()) <= set(second.tolist())


def test_a_start_of_another_kind_is_refused(toy: Any, tiny_bert: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="was not made by the trainer static"):
        SMALL.train(toy(50), tmp_path / "model", start=str(tiny_bert))


def test_a_folder_that_exists_is_not_written_into(toy: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="exists already"):
        SMALL.train(toy(50), tmp_path)


def test_too_few_pairs_are_refused(toy: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="at least 2 different pairs"):
        SMALL.train(toy(1), tmp_path / "model")
