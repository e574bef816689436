"""Contrastive fine-tuning of sentence-transformers models on pairs."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
from pydantic import Field

from xlcorpus.arrays import Ints64
from xlcorpus.errors import UserError
from xlcorpus.models.arithmetic import arithmetic
from xlcorpus.training.bitext import Bitext, bitext, hold_out
from xlcorpus.training.checkpoint_folder import CheckpointFolder, training_key
from xlcorpus.training.loop import HeldOutScore, Schedule, fit
from xlcorpus.training.options import NeuralOptions
from xlcorpus.training.retrieval import retrieval
from xlcorpus.training.sampling import group_batches
from xlcorpus.training.softmax import in_batch_softmax
from xlcorpus.training.student import Student, load_student, start_identity
from xlcorpus.training.trainer import Trained


class ContrastiveTrainer(NeuralOptions):
    """Fine-tunes a sentence-transformers model by in-batch softmax in both directions.

    The loss of most retrieval encoders (van den Oord et al. 2018, arXiv 1807.03748), and of LaBSE (Feng
    et al. 2020, arXiv 2007.01852). Where a batch does not fit into memory, its embeddings are computed in parts and
    their gradients cached (Gao et al. 2021, arXiv 2101.06983): slower, with the same result and all negatives.
    """

    name: ClassVar[str] = "sentence-transformers"

    batch_size: int = Field(default=64, ge=2)
    """pairs in a batch; the others are each pair's negatives"""
    scale: float = Field(default=20.0, gt=0)
    """what cosines are multiplied by before the softmax"""
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    """share of the probability spread over the batch; 0.1 helps where some pairs are wrong"""

    def train(
        self,
        pairs: pl.DataFrame,
        folder: Path,
        start: str | None = None,
        seed: int = 0,
        say: Callable[[str, bool], None] = lambda text, warning: None,
    ) -> Trained:
        """See `Trainer.train`; `start` must be given."""
        began = time.monotonic()
        if start is None:
            raise UserError(
                "the trainer sentence-transformers needs a model to start from: give a start, a folder or a Hub id "
                "(sentence-transformers/LaBSE); the trainers static and distil need none"
            )
        train, held_out = hold_out(bitext(pairs), self.held_out, seed)
        numbers = arithmetic(self.device, self.precision)
        made_of = {"trainer": self.name, "options": self.fingerprint(), "start": start_identity(start), "seed": seed}
        student = load_student(start, numbers)
        checkpoints = CheckpointFolder(folder, training_key(pairs, **made_of))
        objective = _Objective(student, train, held_out, self)
        rate = self.learning_rate or student.default_rate
        losses = fit(objective, Schedule(self.epochs, rate, self.warmup, "linear"), numbers, checkpoints, seed, say)
        with checkpoints.publish() as whole:
            student.save(whole)
        return Trained(folder, len(train), time.monotonic() - began, losses)


class _Objective:
    """Pairs, a student, and the softmax between them."""

    def __init__(self, student: Student, train: Bitext, held_out: Bitext, options: ContrastiveTrainer) -> None:
        self.model: Any = student.model
        self._student = student
        self._train = train
        self._held_out = held_out
        self._options = options

    def batches(self, rng: np.random.Generator) -> list[Ints64]:
        return group_batches(self._train.group, self._options.batch_size, self._options.temperature, rng)

    def backward(self, rows: Ints64, parts: int, scale: Callable[[Any], Any]) -> float:
        import torch

        texts = [*self._train.src[rows], *self._train.tgt[rows]]
        if parts == 1:
            loss = self._loss(self._student.embed(texts), rows)
            scale(loss).backward()
            return float(loss.detach())
        # Two passes with the same dropout seeds: one for the vectors and their gradients, one for those of the weights.
        pieces = _pieces(texts, parts)
        seeds = torch.randint(1 << 31, (len(pieces),)).tolist()
        with torch.no_grad():
            vectors = torch.cat([self._seeded(piece, s) for piece, s in zip(pieces, seeds, strict=True)])
        vectors.requires_grad_()
        loss = self._loss(vectors, rows)
        scale(loss).backward()
        assert vectors.grad is not None
        gradients = torch.split(vectors.grad, [len(piece) for piece in pieces])
        for piece, piece_seed, gradient in zip(pieces, seeds, gradients, strict=True):
            self._seeded(piece, piece_seed).backward(gradient)
        return float(loss.detach())

    def score(self) -> HeldOutScore | None:
        return retrieval(self._student.encode, self._held_out)

    def _loss(self, vectors: Any, rows: Ints64) -> Any:
        import torch

        src_id, tgt_id = self._train.src_id[rows], self._train.tgt_id[rows]
        same = (src_id[:, None] == src_id) | (tgt_id[:, None] == tgt_id)
        src, tgt = vectors.split(len(rows))
        weight = torch.from_numpy(self._train.weight[rows]).float().to(vectors.device)
        equal = torch.from_numpy(same).to(vectors.device)
        return in_batch_softmax(src, tgt, equal, self._options.scale, self._options.label_smoothing, weight)

    def _seeded(self, texts: list[str], seed: int) -> Any:
        import torch

        torch.manual_seed(seed)
        return self._student.embed(texts)


def _pieces(texts: list[str], parts: int) -> list[list[str]]:
    """Texts in `parts` pieces of nearly equal length."""
    cuts = np.linspace(0, len(texts), parts + 1).astype(int)
    return [texts[a:b] for a, b in pairwise(cuts)]
