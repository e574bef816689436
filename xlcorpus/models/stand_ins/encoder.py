"""An encoder that knows no word: hashed trigrams of characters."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from xlcorpus.arrays import Floats32
from xlcorpus.models.stand_ins.identity import STAND_IN


class StandInEncoder:
    """Unit vectors of hashed trigrams; equal texts are equal, texts with names and numbers in common are near."""

    dim = 64
    identity = STAND_IN

    def encode(self, texts: Sequence[str]) -> Floats32:
        """(n, dim) float32 unit vectors."""
        found = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            padded = f" {text.lower()} "
            for start in range(len(padded) - 2):
                found[row, zlib.crc32(padded[start : start + 3].encode()) % self.dim] += 1
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        unit: Floats32 = np.divide(found, norms, out=np.zeros_like(found), where=norms > 0)
        return unit
