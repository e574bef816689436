"""An earlier release, or a folder of Parquet, that new rows are compared with."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq

from xlcorpus import places, records
from xlcorpus.errors import UserError

_RELEASED = re.compile(r"(.+)-\d{5}-of-\d{5}\.parquet")


def parquet_files(folder: Path) -> list[Path]:
    """All Parquet files in a folder and those below it, by name.

    Raises:
        UserError: there are none.
    """
    found = sorted(folder.rglob("*.parquet")) if folder.is_dir() else []
    if not found:
        raise UserError(f"against: {folder} is no folder with Parquet files; give a release, or a folder of Parquet")
    return found


def of_kind(folder: Path, kind: str) -> list[tuple[Path, int]]:
    """The files that hold rows of a kind, each with the number of its split (`train-00000-of-00001.parquet`).

    Files of other kinds are left out: a release may hold several. Files without a split in their name have none.

    Raises:
        UserError: no file holds such rows.
    """
    needed = {field.name for field in records.kind(kind).own if not field.nullable}
    found: list[tuple[Path, int]] = []
    splits: dict[str, int] = {}
    files = parquet_files(folder)
    for path in files:
        if not needed <= set(pq.read_schema(path).names):
            continue
        named = _RELEASED.fullmatch(path.name)
        # Without splits there is nothing to join: all such files count as one.
        found.append((path, splits.setdefault(named[1] if named else "", len(splits))))
    if not found:
        missing = sorted(needed - set(pq.read_schema(files[0]).names))
        raise UserError(
            f"against: no Parquet file in {folder} holds rows of kind {kind}; "
            f"{files[0].name} lacks {', '.join(map(repr, missing))}"
        )
    return found


def identity(folder: Path) -> str:
    """A hash of the files' names and contents."""
    return _digest(tuple((str(path), *_stamp(path)) for path in parquet_files(folder)), str(folder))


def _stamp(path: Path) -> tuple[int, int]:
    known = path.stat()
    return known.st_size, known.st_mtime_ns


@cache
def _digest(files: tuple[tuple[str, int, int], ...], folder: str) -> str:
    """`identity` of files that are as they were (path, size, time)."""
    told = hashlib.blake2b(digest_size=16)
    for path, _, _ in files:
        told.update(f"{Path(path).relative_to(folder)} {places.content_hash(path)}\n".encode())
    return told.hexdigest()
