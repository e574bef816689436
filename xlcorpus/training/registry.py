"""Trainers by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

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


def trainer_with(name: str, options: Mapping[str, Any]) -> Trainer:
    """The trainer of that name with these options.

    Raises:
        UserError: no such trainer, no such option, or a wrong value.
    """
    try:
        return trainer_class(name)(**options)
    except ValidationError as problem:
        error = problem.errors()[0]
        option = ".".join(str(part) for part in error["loc"])
        raise UserError(f"trainer_options of {name}: {option}: {error['msg']}") from None


def trainer_class(name: str) -> type[Trainer]:
    """The trainer of that name.

    Raises:
        UserError: no such trainer; names the nearest.
    """
    if name not in trainers():
        raise UserError(f"no trainer {name!r}; {nearest(name, trainers())}")
    return trainers()[name]
