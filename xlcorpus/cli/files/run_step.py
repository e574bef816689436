"""Running one step on tables in this process, with its working files beside the file that is to be written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from xlcorpus import records
from xlcorpus.cli.files.texts import Say
from xlcorpus.step import CorpusEnv, CorpusStep, Table
from xlcorpus.whole_files import scratch_beside

Input = tuple[str, Iterable[pl.DataFrame]]
"""Record kind, and frames of rows; each frame becomes a shard."""


@dataclass(frozen=True)
class Finished:
    """What a step made."""

    rows: pl.DataFrame
    """its output in the form of its record kind"""
    kept: Path
    """folder of what else it leaves (an encoder); it may not be there"""


@contextmanager
def run_step(step: CorpusStep, inputs: Mapping[str, Input], out: Path, say: Say, seed: int = 0) -> Iterator[Finished]:
    """Run a step; its folders are there until the context ends.

    Args:
        step: checked by its `preflight` first.
        inputs: by name, the main one first.
        out: file to be written: working files lie in a hidden folder beside it.
        say: takes what was measured and how many rows are rejected, and whether it is a warning.
        seed: of everything drawn at random.

    Raises:
        UserError: the step cannot run.
    """
    step.preflight()
    rejected: Counter[str] = Counter()

    def reject(rows: pl.DataFrame, rule: str, measure: pl.Expr) -> None:
        rejected[rule] += rows.height

    with scratch_beside(out) as scratch:
        tables = {port: _table(port, *each, scratch) for port, each in inputs.items()}
        name = step.step_name()
        kind = next(iter(tables.values())).kind
        kept = scratch / "kept"
        env = CorpusEnv(kind=kind, step=name, seed=seed, scratch=scratch, keep=kept, say=say, reject=reject)
        made = step.output_kind({port: table.kind for port, table in tables.items()})
        frames = [records.finish(frame, made, name) for frame in step.run(tables, env)]
        for rule, count in rejected.items():
            say(f"{count:,} rejected as {rule}", False)
        yield Finished(pl.concat(frames) if frames else pl.DataFrame(schema=records.polars_schema(made)), kept)


def _table(port: str, kind: str, frames: Iterable[pl.DataFrame], scratch: Path) -> Table:
    shards = []
    for i, frame in enumerate(frames):
        shards.append(scratch / f"input-{port}-{i:06d}.parquet")
        frame.write_parquet(shards[-1])
    return Table(kind, tuple(shards))
