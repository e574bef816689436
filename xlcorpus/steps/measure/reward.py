"""Scores of a reward model or classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from pydantic import Field

from xlcorpus.models.rewards import Turns, load_classifier
from xlcorpus.step import MAIN, Port, RowEnv, RowStep
from xlcorpus.steps.measure.model_options import ModelOptions
from xlcorpus.steps.measure.named_texts import columns_of, kinds_with, named_texts

_CONVERSATIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("instruction", "response"): ("messages",),
    ("preference", "chosen"): ("prompt", "chosen"),
    ("preference", "rejected"): ("prompt", "rejected"),
    ("feedback", "completion"): ("prompt", "completion"),
}
"""The message lists that make up the conversation which an answer ends, by kind and name of the text."""


class Reward(ModelOptions, RowStep):
    """Adds the scores that a sequence classifier gives to texts: a reward model to answers, a quality or style
    classifier to documents.

    Answers are shown with the conversation before them, in the form of the model's chat template, or as a pair of what
    was asked and answered where it has none. Models score languages that they were not trained on too, and reward
    models often well (Wu et al. 2024, arXiv 2404.12318): compare scores within a language, not across.

    Column: of one text `reward_score`, of several `reward_<text>` each. The score is the model's output as it is, or
    the probability of `label`. Null where a text is missing or blank, where a conversation does not end with an answer,
    or is longer than the model takes; a text that stands alone is cut there.
    """

    of: list[str] = []
    """texts: response, chosen, rejected, completion, text, or columns; default: the answers or texts of the kind"""
    alone: bool = False
    """show the answer alone, without the conversation before it"""
    label: str | None = None
    """whose probability is the score, in models with several labels"""
    into: str = Field(default="reward", pattern=r"^[a-z][a-z0-9_]*$")
    """beginning of the names of the columns"""

    batch_rows = 128
    uses_all_cores = True

    def ports(self) -> dict[str, Port]:
        """`rows`: of kinds that have the texts."""
        return {MAIN: Port(kinds_with(self.of), columns_of(self.of))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """The columns of the docstring."""
        names = self._names(kind)
        return tuple(f"{self.into}_{'score' if len(names) == 1 else name}" for name in names)

    def open(self, env: RowEnv) -> Any:
        """The model."""
        return load_classifier(self.model, self.device, self.label)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The rows with their scores."""
        shown = [self._shown(rows, env.kind, name) for name in self._names(env.kind)]
        columns: list[pl.Series] = []
        for column, texts in zip(self.adds(env.kind), shown, strict=True):
            there = np.array([text is not None for text in texts], dtype=bool)
            scores = np.full(rows.height, np.nan)
            scores[there] = env.loaded.score([text for text in texts if text is not None])
            columns.append(pl.Series(column, scores, dtype=pl.Float64, nan_to_null=True))
        return rows.with_columns(columns)

    def _names(self, kind: str) -> list[str]:
        answers = [name for of_kind, name in _CONVERSATIONS if of_kind == kind]
        return self.of or answers or [text.name for text in named_texts(kind, [])]

    def _shown(self, rows: pl.DataFrame, kind: str, name: str) -> list[str | Turns | None]:
        """What the model sees of each row; None where there is nothing."""
        lists = _CONVERSATIONS.get((kind, name))
        if lists is None:
            texts = rows.select(named_texts(kind, [name])[0].text).to_series()
            return [text if text and text.strip() else None for text in texts]
        turns = rows.select(pl.concat_list(lists)).to_series()
        return [self._answered(conversation) for conversation in turns.to_list()]

    def _answered(self, turns: Sequence[Mapping[str, Any]] | None) -> str | Turns | None:
        """A conversation that ends with an answer, or that answer alone."""
        said = [{"role": turn["role"], "content": turn["content"] or ""} for turn in turns or ()]
        if not said or said[-1]["role"] != "assistant" or not said[-1]["content"].strip():
            return None
        return said[-1]["content"] if self.alone else said
