"""Interface of trainers: pairs in, the folder of an encoder out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

import polars as pl

PAIR_COLUMNS = ("src_text", "tgt_text", "src_lang", "tgt_lang")
"""Columns of a frame of training pairs; `weight` (Float64, above 0) is optional."""


@dataclass(frozen=True)
class Trained:
    """A trained encoder."""

    folder: Path
    """an encoder that `load_encoder(str(folder))` loads"""
    pairs: int
    """pairs it was trained on"""
    seconds: float
    """wall-clock time"""
    losses: list[float] = field(default_factory=list)
    """mean training loss of each epoch (or of equal parts of the training), first to last"""


class Trainer(Protocol):
    """Trains an encoder on pairs. A pydantic model whose fields are its options; `name` is how a user calls it."""

    name: ClassVar[str]

    def train(
        self,
        pairs: pl.DataFrame,
        folder: Path,
        start: str | None = None,
        seed: int = 0,
        say: Callable[[str, bool], None] = lambda text, warning: None,
    ) -> Trained:
        """Train and write the encoder into `folder`, which appears whole or not at all.

        Args:
            pairs: `PAIR_COLUMNS`, any number of languages; more columns do not matter.
            folder: where the encoder goes; must not exist.
            start: an encoder to train further (folder or Hub id); None: a new one.
            seed: of everything drawn at random.
            say: takes (what was measured or is wrong, whether it is a warning).

        Raises:
            UserError: too few pairs, missing columns, an unknown or damaged `start`, not enough memory.
        """
        ...
