"""What a run remembers of a step: Parquet shards and an append-only manifest.

`<run>/steps/<name>-<fingerprint>/` holds `part-<task>.parquet ...`, `rejects-<task>.parquet ...` and
`manifest.jsonl`: one line per task (an input shard, a file, or the whole table), with the hash of what it read,
the shards it wrote with row counts and hashes, and its part of the ledger. A file has its final name only when
it is whole. Resuming is the difference of two lists: tasks there are, tasks in the manifest.

A task is named by the content of what it read, not by its place: a file or shard that was there in an earlier run,
anywhere in the list, is not done again, and tasks of other inputs lie beside it until they are pruned.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from xlcorpus.engine.hashes import digest, file_digest
from xlcorpus.errors import XlcorpusError
from xlcorpus.step import Table

MANIFEST = "manifest.jsonl"


@dataclass(frozen=True)
class Shard:
    """A Parquet file of a step's folder."""

    file: str
    rows: int
    bytes: int
    mtime_ns: int
    sha256: str

    def whole(self, folder: Path) -> bool:
        """The file is there and holds what was written, as far as its size and modification time tell.

        A shard that is cut short, replaced or touched is found, its content is then hashed. One whose bytes were
        changed in place with size and time put back is not: only this program writes here, and hashing all
        checkpoints would make a run with nothing to do read everything.
        """
        path = folder / self.file
        try:
            stat = path.stat()
        except FileNotFoundError:
            return False
        if stat.st_size != self.bytes:
            return False
        return stat.st_mtime_ns == self.mtime_ns or file_digest(path) == self.sha256


@dataclass(frozen=True)
class Entry:
    """One finished task of a step."""

    task: str
    inputs: dict[str, str]
    """content hash of what the task read, by port"""
    shards: list[Shard]
    rejects: list[Shard] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """what the step had to say"""
    warnings: list[str] = field(default_factory=list)
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    """answers behind the rows, by model (`accounts.Asked`)"""

    def to_json(self) -> str:
        """One line of the manifest."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @staticmethod
    def from_json(line: str) -> Entry:
        """The entry of a line."""
        data = json.loads(line)
        for key in ("shards", "rejects"):
            data[key] = [Shard(**s) for s in data[key]]
        return Entry(**data)

    def whole(self, folder: Path) -> bool:
        """Every file the task wrote is there as it was written."""
        return all(s.whole(folder) for s in (*self.shards, *self.rejects))


def task_name(reads: Mapping[str, str]) -> str:
    """Name of the task that reads this (hashes and other facts by name), 32 hex digits."""
    return digest(dict(reads))[:32]


class StepStore:
    """The folder of one step with one fingerprint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._entries: dict[str, Entry] | None = None

    def entries(self) -> dict[str, Entry]:
        """Finished tasks whose files are whole, by task."""
        if self._entries is None:
            self._entries = {}
            manifest = self.folder / MANIFEST
            for line in manifest.read_text("utf8").splitlines() if manifest.exists() else ():
                try:
                    entry = Entry.from_json(line)
                except (json.JSONDecodeError, TypeError, KeyError):
                    continue  # the line a killed run was writing: its task counts as not done
                self._entries[entry.task] = entry
            self._entries = {t: e for t, e in self._entries.items() if e.whole(self.folder)}
        return self._entries

    def add(self, entry: Entry) -> None:
        """Append a finished task to the manifest."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with out_of_space(self.folder), (self.folder / MANIFEST).open("a", encoding="utf8") as file:
            # A killed run may have left half a line: start on a fresh one.
            file.write(("\n" if file.tell() else "") + entry.to_json())
            file.flush()
            os.fsync(file.fileno())
        self.entries()[entry.task] = entry

    def table(self, kind: str, tasks: Iterable[str]) -> Table:
        """The step's table: the shards of the given tasks in order, without empty ones (one if all are)."""
        return Table(kind, tuple(self.folder / s.file for s in self._filled(tasks)))

    def _filled(self, tasks: Iterable[str]) -> list[Shard]:
        shards = [s for t in tasks for s in self.entries()[t].shards]
        return [s for s in shards if s.rows] or shards[:1]

    def shards(self, tasks: Iterable[str]) -> list[tuple[Path, Shard]]:
        """Non-empty shards of the given tasks, in order."""
        return [(self.folder / s.file, s) for t in tasks for s in self.entries()[t].shards if s.rows]

    def content(self, tasks: Iterable[str]) -> str:
        """Hash over the content of the table."""
        return digest([s.sha256 for s in self._filled(tasks)])

    def rejects(self, tasks: Iterable[str]) -> list[Path]:
        """Reject files of the given tasks, in order."""
        return [self.folder / s.file for t in tasks for s in self.entries()[t].rejects]


def write_shard(frame: pl.DataFrame, folder: Path, name: str) -> Shard:
    """Write a frame as `folder/name`, whole or not at all.

    Raises:
        XlcorpusError: the disk is full.
    """
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=False)
    content = buffer.getbuffer()
    folder.mkdir(parents=True, exist_ok=True)
    # Equal input on two nodes is one name: each writer has a temporary file of its own.
    temporary = folder / f".{name}.{uuid4().hex}.tmp"
    with out_of_space(folder):
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(folder / name)
        finally:
            temporary.unlink(missing_ok=True)
    stat = (folder / name).stat()
    return Shard(name, frame.height, stat.st_size, stat.st_mtime_ns, hashlib.sha256(content).hexdigest())


@contextmanager
def out_of_space(folder: Path) -> Iterator[None]:
    """Say in words that the disk is full, instead of failing with an OSError."""
    try:
        yield
    except OSError as problem:
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise XlcorpusError(
            f"no space left to write in {folder} ({problem.strerror}). Make room or choose another --workdir; "
            "the run goes on from here when started again."
        ) from problem
