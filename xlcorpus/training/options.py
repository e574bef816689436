"""Options that all trainers of neural models share."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from xlcorpus.device import Device
from xlcorpus.models.arithmetic import Precision


class NeuralOptions(BaseModel):
    """Epochs, learning rate, sampling, device and precision."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    epochs: int = Field(default=5, ge=1)
    """passes over about as many pairs as there are; the best of them on the held-out pairs is kept"""
    learning_rate: float | None = Field(default=None, gt=0)
    """highest learning rate; default: by the kind of model"""
    warmup: float = Field(default=0.1, ge=0, lt=1)
    """share of the training in which the learning rate rises"""
    temperature: float = Field(default=1.5, ge=1)
    """language pairs are drawn by (share of pairs) ** (1 / temperature): 1 keeps the proportions, more is more even"""
    held_out: float = Field(default=0.02, ge=0, lt=0.5)
    """share of the pairs, drawn at random, that measures each epoch (1,000 at most); 0: the last epoch is kept"""
    device: Device = "auto"
    """where the model runs; auto: a GPU if there is one"""
    precision: Precision = "auto"
    """of matrix products: float32, bf16, or fp16 (GPU only); auto: bf16 on GPUs that support it, else float32"""

    def fingerprint(self) -> dict[str, Any]:
        """The options that decide the result, as JSON values."""
        return self.model_dump(mode="json", exclude={"device"})
