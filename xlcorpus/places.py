"""Files by path or URL: finding, opening and hashing them.

A place is a string: a local path, a URL of a store that fsspec knows (`s3://`, `gs://`, `hf://`, `https://`), or
`sample://` and the name of a file of the sample corpus that comes with xlcorpus.
"""

from __future__ import annotations

import glob
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import xxhash

from xlcorpus import shipped
from xlcorpus.errors import MissingExtra, UserError, XlcorpusError
from xlcorpus.once import once_a_run

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")
SAMPLE = "sample://"
"""Before the name of a file in the sample corpus."""
EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"}
"""The extra that holds the package of a protocol."""
VERSION_KEYS = ("ETag", "etag", "VersionId", "generation", "blob_id", "md5Hash", "LastModified", "mtime", "created")
"""What stores call the version of a file, the surest first."""


def is_url(place: str) -> bool:
    """Whether a place is a URL, not a local path."""
    return URL.match(place) is not None


@once_a_run
def find(pattern: str) -> list[str]:
    """The files that a path or glob pattern names, by name; none if there is none.

    A path that exists is taken as it is written, whatever signs its name holds; so are the folders of a pattern.
    Otherwise `*`, `?`, `[...]` and `**` are patterns, and `~` the home folder. A name is also found if the file
    system holds it in another Unicode normal form.

    Raises:
        UserError: a folder, or a URL that cannot be asked.
    """
    if pattern.startswith(SAMPLE):
        folder = shipped.folder("data")
        return [
            SAMPLE + str(Path(name).relative_to(folder)) for name in _glob(str(folder / pattern.removeprefix(SAMPLE)))
        ]
    if is_url(pattern):
        return _find_remote(pattern)
    for written in dict.fromkeys((pattern, os.path.expanduser(pattern))):  # noqa: PTH111 - a pattern is no path
        if Path(written).is_file():
            return [written]
        if Path(written).is_dir():
            raise UserError(f"{pattern} is a folder; name its files: {pattern.rstrip('/')}/*")
        if found := _glob(written):
            return found
        if same := _other_normal_form(written):
            return [same]
        normal = [_glob(unicodedata.normalize(form, written)) for form in ("NFC", "NFD")]
        if found := sorted({name for names in normal for name in names}):
            return found
    return []


def local(place: str) -> Path | None:
    """Where a place is in this file system; None for a URL."""
    if place.startswith(SAMPLE):
        return shipped.folder("data") / place.removeprefix(SAMPLE)
    return None if is_url(place) else Path(place)


def _glob(pattern: str) -> list[str]:
    """Files of a pattern whose leading folders are taken as written where they exist."""
    parts = Path(pattern).parts
    known = 0
    while known < len(parts) - 1 and Path(*parts[: known + 1]).is_dir():
        known += 1
    # os.path.join keeps "**" and a leading "./" as the user wrote them apart from the escaped folders.
    escaped = os.path.join(*(glob.escape(p) for p in parts[:known]), *parts[known:])  # noqa: PTH118
    names = glob.glob(escaped, recursive=True)  # noqa: PTH207 - a pattern may be absolute
    return sorted(name for name in names if Path(name).is_file())


def _other_normal_form(written: str) -> str | None:
    """The file that has the same name in another Unicode normal form."""
    path = Path(written)
    here = Path(path.anchor) if path.anchor else Path()
    for part in path.parts[1 if path.anchor else 0 :]:
        wanted = unicodedata.normalize("NFC", part)
        if (here / part).exists():
            here /= part
            continue
        try:
            same = sorted(p.name for p in here.iterdir() if unicodedata.normalize("NFC", p.name) == wanted)
        except OSError:
            return None
        if not same:
            return None
        here /= same[0]
    return str(here) if here.is_file() else None


def _find_remote(pattern: str) -> list[str]:
    with _store_errors(pattern):
        fs, path = _store(pattern)
        if fs.isfile(path):
            return [pattern]
        if not glob.has_magic(path):
            return []
        return sorted(fs.unstrip_protocol(name) for name in fs.glob(path) if fs.isfile(name))


def open_file(place: str | Path) -> IO[bytes]:
    """The bytes of a file, seekable.

    Raises:
        UserError: it is not there or may not be read.
        MissingExtra: the package of the URL's store is not installed.
    """
    if isinstance(place, Path) or not is_url(place):
        try:
            return Path(place).open("rb")
        except OSError as problem:
            raise UserError(f"cannot read {place}: {problem.strerror}") from problem
        except ValueError as problem:  # a NUL in the name
            raise UserError(f"cannot read {place!r}: {problem}") from problem
    with _store_errors(place):
        fs, path = _store(place)
        opened: IO[bytes] = fs.open(path, "rb")
        return opened


def stamp(place: str | Path) -> tuple[int, str | None]:
    """Size in bytes (-1: unknown) and version of a file, without reading it.

    The version is the modification time in nanoseconds of a local file, and what the store gives as ETag,
    generation or time for a URL; None where a store gives nothing, so that only the content tells.

    Raises:
        UserError: it is not there.
    """
    if isinstance(place, Path) or not is_url(place):
        try:
            stat = Path(place).stat()
        except OSError as problem:
            raise UserError(f"cannot read {place}: {problem.strerror}") from problem
        return stat.st_size, str(stat.st_mtime_ns)
    with _store_errors(place):
        fs, path = _store(place)
        info = fs.info(path)
    version = next((str(info[key]) for key in VERSION_KEYS if info.get(key) is not None), None)
    size = info.get("size")
    return (-1 if size is None else int(size)), version


def content_hash(place: str | Path) -> str:
    """XXH3 (128 bits) of a file's content, hex: for corpora, ten times as fast as SHA-256.

    It tells any two files apart that were not made to deceive it.

    Raises:
        UserError: it is not there or cannot be read.
    """
    digest = xxhash.xxh3_128()
    with open_file(place) as file, reading(str(place)):
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def reading(place: str) -> Iterator[None]:
    """Problems of reading an opened file, as errors that name it."""
    if is_url(place):
        with _store_errors(place):
            yield
        return
    try:
        yield
    except OSError as problem:
        raise UserError(f"cannot read {place}: {problem.strerror or problem}") from problem


def _store(url: str) -> tuple[Any, str]:
    import fsspec

    fs, path = fsspec.core.url_to_fs(url)
    return fs, str(path)


@contextmanager
def _store_errors(url: str) -> Iterator[None]:
    """Problems of a store, as errors that name the URL."""
    protocol = url.partition("://")[0].lower()
    try:
        yield
    except FileNotFoundError as problem:
        raise UserError(f"cannot read {url}: no such file") from problem
    except PermissionError as problem:
        raise UserError(f"cannot read {url}: access denied ({problem})") from problem
    except ImportError as problem:
        if protocol in EXTRAS:
            raise MissingExtra.pip(f"reading {protocol}:// paths", EXTRAS[protocol]) from problem
        raise MissingExtra(f"reading {url}: {problem}") from problem
    except (ValueError, NotImplementedError) as problem:
        raise UserError(f"cannot read {url}: {problem}") from problem
    except _client_errors() as problem:
        raise XlcorpusError(
            f"{url}: {type(problem).__name__}: {problem}; run again when it can be reached"
        ) from problem


def _client_errors() -> tuple[type[Exception], ...]:
    """OSError, and the exceptions of the clients that are loaded, which are none."""
    names = {
        "botocore.exceptions": ("BotoCoreError", "ClientError"),
        "aiohttp": ("ClientError",),
        "google.auth.exceptions": ("GoogleAuthError",),
        "httpx": ("HTTPError",),
    }
    loaded = [(sys.modules[m], attributes) for m, attributes in names.items() if m in sys.modules]
    return (OSError, *(getattr(module, a) for module, attributes in loaded for a in attributes if hasattr(module, a)))
