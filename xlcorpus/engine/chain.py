"""A chain of row steps over shards, as one streaming pass of Ray Data.

Each block is one shard on its way through the chain. Where a step wants a GPU the chain is cut into segments,
each with its own pool of workers, and the rows travel between them as Arrow blocks. Every step writes its output
shard as soon as it has it; what reaches the driver are the manifest entries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any

import polars as pl
import pyarrow as pa

from xlcorpus import ledger, records
from xlcorpus.engine import pieces
from xlcorpus.engine.allocators import free_at_once
from xlcorpus.engine.cluster import Capacity
from xlcorpus.engine.store import Entry, Shard, task_name, write_shard
from xlcorpus.engine.threads import cores, in_threads, most_here
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.row_calls import Made, calls, join, judge, put_back
from xlcorpus.step import RowEnv, RowStep, Table

NOTE = "_note"
TASK = "_task"

BATCHES = 4
"""Batches of a step that uses all cores itself which are computed in this process."""


@dataclass(frozen=True)
class Hop:
    """One step of a chain, with all that a worker needs to run it."""

    name: str
    step: RowStep
    port: str
    kind: str
    folder: Path
    scores: Path | None
    """folder for what the step makes before its rules, if that is kept apart"""
    side: Mapping[str, Table]
    side_content: Mapping[str, str]
    recipe: str
    seed: int
    num_gpus: float
    workers: int | None
    measured: tuple[str, ...]
    """columns of the rows that steps before measured"""

    def env(self) -> RowEnv:
        """What the step is given on a shard."""
        return RowEnv(
            kind=self.kind,
            step=self.name,
            recipe=self.recipe,
            seed=self.seed,
            tables=self.side,
            measured=self.measured,
        )

    def reads(self, sha256: str) -> dict[str, str]:
        """What the step reads beside a shard of that content: the inputs of a task."""
        return {self.port: sha256, **self.side_content}


@dataclass(frozen=True)
class Parcel:
    """A shard on its way: where it is in the chain, its rows (or the file that holds them), entries so far."""

    task: str
    start: int
    """first hop that has not got this shard yet"""
    sha256: str
    path: str
    size: int
    """rows at the start of the chain"""
    rows: pl.DataFrame | None = None
    notes: list[str] = field(default_factory=list)

    def pack(self) -> pa.Table:
        """As an Arrow block: the rows, then one row per note; the first note says where the parcel is."""
        head = json.dumps(
            {
                "start": self.start,
                "sha256": self.sha256,
                "path": self.path,
                "size": self.size,
                "rows": self.rows is not None,
            }
        )
        notes = pl.DataFrame({NOTE: [head, *self.notes], TASK: self.task}, schema={NOTE: pl.String, TASK: pl.String})
        frame = notes if self.rows is None else pl.concat([self.rows, notes], how="diagonal")
        return frame.to_arrow(compat_level=pl.CompatLevel.oldest())

    @staticmethod
    def unpack(block: pa.Table) -> Parcel:
        """The parcel of a block."""
        frame = records.from_arrow(block)
        notes = frame.filter(pl.col(NOTE).is_not_null())
        if notes[TASK].n_unique() != 1:
            raise XlcorpusError(
                f"a block holds {notes[TASK].n_unique()} shards instead of one: Ray Data cut or joined it"
            )
        first, *rest = notes[NOTE]
        head = json.loads(first)
        rows = frame.filter(pl.col(NOTE).is_null()).drop(NOTE, TASK) if head.pop("rows") else None
        return Parcel(task=notes[TASK][0], rows=rows, notes=rest, **head)


class Segment:
    """Neighbouring hops that one worker runs; models are loaded once, when first needed."""

    def __init__(self, hops: Sequence[tuple[int, Hop]], length: int, save_every: float) -> None:
        free_at_once()
        self._hops = hops
        self._length = length
        self._save_every = save_every
        self._loaded: dict[int, Any] = {}
        self._loading = Lock()

    def __call__(self, block: pa.Table) -> pa.Table:
        """Carry the block's parcel through the hops; problems travel as notes, in words."""
        parcel = Parcel.unpack(block)
        try:
            for index, hop in self._hops:
                if index >= parcel.start:
                    parcel = self._hop(index, hop, parcel)
        except XlcorpusError as problem:
            note = json.dumps({"fatal": str(problem), "mistake": isinstance(problem, UserError)})
            parcel = replace(parcel, rows=None, start=self._length, notes=[*parcel.notes, note])
        if self._hops[-1][0] == self._length - 1:
            parcel = replace(parcel, rows=None)
        return parcel.pack()

    def _hop(self, index: int, hop: Hop, parcel: Parcel) -> Parcel:
        rows = parcel.rows if parcel.rows is not None else read_shard(Path(parcel.path))
        inputs = hop.reads(parcel.sha256)
        entry = pieces.noted_entry(hop.folder, inputs)
        if entry is None:
            # What is computed here lies in the folder until the manifest has it: a step behind may take long.
            entry, kept = self._compute(index, hop, task_name(inputs), rows, inputs)
        else:
            kept = read_shard(hop.folder / entry.shards[0].file)
        note = json.dumps({"hop": index, "rows_in": rows.height, "entry": entry.to_json()})
        return replace(parcel, start=index + 1, sha256=entry.shards[0].sha256, rows=kept, notes=[*parcel.notes, note])

    def _compute(
        self, index: int, hop: Hop, task: str, rows: pl.DataFrame, inputs: dict[str, str]
    ) -> tuple[Entry, pl.DataFrame]:
        """Run one step on the rows of a shard and write what comes out."""
        env = hop.env()
        chosen = hop.step.chosen(rows, env)
        given = rows if chosen is None else rows.filter(chosen)
        saved = pieces.Pieces(hop.folder, pieces.key(inputs), self._save_every)
        made = pieces.stored_scores(hop.scores, inputs, given, env.asked) if hop.scores is not None else None
        if made is None:
            made = self._made(index, hop, env, given, saved)
            if hop.scores is not None:
                pieces.store_scores(hop.scores, inputs, given, made, env.asked)
        entry, kept = finished(hop, task, rows, chosen, inputs, made, env)
        saved.remove()
        return entry, kept

    def _made(self, index: int, hop: Hop, env: RowEnv, rows: pl.DataFrame, saved: pieces.Pieces) -> Made:
        """All calls of the step on a shard, those that an interrupted run has left among them."""
        with self._loading:
            if index not in self._loaded:
                self._loaded[index] = hop.step.open(env)
        env.loaded = self._loaded[index]
        try:
            for number, made in calls(hop.step, rows, env, done=saved.made):
                saved.add(number, made)
        except XlcorpusError:
            saved.save()
            raise
        return join(saved.made, hop.step.output_kind({hop.port: hop.kind}))


def finished(
    hop: Hop,
    task: str,
    rows: pl.DataFrame,
    chosen: pl.Series | None,
    inputs: dict[str, str],
    made: Made,
    env: RowEnv,
) -> tuple[Entry, pl.DataFrame]:
    """Judge what a step made of (the chosen rows of) a shard and write it: the manifest entry, and the rows kept."""
    outcome = judge(hop.step, made, env)
    kept = put_back(rows, chosen, outcome.kept)
    out_kind = hop.step.output_kind({hop.port: hop.kind})
    entry = Entry(
        task=task,
        inputs=inputs,
        shards=[write_shard(kept, hop.folder, f"part-{task}.parquet")],
        rejects=write_rejects(outcome.refused, hop.folder, task),
        ledger=count(hop.name, languages(rows, hop.kind), languages(kept, out_kind), outcome.refused),
        asked={model: asdict(asked) for model, asked in sorted(env.asked.items())},
    )
    pieces.note_entry(hop.folder, entry)
    return entry, kept


def read_shard(path: Path) -> pl.DataFrame:
    """A shard's rows."""
    return pl.read_parquet(path)


def write_rejects(rejected: pl.DataFrame, folder: Path, task: str) -> list[Shard]:
    """Write what a task rejected, if anything."""
    return [write_shard(rejected, folder, f"rejects-{task}.parquet")] if rejected.height else []


def languages(rows: pl.DataFrame, kind: str) -> pl.Series:
    """The ledger language of each row."""
    return rows.select(records.kind(kind).lang_expr().alias("lang")).to_series()


def count(name: str, langs_in: pl.Series, langs_out: pl.Series, rejected: pl.DataFrame) -> list[dict[str, Any]]:
    """The ledger entries of one task, as plain data."""
    return [e.to_dict() for e in ledger.count(name, langs_in, langs_out, rejected)]


def fits_here(hops: Sequence[Hop], parcels: Sequence[Parcel]) -> bool:
    """Whether a chain is so little work that it takes less time than starting workers.

    That is one batch of each step, some of a step that uses all cores itself, or what a step says of itself.
    """
    rows = sum(p.size for p in parcels)
    plain = all(not (h.num_gpus or h.workers) for h in hops)
    few = [h.step.batch_rows * (BATCHES if h.step.uses_all_cores else 1) for h in hops]
    light = [most_here(h.step.light) for h in hops]
    return plain and rows <= min(max(numbers) for numbers in zip(few, light, strict=True))


def here(hops: Sequence[Hop], parcels: Sequence[Parcel]) -> Iterator[list[str]]:
    """As `stream`, in this process; in threads where all steps are light."""
    segment = Segment(list(enumerate(hops)), len(hops), pieces.SAVE_EVERY_S)

    def carried(parcel: Parcel) -> pa.Table:
        try:
            return segment(parcel.pack())
        except Exception as problem:
            names = " or ".join(h.name for h in hops)
            raise XlcorpusError(f"step {names!r} failed: {type(problem).__name__}: {problem}") from problem

    threads = min(cores(), len(parcels)) if all(h.step.light for h in hops) else 1
    for block in in_threads(carried, parcels, threads):
        yield from _taken(hops, block)


def stream(hops: Sequence[Hop], parcels: Sequence[Parcel], capacity: Capacity) -> Iterator[list[str]]:
    """Run the parcels through the chain; yields the notes of each shard when it arrives."""
    import ray.data

    segments = _segments(hops)
    # Every operator must be able to hold a CPU at the same time, also on a machine with one.
    cpus = min(1.0, capacity.cpus / (len(segments) + 1))
    dataset = ray.data.from_arrow([p.pack() for p in parcels])
    for part in segments:
        gpus = max(h.num_gpus for _, h in part)
        most = _workers(part, gpus, capacity, parcels)
        options: dict[str, Any] = {
            "batch_size": None,
            "batch_format": "pyarrow",
            "num_cpus": cpus,
            "zero_copy_batch": True,
        }
        if gpus:
            options["num_gpus"] = gpus
        arguments = {"hops": part, "length": len(hops), "save_every": pieces.SAVE_EVERY_S}
        # Workers keep their models: actors; they also spare the re-import where no model is loaded.
        pool = ray.data.ActorPoolStrategy(min_size=1, max_size=most)
        dataset = dataset.map_batches(Segment, fn_constructor_kwargs=arguments, compute=pool, **options)
    for block in dataset.iter_batches(batch_size=None, batch_format="pyarrow"):
        yield from _taken(hops, block)


def _taken(hops: Sequence[Hop], block: pa.Table) -> Iterator[list[str]]:
    """The notes of each parcel in a block; what was kept for a killed run goes once they are in the manifest."""
    # Small blocks may arrive joined; the notes of each parcel stay in order.
    for notes in _notes_by_task(records.from_arrow(block)):
        yield notes
        # The manifest has them now.
        for note in map(json.loads, notes):
            pieces.forget_entry(hops[note["hop"]].folder, Entry.from_json(note["entry"]).inputs)


def _notes_by_task(frame: pl.DataFrame) -> list[list[str]]:
    groups = frame.filter(pl.col(NOTE).is_not_null()).partition_by(TASK, maintain_order=True)
    return [group[NOTE].to_list()[1:] for group in groups]


def _segments(hops: Sequence[Hop]) -> list[list[tuple[int, Hop]]]:
    """Cut the chain where one side wants a GPU and the other does not."""
    parts: list[list[tuple[int, Hop]]] = []
    for index, hop in enumerate(hops):
        if parts and bool(parts[-1][-1][1].num_gpus) == bool(hop.num_gpus):
            parts[-1].append((index, hop))
        else:
            parts.append([(index, hop)])
    return parts


def _workers(part: Sequence[tuple[int, Hop]], gpus: float, capacity: Capacity, parcels: Sequence[Parcel]) -> int:
    """Most workers of a segment: what the cluster holds, but no more than there are batches of the slowest step."""
    asked = [h.workers for _, h in part if h.workers]
    if gpus and capacity.gpus < gpus:
        raise UserError(
            f"step {part[0][1].name!r} wants {gpus:g} GPU, but the cluster has {capacity.gpus:g}; set device: cpu"
        )
    fit = int(capacity.gpus / gpus) if gpus else int(capacity.cpus)
    worth = -(-sum(p.size for p in parcels) // min(h.step.batch_rows for _, h in part))
    return max(1, min([fit, len(parcels), worth, *asked]))
