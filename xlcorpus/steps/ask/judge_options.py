"""What is judged, and on which scale."""

from __future__ import annotations

import re
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from xlcorpus.models.chat.scale import Scale
from xlcorpus.steps.ask.ask_options import AskOptions
from xlcorpus.steps.ask.verdicts import TIE

_PAIR_LABELS = {"A": 1.0, "B": 0.0, "tie": TIE}
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class JudgeOptions(AskOptions):
    """Options of `judge`, and the columns that follow from them."""

    criteria: dict[str, str] = Field(default={"score": ""}, min_length=1)
    """names of the criteria, each with what it means, for the prompt: `{fluency: "It reads as if a native speaker had
    written it."}`; or the names alone, as a list"""
    compare: tuple[str, str] | None = None
    """two fields or columns that are compared, such as [chosen, rejected]"""
    needs: list[str] = []
    """columns or texts without which a row is not judged, beside its answer and what is compared: a prompt shows
    nothing for null"""
    scale: tuple[float, float] = (1.0, 5.0)
    """the least and the greatest number"""
    labels: dict[str, float] = {}
    """labels with their values, in place of numbers: {yes: 1, no: 0}; with `compare` how much better the first text is,
    from 0 to 1 (default: A is 1, B is 0, tie is 0.5)"""
    expectation: bool = False
    """read the probabilities of the labels, or of the whole numbers of the scale"""
    top_logprobs: int = Field(default=20, ge=1)
    """likeliest tokens that are asked for; endpoints allow 20, or more"""
    checks: Literal["reject", "columns"] = "reject"
    """what becomes of rows that could not be judged"""
    verdicts: bool = False
    """whether every verdict stands in `judge_verdicts`, with what the model said"""

    @field_validator("criteria", mode="before")
    @classmethod
    def _named(cls, criteria: Any) -> Any:
        return dict.fromkeys(criteria, "") if isinstance(criteria, list) else criteria

    @field_validator("criteria")
    @classmethod
    def _are_names(cls, criteria: dict[str, str]) -> dict[str, str]:
        for name in criteria:
            if not _NAME.fullmatch(name):
                raise ValueError(f"criterion {name!r} becomes a column: give it a name of a-z, 0-9 and _")
        return criteria

    @model_validator(mode="after")
    def _is_a_scale(self) -> Self:
        least, most = self.scale
        if not 0 <= least < most:
            raise ValueError("scale: give the least and the greatest number, 0 or above: [1, 5]")
        if len(self.labels) == 1:
            raise ValueError("labels: give two or more")
        if self.labels and len({*self.labels.values()}) == 1:
            raise ValueError("labels: their values are all the same")
        if self.compare is not None and not all(0 <= value <= 1 for value in self._labels.values()):
            raise ValueError("labels: with compare their values are from 0 (the second is better) to 1 (the first)")
        if self.expectation and not self._labels:
            if least != int(least) or most != int(most):
                raise ValueError("expectation: the scale must go from one whole number to another")
            if most - least >= self.top_logprobs:
                raise ValueError(f"expectation: the scale has more numbers than top_logprobs ({self.top_logprobs})")
        doubled = [name for name in self._columns if self._columns.count(name) > 1]
        if doubled:
            raise ValueError(f"criteria: two columns would be named {doubled[0]!r}")
        return self

    def idle(self) -> dict[str, str]:
        """What depends on the sort of verdict."""
        found = {} if self.expectation else {"top_logprobs": "expectation is off"}
        if self._labels:
            found["scale"] = "verdicts are labels"
        return found

    @property
    def _labels(self) -> dict[str, float]:
        """The labels with their values; empty: numbers."""
        return self.labels or (_PAIR_LABELS if self.compare is not None else {})

    @property
    def _scale(self) -> Scale:
        values = [0.0, 1.0] if self.compare is not None else [*self.labels.values()] or [*self.scale]
        return Scale(self._labels, min(values), max(values), self.expectation)

    @property
    def _n_players(self) -> int:
        return len(self.model) if isinstance(self.model, list) else 1

    @property
    def _columns(self) -> list[str]:
        found: list[str] = []
        for name in self.criteria:
            found.append(f"judge_{name}")
            if self._n_players > 1:
                found += [f"judge_{name}_{i + 1}" for i in range(self._n_players)]
            if self._n_players * self.samples > 1:
                found.append(f"judge_{name}_agreement")
            if self.compare is not None:
                found.append(f"judge_{name}_consistency")
        return [*found, "judge_problem", *["judge_by_label"] * self.expectation, *["judge_verdicts"] * self.verdicts]
