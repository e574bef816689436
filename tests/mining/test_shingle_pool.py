"""The most alike text of a pool."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from xlcorpus.mining.near_duplicates.pool import ShinglePool

TEXT = "Die Katze liegt auf dem warmen Dach und schaut den Vögeln zu, die über den Hof fliegen."


def alike(texts: list[str], pool: list[str], own: list[int]) -> list[float]:
    def tags(of: list[str]) -> pl.Series:
        return pl.Series(["deu_Latn"] * len(of))

    found = ShinglePool(pl.Series(pool), tags(pool)).most_alike(pl.Series(texts), tags(texts), np.array(own))
    return [float(value) for value in found]


def grams(text: str) -> set[str]:
    folded = " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
    return {folded[i : i + 5] for i in range(len(folded) - 4)}


def test_it_is_the_jaccard_index_of_the_shingles() -> None:
    other = TEXT.replace("warmen", "kalten")
    wanted = len(grams(TEXT) & grams(other)) / len(grams(TEXT) | grams(other))
    assert alike([TEXT], [other, "Ganz etwas anderes."], [-1]) == [pytest.approx(wanted)]


def test_case_and_punctuation_do_not_count_and_the_text_itself_is_left_out() -> None:
    pool = [TEXT, TEXT.upper() + "!!", "Ganz etwas anderes."]
    assert alike([TEXT], pool, [0]) == [1.0]
    assert alike([TEXT], [TEXT, "Ganz etwas anderes."], [0]) == [0.0]
