"""Tables with the column `arms`: rows stored once, with the places they have in the arms of a comparison.

A row may have several places in an arm. Rows of one arm come out in the order of `place`, sorted on disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from xlcorpus.repeated_rows import COPY, with_own_ids

ARMS = "arms"
"""Column: list of structs with `arm`, `place` (from 0) and, where they are known, `copy`, `phase`, `pack`, `batch`."""
ARM, PLACE = "arm", "place"
OF_ARM = {ARM: pl.String(), PLACE: pl.Int64(), COPY: None, "phase": None, "pack": None, "batch": None}
"""Columns in the place of `arms` in the rows of an arm, with their types; those without one are there where known."""

MEANINGS = {
    ARMS: "the places of the row in the arms of a mix",
    ARM: "arm of the mix",
    PLACE: "place of the row in the order of training, from 0",
    COPY: "how often the row stands before; a repetition has an id of its own and names the first in parents",
    "phase": "phase of the mix, from 0",
    "pack": "sequence of training that the row is packed into, from 0",
    "batch": "batch of training, from 0",
}
"""What columns of a mix say, for the card: they are places and no scores."""

BUCKET_BYTES = 1 << 28
"""Rows that are sorted in memory at a time, as Parquet counts them without compression."""
MOST_BUCKETS = 500
"""Files that are open at a time."""


def arms_of(shards: Sequence[Path]) -> list[str]:
    """Names of the arms of a table, sorted; none if it has no column `arms`."""
    found: set[str] = set()
    for path in shards:
        if ARMS in pl.read_parquet_schema(path):
            names = pl.read_parquet(path, columns=[ARMS])[ARMS].explode().drop_nulls().struct.field(ARM).unique()
            found.update(names)
    return sorted(found)


def rows_of_arm(shards: Sequence[Path], arm: str, folder: Path) -> Iterator[pl.DataFrame]:
    """The rows of an arm in the order of `place`, with the columns `arm`, `place`, ... in place of `arms`.

    The second and later places of a row have ids of their own.

    Args:
        shards: of a table with `arms`.
        arm: its name.
        folder: an empty folder for working files.
    """
    rows = 0
    for path in shards:
        places = pl.read_parquet(path, columns=[ARMS])[ARMS].explode().drop_nulls()
        rows += int((places.struct.field(ARM) == arm).sum())
    size = sum(pq.read_metadata(path).row_group(i).total_byte_size for path in shards for i in range(_groups(path)))
    yield from in_order((_of_arm(pl.read_parquet(path), arm) for path in shards), rows, size, folder)


def _of_arm(frame: pl.DataFrame, arm: str) -> pl.DataFrame:
    own = pl.element().filter(pl.element().struct.field(ARM) == arm)
    there = frame.with_columns(pl.col(ARMS).list.eval(own)).filter(pl.col(ARMS).list.len() > 0)
    rows = there.explode(ARMS).unnest(ARMS)
    return with_own_ids(rows) if COPY in rows.columns else rows


def in_order(frames: Iterable[pl.DataFrame], rows: int, size: int, folder: Path) -> Iterator[pl.DataFrame]:
    """Rows in the order of their column `place`, which holds each number from 0 once.

    They are laid into files by ranges of places first, so that one range is in memory at a time.

    Args:
        frames: the rows in any order; the columns may differ, missing ones are null.
        rows: how many there are.
        size: of all in bytes, about.
        folder: an empty folder for the files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    width = max(1, -(-rows // min(MOST_BUCKETS, 1 + size // BUCKET_BYTES)))
    files: dict[int, dict[str, Path]] = {}
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with ExitStack() as stack:
        writers: dict[Path, pa.ipc.RecordBatchStreamWriter] = {}
        for frame in frames:
            # Streams hold one schema each.
            told = str(frame.schema)
            for (bucket,), part in frame.group_by(pl.col(PLACE) // width):
                number = int(bucket)
                of_bucket = files.setdefault(number, {})
                path = of_bucket.setdefault(told, folder / f"{number:05d}-{len(of_bucket)}.arrow")
                table = part.to_arrow(compat_level=pl.CompatLevel.oldest())
                if path not in writers:
                    writers[path] = stack.enter_context(pa.ipc.new_stream(path, table.schema, options=options))
                writers[path].write_table(table)
    for number in sorted(files):
        parts = [_read(path) for path in files[number].values()]
        yield pl.concat(parts, how="diagonal_relaxed").sort(PLACE)
        for path in files[number].values():
            path.unlink()


def _read(path: Path) -> pl.DataFrame:
    with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as stream:
        frame = pl.from_arrow(stream.read_all())
    assert isinstance(frame, pl.DataFrame)
    return frame


def _groups(path: Path) -> int:
    return int(pq.read_metadata(path).num_row_groups)
