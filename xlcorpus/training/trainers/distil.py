"""Distillation: a student is trained on the vectors of a teacher, also for languages the teacher does not know."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
from pydantic import Field, field_validator

from xlcorpus import languages
from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.errors import UserError
from xlcorpus.models.arithmetic import Arithmetic, arithmetic
from xlcorpus.models.encoders.loading import Encoder, encoder_identity, load_encoder
from xlcorpus.training.bitext import Bitext, Say, bitext, hold_out
from xlcorpus.training.checkpoint_folder import CheckpointFolder, training_key
from xlcorpus.training.loop import HeldOutScore, Schedule, fit
from xlcorpus.training.options import NeuralOptions
from xlcorpus.training.retrieval import retrieval, retrieval_of
from xlcorpus.training.sampling import group_batches
from xlcorpus.training.student import Student, fresh_student, load_student, start_identity
from xlcorpus.training.trainer import Trained

POOR_TEACHER = 0.5
"""Below this P@1 between its vectors of both sides, a teacher probably does not know both languages."""
SAMPLE = 1000
"""Pairs on which the teacher's P@1 is measured."""
FIT_PAIRS = 10_000
"""Pairs to which a new Dense layer is fitted before the training."""


class DistilTrainer(NeuralOptions):
    """Teaches a student the teacher's vector of a sentence for the sentence and for its translation.

    Squared distance on both sides of each pair (Reimers & Gurevych 2020, arXiv 2004.09813). An English teacher becomes
    a multilingual student, a large teacher a small one. Without a start the student is a StaticEmbedding, which runs on
    a CPU at tens of thousands of sentences a second. A student whose vectors differ in length from the teacher's gets a
    Dense layer at its end.

    Beside sentence-transformers' trainer with MSELoss on a fresh StaticEmbedding, same pairs, batches and epochs: twice
    as fast, P@1 0.944 and 0.591 (10,000 captions; `benchmarks/trainers.py`).
    """

    name: ClassVar[str] = "distil"

    teacher: str
    """the encoder to learn from: a folder or Hub id (sentence-transformers/LaBSE), `e5-small` or `bootstrap`"""
    teacher_langs: list[str] | None = None
    """languages that the teacher knows (en), default all: the mean of its vectors of the sides in them is learnt"""
    batch_size: int = Field(default=64, ge=1)
    """pairs in a batch"""
    vocabulary: int = Field(default=30_000, ge=100)
    """pieces of words in a new student"""

    @field_validator("teacher_langs", mode="before")
    @classmethod
    def _one_language(cls, langs: Any) -> Any:
        return [langs] if isinstance(langs, str) else langs

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
        identities = {"teacher": encoder_identity(self.teacher), "start": start_identity(start)}
        made_of = {"trainer": self.name, "options": self.fingerprint(), "seed": seed, **identities}
        known = self._known(data)
        checkpoints = CheckpointFolder(folder, training_key(pairs, **made_of))
        train, held_out = hold_out(data, self.held_out, seed)
        targets = _targets(load_encoder(self.teacher, numbers.device), train, known, say)
        student = self._student(train, targets, start, numbers, seed, say)
        objective = _Objective(student, train, held_out, targets, self)
        rate = self.learning_rate or student.default_rate
        losses = fit(objective, Schedule(self.epochs, rate, self.warmup, "linear"), numbers, checkpoints, seed, say)
        with checkpoints.publish() as whole:
            student.save(whole)
        return Trained(folder, len(train), time.monotonic() - began, losses)

    def _known(self, data: Bitext) -> set[str]:
        """Tags of the languages that the teacher knows; each language pair must have one."""
        tags = {tag for pair in data.languages for tag in pair}
        if self.teacher_langs is None:
            return tags
        known = {languages.parse(lang) for lang in self.teacher_langs}
        unknown = next((pair for pair in data.languages if not known & set(pair)), None)
        if unknown:
            raise UserError(
                f"teacher_langs {sorted(known)}: in the pairs of {'-'.join(unknown)} the teacher knows neither language"
            )
        return known

    def _student(
        self, train: Bitext, targets: Floats32, start: str | None, numbers: Arithmetic, seed: int, say: Say
    ) -> Student:
        """The start, with vectors as long as the teacher's, or a new student."""
        dim = targets.shape[1]
        if start is None:
            texts = sorted({*train.src.tolist(), *train.tgt.tolist()})
            return fresh_student(texts, self.vocabulary, dim, numbers, seed)
        student = load_student(start, numbers)
        if student.dim != dim:
            say(f"the student's vectors have {student.dim} numbers, the teacher's {dim}: it gets a Dense layer", False)
            sample = np.random.default_rng(seed).permutation(len(train))[:FIT_PAIRS]
            texts = [*train.src[sample], *train.tgt[sample]]
            student.widen(texts, np.concatenate([targets[sample]] * 2))
        return student


def _targets(teacher: Encoder, train: Bitext, known: set[str], say: Say) -> Floats32:
    """(n, dim) float32: target vectors of both sides of each pair."""
    sides = []
    for texts, ids, column in ((train.src, train.src_id, 0), (train.tgt, train.tgt_id, 1)):
        is_known = np.array([pair[column] in known for pair in train.languages])[train.group]
        vectors = np.zeros((len(train), teacher.dim), dtype=np.float32)
        _, first, place = np.unique(ids[is_known], return_index=True, return_inverse=True)
        vectors[is_known] = teacher.encode(texts[is_known][first].tolist())[place]
        sides.append((vectors, is_known))
    (src, src_known), (tgt, tgt_known) = sides
    both = np.flatnonzero(src_known & tgt_known)
    if len(both):
        sample = np.sort(np.random.default_rng(0).permutation(both)[:SAMPLE])
        measured = retrieval_of(src[sample], tgt[sample], train.take(sample))
        poor = measured.p_at_1 < POOR_TEACHER
        advice = "; does it know both languages? if not, name those it knows (teacher_langs)" if poor else ""
        say(f"teacher: P@1 {measured.p_at_1:.3f} on {len(sample):,} pairs{advice}", poor)
    targets = src + tgt
    length = np.linalg.norm(targets, axis=1, keepdims=True)
    np.divide(targets, length, out=targets, where=length > 0)
    return targets


class _Objective:
    """Squared distance of a student's vectors to the targets."""

    def __init__(
        self, student: Student, train: Bitext, held_out: Bitext, targets: Floats32, options: DistilTrainer
    ) -> None:
        self.model: Any = student.model
        self._student = student
        self._train = train
        self._held_out = held_out
        self._targets = targets
        self._options = options

    def batches(self, rng: np.random.Generator) -> list[Ints64]:
        return group_batches(self._train.group, self._options.batch_size, self._options.temperature, rng)

    def backward(self, rows: Ints64, parts: int, scale: Callable[[Any], Any]) -> float:
        return sum(self._part(part, len(rows), scale) for part in np.array_split(rows, parts))

    def score(self) -> HeldOutScore | None:
        return retrieval(self._student.encode, self._held_out)

    def _part(self, rows: Ints64, of: int, scale: Callable[[Any], Any]) -> float:
        """Gradients of some rows of a batch of that many; their share of its loss."""
        import torch

        vectors = self._student.embed([*self._train.src[rows], *self._train.tgt[rows]])
        wanted = torch.from_numpy(self._targets[rows]).to(vectors.device).repeat(2, 1)
        weight = torch.from_numpy(self._train.weight[rows]).float().to(vectors.device).repeat(2)
        # The sum over dimensions, not their mean: the step then does not depend on their number.
        loss = (weight * (vectors - wanted).square().sum(dim=1)).sum() / (2 * of)
        scale(loss).backward()
        return float(loss.detach())
