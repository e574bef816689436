"""Limits from reference text."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.policies.limits import can_reject, kept, moved_to_keep, outward, quantile_limits, stricter, widened
from xlcorpus.steps.filter.document_limits import Bound
from xlcorpus.steps.filter.quality import DOCUMENT_RULES, Quality

WORDS = Bound("min_words", "few_words", "words")
LINES = Bound("max_repeated_lines", "repeated_lines", "repeated_lines")
VALUES = pl.DataFrame(
    {"quality_words": [float(n) for n in range(10, 110)], "quality_repeated_lines": [n / 200 for n in range(100)]},
    schema_overrides={"quality_words": pl.Float32, "quality_repeated_lines": pl.Float32},
)


@given(st.floats(0, 0.3))
def test_a_limit_cuts_no_more_than_its_share_of_the_reference(tail: float) -> None:
    limits = quantile_limits(VALUES, [WORDS, LINES], tail)

    for bound in (WORDS, LINES):
        if bound.option in limits:
            lost = 1 - kept(VALUES, [bound], limits).mean()
            assert lost <= tail + 0.01


def test_a_limit_that_can_reject_nothing_is_none() -> None:
    full = VALUES.with_columns(quality_repeated_lines=pl.lit(1.0, pl.Float32))

    assert "max_repeated_lines" not in quantile_limits(full, [LINES], 0.01)
    assert not can_reject(Bound("min_line_ends", "few_line_ends", "line_ends"), 0)
    assert not can_reject(Bound("max_word_length", "long_words", "word_length"), 3141)
    assert can_reject(Bound("max_word_length", "long_words", "word_length"), 11)


@given(st.floats(0.0001, 9999), st.sampled_from(["min_words", "max_words"]))
def test_a_written_limit_has_three_digits_and_cuts_no_more(limit: float, option: str) -> None:
    written = outward(option, limit)

    assert (written <= limit * (1 + 1e-9)) if option == "min_words" else (written >= limit * (1 - 1e-9))
    assert written == pytest.approx(limit, rel=0.011)
    assert float(f"{written:.3g}") == written


def test_a_null_breaks_no_limit() -> None:
    values = pl.DataFrame({"quality_words": pl.Series([None, 2.0, 5.0], dtype=pl.Float32)})

    assert kept(values, [WORDS], {"min_words": 3.0}).tolist() == [True, False, True]
    assert kept(values, [WORDS], {"min_words": None}).tolist() == [True, True, True]


def test_a_margin_moves_limits_away_from_the_median() -> None:
    wide = widened({"min_words": 20.0, "max_repeated_lines": 0.4}, VALUES, [WORDS, LINES], 0.1)
    assert wide["min_words"] == pytest.approx(0.95 * (20 - 0.1 * (59.5 - 20)))
    assert wide["max_repeated_lines"] == pytest.approx(1.05 * (0.4 + 0.1 * (0.4 - 0.2475)))


def test_a_measure_that_hardly_differs_in_the_reference_leaves_room_all_the_same() -> None:
    values = pl.DataFrame({"quality_letter_words": pl.Series([1.0] * 100, dtype=pl.Float32)})
    bound = Bound("min_letter_words", "few_letter_words", "letter_words")

    assert widened({"min_letter_words": 1.0}, values, [bound], 0.15) == {"min_letter_words": pytest.approx(0.95)}
    assert stricter({"max_digits": 0.0}, {"max_digits": 0.6}) == {"max_digits": pytest.approx(0.12)}


def test_only_stricter_limits_are_left() -> None:
    found = stricter({"min_words": 5, "max_words": 100, "min_letters": 0.4}, {"min_words": 3, "min_letters": 0.5})

    assert found == {"min_words": 5, "max_words": 100}


@given(st.floats(0.5, 0.99))
def test_limits_move_until_they_keep_as_much_as_asked(share: float) -> None:
    moved = moved_to_keep({"min_words": 10.0, "max_repeated_lines": 0.9}, VALUES, [WORDS, LINES], share)

    assert kept(VALUES, [WORDS, LINES], moved).mean() == pytest.approx(share, abs=0.03)


def test_every_limit_of_documents_is_an_option_and_its_measure_a_column() -> None:
    columns = Quality().adds("document")

    for bound in DOCUMENT_RULES:
        assert f"quality_{bound.measure}" in columns
    options = [name for name in Quality.model_fields if name.startswith(("min_", "max_"))]
    of_other_kinds = {"max_characters", "max_length_ratio"}
    assert sorted(bound.option for bound in DOCUMENT_RULES) == sorted({*options} - of_other_kinds)
