"""Options of all steps that load a sentence encoder."""

from __future__ import annotations

from pydantic import BaseModel

from xlcorpus.device import Device
from xlcorpus.models.encoders.loading import BOOTSTRAP, Encoder, encoder_identity, load_encoder


class EncoderOptions(BaseModel):
    """Which encoder, and where it runs. Name it before the base of the step: `class Embed(EncoderOptions, RowStep)`."""

    encoder: str = BOOTSTRAP
    """`bootstrap`, `e5-small` (extra `small`), or a sentence-transformers model by path or Hub id"""
    device: Device = "auto"
    """where the encoder runs; auto: a GPU if the worker has one. `bootstrap` and `e5-small` run on the CPU"""

    def models(self) -> dict[str, str]:
        """The encoder and the hash of its weights."""
        return {"encoder": encoder_identity(self.encoder)}

    def preflight(self) -> None:
        """The model must be there."""
        self.models()

    def num_gpus(self) -> float:
        """One for `device: cuda`; otherwise what `resources` says."""
        return 1.0 if self.device == "cuda" else 0.0

    def load(self) -> Encoder:
        """The encoder, ready to use."""
        return load_encoder(self.encoder, device=self.device)
