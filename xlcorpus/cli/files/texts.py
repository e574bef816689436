"""Records from the files that a command names: read as `run` reads them, and what is left out is told."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from xlcorpus import languages, places, records
from xlcorpus.errors import UserError
from xlcorpus.step import SourceEnv, Unit
from xlcorpus.steps.read.formats import format_of
from xlcorpus.steps.read.named_languages import check_languages
from xlcorpus.steps.read.read import KINDS, Read

Say = Callable[[str, bool], None]
"""Takes a text, and whether it is a warning."""

LINE_FORMATS = ("text", "tsv", "csv", "jsonl")
"""Formats whose rows are lines."""


class Rejected:
    """Counts the rows of a file that are rejected, and the last line of them."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        """rows by rule"""
        self.last_line = 0

    def __call__(self, rows: pl.DataFrame, rule: str, measure: pl.Expr) -> None:
        self.counts[rule] += rows.height
        if "line" in rows.columns and rows.schema["line"] == pl.Int64:
            self.last_line = max(self.last_line, *rows["line"])

    def tell(self, name: str, form: str, say: Say) -> None:
        """Say how many are left out, by rule."""
        one = "line" if form in LINE_FORMATS else "row"
        for rule, n in self.counts.items():
            say(f"{name}: {n:,} {one}{' is' if n == 1 else 's are'} left out ({rule})", True)


def sentences(path: Path, lang: str, say: Say) -> pl.DataFrame:
    """The sentences of a file as records: the lines of a text file, or the rows with `text` of another format.

    Args:
        path: the file.
        lang: its language, as the user wrote it.
        say: takes what is left out.

    Raises:
        UserError: the file is missing, damaged or holds no text; its script is not that of the language.
    """
    return _sentences(path, lang, say)[0]


def sentences_of_lines(path: Path, lang: str, say: Say) -> tuple[pl.DataFrame, int]:
    """The sentences of a text file, and how many lines it has, those that are left out counted too.

    The line of a sentence, from 0, is its `position`.

    Raises:
        UserError: as `sentences`; or the file is no text file.
    """
    if _form(path) != "text":
        raise UserError(f"{path}: vectors belong to the lines of a text file; give the sentences as one, a line each")
    rows, rejected = _sentences(path, lang, say)
    last = rows["position"].max()
    assert isinstance(last, int)
    return rows, max(last + 1, rejected.last_line)


def documents(path: Path, lang: str, say: Say) -> pl.DataFrame:
    """The documents of a file as records: its rows with `text`; see `sentences`."""
    return read_unit(unit_of(path, lang), {"lang": [lang]}, "document", format_of(path), say, "text")[0]


def _sentences(path: Path, lang: str, say: Say) -> tuple[pl.DataFrame, Rejected]:
    return read_unit(unit_of(path, lang), {"lang": [lang]}, "sentence", _form(path), say, "text")


def _form(path: Path) -> str:
    """The format of a file of sentences; a TSV file needs no header to be a list of lines."""
    form = format_of(path)
    return "text" if form == "tsv" else form


def unit_of(path: Path, *langs: str) -> Unit:
    """A file as `Read` takes it; its name is no pattern, whatever signs it holds.

    Args:
        path: file, or a pipe.
        langs: languages of all its rows, as the user wrote them; none: the rows name them.

    Raises:
        UserError: nothing there, or a folder; an unknown language.
    """
    if not path.exists():
        # The name may stand there in another Unicode normal form.
        same = places.find(glob.escape(str(path)))
        if not same:
            raise UserError(f"cannot read {path}: no such file")
        path = Path(same[0])
    if path.is_dir():
        raise UserError(f"cannot read {path}: it is a folder")
    return Unit(path, str(path), "-".join(languages.parse(lang) for lang in langs) or None)


def read_unit(
    unit: Unit,
    named: Mapping[str, list[str]],
    kind: KINDS,
    form: str,
    say: Say,
    what: str,
    header: bool = False,
    columns: Mapping[str, str] | None = None,
) -> tuple[pl.DataFrame, Rejected]:
    """The records of a file, or of two files of a pair.

    Args:
        unit: see `unit_of`.
        named: the languages of all rows as the user wrote them, by column; they are compared with the script.
        kind: record kind.
        form: format of the file.
        say: takes what is left out and what is odd.
        what: what the file must hold, for the message.
        header, columns: see `Read`.

    Returns:
        The records, one at least, and what was rejected.

    Raises:
        UserError: the file is damaged or of another format, or has no such row; a language is another one's code.
    """
    read = Read.model_validate(
        {
            "paths": unit.name,
            "kind": kind,
            "format": "auto" if unit.partner else form,
            "header": header or form == "csv",
            "columns": columns or {},
            "source": unit.path.name,
        }
    )
    rejected = Rejected()
    env = SourceEnv(kind=kind, step="read", reject=rejected, say=say)
    frames = list(read.read(unit, env))
    rejected.tell(unit.name, form, say)
    if not frames:
        raise UserError(f"{unit.name} holds no {what}")
    rows = records.finish(pl.concat(frames, how="diagonal_relaxed"), kind, "read")
    check_languages(dict(named), rows, unit.name, env, set(), given=True)
    return rows, rejected
