"""Compressed files: .gz, .bz2, .xz, .zst, each also of several members."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import zstandard

from xlcorpus import places
from xlcorpus.errors import UserError

IN_BYTES = 1 << 16
ZSTD_IN_BYTES = 1 << 13
"""Smaller: its decoder has no bound on what one piece may unpack to."""


def _zstd() -> Any:
    # The largest window that the format's own program writes (`zstd --ultra --long=31`).
    return zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()


CODECS: dict[str, tuple[str, Callable[[], Any], int]] = {
    ".gz": ("gzip", lambda: zlib.decompressobj(31), IN_BYTES),
    ".bz2": ("bzip2", bz2.BZ2Decompressor, IN_BYTES),
    ".xz": ("xz", lzma.LZMADecompressor, IN_BYTES),
    ".zst": ("Zstandard", _zstd, ZSTD_IN_BYTES),
}
"""Name of the format, decoder of one member and bytes given to it at a time, by the ending of the file's name."""


def suffix_of(name: str) -> str:
    """The ending that says how a file is compressed (`.gz`), or nothing."""
    ending = Path(name).suffix.lower()
    return ending if ending in CODECS else ""


def open_bytes(place: str | Path) -> IO[bytes]:
    """A file's bytes, unpacked if its name ends in .gz, .bz2, .xz or .zst.

    Reading raises UserError where the file is cut off or damaged, naming it.

    Raises:
        UserError: it is not there.
    """
    ending = suffix_of(str(place).partition("?")[0] if places.is_url(str(place)) else str(place))
    file = places.open_file(place)
    raw = _Unpacked(file, str(place), *CODECS[ending]) if ending else _Plain(file, str(place))
    return io.BufferedReader(raw, 1 << 17)


class _Plain(io.RawIOBase):
    """The bytes of an opened file; problems of reading become errors that name it."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        with places.reading(self._name):
            piece = self._file.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Unpacked(io.RawIOBase):
    """The unpacked bytes of a compressed file, member after member.

    The readers of the standard library take what follows the first damaged member for padding and drop it in
    silence, so this is their loop with an error in that place.
    """

    def __init__(self, file: IO[bytes], name: str, form: str, make: Callable[[], Any], in_bytes: int) -> None:
        self._file, self._name, self._form, self._make, self._in_bytes = file, name, form, make, in_bytes
        self._decoder: Any = make()
        self._fed = False
        """whether the current member has begun"""
        self._members = 0
        self._waiting = b""
        """bytes of the file that no decoder has taken yet"""
        self._out = b""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        while not self._out:
            if not self._step():
                return 0
        piece = self._out[: len(view)]
        self._out = self._out[len(piece) :]
        view[: len(piece)] = piece
        return len(piece)

    def _step(self) -> bool:
        """Unpack one more piece into `_out`; False at the end of the file."""
        if self._decoder.eof:
            self._members += 1
            self._waiting = self._decoder.unused_data + self._waiting
            self._decoder, self._fed = self._make(), False
        full = getattr(self._decoder, "unconsumed_tail", b"") or not getattr(self._decoder, "needs_input", True)
        if not self._waiting and not full:
            with places.reading(self._name):
                self._waiting = self._file.read(self._in_bytes)
            if not self._waiting:
                if self._fed or not self._members:
                    raise UserError(
                        f"{self._name}: the compressed file is cut off or damaged (it ends too early); fetch it again"
                    )
                return False
        if not self._fed:
            # Zeros after a member are padding (tapes, xz); what else follows must be a member.
            self._waiting = self._waiting.lstrip(b"\0") if self._members else self._waiting
            if not self._waiting:
                return True
        self._fed = True
        piece, self._waiting = self._waiting, b""
        try:
            self._out = self._unpack(piece)
        except (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError, ValueError, MemoryError) as problem:
            raise UserError(
                f"{self._name}: the compressed file is cut off or damaged, or no {self._form} at all ({problem}); "
                "fetch it again"
            ) from problem
        return True

    def _unpack(self, piece: bytes) -> bytes:
        if self._form == "Zstandard":
            return bytes(self._decoder.decompress(piece))
        tail = getattr(self._decoder, "unconsumed_tail", b"")  # zlib gives back what it did not take
        return bytes(self._decoder.decompress(tail + piece, 1 << 20))
