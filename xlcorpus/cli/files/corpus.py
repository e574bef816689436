"""A corpus in any files that `read` takes, as frames of records; nothing is held in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from xlcorpus import languages, places, records
from xlcorpus.cli.files.named_steps import made
from xlcorpus.cli.files.texts import Rejected, Say
from xlcorpus.errors import UserError
from xlcorpus.release.columns import read_schema
from xlcorpus.release.shards import KIND_KEY
from xlcorpus.step import SourceEnv
from xlcorpus.steps.read.formats import SUFFIXES, format_of
from xlcorpus.steps.read.naming import NoLanguage
from xlcorpus.steps.read.packed import suffix_of
from xlcorpus.steps.read.read import Read

GIVEN_HERE = ("paths", "kind", "hub")
"""Options of `read` that the arguments of a command stand for."""


def corpus(
    given: Sequence[str], lang: str | None, kind: str, options: Mapping[str, Any], say: Say
) -> Iterator[pl.DataFrame]:
    """Frames of the records of all data.

    Args:
        given: files, glob patterns, URLs or folders, each with its language before it (`de=texts.txt`) or not. Of a
            folder all files whose ending names a format are read; of a release those that hold the kind.
        lang: language of rows that name none themselves.
        kind: record kind.
        options: of `read`, for all files.
        say: takes what is left out, and whether it is a warning.

    Raises:
        UserError: nothing there, a file that is damaged or names no language.
    """
    for name in GIVEN_HERE:
        if name in options:
            raise UserError(f"--set read.{name}: name files as arguments of the command, and their kind with --kind")
    for one in given:
        own, place = _language(one)
        for file in _files(place, kind):
            yield from _records(file, own or lang, kind, options, say)


def _records(file: str, lang: str | None, kind: str, options: Mapping[str, Any], say: Say) -> Iterator[pl.DataFrame]:
    form = format_of(file, str(options.get("format", "auto")), lang)
    header = {"header": True} if form == "csv" else {}
    paths = file if lang is None else {lang: file}
    step = made(Read, {**header, **options, "paths": paths, "kind": kind}, "read")
    step.preflight()
    rejected, empty = Rejected(), True
    env = SourceEnv(kind=kind, step="read", reject=rejected, say=say)
    try:
        for unit in step.units():
            for frame in step.read(unit, env):
                empty = False
                yield records.finish(frame, kind, "read")
    except NoLanguage:
        code = "de-en" if len(records.kind(kind).lang_columns) > 1 else "de"
        raise UserError(
            f"{file} does not name the language of its rows: give --lang {code}, or {code}={file}"
        ) from None
    rejected.tell(file, form, say)
    if empty:
        say(f"{file} holds no {kind}s", True)


def _language(given: str) -> tuple[str | None, str]:
    """(language, place) of `de=texts.txt`; a name that exists is none of that form."""
    lang, equals, place = given.partition("=")
    if not equals or Path(given).exists() or places.is_url(given):
        return None, given
    try:
        for side in lang.split("-"):
            languages.parse(side)
    except UserError as problem:
        raise UserError(f"no file {given!r}; and as language=file: {problem}") from None
    return lang, place


def _files(place: str, kind: str) -> list[str]:
    if not Path(place).is_dir() or places.is_url(place):
        found = places.find(place)
        if not found:
            raise UserError(f"no file {place!r} (looked in {Path.cwd()})")
        return found
    folder = Path(place)
    dataset = (folder / "README.md").is_file() and (folder / "data").is_dir()
    there = [
        path
        for path in sorted((folder / "data" if dataset else folder).rglob("*"))
        if path.is_file() and _form(path) is not None and not path.name.startswith(".")
    ]
    kinds = {path: _kind(path) for path in there}
    fitting = [str(path) for path, of_file in kinds.items() if of_file in (None, kind)]
    if not fitting:
        named = sorted({of_file for of_file in kinds.values() if of_file})
        if named:
            raise UserError(f"folder {place} holds no {kind}s, but rows of kind {', '.join(named)}: give --kind")
        raise UserError(f"folder {place} holds no file that ends in {', '.join(SUFFIXES)}")
    return fitting


def _form(path: Path) -> str | None:
    """The format that the ending of a file names, under that of a compression."""
    unpacked = path.name[: len(path.name) - len(suffix_of(path.name))]
    return SUFFIXES.get(Path(unpacked).suffix.lower())


def _kind(path: Path) -> str | None:
    """Record kind of a file of a release."""
    if _form(path) != "parquet":
        return None
    named = (read_schema(path).metadata or {}).get(KIND_KEY)
    return None if named is None else str(named, "utf8")
