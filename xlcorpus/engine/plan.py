"""What a run has to do: the tasks of source steps and of chains of row steps, less those that are whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path

from xlcorpus import places
from xlcorpus.engine.chain import Hop, Parcel
from xlcorpus.engine.store import Entry, Shard, StepStore, task_name
from xlcorpus.step import Unit

PLACES = ("path", "url", "partner")
"""Fields of a unit that say where its files are."""
Task = tuple[str, Unit | None, Mapping[str, str]]
"""Name, the file if it reads one, and what it reads."""


def file_tasks(units: Sequence[Unit]) -> list[Task]:
    """The tasks of a source step, one a file, in order; hashes the files.

    A task is named by the file's content and by all that stands in its unit but the place: moved to another working
    directory, a corpus is still the same.

    Raises:
        UserError: a file cannot be read.
    """
    wanted = list(dict.fromkeys(place for unit in units for place in unit.places()))
    with ThreadPoolExecutor() as pool:
        hashes = dict(zip(wanted, pool.map(places.content_hash, wanted), strict=True))
    tasks: list[Task] = []
    for unit in units:
        reads = {f.name: str(getattr(unit, f.name) or "") for f in fields(unit) if f.name not in PLACES}
        reads |= {f"file {number}": hashes[place] for number, place in enumerate(unit.places())}
        absolute = unit if unit.url is not None else replace(unit, path=unit.path.resolve())
        tasks.append((task_name(reads), absolute, reads))
    return tasks


def carried(hops: Sequence[Hop], stores: Sequence[StepStore], shard: Shard) -> list[Entry]:
    """How far a shard has come in a chain: the finished tasks it went through, at most one per hop, in order."""
    entries: list[Entry] = []
    for hop, store in zip(hops, stores, strict=True):
        entry = store.entries().get(task_name(hop.reads(shard.sha256)))
        if entry is None:
            break
        entries.append(entry)
        shard = entry.shards[0]
    return entries


def parcels(hops: Sequence[Hop], stores: Sequence[StepStore], shards: Sequence[tuple[Path, Shard]]) -> list[Parcel]:
    """The shards that have not gone through the whole chain, each where it stands; of equal shards one."""
    todo: dict[str, Parcel] = {}
    for path, shard in shards:
        done = carried(hops, stores, shard)
        if len(done) == len(hops):
            continue
        last = done[-1].shards[0] if done else shard
        where = stores[len(done) - 1].folder / last.file if done else path
        todo[shard.sha256] = Parcel(shard.sha256, len(done), last.sha256, str(where), shard.rows)
    return list(todo.values())
