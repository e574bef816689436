"""Trainers by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from xlcorpus.errors import UserError, nearest
from xlcorpus.training.trainer import Trainer
from xlcorpus.training.trainers.contrastive import ContrastiveTrainer
from xlcorpus.training.trainers.distil import DistilTrainer
from xlcorpus.training.trainers.seq2seq import Seq2seqTrainer


@cache
def trainers() -> Mapping[str, type[Trainer]]:
    """All trainers by name."""
    from xlcorpus.training.trainers.static import StaticTrainer

    found: tuple[type[Trainer], ...] = (StaticTrainer, ContrastiveTrainer, DistilTrainer, Seq2seqTrainer)
    return {trainer.name: trainer for trainer in found}


def trainer_class(name: str) -> type[Trainer]:
    """The trainer of that name.

    Raises:
        UserError: no such trainer; names the nearest.
    """
    if name not in trainers():
        raise UserError(f"no trainer {name!r}; {nearest(name, trainers())}")
    return trainers()[name]
