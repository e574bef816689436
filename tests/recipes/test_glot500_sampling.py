"""Sentences drawn so that small languages come many times."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from xlcorpus.engine import run
from xlcorpus.recipe import Recipe

SCALE = 2


def test_small_languages_come_many_times_and_known_ones_as_few_as_the_smallest(tmp_path: Path) -> None:
    texts = {"deu_Latn": "large.txt", "spa_Latn": "middle.txt", "por_Latn": "small.txt", "fra_Latn": "tiny.txt"}
    for n, (name, rows) in enumerate(zip(texts.values(), (800, 200, 50, 20), strict=True)):
        lines = [f"Hier steht Satz Nummer {i} aus der Datei {chr(97 + n) * 3} in voller Länge." for i in range(rows)]
        (tmp_path / name).write_text("\n".join(lines))
    given = {tag: str(tmp_path / name) for tag, name in texts.items()}
    recipe = Recipe.load("glot500_sampling").with_params(texts=given, scale=SCALE, known=["deu_Latn"])
    result = run(recipe.pipeline(), tmp_path / "runs")
    assert result.release is not None
    assert [held.ok for held in result.release.held] == [True, True]
    counts = dict(result.tables["sample"].frame().group_by("lang").agg(pl.len()).iter_rows())
    cleaned = dict(result.tables["deduplicate"].frame().group_by("lang").agg(pl.len()).iter_rows())
    least = cleaned["por_Latn"]
    assert "fra_Latn" not in counts  # fewer sentences than asked for
    assert counts["por_Latn"] == counts["deu_Latn"] == SCALE * least
    assert counts["spa_Latn"] == pytest.approx(SCALE * least * (cleaned["spa_Latn"] / least) ** 0.3, abs=1)
