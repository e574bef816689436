"""File formats, a file each: `rows` gives what a file holds as `Found`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from xlcorpus import languages
from xlcorpus.errors import UserError, nearest
from xlcorpus.steps.read import sniff
from xlcorpus.steps.read.formats import columnar, json_lines, moses, separated, subtitles, text, tmx, web_archive
from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.packed import suffix_of
from xlcorpus.steps.read.reading import Reading

READERS: Mapping[str, Callable[[Reading], Iterator[Found]]] = {
    "text": text.rows,
    "tsv": separated.tsv,
    "csv": separated.csv,
    "jsonl": json_lines.rows,
    "parquet": columnar.parquet,
    "arrow": columnar.arrow,
    "moses": moses.rows,
    "tmx": tmx.rows,
    "warc": web_archive.rows,
    "subtitles": subtitles.rows,
}
SUFFIXES = {
    ".txt": "text",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".tmx": "tmx",
    ".warc": "warc",
    ".wet": "warc",
    ".srt": "subtitles",
    ".vtt": "subtitles",
}


def format_of(place: str | Path, given: str = "auto", lang: str | None = None) -> str:
    """The format of a file by its name; a name with another ending (`train.de`) is text.

    Args:
        place: path or URL.
        given: the format, where the user names it.
        lang: tag of the file's language, or `src-tgt`. An ending that is its code says nothing of the format
            (`corpus.lrc` is a file of lyrics, but for Northern Luri a text).

    Raises:
        UserError: a format that is not read, by its name.
    """
    if given != "auto":
        return given
    name = Path(str(place).partition("?")[0]).name
    packed = suffix_of(name)
    ending = Path(name[: len(name) - len(packed)]).suffix.lower()
    if ending in sniff.UNREAD_SUFFIXES and not _is_code_of(ending[1:], lang):
        what, advice = sniff.UNREAD_SUFFIXES[ending]
        raise UserError(f"{name}: cannot read {ending} files; it is {what}: {advice}")
    return SUFFIXES.get(ending, "text")


def _is_code_of(ending: str, lang: str | None) -> bool:
    try:
        tag = languages.parse(ending)
    except UserError:
        return False
    return lang is not None and any(languages.same_language(tag, side) for side in lang.split("-"))


def rows(reading: Reading, form: str) -> Iterator[Found]:
    """The rows of a file, in order; what cannot be read is rejected through the reading's `env`.

    Raises:
        UserError: the file is not there, damaged or not what its name says.
    """
    if form not in READERS:
        raise UserError(f"no file format {form!r}; {nearest(form, READERS)}")
    return READERS[form](reading)
