"""The value that a judge gives on a scale, as the expectation over the probabilities of the labels (Liu et al. 2023,
G-Eval, arXiv 2303.16634)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from xlcorpus.text.word_borders import whole_word

LEFT_OUT = 0.05
"""Probability, in that of the labels found, that may be left out: of labels that are not among the alternatives, and of
tokens that begin several labels."""

_AROUND = " \t\r\n\"'`“”„«»*_()[]{}<>.,:;!?。！，：؟،ĠĊ▁"
"""What may stand around a label in its token; the last three are spaces and line ends as some endpoints write them."""


def expectation(
    tokens: Sequence[Mapping[str, Any]], text: str, span: tuple[int, int], said: str, values: Mapping[str, float]
) -> float | None:
    """The mean of the labels' values, weighed by their probabilities where the answer says its label.

    A label of several tokens is told by its first one. None where that is not known: the label that was said is not
    found among the tokens, a label is missing from the alternatives and may be probable (it is at most as probable as
    the last of them), or a token begins several labels.

    Args:
        tokens: of the answer, each `token`, `logprob` and `top_logprobs`.
        text: the answer without reasoning.
        span: where in it the label stands.
        said: the label that was read.
        values: of each label.
    """
    found = _token_of(tokens, text, span, said)
    if found is None:
        return None
    logprobs = {found["token"]: float(found["logprob"])}
    logprobs |= {other["token"]: float(other["logprob"]) for other in found["top_logprobs"]}
    labels = {_bare(label): label for label in values}
    pieces = {token: _bare(token) for token in logprobs}
    whole = set(pieces.values())
    mass = dict.fromkeys(values, 0.0)
    unclear = 0.0
    for token, piece in pieces.items():
        begun = [label for label in labels if piece and label.startswith(piece)]
        # Where the longer label is a token of its own, the shorter token is the shorter label.
        if piece in labels and all(label in whole for label in begun):
            begun = [piece]
        if len(begun) == 1:
            mass[labels[begun[0]]] += math.exp(logprobs[token])
        elif begun:
            unclear += math.exp(logprobs[token])
    total = sum(mass.values())
    unseen = sum(not probability for probability in mass.values()) * math.exp(min(logprobs.values()))
    if not mass[said] or unclear + unseen > LEFT_OUT * total:
        return None
    return sum(values[label] * probability for label, probability in mass.items()) / total


def _token_of(
    tokens: Sequence[Mapping[str, Any]], text: str, span: tuple[int, int], said: str
) -> Mapping[str, Any] | None:
    """The token in which the label begins; None where the tokens do not make up the text."""
    start = "".join(token["token"] for token in tokens).rfind(text)
    label = re.compile(whole_word(re.escape(said)), re.IGNORECASE).search(text, *span)
    if start < 0 or label is None:
        return None
    place = start + label.start()
    for token in tokens:
        place -= len(token["token"])
        if place < 0:
            return token
    return None


def _bare(text: str) -> str:
    return text.strip(_AROUND).casefold()
