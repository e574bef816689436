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
from xlcorpus.step import SourceEnv

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

PLAIN = {
    "instruction": ("prompt", "input", "response", "system"),
    "preference": ("prompt", "chosen", "rejected"),
    "feedback": ("prompt", "completion"),
}
"""Columns that may hold plain strings, which become messages."""


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


def frames(path: Path, form: str, header: bool, limit: int | None, env: SourceEnv) -> Iterator[pl.DataFrame]:
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


def _lines(path: Path, env: SourceEnv) -> Iterator[tuple[int, str]]:
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


def _reject(lines: list[tuple[int, str]], rule: str, env: SourceEnv) -> None:
    if lines:
        frame = pl.DataFrame(lines, schema={"line": pl.Int64, "text": pl.String}, orient="row")
        env.reject(frame, rule, pl.concat_str(pl.lit("line "), pl.col("line") + 1))


def _chunks(lines: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    iterator = iter(lines)
    while chunk := list(islice(iterator, FRAME_ROWS)):
        yield chunk


def _jsonl(lines: list[tuple[int, str]], env: SourceEnv) -> pl.DataFrame:
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
    return pl.DataFrame(rows, infer_schema_length=None, strict=False)


def _tsv(lines: list[tuple[int, str]], header: bool, path: Path, env: SourceEnv) -> pl.DataFrame:
    names = None
    if header:
        with open_bytes(path) as file:
            names = file.readline().decode("utf8").rstrip("\r\n").removeprefix("\ufeff").split("\t")
        lines = [x for x in lines if x[0] > 0]
    return _cells([(n, line.split("\t")) for n, line in lines], names, env)


def _csv(path: Path, header: bool, limit: int | None, env: SourceEnv) -> Iterator[pl.DataFrame]:
    rows = ((n, cells) for n, cells in enumerate(csv.reader(line for _, line in _lines(path, env))))
    names = next(rows, (0, []))[1] if header else None
    iterator = islice(rows, limit)
    while chunk := list(islice(iterator, FRAME_ROWS)):
        yield _cells(chunk, names, env)


def _cells(rows: list[tuple[int, list[str]]], names: list[str] | None, env: SourceEnv) -> pl.DataFrame:
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


def to_messages(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Plain string columns of instructions, preferences and feedback as message lists."""
    strings = [c for c in PLAIN.get(kind, ()) if c in frame.columns and frame.schema[c] == pl.String]
    if kind == "instruction" and "messages" not in frame.columns and {"prompt", "response"} <= set(strings):
        prompt = pl.col("prompt")
        if "input" in strings:
            given = pl.col("input").fill_null("").str.strip_chars() != ""
            prompt = pl.when(given).then(pl.concat_str("prompt", "input", separator="\n\n")).otherwise(prompt)
        turns = [records.message("user", prompt), records.message("assistant", pl.col("response"))]
        if "system" in strings:
            turns.insert(0, records.message("system", pl.col("system")))
        whole = pl.all_horizontal(pl.col("prompt", "response").is_not_null())
        return frame.with_columns(messages=pl.when(whole).then(records.messages(turns))).drop(strings)
    if kind in ("preference", "feedback"):
        roles = {"prompt": "user"}
        turns_of = {c: records.messages([records.message(roles.get(c, "assistant"), pl.col(c))]) for c in strings}
        return frame.with_columns(pl.when(pl.col(c).is_not_null()).then(e).alias(c) for c, e in turns_of.items())
    return frame


def fill_instruction_languages(frame: pl.DataFrame) -> pl.DataFrame:
    """Prompt and response language from `lang`, and the task `open`, where the file does not give them."""
    defaults: dict[str, pl.Expr] = {
        "prompt_lang": pl.col("lang"),
        "response_lang": pl.col("lang"),
        "task": pl.lit("open"),
    }
    if "lang" not in frame.columns:
        return frame
    return frame.with_columns(e.alias(c) for c, e in defaults.items() if c not in frame.columns)
