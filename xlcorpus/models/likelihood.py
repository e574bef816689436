"""How probable a text is to a model: log p(y), or log p(y given x)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.device import Device
from xlcorpus.errors import UserError
from xlcorpus.models.encoders.language_tokens import is_language_token, language_token
from xlcorpus.models.memory_batches import in_batches
from xlcorpus.models.pretrained import TOKENS_AT_ONCE, config_of, load_pretrained, most_tokens, padded
from xlcorpus.models.stand_ins.scores import StandInLikelihood
from xlcorpus.rehearsing import rehearsing

LOGITS_AT_ONCE = 2**28
"""Numbers that a model gives for a batch: one for each token of it and word of the vocabulary (1 GB of float32)."""


@dataclass(frozen=True)
class Texts:
    """A text y, and what comes before it."""

    y: str
    x: str | None = None
    y_lang: str | None = None
    x_lang: str | None = None
    """tags, for translation models"""


class Likelihood(Protocol):
    """A model that tells how probable texts are."""

    def score(self, texts: Sequence[Texts]) -> tuple[Floats64, Ints64]:
        """(n,) float64 natural logarithms of p(y given x), summed over the tokens of y, and (n,) int64 these tokens.

        NaN where y has no token, or does not fit into the model.
        """
        ...


def load_likelihood(name: str, device: Device = "auto", between: str = "\n", chat: bool = False) -> Likelihood:
    """The model of that name: an encoder-decoder of transformers, else a causal language model.

    Args:
        between, chat: see `CausalLikelihood`.

    Raises:
        UserError: no such model, it cannot be loaded, or has no chat template for `chat`.
    """
    if rehearsing():
        return StandInLikelihood()
    if config_of(name).get("is_encoder_decoder"):
        if chat:
            raise UserError(f"model {name!r} is an encoder-decoder: chat is for causal language models")
        return Seq2SeqLikelihood(*load_pretrained(name, "AutoModelForSeq2SeqLM", device))
    model, tokenizer = load_pretrained(name, "AutoModelForCausalLM", device)
    if chat and not tokenizer.chat_template:
        raise UserError(f"model {name!r} has no chat template: leave chat off")
    return CausalLikelihood(model, tokenizer, between, chat)


class CausalLikelihood:
    """A causal language model: y is what goes on from x.

    x and y are cut into tokens apart from each other. Without x, y follows the model's start token (else its end token,
    as where documents are joined). Where both are too long, the beginning of x is left out.

    Args:
        model, tokenizer: of transformers.
        between: what stands between x and y.
        chat: whether x is shown as the user's message, in the form of the model's chat template.
    """

    def __init__(self, model: Any, tokenizer: Any, between: str = "\n", chat: bool = False) -> None:
        self._model, self._tokenizer, self._between, self._chat = model, tokenizer, between, chat
        self._most = most_tokens(model, tokenizer)
        begins = list(tokenizer("")["input_ids"])
        self._start = [tokenizer.bos_token_id] if tokenizer.bos_token_id in begins else []

    def score(self, texts: Sequence[Texts]) -> tuple[Floats64, Ints64]:
        """See `Likelihood.score`. The end of y is not part of it."""
        before = [self._before(one.x) for one in texts]
        after = [list(self._tokenizer(one.y, add_special_tokens=False)["input_ids"]) for one in texts]
        counts = np.array([len(y) for y in after], dtype=np.int64)
        fits = (counts > 0) & (counts < self._most)
        rows = np.flatnonzero(fits).tolist()
        whole = {row: [*before[row][-(self._most - len(after[row])) :], *after[row]] for row in rows}

        def work(places: list[int]) -> list[float]:
            mine = [rows[place] for place in places]
            ids, mask = padded([whole[row] for row in mine], 0, self._model.device)
            logits = self._model(input_ids=ids, attention_mask=mask).logits[:, :-1]
            losses = _losses(logits, ids[:, 1:])
            # A token is foretold where the one before it stands.
            spans = [(len(whole[row]) - len(after[row]) - 1, len(whole[row]) - 1) for row in mine]
            return [-float(losses[i, a:b].sum()) for i, (a, b) in enumerate(spans)]

        lengths = np.array([len(whole[row]) for row in rows], dtype=np.int64)
        sums = np.full(len(texts), np.nan)
        sums[rows] = in_batches(lengths, _budget(self._model), work, self._model.config.name_or_path)
        return sums, np.where(fits, counts, 0)

    def _before(self, x: str | None) -> list[int]:
        if x is None:
            known = (self._tokenizer.bos_token_id, self._tokenizer.eos_token_id)
            start = next((token for token in known if token is not None), None)
            if start is None:
                raise UserError("the model has neither a start nor an end token: give x")
            return [start]
        if self._chat:
            turns = [{"role": "user", "content": x}]
            return list(self._tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False))
        return [*self._start, *self._tokenizer(x + self._between, add_special_tokens=False)["input_ids"]]


class Seq2SeqLikelihood:
    """An encoder-decoder (a translation model): x is what its encoder sees, y what its decoder says, to the end token.

    Models with language tokens (NLLB, mBART, M2M-100, MADLAD) are told the languages; these tokens do not count. A
    language that such a model does not know has no likelihood. x is cut where it is too long.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:
        """`model`, `tokenizer`: of transformers."""
        self._model, self._tokenizer = model, tokenizer
        self._most = most_tokens(model, tokenizer)
        self._languages = {token: i for token, i in tokenizer.get_vocab().items() if is_language_token(token)}
        # T5 and Marian know languages by words of x, or know two alone.
        self._told = hasattr(tokenizer, "src_lang") and bool(self._languages)

    def score(self, texts: Sequence[Texts]) -> tuple[Floats64, Ints64]:
        """See `Likelihood.score`."""
        seen = [self._seen(one) for one in texts]
        counted = [
            [] if pair is None else [token not in self._languages.values() for token in pair[1]] for pair in seen
        ]
        counts = np.array([sum(of_text) for of_text in counted], dtype=np.int64)
        fits = np.array([pair is not None and len(pair[1]) <= self._most for pair in seen], dtype=bool) & (counts > 0)
        rows = np.flatnonzero(fits).tolist()
        pairs = {row: pair for row, pair in enumerate(seen) if pair is not None}
        pad = self._model.config.pad_token_id or 0

        def work(places: list[int]) -> list[float]:
            import torch

            mine = [rows[place] for place in places]
            ids, mask = padded([pairs[row][0] for row in mine], pad, self._model.device)
            said, there = padded([pairs[row][1] for row in mine], pad, self._model.device)
            labels = said.masked_fill(there == 0, -100)
            losses = _losses(self._model(input_ids=ids, attention_mask=mask, labels=labels).logits, said)
            kept, _ = padded([[int(one) for one in counted[row]] for row in mine], 0, self._model.device)
            return [-float(loss) for loss in torch.where(kept == 1, losses, 0).sum(dim=1)]

        lengths = np.array([max(map(len, pairs[row])) for row in rows], dtype=np.int64)
        sums = np.full(len(texts), np.nan)
        sums[rows] = in_batches(lengths, _budget(self._model), work, self._model.config.name_or_path)
        return sums, np.where(fits, counts, 0)

    def _seen(self, texts: Texts) -> tuple[list[int], list[int]] | None:
        """The tokens of the encoder and those of the decoder; None for a language that the model does not know."""
        x = texts.x or ""
        if self._told:
            source, target = (self._token(lang) for lang in (texts.x_lang, texts.y_lang))
            if source is None or target is None:
                return None
            self._tokenizer.src_lang, self._tokenizer.tgt_lang = source.strip("_"), target.strip("_")
        elif texts.y_lang is not None and any(token.startswith("<2") for token in self._languages):
            asked = self._token(texts.y_lang)
            if asked is None:
                return None
            x = f"{asked} {x}"
        ids = self._tokenizer(x, truncation=True, max_length=self._most)["input_ids"]
        return list(ids), list(self._tokenizer(text_target=texts.y)["input_ids"])

    def _token(self, lang: str | None) -> str | None:
        return None if lang is None else language_token(lang, self._languages)


def _budget(model: Any) -> int:
    """Tokens in a batch."""
    return max(min(TOKENS_AT_ONCE, LOGITS_AT_ONCE // int(model.config.vocab_size)), 1)


def _losses(logits: Any, ids: Any) -> Any:
    """(n, tokens) float32: -log p of each token."""
    import torch

    flat = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), ids.flatten(), reduction="none")
    return flat.view(ids.shape)
