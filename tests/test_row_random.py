"""Random numbers of a row."""

import numpy as np

from xlcorpus.row_random import draws, first_draws


def test_they_are_uniform() -> None:
    numbers = np.concatenate([draws(str(i), 0, "test", 8) for i in range(2000)])
    counts, _ = np.histogram(numbers, bins=10, range=(0, 1))
    assert counts.sum() == 16_000 and abs(counts - 1600).max() < 200


def test_they_depend_on_row_seed_and_purpose_alone() -> None:
    first = draws("a", 0, "x", 4)
    assert (draws("a", 0, "x", 4) == first).all()
    assert (draws("a", 0, "x", 9)[:4] == first).all()
    for other in (draws("b", 0, "x", 4), draws("a", 1, "x", 4), draws("a", 0, "y", 4)):
        assert (other != first).any()


def test_they_never_change() -> None:
    assert draws("row", 7, "code_switch eng_Latn", 2).tolist() == [0.14140770491212606, 0.24802811653353274]


def test_the_first_of_many_rows_are_those_of_each() -> None:
    ids = ["a", "", "नमस्ते", "a"]
    assert first_draws(ids, 3, "x").tolist() == [draws(row_id, 3, "x", 1)[0] for row_id in ids]
    assert first_draws([], 3, "x").shape == (0,)
