"""Scores that a sequence classifier gives: reward models, quality and style classifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from xlcorpus.arrays import Floats64
from xlcorpus.device import Device
from xlcorpus.errors import UserError, nearest
from xlcorpus.models.memory_batches import in_batches
from xlcorpus.models.pretrained import TOKENS_AT_ONCE, load_pretrained, most_tokens, padded
from xlcorpus.models.stand_ins.scores import StandInClassifier
from xlcorpus.rehearsing import rehearsing

Turns = Sequence[Mapping[str, str]]
"""Messages with `role` and `content`, the last of which is scored."""


class Classifier(Protocol):
    """A model that gives each text a score."""

    def score(self, texts: Sequence[str | Turns]) -> Floats64:
        """(n,) float64; see `SequenceClassifier.score`."""
        ...


def load_classifier(name: str, device: Device = "auto", label: str | None = None) -> Classifier:
    """The classifier of that name.

    Raises:
        UserError: no such model, it cannot be loaded, or has no such label.
    """
    if rehearsing():
        return StandInClassifier()
    return SequenceClassifier(*load_pretrained(name, "AutoModelForSequenceClassification", device), label=label)


class SequenceClassifier:
    """A sequence classifier of transformers.

    Args:
        model, tokenizer: of transformers.
        label: whose probability is the score; of a model with one output None, whose score is the output as it is.

    Raises:
        UserError: the model has no such label, or several and none is named.
    """

    def __init__(self, model: Any, tokenizer: Any, label: str | None = None) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._most = most_tokens(model, tokenizer)
        labels = {str(name): int(number) for number, name in model.config.id2label.items()}
        if len(labels) > 1 and label is None:
            raise UserError(f"the model has several labels: give label, one of {', '.join(labels)}")
        if label is not None and label not in labels:
            raise UserError(f"the model has no label {label!r}; {nearest(label, labels)}")
        self._label = None if label is None else labels[label]

    def score(self, texts: Sequence[str | Turns]) -> Floats64:
        """(n,) float64: the score of each text or conversation.

        A text is cut where it is too long; a conversation that is too long has no score, NaN. A conversation is shown
        in the form of the model's chat template, where it has none as a pair of what was asked and answered.
        """
        encoded = [self._encoded(one) for one in texts]
        ids = [list(one["input_ids"]) for one in encoded]
        rows = [row for row, one in enumerate(ids) if 0 < len(one) <= self._most]

        def work(places: list[int]) -> list[float]:
            mine = [rows[place] for place in places]
            batch = [ids[row] for row in mine]
            # Where the tokens end is told by the padding, not by the mask.
            self._model.config.pad_token_id = pad = self._padding(batch)
            tokens, mask = padded(batch, pad, self._model.device)
            told = {"input_ids": tokens, "attention_mask": mask}
            if "token_type_ids" in encoded[mine[0]]:
                types = [list(encoded[row]["token_type_ids"]) for row in mine]
                told["token_type_ids"], _ = padded(types, 0, self._model.device)
            return self._read(self._model(**told).logits.float())

        found = np.full(len(texts), np.nan)
        lengths = np.array([len(ids[row]) for row in rows], dtype=np.int64)
        found[rows] = in_batches(lengths, TOKENS_AT_ONCE, work, self._model.config.name_or_path)
        return found

    def _encoded(self, shown: str | Turns) -> Mapping[str, Sequence[int]]:
        """`input_ids`, and `token_type_ids` where the model knows them."""
        if isinstance(shown, str):
            found: Mapping[str, Sequence[int]] = self._tokenizer(shown, truncation=True, max_length=self._most)
            return found
        if self._tokenizer.chat_template:
            return {"input_ids": self._tokenizer.apply_chat_template(list(shown), return_dict=False)}
        *before, last = shown
        pair: Mapping[str, Sequence[int]] = self._tokenizer(
            "\n\n".join(turn["content"] for turn in before), last["content"]
        )
        return pair

    def _padding(self, batch: Sequence[Sequence[int]]) -> int:
        """The padding token, or where the texts hold it or there is none, one that they do not hold."""
        held = {token for ids in batch for token in ids}
        own = self._tokenizer.pad_token_id
        if own is not None and own not in held:
            return int(own)
        return next(token for token in range(int(self._model.config.vocab_size)) if token not in held)

    def _read(self, logits: Any) -> list[float]:
        if self._label is None:
            return [float(value) for value in logits[:, 0]]
        if self._model.config.problem_type == "multi_label_classification" or logits.shape[1] == 1:
            return [float(value) for value in logits[:, self._label].sigmoid()]
        return [float(value) for value in logits.softmax(dim=1)[:, self._label]]
