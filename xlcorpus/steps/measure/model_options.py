"""Options of steps that measure with a model of transformers."""

from __future__ import annotations

from pydantic import BaseModel, Field

from xlcorpus.device import Device
from xlcorpus.models.pretrained import pretrained_identity


class ModelOptions(BaseModel):
    """Which model, and where it runs. Name it before the base of the step: `class Reward(ModelOptions, RowStep)`."""

    model: str = Field(min_length=1)
    """a model of transformers, by folder or Hub id"""
    device: Device = "auto"
    """where it runs; auto: a GPU if the worker has one"""

    def models(self) -> dict[str, str]:
        """The model and the hash of its files."""
        return {"model": pretrained_identity(self.model)}

    def preflight(self) -> None:
        """The model must be there."""
        self.models()

    def num_gpus(self) -> float:
        """One for `device: cuda`; otherwise what `resources` says."""
        return 1.0 if self.device == "cuda" else 0.0
