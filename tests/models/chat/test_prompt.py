"""Prompts and the answers that they ask for."""

from __future__ import annotations

import pytest

from xlcorpus.errors import UserError
from xlcorpus.models.chat.answer_forms import Form, UnreadableError
from xlcorpus.models.chat.prompt import Prompt


def test_yes_and_no_are_words_in_the_front_matter() -> None:
    prompt = Prompt("---\nanswer: {form: one_of, values: [yes, no]}\n---\nIs this a question? {{ text }}", "p")
    assert prompt.form.read("Yes.") == "yes"


@pytest.mark.parametrize(("answer", "value"), [("4", 4.0), ("**4.5**", 4.5), ("4/5", 4.0), ("٤", 4.0)])
def test_a_number_on_a_scale(answer: str, value: float) -> None:
    assert Form(form="number", between=(1, 5)).read(answer) == value


@pytest.mark.parametrize(
    ("answer", "problem"), [("6", "6 is not between 1 and 5"), ("4/10", "2 numbers"), ("4, 5", "2 numbers")]
)
def test_a_number_off_the_scale(answer: str, problem: str) -> None:
    with pytest.raises(UnreadableError, match=problem):
        Form(form="number", between=(1, 5)).read(answer)


def test_a_scale_belongs_to_numbers() -> None:
    with pytest.raises(UserError, match="between belongs to the form number"):
        Prompt("---\nanswer: {form: text, between: [1, 5]}\n---\n{{ text }}", "p")
