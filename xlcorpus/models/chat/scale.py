"""What a judge may say, and what it is worth."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from xlcorpus.models.chat.answer import CUT_OFF, Answer, Failure
from xlcorpus.models.chat.answer_forms import Form
from xlcorpus.models.chat.label_probabilities import expectation
from xlcorpus.models.chat.reasoning import apart
from xlcorpus.models.chat.unreadable import UnreadableError


@dataclass(frozen=True)
class Verdict:
    """What an answer of a judge says."""

    values: Mapping[str, float] = field(default_factory=dict)
    """by criterion; empty: it could not be read"""
    by_label: bool = False
    """whether the label said counts, although its probability was asked for"""
    text: str | None = None
    """the answer without reasoning"""
    raw: str = ""
    """the answer as it came"""
    problem: str | None = None
    detail: str = ""
    """of the problem, in words"""
    failure: str | None = None
    """why there is no answer"""


@dataclass(frozen=True)
class Scale:
    """Labels with their values, or numbers."""

    labels: Mapping[str, float]
    """empty: numbers"""
    least: float
    greatest: float
    """of the values"""
    expects: bool = False
    """whether the mean over the probabilities of the labels is read"""

    @cached_property
    def form(self) -> Form:
        """What one verdict looks like."""
        if self.labels:
            return Form(form="one_of", values=[*self.labels])
        return Form(form="number", between=(self.least, self.greatest))

    def form_asked(self, form: Form) -> Form:
        """What the whole answer looks like, given what the prompt says of it."""
        return form if form.form in ("json", "pattern") else self.form

    def read(self, answer: Answer | Failure, form: Form, criteria: Sequence[str], lang: str) -> Verdict:
        """The values in an answer.

        Args:
            form: what the prompt says of the answer; of JSON each criterion is a property.
            lang: tag of the language of its numbers.
        """
        if isinstance(answer, Failure):
            return Verdict(failure=answer.reason)
        text = apart(answer).text
        if answer.finish == CUT_OFF:
            return Verdict(text=text, raw=answer.content, problem="cut_off", detail="cut off")
        try:
            values, by_label = self._values(answer, text, form, criteria, lang)
        except UnreadableError as problem:
            return Verdict(text=text, raw=answer.content, problem="unreadable", detail=str(problem))
        return Verdict(values, by_label, text, answer.content)

    def _values(
        self, answer: Answer, text: str, form: Form, criteria: Sequence[str], lang: str
    ) -> tuple[dict[str, float], bool]:
        if form.form == "json":
            said = form.read(text, lang)
            return {name: self._value(self._label(said.get(name), lang)) for name in criteria}, self.expects
        span = (0, len(text))
        if form.form == "pattern":
            label = self._label(form.read(text, lang), lang)
            found = re.search(form.pattern or "", text)
            assert found is not None
            span = found.span(1 if found.re.groups else 0)
        else:
            label = self._label(text, lang)
        mean = self._mean(answer, text, span, label) if self.expects else None
        value = self._value(label) if mean is None else mean
        return dict.fromkeys(criteria, value), self.expects and mean is None

    def _label(self, said: Any, lang: str) -> Any:
        """The label or number in what was said; raises UnreadableError."""
        return self.form.read(said if isinstance(said, str) else json.dumps(said), lang)

    def _value(self, label: Any) -> float:
        return self.labels[label] if self.labels else float(label)

    def _mean(self, answer: Answer, text: str, span: tuple[int, int], label: Any) -> float | None:
        """The mean over the probabilities of all labels, or of all whole numbers; None where it is not known."""
        whole = range(int(self.least), int(self.greatest) + 1)
        values = self.labels or {str(number): float(number) for number in whole}
        said = label if self.labels else f"{label:g}"
        if answer.logprobs is None or said not in values:
            return None
        return expectation(answer.logprobs, text, span, said, values)
