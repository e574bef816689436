"""Source and corpus steps: one Ray task per file, or one for the whole table."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from xlcorpus import ledger, records
from xlcorpus.engine.allocators import free_at_once
from xlcorpus.engine.chain import languages
from xlcorpus.engine.cluster import Capacity
from xlcorpus.engine.hashes import digest
from xlcorpus.engine.rejects import Rejects
from xlcorpus.engine.store import Entry, Shard, write_shard
from xlcorpus.engine.threads import cores, in_threads, most_here
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.ledger import LedgerEntry
from xlcorpus.outcomes import REJECT_SCHEMA, check_promised
from xlcorpus.step import CorpusEnv, CorpusStep, Heard, SourceEnv, SourceStep, Table, Unit

SHARD_ROWS = 10_000
"""Frames that a step yields are cut to this many rows, so that later steps can work in parallel."""
NO_ROWS = pl.Series("lang", [], pl.String)


@dataclass(frozen=True)
class Job:
    """A source or corpus step with all that a worker needs to run one task of it."""

    name: str
    step: SourceStep | CorpusStep
    kind: str
    folder: Path
    recipe: str
    seed: int
    tables: Mapping[str, Table]
    content: Mapping[str, str]
    """hash of the input tables by port; for a source, of the file"""
    num_gpus: float | None
    workers: int | None
    idle: bool = False
    """whether there is nothing to do, and nothing comes out"""


@dataclass(frozen=True)
class Share:
    """What a task of a job may hold of the cluster."""

    cpus: float
    gpus: float


def run_job(job: Job, task: str, unit: Unit | None, share: Share | None) -> str:
    """Run one task, on a worker or (without a share of a cluster) in this process.

    Returns:
        {"entry": ..., "rows_in": n} or {"fatal": ...} as JSON.
    """
    free_at_once()
    try:
        return _run(job, task, unit, share)
    except XlcorpusError as problem:
        return json.dumps({"fatal": str(problem), "mistake": isinstance(problem, UserError)})


def _run(job: Job, task: str, unit: Unit | None, share: Share | None) -> str:
    heard = Heard(job.kind, job.name)
    known: dict[str, Any] = {"kind": job.kind, "step": job.name, "recipe": job.recipe, "seed": job.seed}
    rejects = Rejects(job.kind, job.name, job.folder, task)
    known |= {"reject": rejects.take, "say": heard.say}
    if isinstance(job.step, SourceStep):
        assert unit is not None
        frames = job.step.read(unit, SourceEnv(**known))
    else:
        # What an interrupted task left counts only if its input is still the same.
        scratch = job.folder / "scratch" / digest(dict(job.content))[:16]
        scratch.mkdir(parents=True, exist_ok=True)
        env = CorpusEnv(**known, scratch=scratch, keep=job.folder / "kept" / task)
        if share is None:
            env.map = lambda function, items: in_threads(function, items, cores())
        else:
            env.map = lambda function, items: _on_cluster(function, items, share)
        frames = iter(()) if job.idle else job.step.run(job.tables, env)
    out_kind = job.step.output_kind({p: t.kind for p, t in job.tables.items()})
    shards: list[Shard] = []
    counts: list[LedgerEntry] = []
    empty = pl.DataFrame()
    for frame in _cut(frames):
        if not frame.height:
            empty = frame
            continue
        frame = records.finish(frame, out_kind, job.name, job.recipe)
        check_promised(frame, job.step.adds(out_kind), job.name)
        shards.append(write_shard(frame, job.folder, f"part-{task}-{len(shards):05d}.parquet"))
        counts = ledger.merge([*counts, *_counted(job.name, kept=languages(frame, out_kind))])
    if not shards:
        # A query of a later step may read a column that the step adds or hands on, of no rows too.
        own = records.polars_schema(out_kind)
        nothing = pl.DataFrame(schema={**own, **{c: t for c, t in empty.schema.items() if c not in own}})
        shards.append(write_shard(nothing, job.folder, f"part-{task}-00000.parquet"))
    refused, losses = rejects.close()
    counts = ledger.merge([*counts, *losses])
    counts = ledger.merge([*counts, *_taken(job, counts)])
    entry = Entry(
        task=task,
        inputs=dict(job.content),
        shards=shards,
        rejects=refused,
        ledger=[c.to_dict() for c in counts],
        notes=heard.notes,
        warnings=heard.warnings,
    )
    shutil.rmtree(job.folder / "scratch", ignore_errors=True)
    return json.dumps({"entry": entry.to_json(), "rows_in": sum(c.rows_in for c in counts)})


def _taken(job: Job, counts: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """The rows that went in, by language: of the inputs that count; a source's are the rows it found."""
    if isinstance(job.step, SourceStep):
        return [LedgerEntry(job.name, c.lang, rows_in=c.rows_out + c.failed + sum(c.rejected.values())) for c in counts]
    found: list[LedgerEntry] = []
    for table in (job.tables[port] for port in job.step.counted_inputs()):
        lang = records.kind(table.kind).lang_expr().alias("lang")
        for path in table.shards:
            langs = pl.scan_parquet(path).select(lang).collect().to_series()
            found = ledger.merge([*found, *_counted(job.name, taken=langs)])
    return found


def _counted(name: str, taken: pl.Series = NO_ROWS, kept: pl.Series = NO_ROWS) -> list[LedgerEntry]:
    return ledger.count(name, taken, kept, REJECT_SCHEMA.to_frame())


def _cut(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The frames in shards; one without rows as it is."""
    for frame in frames:
        yield from frame.iter_slices(SHARD_ROWS) if frame.height else (frame,)


def _on_cluster(function: Callable[[Any], Any], items: Sequence[Any], share: Share) -> Iterator[Any]:
    """Results of the function on each item, in order; a task whose node dies is run again elsewhere."""
    import ray

    remote = ray.remote(function).options(num_cpus=share.cpus, num_gpus=share.gpus, max_retries=5)
    for result in [remote.remote(item) for item in items]:
        yield ray.get(result)


def tasks_fit_here(job: Job, tasks: Sequence[tuple[str, Unit | None, Mapping[str, str]]]) -> bool:
    """Whether the step says that so little takes less time than starting workers."""
    if not job.step.light or job.num_gpus or job.workers:
        return False
    if isinstance(job.step, SourceStep):
        size = sum(_bytes(unit) for _, unit, _ in tasks)
    else:
        size = sum(pq.read_metadata(path).num_rows for table in job.tables.values() for path in table.shards)
    return bool(size <= most_here(job.step.light))


def tasks_here(job: Job, tasks: Sequence[tuple[str, Unit | None, Mapping[str, str]]]) -> Iterator[str]:
    """As `run_tasks`, in threads of this process."""

    def run(task: tuple[str, Unit | None, Mapping[str, str]]) -> str:
        name, unit, content = task
        try:
            return run_job(replace(job, content=content), name, unit, None)
        except Exception as problem:
            raise XlcorpusError(f"step {job.name!r} failed: {type(problem).__name__}: {problem}") from problem

    yield from in_threads(run, tasks, min(cores(), len(tasks)))


def _bytes(unit: Unit | None) -> float:
    """Size of the files of a unit; infinite if they are not on this machine, or no files."""
    places = unit.places() if unit is not None else []
    local = [Path(place) for place in places if Path(place).is_file()]
    return sum(path.stat().st_size for path in local) if local and len(local) == len(places) else math.inf


def run_tasks(
    job: Job, tasks: Sequence[tuple[str, Unit | None, Mapping[str, str]]], capacity: Capacity
) -> Iterator[str]:
    """Run the tasks on the cluster, as many at a time as it holds; yields their results as they come."""
    import ray

    if isinstance(job.step, SourceStep):
        share, held = Share(1, 0), (1.0, 0.0)
    else:
        gpus = job.step.num_gpus() if job.num_gpus is None else job.num_gpus
        share = Share(capacity.node_cpus, gpus)
        # A step that spreads only waits for its parts: holding CPUs, it could keep them from starting.
        held = (0.0, 0.0) if job.step.spreads else (capacity.node_cpus, gpus)
    remote = ray.remote(run_job).options(num_cpus=held[0], num_gpus=held[1], max_retries=3)
    waiting = list(tasks)
    running: list[ray.ObjectRef] = []
    while waiting or running:
        while waiting and len(running) < (job.workers or 1000):
            task, unit, content = waiting.pop(0)
            running.append(remote.remote(replace(job, content=content), task, unit, share))
        done, running = ray.wait(running, num_returns=1)
        yield ray.get(done[0])
