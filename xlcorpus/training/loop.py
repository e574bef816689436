"""The training loop: epochs of batches, the best epoch kept, smaller parts when memory runs out, resuming."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from xlcorpus.arrays import Ints64
from xlcorpus.errors import UserError
from xlcorpus.models.arithmetic import ADVICE, Arithmetic, free_memory, is_out_of_memory
from xlcorpus.training.bitext import Say
from xlcorpus.training.checkpoint_folder import CheckpointFolder

MAX_GRAD_NORM = 1.0
"""Norm to which gradients are clipped, as usual for Transformers."""


@dataclass(frozen=True)
class HeldOutScore:
    """Measure of a model on the held-out pairs."""

    value: float
    """higher is better"""
    text: str
    """the measure in words: "held-out P@1 0.831" """


class Objective(Protocol):
    """A model and its loss: what differs between trainers."""

    model: Any
    """a `torch.nn.Module`"""

    def batches(self, rng: np.random.Generator) -> list[Ints64]:
        """The rows of each batch of an epoch."""
        ...

    def backward(self, rows: Ints64, parts: int, scale: Callable[[Any], Any]) -> float:
        """Add the gradients of a batch, computed in that many parts; their sum does not depend on the number of parts.

        `scale` is applied to a loss before its gradients are computed. Returns the batch's mean loss.
        """
        ...

    def score(self) -> HeldOutScore | None:
        """The measure on the held-out pairs; None if there are none."""
        ...


@dataclass(frozen=True)
class Schedule:
    """Number of epochs and learning rate by progress."""

    epochs: int
    learning_rate: float
    warmup: float
    decay: Literal["linear", "inverse_sqrt"]
    betas: tuple[float, float] = (0.9, 0.999)

    def rate(self, progress: float) -> float:
        """Learning rate after that share (0 to 1) of the training: rises linearly during warm-up, then decays.

        `linear` decays to 0; `inverse_sqrt` with the root of the steps made (Vaswani et al. 2017, arXiv 1706.03762).
        """
        if progress < self.warmup:
            return self.learning_rate * progress / self.warmup
        if self.decay == "linear":
            return self.learning_rate * (1 - progress) / (1 - self.warmup)
        return self.learning_rate * math.sqrt(max(self.warmup, 1e-3) / max(progress, 1e-3))


def fit(
    objective: Objective, schedule: Schedule, numbers: Arithmetic, checkpoints: CheckpointFolder, seed: int, say: Say
) -> list[float]:
    """Train for all epochs of the schedule; the model ends with the weights of its best epoch.

    A training that was stopped resumes after its last complete epoch, with the same result as without the stop.

    Returns:
        The mean loss of each epoch.

    Raises:
        UserError: not enough memory for one pair at a time; a loss that is not a number; a damaged checkpoint.
    """
    try:
        return _fit(objective, schedule, numbers, checkpoints, seed, say)
    except (RuntimeError, MemoryError) as problem:
        if not is_out_of_memory(problem):
            raise
        # Outside of a batch (loading, the optimizer's own state, measuring) smaller parts do not help.
        raise UserError(f"the model does not fit into the memory of {numbers.device}; {ADVICE}") from problem


def _fit(
    objective: Objective, schedule: Schedule, numbers: Arithmetic, checkpoints: CheckpointFolder, seed: int, say: Say
) -> list[float]:
    import torch

    model = objective.model.to(numbers.device)
    steps = _Steps(objective, schedule, numbers, say)
    losses: list[float] = []
    best = -math.inf
    if (kept := checkpoints.resume()) is not None:
        model.load_state_dict(kept["model"])
        steps.load_state(kept["steps"])
        losses, best = list(kept["losses"]), kept["best"]
        say(f"going on after epoch {len(losses)} of {schedule.epochs}, where an earlier training stopped", False)
    for epoch in range(len(losses), schedule.epochs):
        rng = np.random.default_rng((seed, epoch))
        torch.manual_seed(int(rng.integers(1 << 31)))
        losses.append(steps.epoch(objective.batches(rng), epoch))
        score = objective.score()
        if score is None or score.value > best:
            best = -math.inf if score is None else score.value
            checkpoints.keep_best(model.state_dict())
        checkpoints.keep({"model": model.state_dict(), "steps": steps.state(), "losses": losses, "best": best})
        measured = "" if score is None else f", {score.text}"
        say(f"epoch {epoch + 1} of {schedule.epochs}: loss {losses[-1]:.4f}{measured}", False)
    model.load_state_dict(checkpoints.best())
    model.eval()
    return losses


class _Steps:
    """Optimizer steps of an epoch; batches are computed in more parts when memory runs out."""

    def __init__(self, objective: Objective, schedule: Schedule, numbers: Arithmetic, say: Say) -> None:
        import torch

        self._objective = objective
        self._schedule = schedule
        self._numbers = numbers
        self._say = say
        self._scaler = numbers.scaler()
        self._parts = 1
        sparse, self._dense = _parameters(objective.model)
        # With sparse gradients a step costs in proportion to the embedding rows of its batch, not of the whole table.
        self._optimizers: list[Any] = [torch.optim.SparseAdam(sparse, betas=schedule.betas)] if sparse else []
        if self._dense:
            self._optimizers.append(torch.optim.AdamW(self._dense, betas=schedule.betas, weight_decay=0.0))

    def state(self) -> dict[str, Any]:
        """State for resuming."""
        optimizers = [optimizer.state_dict() for optimizer in self._optimizers]
        return {"optimizers": optimizers, "scaler": self._scaler.state_dict(), "parts": self._parts}

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore what `state` returned."""
        for optimizer, kept in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        self._scaler.load_state_dict(state["scaler"])
        self._parts = state["parts"]

    def epoch(self, batches: list[Ints64], number: int) -> float:
        """One step per batch. Returns the mean loss of a pair."""
        self._objective.model.train()
        total = 0.0
        for i, rows in enumerate(batches):
            rate = self._schedule.rate((number + (i + 0.5) / len(batches)) / self._schedule.epochs)
            for group in (group for optimizer in self._optimizers for group in optimizer.param_groups):
                group["lr"] = rate
            total += self._step(rows) * len(rows)
        return total / sum(len(rows) for rows in batches)

    def _step(self, rows: Ints64) -> float:
        import torch

        loss = self._backward(rows)
        if not math.isfinite(loss):
            raise UserError(f"the training diverged (loss {loss}); take a smaller learning_rate, or precision: float32")
        for optimizer in self._optimizers:
            self._scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(self._dense, MAX_GRAD_NORM)
        for optimizer in self._optimizers:
            self._scaler.step(optimizer)
        self._scaler.update()
        self._forget_gradients()
        return loss

    def _forget_gradients(self) -> None:
        for optimizer in self._optimizers:
            optimizer.zero_grad(set_to_none=True)

    def _backward(self, rows: Ints64) -> float:
        while True:
            parts = min(self._parts, len(rows))
            try:
                return self._objective.backward(rows, parts, self._scaler.scale)
            except (RuntimeError, MemoryError) as problem:
                if not is_out_of_memory(problem):
                    raise
                if parts == len(rows):
                    raise UserError(
                        f"not even one pair at a time fits into the memory of {self._numbers.device}; {ADVICE}"
                    ) from problem
            # Outside of the handler, because the traceback keeps the tensors of the failed attempt alive.
            self._forget_gradients()
            free_memory()
            self._parts = 2 * parts
            at_once = -(-len(rows) // self._parts)
            self._say(f"not enough memory: from now on {at_once} of {len(rows)} pairs of a batch at once", True)


def _parameters(model: Any) -> tuple[list[Any], list[Any]]:
    """Trainable weights: those with sparse gradients, and the others."""
    sparse = [module.weight for module in model.modules() if getattr(module, "sparse", False)]
    known = {id(weight) for weight in sparse}
    return sparse, [weight for weight in model.parameters() if weight.requires_grad and id(weight) not in known]
