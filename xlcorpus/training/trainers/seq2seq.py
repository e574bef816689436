"""Training as in CRISS: an encoder-decoder is trained to translate the pairs; its encoder embeds sentences."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
from pydantic import Field, field_validator

from xlcorpus.arrays import Ints64
from xlcorpus.models.arithmetic import Arithmetic, arithmetic
from xlcorpus.models.encoders.seq2seq_encoder import Seq2SeqEncoder
from xlcorpus.models.encoders.token_batches import token_batches
from xlcorpus.training.bitext import Bitext, Say, bitext, hold_out
from xlcorpus.training.checkpoint_folder import CheckpointFolder, training_key
from xlcorpus.training.loop import HeldOutScore, Schedule, fit
from xlcorpus.training.options import NeuralOptions
from xlcorpus.training.retrieval import retrieval
from xlcorpus.training.sampling import epoch_rows
from xlcorpus.training.student import start_identity
from xlcorpus.training.trainer import Trained
from xlcorpus.training.trainers.seq2seq_start import HEAD, given_start, random_start

RANDOM_RATE = 5e-4
"""From random weights (fairseq's recipes for small corpora; Adam's betas are theirs too)."""
GIVEN_RATE = 3e-5
"""From mBART (fairseq's examples/multilingual, the recipe nearest to CRISS)."""
IGNORED = -100
"""Label of a position without loss."""


class Seq2seqTrainer(NeuralOptions):
    """Learns to translate the pairs in both directions (CRISS; Tran et al. 2020, arXiv 2006.09526).

    An encoder-decoder translates a sentence into the language that its first token names. All language pairs share its
    weights, and the averaged encoder states become a sentence embedding across languages. Label smoothing, step sizes
    and sampling as in CRISS. Starts from any encoder-decoder of transformers (mBART, NLLB), or from random weights,
    which need a GPU and at least some 100,000 pairs.
    """

    name: ClassVar[str] = "seq2seq"

    batch_tokens: int = Field(default=4096, ge=16)
    """tokens of a batch on its longer side, with padding"""
    most_tokens: int = Field(default=256, ge=4)
    """longer sentences are cut"""
    label_smoothing: float = Field(default=0.2, ge=0, lt=1)
    """share of the probability spread over the vocabulary"""
    layers: int = Field(default=6, ge=1)
    """of the encoder and of the decoder, in a model without a start"""
    width: int = Field(default=512, ge=8)
    """of a layer in a model without a start: a multiple of 64, or less than that"""
    dropout: float = Field(default=0.3, ge=0, lt=1)
    """in a model without a start"""
    vocabulary: int = Field(default=16_000, ge=100)
    """pieces of words in a model without a start"""

    @field_validator("width")
    @classmethod
    def _whole_heads(cls, width: int) -> int:
        if width > HEAD and width % HEAD:
            raise ValueError(f"must be a multiple of {HEAD}, or less than that")
        return width

    def train(
        self,
        pairs: pl.DataFrame,
        folder: Path,
        start: str | None = None,
        seed: int = 0,
        say: Callable[[str, bool], None] = lambda text, warning: None,
    ) -> Trained:
        """See `Trainer.train`."""
        began = time.monotonic()
        data = bitext(pairs)
        numbers = arithmetic(self.device, self.precision)
        made_of = {"trainer": self.name, "options": self.fingerprint(), "start": start_identity(start), "seed": seed}
        checkpoints = CheckpointFolder(folder, training_key(pairs, **made_of))
        train, held_out = hold_out(data, self.held_out, seed)
        model = self._start(train, start, numbers, seed, say)
        objective = _Objective(model, train, held_out, self, numbers, say)
        rate = self.learning_rate or (RANDOM_RATE if start is None else GIVEN_RATE)
        schedule = Schedule(self.epochs, rate, self.warmup, "inverse_sqrt", betas=(0.9, 0.98))
        losses = fit(objective, schedule, numbers, checkpoints, seed, say)
        with checkpoints.publish() as whole:
            model.model.save_pretrained(whole)
            model.tokenizer.save_pretrained(whole)
        return Trained(folder, len(train), time.monotonic() - began, losses)

    def _start(self, train: Bitext, start: str | None, numbers: Arithmetic, seed: int, say: Say) -> Seq2SeqEncoder:
        tags = sorted({tag for pair in train.languages for tag in pair})
        if start is not None:
            return given_start(start, tags, numbers, say)
        texts = sorted({*train.src.tolist(), *train.tgt.tolist()})
        return random_start(texts, tags, self.layers, self.width, self.vocabulary, self.dropout, seed)


class _Directed:
    """Token ids of the pairs in both directions: rows 0 to n - 1 from source to target, n to 2n - 1 back."""

    def __init__(self, data: Bitext, model: Seq2SeqEncoder, most: int) -> None:
        src, tgt = (model.token_ids(texts.tolist(), most) for texts in (data.src, data.tgt))
        self.read = [*src, *tgt]
        self.write = [*tgt, *src]
        self.weight = np.concatenate([data.weight] * 2)
        self.group = np.concatenate([data.group, data.group + len(data.languages)])
        self.lengths = np.array(
            [max(map(len, both)) for both in zip(self.read, self.write, strict=True)], dtype=np.int64
        )
        targets = [*(tgt for _, tgt in data.languages), *(src for src, _ in data.languages)]
        self.prefixes = [model.decoder_prefix(tag) for tag in targets]


class _Objective:
    """Cross entropy of the translations of the pairs."""

    def __init__(
        self,
        model: Seq2SeqEncoder,
        train: Bitext,
        held_out: Bitext,
        options: Seq2seqTrainer,
        numbers: Arithmetic,
        say: Say,
    ) -> None:
        self.model: Any = model.model
        self._encoder = model
        self._options = options
        self._numbers = numbers
        self._held_out = held_out
        self._train = _Directed(train, model, options.most_tokens)
        self._measured = _Directed(held_out, model, options.most_tokens)
        cut = int((self._train.lengths >= min(options.most_tokens, model.most_tokens)).sum()) // 2
        if cut:
            say(f"{cut:,} of {len(train):,} pairs are as long as most_tokens or longer, and cut there", True)

    def batches(self, rng: np.random.Generator) -> list[Ints64]:
        rows = np.concatenate(epoch_rows(self._train.group, self._options.temperature, rng))
        return [rows[batch] for batch in token_batches(self._train.lengths[rows], self._options.batch_tokens, rng)]

    def backward(self, rows: Ints64, parts: int, scale: Callable[[Any], Any]) -> float:
        tokens = sum(len(self._train.write[row]) for row in rows)
        total = 0.0
        for part in np.array_split(rows, parts):
            loss = self._loss(self._train, part, self._options.label_smoothing) / tokens
            scale(loss).backward()
            total += float(loss.detach())
        return total

    def score(self) -> HeldOutScore | None:
        import torch

        found = retrieval(self._encoder.encode, self._held_out)
        if found is None:
            return None
        self.model.eval()
        total = 0.0
        with torch.inference_mode():
            for rows in token_batches(self._measured.lengths, self._options.batch_tokens):
                total += float(self._loss(self._measured, rows, 0.0))
        loss = total / sum(len(ids) for ids in self._measured.write)
        return HeldOutScore(-loss, f"held-out loss {loss:.3f} (perplexity {math.exp(loss):.1f}), {found.text}")

    def _loss(self, data: _Directed, rows: Ints64, smoothing: float) -> Any:
        """Sum over the target tokens of these rows, each weighted as its pair."""
        import torch
        from torch.nn.functional import cross_entropy

        read, read_mask = self._encoder.padded([data.read[row] for row in rows])
        prefixes = [data.prefixes[data.group[row]] for row in rows]
        whole = [[*prefix, *data.write[row]] for prefix, row in zip(prefixes, rows, strict=True)]
        written, mask = self._encoder.padded(whole)
        labels = written[:, 1:].masked_fill(mask[:, 1:] == 0, IGNORED)
        labels[:, : len(prefixes[0]) - 1] = IGNORED
        with self._numbers.autocast():
            logits = self.model(
                input_ids=read,
                attention_mask=read_mask,
                decoder_input_ids=written[:, :-1],
                decoder_attention_mask=mask[:, :-1],
            ).logits
        each = cross_entropy(
            logits.float().transpose(1, 2), labels, ignore_index=IGNORED, label_smoothing=smoothing, reduction="none"
        )
        return (torch.from_numpy(data.weight[rows]).float().to(each.device) * each.sum(dim=1)).sum()
