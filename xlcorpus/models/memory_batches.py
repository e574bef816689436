"""Work on texts in batches that fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from xlcorpus.arrays import Ints64
from xlcorpus.errors import UserError
from xlcorpus.models.arithmetic import free_memory, is_out_of_memory
from xlcorpus.models.encoders.token_batches import token_batches

T = TypeVar("T")


def in_batches(lengths: Ints64, budget: int, work: Callable[[list[int]], Sequence[T]], model: str) -> list[T]:
    """What `work` gives for each text, in order; it gets places of texts of like length, without gradients.

    Args:
        lengths: (n,) tokens of each text, above 0.
        budget: tokens in a batch, with padding; batches are halved when memory runs out.
        model: its name, for the message.

    Raises:
        UserError: a single text does not fit.
    """
    import torch

    todo = token_batches(lengths, budget)
    made: dict[int, T] = {}
    while todo:
        rows = todo.pop()
        try:
            with torch.inference_mode():
                made.update(zip(rows.tolist(), work(rows.tolist()), strict=True))
            continue
        except (RuntimeError, MemoryError) as problem:
            if not is_out_of_memory(problem):
                raise
            if len(rows) == 1:
                raise UserError(f"not even one text fits into memory beside the model {model}") from problem
        # Outside of the handler, because the traceback keeps the tensors of the failed attempt alive.
        free_memory()
        todo += np.array_split(rows, 2)
    return [made[row] for row in range(len(lengths))]
