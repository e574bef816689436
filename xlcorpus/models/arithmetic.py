"""Where a model computes and with which numbers, and what to do when memory runs out."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

from xlcorpus.device import Device, Resolved
from xlcorpus.errors import UserError

Precision = Literal["auto", "float32", "bf16", "fp16"]

_SAID = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory")
"""How PyTorch's allocators put it, on the CPU and on GPUs."""

ADVICE = "take a smaller model, a smaller batch, shorter texts, or a machine with more memory"
"""What helps when memory runs out."""


@dataclass(frozen=True)
class Arithmetic:
    """A device and the numbers of the matrix products."""

    device: Resolved
    precision: Literal["float32", "bf16", "fp16"]

    def autocast(self) -> AbstractContextManager[Any]:
        """Context in which matrix products use the precision; weights stay float32."""
        import torch

        if self.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device, dtype=torch.bfloat16 if self.precision == "bf16" else torch.float16)

    def scaler(self) -> Any:
        """A gradient scaler, which does nothing but for fp16."""
        import torch

        return torch.amp.GradScaler(self.device, enabled=self.precision == "fp16")


def arithmetic(device: Device = "auto", precision: Precision = "auto") -> Arithmetic:
    """What the options mean on this machine.

    Raises:
        UserError: `cuda` without a GPU, or `fp16` without one.
    """
    import torch

    has_gpu = torch.cuda.is_available()
    if device == "cuda" and not has_gpu:
        raise UserError("device: cuda, but PyTorch sees no GPU here; use cpu or auto")
    where: Resolved = "cuda" if has_gpu and device != "cpu" else "cpu"
    if precision == "fp16" and where == "cpu":
        raise UserError("precision: fp16 needs a GPU; use bf16 or float32 on the CPU")
    if precision != "auto":
        return Arithmetic(where, precision)
    return Arithmetic(where, "bf16" if where == "cuda" and torch.cuda.is_bf16_supported() else "float32")


def is_out_of_memory(problem: BaseException) -> bool:
    """Whether an error says that memory ran out, on a GPU or on the CPU."""
    import torch

    if isinstance(problem, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(problem, RuntimeError) and any(said in str(problem).lower() for said in _SAID)


def free_memory() -> None:
    """Give back what a failed computation held."""
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def loading_failed(name: str, problem: BaseException, what: str = "encoder") -> str:
    """What to say when a model is there but cannot be loaded; `what` it is."""
    if is_out_of_memory(problem):
        return f"{name!r} does not fit into memory ({problem}); {ADVICE}"
    return (
        f"{what} {name!r} is there but cannot be loaded ({type(problem).__name__}): {problem}; if it is damaged or "
        "incomplete, fetch or train it again"
    )
