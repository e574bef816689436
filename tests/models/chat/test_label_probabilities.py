"""The mean over the probabilities of a judge's labels, and when it is not known."""

from __future__ import annotations

import math
from typing import Any

import pytest

from xlcorpus.models.chat.label_probabilities import expectation

TEN = {str(n): float(n) for n in range(1, 11)}


def tokens(*said: str | dict[str, float]) -> list[dict[str, Any]]:
    """Tokens of an answer; a mapping is one with the probabilities of its alternatives, the first of which was said."""
    found = []
    for one in said:
        alternatives = {one: 1.0} if isinstance(one, str) else one
        token = next(iter(alternatives))
        top = [{"token": t, "logprob": math.log(p)} for t, p in alternatives.items()]
        found.append({"token": token, "logprob": math.log(alternatives[token]), "top_logprobs": top})
    return found


def mean(said: list[dict[str, Any]], text: str, label: str, values: dict[str, float]) -> float | None:
    return expectation(said, text, (0, len(text)), label, values)


def test_labels_are_found_behind_spaces_and_marks() -> None:
    said = tokens('{"answer": ', {'"yes': 0.5, '"No': 0.25, "yes": 0.25, "x": 1e-9}, '"}')
    assert mean(said, '{"answer": "yes"}', "yes", {"yes": 1, "no": 0}) == pytest.approx(0.75)


def test_a_label_of_several_tokens_is_told_by_its_first_one() -> None:
    said = tokens({"sehr": 0.75, "sch": 0.25, "x": 1e-9}, " gut")
    assert mean(said, "sehr gut", "sehr gut", {"sehr gut": 2, "schlecht": 1}) == pytest.approx(1.75)


def test_the_verdict_stands_behind_the_reasoning() -> None:
    said = tokens("<think>", "1 or 2?", "</think>", {"2": 0.9, "1": 0.1, "x": 1e-9})
    assert mean(said, "2", "2", {"1": 1, "2": 2}) == pytest.approx(1.9)


def test_a_token_that_begins_several_labels_tells_nothing() -> None:
    said = tokens({"not": 0.9, "good": 0.1}, " good")
    assert mean(said, "not good", "not good", {"not good": 0, "not bad": 1, "good": 2}) is None


def test_one_of_ten_is_told_where_ten_is_a_token() -> None:
    rest = dict.fromkeys("23456789", 1e-9)
    assert mean(tokens({"1": 0.5, "10": 0.5, **rest}), "1", "1", TEN) == pytest.approx(5.5, abs=1e-6)
    assert mean(tokens({"1": 0.5, "7": 0.5, **rest}, "0"), "10", "10", TEN) is None
    assert mean(tokens({"7": 0.99, "1": 0.01, **dict.fromkeys("2345689", 1e-9)}), "7", "7", TEN) == pytest.approx(7)


@pytest.mark.parametrize(("last", "known"), [(0.02, True), (0.04, False)])
def test_a_missing_label_counts_as_much_as_the_last_alternative(last: float, known: bool) -> None:
    found = mean(tokens({"A": 0.7, "the": last}), "A", "A", {"A": 1, "B": 0})
    assert (found is not None) == known


def test_tokens_that_do_not_make_up_the_text_tell_nothing() -> None:
    said = tokens("\ufffd", "\ufffd")
    assert mean(said, "हाँ", "हाँ", {"हाँ": 1, "नहीं": 0}) is None
    assert mean(tokens("yes"), "yes", "no", {"yes": 1, "no": 0}) is None
