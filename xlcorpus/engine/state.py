"""A node of a run: where its output is, which tasks make it up, what was measured on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from xlcorpus.accounts import Asked
from xlcorpus.engine.store import Shard, StepStore
from xlcorpus.outcomes import REJECT_SCHEMA
from xlcorpus.pipeline import ResolvedNode
from xlcorpus.step import Step, Table, Unit


@dataclass
class State:
    """A node of the run: where its output is and which tasks make it up."""

    node: ResolvedNode
    store: StepStore
    models: Mapping[str, str]
    units: Sequence[Unit]
    """the files of a source step"""
    scores: Path | None = None
    """where a step keeps what it makes before its rules, if it keeps that apart"""
    tasks: list[str] = field(default_factory=list)
    shown: int | None = None
    """number of its shards that the next step may read; None: all"""

    @property
    def shards(self) -> list[tuple[Path, Shard]]:
        """The shards that the next step may read, without empty ones."""
        return self.store.shards(self.tasks)[: self.shown]

    @property
    def table(self) -> Table:
        """The finished table."""
        return self.store.table(self.node.output_kind, self.tasks)

    @property
    def content(self) -> str:
        """Hash of the finished table's content."""
        return self.store.content(self.tasks)

    @property
    def asked(self) -> dict[str, Asked]:
        """The answers behind the rows, by model."""
        found: dict[str, Asked] = {}
        entries = self.store.entries()
        for task in self.tasks:
            for model, counts in entries[task].asked.items():
                found.setdefault(model, Asked()).add(Asked(**counts))
        return found

    def facts(self, rejects: Sequence[Path]) -> list[str]:
        """What the step measured on its rows, in words.

        Args:
            rejects: files with the rows that it rejected.
        """
        step = self.node.step
        if type(step).facts is Step.facts:
            return []
        columns = [name for name in REJECT_SCHEMA if name != "row"]
        frames = [pl.read_parquet(path, columns=columns) for path in rejects]
        return step.facts(self.table, pl.concat([REJECT_SCHEMA.to_frame().select(columns), *frames]))
