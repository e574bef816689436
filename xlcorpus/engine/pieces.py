"""What a row step has computed of a shard that is not whole yet, and scores kept apart from what rules accept.

In the folder of a step, `partial-<key>-<n>.parquet` holds calls of an unfinished task and `entry-<key>.json` what a
task wrote that is whole, until the run has noted it in the manifest. `<key>` is a hash of what the task reads.
"""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import polars as pl

from xlcorpus.accounts import Asked
from xlcorpus.engine.hashes import digest
from xlcorpus.engine.store import Entry, out_of_space, write_shard
from xlcorpus.outcomes import REJECT_SCHEMA
from xlcorpus.row_calls import Made

SAVE_EVERY_S = 15.0
"""Seconds of work after which calls are saved."""
_CALLS = pl.Schema({"call": pl.Int64, "rows": pl.Binary, "refused": pl.Binary})


def key(inputs: Mapping[str, str]) -> str:
    """Name of a task by the content hashes of what it reads."""
    return digest(dict(inputs))[:16]


class Pieces:
    """The calls of one task: those an interrupted run has left, and new ones, saved every `every` seconds."""

    def __init__(self, folder: Path, task: str, every: float) -> None:
        self._folder, self._task, self._every = folder, task, every
        self._files = sorted(folder.glob(f"partial-{task}-*.parquet"))
        self.made: dict[int, Made] = {}
        for file in self._files:
            for number, rows, refused in pl.read_parquet(file).iter_rows():
                self.made[number] = Made(_frame(rows), _frame(refused))
        self._fresh: list[int] = []
        self._since = time.monotonic()

    def add(self, number: int, made: Made) -> None:
        """Take what came of a call."""
        self.made[number] = made
        self._fresh.append(number)
        if time.monotonic() - self._since >= self._every:
            self.save()

    def save(self) -> None:
        """Write the calls that are not saved yet."""
        if self._fresh:
            # One binary value a frame: each keeps its own columns and types, down to a column of nulls.
            calls = [(n, _bytes(self.made[n].rows), _bytes(self.made[n].refused)) for n in self._fresh]
            frame = pl.DataFrame(calls, schema=_CALLS, orient="row")
            name = f"partial-{self._task}-{len(self._files):05d}.parquet"
            write_shard(frame, self._folder, name)
            self._files.append(self._folder / name)
            self._fresh.clear()
        self._since = time.monotonic()

    def remove(self) -> None:
        """Remove the files: the task is whole."""
        for file in self._files:
            file.unlink(missing_ok=True)


def _bytes(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer)
    return buffer.getvalue()


def _frame(content: bytes) -> pl.DataFrame:
    return pl.read_ipc(io.BytesIO(content))


def note_entry(folder: Path, entry: Entry) -> None:
    """Write down what a whole task wrote."""
    path = folder / f"entry-{key(entry.inputs)}.json"
    temporary = path.with_suffix(".tmp")
    with out_of_space(folder):
        temporary.write_text(entry.to_json(), "utf8")
        temporary.replace(path)


def noted_entry(folder: Path, inputs: Mapping[str, str]) -> Entry | None:
    """What the task that reads this wrote, if it is whole."""
    path = folder / f"entry-{key(inputs)}.json"
    if not path.exists():
        return None
    entry = Entry.from_json(path.read_text("utf8"))
    return entry if entry.whole(folder) else None


def forget_entry(folder: Path, inputs: Mapping[str, str]) -> None:
    """Remove what `note_entry` wrote: it stands in the manifest."""
    (folder / f"entry-{key(inputs)}.json").unlink(missing_ok=True)


def store_scores(
    folder: Path, inputs: Mapping[str, str], rows: pl.DataFrame, made: Made, asked: Mapping[str, Asked]
) -> None:
    """Keep what a step made of the rows, before its rules, and the answers behind it, by model; columns that are those
    of the rows are left out."""
    task = key(inputs)
    same = [c for c in rows.columns if c in made.rows.columns and made.rows[c].equals(rows[c], check_dtypes=True)]
    scores = write_shard(made.rows.drop(same if "id" in same else []), folder, f"scores-{task}.parquet")
    refused = write_shard(made.refused, folder, f"score-rejects-{task}.parquet")
    counts = {model: asdict(one) for model, one in asked.items()}
    note_entry(folder, Entry(task, dict(inputs), [scores], [refused], notes=made.rows.columns, asked=counts))


def stored_scores(folder: Path, inputs: Mapping[str, str], rows: pl.DataFrame, asked: dict[str, Asked]) -> Made | None:
    """What `store_scores` kept of these rows, if it is there; puts the answers behind it into `asked`."""
    entry = noted_entry(folder, inputs)
    if entry is None:
        return None
    asked.update({model: Asked(**counts) for model, counts in entry.asked.items()})
    scores = pl.read_parquet(folder / entry.shards[0].file)
    refused = pl.read_parquet(folder / entry.rejects[0].file)
    left_out = [c for c in entry.notes if c not in scores.columns]
    whole = pl.concat([scores, rows.select(left_out)], how="horizontal") if left_out else scores
    return Made(whole.select(entry.notes), refused.match_to_schema(REJECT_SCHEMA))
