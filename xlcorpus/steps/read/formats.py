"""File formats that `read` knows, as frames of rows with their line number in `_line`."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import lzma
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.step import Env
from xlcorpus.steps.read.found import Found

FRAME_ROWS = 10_000
SUFFIXES = {
    ".txt": "text",
    ".tsv": "tsv",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}
OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def format_of(path: Path, given: str = "auto") -> str:
    """The format of a file by its name; a name with another ending (`train.de`) is text.

    Raises:
        UserError: an archive.
    """
    if given != "auto":
        return given
    stem = path.with_suffix("") if path.suffix in OPENERS else path
    if stem.suffix in (".zip", ".tar", ".7z", ".zst"):
        raise UserError(f"{path.name}: cannot read {stem.suffix} files; unpack it or use .gz, .bz2 or .xz")
    return SUFFIXES.get(stem.suffix, "text")


def frames(path: Path, form: str, header: bool, limit: int | None, env: Env) -> Iterator[pl.DataFrame]:
    """The rows of a file as frames with the 0-based line (or row) in `_line`.

    Rejects the lines that cannot be read, through `env.reject`.

    Raises:
        UserError: the file is cut off or not what its name says.
    """
    try:
        if form == "parquet":
            yield from _parquet(path, limit)
        elif form == "csv":
            yield from _csv(path, header, limit, env)
        else:
            for lines in _chunks(islice(_lines(path, env), limit)):
                if form == "text":
                    yield pl.DataFrame(lines, schema={"_line": pl.Int64, "text": pl.String}, orient="row")
                elif form == "jsonl":
                    yield _jsonl(lines, env)
                else:
                    yield _tsv(lines, header, path, env)
    except (EOFError, lzma.LZMAError) as problem:
        raise UserError(f"{path}: the compressed file is cut off or damaged ({problem}); fetch it again") from problem
    except (gzip.BadGzipFile, OSError) as problem:
        if isinstance(problem, FileNotFoundError | PermissionError):
            raise UserError(f"cannot read {path}: {problem.strerror}") from problem
        raise UserError(f"{path}: cannot be read ({problem}); is it what its name says?") from problem
    except pa.ArrowInvalid as problem:
        raise UserError(f"{path}: not a whole Parquet file ({problem}); fetch or write it again") from problem


def open_bytes(path: Path) -> IO[bytes]:
    """A file's bytes, unpacked if its name ends in .gz, .bz2 or .xz."""
    opened: IO[bytes] = OPENERS.get(path.suffix, open)(path, "rb")
    return opened


def _lines(path: Path, env: Env) -> Iterator[tuple[int, str]]:
    """(line number, text) of each line that is text; the rest is rejected."""
    refused: dict[str, list[tuple[int, str]]] = {"not_utf8": [], "empty": []}
    try:
        with open_bytes(path) as file:
            for number, raw in enumerate(file):
                raw = raw.rstrip(b"\r\n")
                if number == 0:
                    raw = raw.removeprefix(b"\xef\xbb\xbf")
                if not raw.strip():
                    refused["empty"].append((number, ""))
                    continue
                try:
                    yield number, raw.decode("utf8")
                except UnicodeDecodeError:
                    refused["not_utf8"].append((number, raw.decode("utf8", errors="backslashreplace")))
    finally:  # also when the reader stops early, at its limit
        for rule, lines in refused.items():
            _reject(lines, rule, env)


def _reject(lines: list[tuple[int, str]], rule: str, env: Env) -> None:
    if lines:
        frame = pl.DataFrame(lines, schema={"line": pl.Int64, "text": pl.String}, orient="row")
        env.reject(frame, rule, pl.concat_str(pl.lit("line "), pl.col("line") + 1))


def _chunks(lines: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    iterator = iter(lines)
    while chunk := list(islice(iterator, FRAME_ROWS)):
        yield chunk


def found(path: Path, form: str, header: bool, limit: int | None, env: Env) -> Iterator[Found]:
    """The rows of a file as its format gives them; see `frames`."""
    if form != "jsonl":
        for frame in frames(path, form, header, limit, env):
            yield Found(frame["_line"] + 1, {name: frame[name] for name in frame.columns if name != "_line"})
        return
    for lines in _chunks(islice(_lines(path, env), limit)):
        rows = _objects(lines, env)
        names = dict.fromkeys(name for row in rows for name in row if name != "_line")
        places = pl.Series([row["_line"] + 1 for row in rows], dtype=pl.Int64)
        yield Found(places, {name: [row.get(name) for row in rows] for name in names})


def _jsonl(lines: list[tuple[int, str]], env: Env) -> pl.DataFrame:
    return pl.DataFrame(_objects(lines, env), infer_schema_length=None, strict=False)


def _objects(lines: list[tuple[int, str]], env: Env) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    broken: list[tuple[int, str]] = []
    for number, line in lines:
        try:
            value = json.loads(line)
        except json.JSONDecodeError:
            value = None
        if isinstance(value, dict):
            rows.append({**value, "_line": number})
        else:
            broken.append((number, line))
    _reject(broken, "not_json", env)
    return rows


def _tsv(lines: list[tuple[int, str]], header: bool, path: Path, env: Env) -> pl.DataFrame:
    names = None
    if header:
        with open_bytes(path) as file:
            names = file.readline().decode("utf8").rstrip("\r\n").removeprefix("\ufeff").split("\t")
        lines = [x for x in lines if x[0] > 0]
    return _cells([(n, line.split("\t")) for n, line in lines], names, env)


def _csv(path: Path, header: bool, limit: int | None, env: Env) -> Iterator[pl.DataFrame]:
    rows = ((n, cells) for n, cells in enumerate(csv.reader(line for _, line in _lines(path, env))))
    names = next(rows, (0, []))[1] if header else None
    iterator = islice(rows, limit)
    while chunk := list(islice(iterator, FRAME_ROWS)):
        yield _cells(chunk, names, env)


def _cells(rows: list[tuple[int, list[str]]], names: list[str] | None, env: Env) -> pl.DataFrame:
    names = names or [str(i + 1) for i in range(max((len(c) for _, c in rows), default=0))]
    _reject([(n, "\t".join(c)) for n, c in rows if len(c) != len(names)], "missing_field", env)
    whole = [(n, *c) for n, c in rows if len(c) == len(names)]
    return pl.DataFrame(whole, schema={"_line": pl.Int64, **dict.fromkeys(names, pl.String)}, orient="row")


def _parquet(path: Path, limit: int | None) -> Iterator[pl.DataFrame]:
    seen = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(FRAME_ROWS):
            frame = records.from_arrow(pa.Table.from_batches([batch])).with_row_index("_line", offset=seen)
            frame = frame.with_columns(pl.col("_line").cast(pl.Int64))
            yield frame[: limit - seen] if limit is not None else frame
            seen += frame.height
            if limit is not None and seen >= limit:
                return
