"""Checkpoint folder of an unfinished training."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from xlcorpus.errors import UserError
from xlcorpus.training.trainer import PAIR_COLUMNS
from xlcorpus.whole_files import whole_file, whole_folder


class CheckpointFolder:
    """A hidden folder beside the result with the checkpoints that a stopped training resumes from.

    It belongs to one training (same pairs, options, start and seed); the checkpoints of another are removed.
    """

    def __init__(self, folder: Path, key: str) -> None:
        """`folder`: the result, which must not exist; `key`: see `training_key`."""
        if folder.exists():
            raise UserError(f"{folder} exists already; give another folder, or remove it")
        self.result = folder
        self.path = folder.with_name(f".{folder.name}.training")
        self._checkpoint = self.path / "checkpoint.pt"
        self._best = self.path / "best.pt"
        self._key = key
        owner = self.path / "key"
        if self.path.is_dir() and (not owner.is_file() or owner.read_text("utf8") != key):
            shutil.rmtree(self.path)

    def resume(self) -> dict[str, Any] | None:
        """The state that `keep` saved last; None at the beginning.

        Raises:
            UserError: it is damaged.
        """
        return _load(self._checkpoint) if self._checkpoint.is_file() else None

    def keep(self, state: Mapping[str, Any]) -> None:
        """Save the state after an epoch, in place of the one before."""
        self._open()
        _save(dict(state), self._checkpoint)

    def keep_best(self, weights: Mapping[str, Any]) -> None:
        """Save the weights of the best epoch so far."""
        self._open()
        _save(dict(weights), self._best)

    def best(self) -> dict[str, Any]:
        """The weights that `keep_best` saved last.

        Raises:
            UserError: it is damaged.
        """
        return _load(self._best)

    @contextmanager
    def publish(self) -> Iterator[Path]:
        """An empty folder to save the encoder into; it becomes the result, and the checkpoints are removed."""
        with whole_folder(self.result) as unfinished:
            yield unfinished
        if self.path.is_dir():
            shutil.rmtree(self.path)

    def _open(self) -> None:
        """Make the folder when the first checkpoint is saved."""
        if not self.path.is_dir():
            self.path.mkdir(parents=True)
            (self.path / "key").write_text(self._key, "utf8")


def training_key(pairs: pl.DataFrame, **made_of: Any) -> str:
    """Text that identifies a training by its pairs, in their order, and whatever else determines its result."""
    columns = [c for c in (*PAIR_COLUMNS, "weight") if c in pairs.columns]
    rows = pairs.select(columns).hash_rows().to_numpy()
    return json.dumps({"pairs": hashlib.blake2b(rows.tobytes(), digest_size=8).hexdigest(), **made_of}, sort_keys=True)


def _save(state: Any, path: Path) -> None:
    import torch

    with whole_file(path) as unfinished:
        torch.save(state, unfinished)


def _load(path: Path) -> dict[str, Any]:
    import torch

    try:
        loaded: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    # Unpickling a damaged file raises errors of several families (RuntimeError, EOFError, UnpicklingError, KeyError).
    except Exception as problem:
        raise UserError(
            f"checkpoint {path} is damaged ({type(problem).__name__}: {problem}); remove {path.parent}, and the "
            "training starts from the beginning"
        ) from problem
    return loaded
