"""An encoder-decoder as a sentence encoder and a translator, as CRISS uses mBART (Tran et al. 2020, arXiv 2006.09526).

The encoder sees a text's tokens and the end token, and no language token: the input does not
name the language of a text. The decoder starts with the token of the target language.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from xlcorpus.arrays import Floats32
from xlcorpus.errors import UserError
from xlcorpus.models.arithmetic import Arithmetic, loading_failed
from xlcorpus.models.encoders.language_tokens import is_language_token, language_token
from xlcorpus.models.memory_batches import in_batches

T = TypeVar("T")

MOST_TOKENS = 512
"""Longer texts are cut."""
TOKENS_AT_ONCE = 16_384
"""In a batch, with padding; halved when memory runs out."""
BEAMS = 5
"""As CRISS translates (fairseq's examples/criss/unsupervised_mt/eval.sh: beam 5, length penalty 1)."""


class Seq2SeqEncoder:
    """Averaged encoder states of an encoder-decoder, and its translations."""

    def __init__(self, model: Any, tokenizer: Any, identity: str) -> None:
        """`model`: an `AutoModelForSeq2SeqLM`; `tokenizer`: its own; `identity`: see `encoder_identity`.

        Raises:
            UserError: the tokenizer has no end token, or no token to pad with.
        """
        if tokenizer.eos_token_id is None or tokenizer.pad_token_id is None:
            raise UserError(f"{identity}: its tokenizer has no end token or no padding token")
        self.model = model
        self.tokenizer = tokenizer
        self.identity = identity
        self.dim = int(model.config.hidden_size)
        self.most_tokens = _limit(model.config)
        self._language_ids = {token: i for token, i in tokenizer.get_vocab().items() if is_language_token(token)}

    def encode(self, texts: Sequence[str]) -> Floats32:
        """(n, dim) float32 unit vectors: means of the encoder states, without padding and language tokens."""
        if not len(texts):
            return np.zeros((0, self.dim), dtype=np.float32)
        vectors: list[Floats32] = self._each(texts, self._pooled, TOKENS_AT_ONCE)
        return np.stack(vectors)

    def translate(self, texts: Sequence[str], tgt_lang: str, beams: int = BEAMS) -> list[str]:
        """One translation per text.

        Args:
            texts: in any languages the model knows.
            tgt_lang: tag of the language to translate into.
            beams: hypotheses kept at each step; 1 is greedy.

        Raises:
            UserError: the model has no token for that language; not enough memory.
        """
        prefix = self.decoder_prefix(tgt_lang)

        def generate(ids: Any, mask: Any) -> list[str]:
            made = self.model.generate(
                input_ids=ids,
                attention_mask=mask,
                decoder_input_ids=ids.new_tensor([prefix]).repeat(len(ids), 1),
                decoder_start_token_id=prefix[0],
                forced_bos_token_id=None,
                num_beams=beams,
                do_sample=False,
                length_penalty=1.0,
                max_length=min(2 * ids.shape[1] + 20, self.most_tokens),
                pad_token_id=self.tokenizer.pad_token_id,
                eos_token_id=self.tokenizer.eos_token_id,
            )
            return [text.strip() for text in self.tokenizer.batch_decode(made, skip_special_tokens=True)]

        return self._each(texts, generate, TOKENS_AT_ONCE // beams)

    def decoder_prefix(self, tgt_lang: str) -> list[int]:
        """Token ids the decoder starts with: the model's own start token if it has one, and the language's.

        Raises:
            UserError: the model has no token for that language.
        """
        token = language_token(tgt_lang, self._language_ids)
        if token is None:
            known = ", ".join(sorted(self._language_ids)) or "no language"
            raise UserError(f"{self.identity} does not translate into {tgt_lang}; it knows {known}")
        start = self.model.config.decoder_start_token_id
        own = [] if start is None or start in self._language_ids.values() else [int(start)]
        return [*own, self._language_ids[token]]

    def token_ids(self, texts: Sequence[str], most: int | None = None) -> list[list[int]]:
        """Token ids of each text with the end token, without a language token, cut to `most`."""
        most = min(most or self.most_tokens, self.most_tokens)
        if not len(texts):
            return []
        found = self.tokenizer(list(texts), add_special_tokens=False, truncation=True, max_length=most - 1)["input_ids"]
        return [[*ids, self.tokenizer.eos_token_id] for ids in found]

    def padded(self, ids: Sequence[Sequence[int]]) -> tuple[Any, Any]:
        """(n, longest) int64 tensors on the model's device: the ids, and a mask that is 1 where they are no padding."""
        import torch

        longest = max(map(len, ids))
        padded = torch.full((len(ids), longest), self.tokenizer.pad_token_id, dtype=torch.int64)
        mask = torch.zeros((len(ids), longest), dtype=torch.int64)
        for row, one in enumerate(ids):
            padded[row, : len(one)] = torch.tensor(one)
            mask[row, : len(one)] = 1
        return padded.to(self.model.device), mask.to(self.model.device)

    def _pooled(self, ids: Any, mask: Any) -> list[Floats32]:
        import torch
        from torch.nn.functional import normalize

        states = self.model.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        is_language = torch.isin(ids, ids.new_tensor(sorted(self._language_ids.values())))
        counted = mask.bool() & ~is_language
        # The end token always counts, so there is something to average; the length of a mean does not matter.
        return list(normalize((states * counted.unsqueeze(2)).sum(dim=1), dim=1).cpu().numpy())

    def _each(self, texts: Sequence[str], work: Callable[[Any, Any], Sequence[T]], budget: int) -> list[T]:
        """The result of `work` for each text, in batches of that many tokens, halved when memory runs out."""
        self.model.eval()
        ids = self.token_ids(texts)
        lengths = np.array([len(one) for one in ids], dtype=np.int64)
        return in_batches(lengths, budget, lambda rows: work(*self.padded([ids[row] for row in rows])), self.identity)


def is_seq2seq(folder: Path) -> bool:
    """Whether a model's folder holds an encoder-decoder of transformers (and no sentence-transformers model)."""
    config = folder / "config.json"
    if not config.is_file() or (folder / "modules.json").is_file():
        return False
    try:
        return bool(json.loads(config.read_text("utf8")).get("is_encoder_decoder", False))
    except (ValueError, AttributeError):  # damaged: who loads it says so
        return False


def load_seq2seq(name: str, identity: str, numbers: Arithmetic, revision: str | None = None) -> Seq2SeqEncoder:
    """An encoder-decoder by folder or Hub id.

    Raises:
        UserError: it cannot be loaded, or does not fit into memory.
    """
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(name, revision=revision)
        model = AutoModelForSeq2SeqLM.from_pretrained(name, revision=revision).to(numbers.device)
    # Loading weights raises errors of several families (OSError, ValueError, KeyError, safetensors' own).
    except Exception as e:
        raise UserError(loading_failed(name, e)) from e
    return Seq2SeqEncoder(model, tokenizer, identity)


def _limit(config: Any) -> int:
    """Tokens the model has positions for, at most `MOST_TOKENS`."""
    positions = getattr(config, "max_position_embeddings", None)
    return min(MOST_TOKENS, int(positions) if positions else MOST_TOKENS)
