"""Texts that end in a loop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.text.loops import LEAST_CHARACTERS, LEAST_TIMES, TAIL, loop_at_end


@pytest.mark.parametrize("piece", ["und ", "的", "नमस्ते ", "ab", "Ein ganzer Satz, der wiederkommt. ", "\n", "ᠮᠣᠩᠭᠣᠯ "])
def test_one_piece_over_and_over_is_a_loop(piece: str) -> None:
    assert loop_at_end("Davor etwas anderes: " + piece * 150) >= min(150 * len(piece), TAIL)


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "Ha ha ha ha ha!", "Der Hund bellt. " * 4, "x" * (LEAST_CHARACTERS - 1),
        "und " * 60 + "dann war Schluss mit der Wiederholung, und alles ging weiter wie zuvor an jedem anderen Tag.",
    ],
)  # fmt: skip
def test_what_ends_or_repeats_a_little_is_none(text: str) -> None:
    assert loop_at_end(text) == 0


@given(st.text("abc", max_size=40), st.text("abc", min_size=1, max_size=9), st.integers(0, 80), st.integers(0, 8))
def test_the_longest_periodic_end_is_found(before: str, piece: str, times: int, more: int) -> None:
    text = (before + piece * times + piece[:more])[-TAIL:]
    found = 0
    for length in range(LEAST_CHARACTERS, len(text) + 1):
        end = text[-length:]
        if any(end[period:] == end[:-period] for period in range(1, length // LEAST_TIMES + 1)):
            found = length
    assert loop_at_end(text) == found
