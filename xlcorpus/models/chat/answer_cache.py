"""Every answer of every chat model, kept in a folder for all runs.

Each writer appends to a file of its own, a line an answer: 32 hex digits of the request's digest, 8 of the CRC-32 of
what follows, the answer as JSON. Readers take what they find; a line that is damaged or not whole counts as not there.
No locks and no database, so that it is safe on network file systems, with many writers, and when a run is killed.

In memory an answer takes 24 bytes: its digest's first half, its file, its place.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import numpy as np

from xlcorpus.arrays import UInts64
from xlcorpus.errors import XlcorpusError
from xlcorpus.models.chat.answer import Answer

_HEAD = 32 + 8
_SUFFIX = ".answers"
LOOK_AGAIN_S = 10.0
"""Seconds after which a reader looks for what others have added."""
_CHUNK = 2**24


class AnswerCache:
    """Answers by the digests of requests. One thread uses it.

    Args:
        folder: where the files are; made when the first answer is put.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[Path] = []
        self._read_to: dict[Path, int] = {}
        self._keys: UInts64 = np.empty(0, dtype=np.uint64)
        self._places: UInts64 = np.empty(0, dtype=np.uint64)
        self._fresh: dict[int, tuple[int, int]] = {}
        self._out: int | None = None
        self._own: Path | None = None
        self._end = 0
        self._looked = -LOOK_AGAIN_S
        self._open: dict[int, int] = {}

    def get(self, digest: bytes) -> Answer | None:
        """The answer to a request, None if there is none."""
        self._look()
        key = int.from_bytes(digest[:8], "big")
        place = self._fresh.get(key)
        if place is None:
            at = int(np.searchsorted(self._keys, np.uint64(key)))
            if at == len(self._keys) or int(self._keys[at]) != key:
                return None
            packed = int(self._places[at])
            place = (packed >> 44, packed & (2**44 - 1))
        return self._at(*place, digest)

    def put(self, digest: bytes, answer: Answer) -> None:
        """Keep an answer: once this returns, a kill of the process does not lose it.

        Raises:
            XlcorpusError: it cannot be written.
        """
        said = json.dumps(answer.to_dict(), ensure_ascii=True, separators=(",", ":")).encode()
        line = b"%s%08x%s\n" % (digest.hex().encode(), zlib.crc32(said), said)
        try:
            if self._out is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._own = self._folder / f"{time.time_ns():020d}-{uuid4().hex[:8]}{_SUFFIX}"
                self._out = os.open(self._own, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
                self._files.append(self._own)
                self._open[len(self._files) - 1] = self._out
            written = os.write(self._out, line)
            while written < len(line):
                written += os.write(self._out, line[written:])
        except OSError as problem:
            raise XlcorpusError(f"cannot keep an answer in {self._folder}: {problem.strerror}") from None
        assert self._own is not None
        self._fresh[int.from_bytes(digest[:8], "big")] = (self._files.index(self._own), self._end)
        self._end += len(line)

    def close(self) -> None:
        """Close its files."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()
        self._out = None

    def _at(self, file: int, place: int, digest: bytes) -> Answer | None:
        try:
            if file not in self._open:
                self._open[file] = os.open(self._files[file], os.O_RDONLY)
            line = bytearray()
            while b"\n" not in line:
                more = os.pread(self._open[file], 4096 if not line else _CHUNK, place + len(line))
                if not more:
                    return None
                line += more
        except OSError:
            return None  # deleted meanwhile
        return _answer(bytes(line[: line.index(b"\n")]), digest)

    def _look(self) -> None:
        """Take in what was added since the last look."""
        now = time.monotonic()
        if now - self._looked < LOOK_AGAIN_S:
            return
        self._looked = now
        keys, places = [self._keys], [self._places]
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            if path == self._own:
                continue
            if path not in self._read_to:
                self._files.append(path)
                self._read_to[path] = 0
            found_keys, found_places, end = _lines(path, self._read_to[path])
            self._read_to[path] = end
            if len(found_keys):
                keys.append(found_keys)
                places.append(found_places | (np.uint64(self._files.index(path)) << np.uint64(44)))
        if len(keys) > 1:
            every, of = np.concatenate(keys), np.concatenate(places)
            order = np.argsort(every, kind="stable")
            # Of two answers to one request the later counts: the earlier may be damaged.
            last = np.append(np.diff(every[order].view(np.int64)) != 0, True)
            self._keys, self._places = every[order][last], of[order][last]


def _answer(line: bytes, digest: bytes) -> Answer | None:
    """The answer in a line; None if it is damaged or to another request."""
    said = line[_HEAD:]
    try:
        if line[:32] != digest.hex().encode() or int(line[32:_HEAD], 16) != zlib.crc32(said):
            return None
        return Answer.from_dict(json.loads(said))
    except (ValueError, TypeError):
        return None


def _lines(path: Path, begin: int) -> tuple[UInts64, UInts64, int]:
    """First halves of the digests and places of whole lines of a file behind a place, and where they end."""
    keys: list[int] = []
    places: list[int] = []
    end = begin
    for place, line in _whole_lines(path, begin):
        try:
            keys.append(int(line[:16], 16))
            places.append(place)
        except ValueError:
            pass  # damaged
        end = place + len(line) + 1
    return np.array(keys, dtype=np.uint64), np.array(places, dtype=np.uint64), end


def _whole_lines(path: Path, begin: int) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            file.seek(begin)
            place = begin
            for line in file:
                if line.endswith(b"\n"):
                    yield place, line[:-1]
                place += len(line)
    except OSError:
        return
