"""Reading files into records: one row kind, many formats."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self

import polars as pl
from pydantic import field_serializer, model_validator

from xlcorpus import languages, places, records
from xlcorpus.errors import UserError, nearest
from xlcorpus.step import SourceEnv, SourceStep, Unit
from xlcorpus.steps.read import encodings, formats, hub
from xlcorpus.steps.read.conform import to_records
from xlcorpus.steps.read.conversations import FORMS
from xlcorpus.steps.read.field_paths import check_paths
from xlcorpus.steps.read.formats import moses
from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.frames import written
from xlcorpus.steps.read.items import SameLine
from xlcorpus.steps.read.kept_columns import check_names
from xlcorpus.steps.read.named_languages import check_languages
from xlcorpus.steps.read.naming import columns_of, mappable, mapped
from xlcorpus.steps.read.packed import CODECS
from xlcorpus.steps.read.reading import Reading
from xlcorpus.steps.read.row_ids import Seen

KINDS = Literal[
    "document", "sentence", "pair", "instruction", "preference", "lexicon", "group", "variant", "feedback", "item"
]


class Read(SourceStep):
    """Reads files into rows of one record kind.

    The format goes by the name of the file, which may also end in .gz, .bz2, .xz or .zst. Every row of a file becomes
    a record or is rejected with its line and a reason; a file that is damaged or of another format stops the run.

    A code under `paths` that is rather a country's than a language's (`ua`, `kr` over Korean text) is refused with the
    right one; text in a script that its language is not tagged with is told.

    - Text (`.txt`, and every name that is no other format): one row a line. A line ends in LF or CR LF; in a file that
      has neither, in CR. Blank lines are rejected as `empty`, lines of another encoding as `not_utf8`.
    - TSV: cells between tabs, no quotes. CSV: RFC 4180; a quoted cell may hold line breaks, which stay. A record with
      another number of cells than the header, or without one than most records, is rejected as `wrong_columns`;
      wrong quotes as `bad_quotes`.
    - JSON Lines, or a list of objects. What is no object is rejected as `not_json`, as is an object with a key twice
      or with more than 64 levels. Half of a surrogate pair becomes U+FFFD; NaN and Infinity become null.
    - Parquet and Arrow: the columns as they are; JSON columns of `datasets` decoded.
    - TMX: pairs, or sentences of one language; sides are found by language. Two text files line by line: pairs.
    - SRT and WebVTT: one sentence a cue. WARC and WET: documents; HTML pages need the extra `web`.

    - Groups: a column `texts`, or a column for each language, named by its code (`en`, `zho_Hant`).

    Columns are named as those of the kind or mapped by `columns`; other columns do not matter, unless `keep` names
    them. Several paths with the same list before [*] go along together, element by element; an empty list makes one
    row, with nulls. An object or list may be JSON text.

    Ids are our own, hashes of what a row holds and of the file it is from; the file's `id` goes to `source_id`, which
    rows of several files may share.

    Conversations are read as people write them: `messages` of OpenAI's form (text also as a list of parts), of
    ShareGPT's (`from`, `value`; `columns: {messages: conversations}`), as JSON text; or `prompt` (and `input`,
    `system`) and `response` as text or turns, row by row. Roles such as human, gpt, bot, model, function are taken
    for ours. `tools` and `tool_calls` become JSON text. Preferences have `chosen` and `rejected` as text or turns,
    and turns that both begin with are the prompt, which stands once.

    Items have a `question`, or a `prompt` as text or turns whose last user's turn is it; numbers and truth values in
    `answer` and `choices` become text, choices may be JSON text or stand in a column each.

    Rows whose values do not fit are rejected, one by one: `wrong_type` (a text that is a number, a list, ...),
    `missing_field` (null, or a turn that says nothing and calls no tool), `bad_messages` (an unknown role, no turns, no
    turn of the user, an answer without the assistant, parts that are no text), `unknown_language`; entries of a lexicon
    with a side that has no word (`no_word`) or with both sides in the script of the other's language (`swapped`). An
    entry without `probability` and `count` has 1.

        read: {paths: {de: corpus/de/*.txt.gz, en: [a.txt, b.txt]}, license: CC0-1.0}
        read: {kind: pair, paths: {de-en: [[train.de, train.en], memory.tmx]}}
        read: {kind: instruction, hub: user/name, config: swa, columns: {messages: conversation}, lang: sw, limit: 5000}
    """

    light = 50_000_000

    names_files = ("paths", "hub", "config", "split", "revision")

    paths: dict[str, str | list[str | list[str]]] | list[str] | str = []
    """paths, glob patterns or URLs (s3://, gs://, hf://, https://; sample:// is the sample corpus), relative to the
    working directory; a path that exists is no pattern; where the rows do not name their language, a mapping from
    language (for pairs `src-tgt`) to files. Two text files of a pair: [source, target], or what their names have in
    common before `.de` and `.en`"""
    hub: str | None = None
    """in place of `paths`: a dataset of the Hub (user/name), or a folder that `datasets` loads; streamed"""
    config: str | None = None
    """hub: which configuration, where it has several"""
    split: str = "train"
    """hub: which split"""
    revision: str | None = None
    """hub: branch, tag or commit; default: the newest. The commit stands on the card"""
    lang: str | None = None
    """hub: language of all rows (`src-tgt` for pairs), where no column tells it"""
    kind: KINDS = "sentence"
    """record kind of the rows"""
    format: Literal["auto", "text", "tsv", "csv", "jsonl", "parquet", "arrow", "tmx", "warc", "subtitles"] = "auto"
    """by the file's name (.txt .tsv .csv .jsonl .ndjson .json .parquet .arrow .feather .tmx .warc .wet .srt .vtt)"""
    columns: dict[str, str | list[str]] = {}
    """{our column: the file's column}; a TSV without header has columns "1", "2", ... Or a path into objects and lists:
    `meta.page`; with [*] each element of a list makes a row: {prompt: instruction, response: "instances[*].output"}.
    The choices of an item may stand in a column each: {choices: [A, B, C, D]}"""
    group_id: str | SameLine | None = None
    """what makes rows of several files one item (a text and its translations): a column that names it, or {line: NAME}
    for rows on the same line, which are `NAME:3`; default: each row is its own"""
    keep: list[str] = []
    """columns of the file to keep beside those of the kind, for later steps and the release; null in rows without.
    Lists and objects are kept as JSON text. To give one another name: keep: [a], columns: {a: <the file's name>}"""
    header: bool = False
    """TSV and CSV: the first line names the columns"""
    delimiter: str | None = None
    """CSV: the character between two cells; default: comma or semicolon, whichever the file has"""
    encoding: str = "auto"
    """auto: UTF-8, or UTF-16 or UTF-32 by its byte order mark; else one as Python calls it (cp1252, gb18030)"""
    source: str | None = None
    """what to record as the rows' source; default: the file's name"""
    license: str | None = None
    """licence of the text (SPDX id or the Hub's tag); default: unknown"""
    origin: Literal["native", "mined", "translated", "localized", "synthetic", "transformed"] = "native"
    """how the text came to be"""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.paths) == (self.hub is not None):
            raise ValueError(
                "give paths, or hub: user/name, and not both" if self.paths else "give paths, or hub: user/name"
            )
        return self

    def idle(self) -> dict[str, str]:
        """Options of the Hub beside `paths`, and of files beside `hub`."""
        if self.hub is None:
            return dict.fromkeys(("config", "split", "revision", "lang"), "it is for hub: user/name")
        return dict.fromkeys(("format", "header", "delimiter", "encoding"), "it is for files; hub reads datasets")

    @classmethod
    def from_frame(cls, rows: Any, *, lang: str | None = None, **options: Any) -> Read:
        """A step that reads rows in memory, the same way as those of a file.

            Read.from_frame(frame, lang="de")
            Read.from_frame(dataset, kind="instruction", columns={"prompt": "question", "response": "answer"})

        The rows are written to a temporary file, which must be on a disk that all nodes of a cluster share (TMPDIR).
        Ids and checkpoints depend on the rows alone, so a second run with equal rows computes nothing. A pipeline with
        this step has no YAML.

        Args:
            rows: polars or pandas DataFrame, Arrow table, `datasets.Dataset`, or list of dictionaries.
            lang: language of all rows (`src-tgt` for pairs); default: the rows have a column for it.
            options: `kind`, `columns`, `group_id`, `keep`, `source`, `license`, `origin`, `limit`.

        Raises:
            UserError: it is no table, names two columns alike, or holds what no column can.
        """
        file = written(rows, {*mapped(options.get("columns", {})), *options.get("keep", ())})
        paths: Any = str(file.path) if lang is None else {lang: str(file.path)}
        given = {"source": "rows given in Python"} | options
        return ReadFrame(paths=paths, format=file.format, rows=file.rows, **given)

    def output_kind(self, kinds: object) -> str:
        """The option `kind`."""
        return self.kind

    def adds(self, kind: str) -> tuple[str, ...]:
        """The columns that `keep` names."""
        return tuple(dict.fromkeys(self.keep))

    def measures(self, kind: str) -> tuple[str, ...]:
        """Nothing: columns of the file are not measured here."""
        return ()

    def units(self) -> list[Unit]:
        """The files, in the order of the option, those of one pattern by name."""
        if self.hub is not None:
            sha = hub.commit(self.hub, self.revision)
            told = f"{sha} {self.config or ''} {self.split}"
            lang = self._lang(self.lang) if self.lang else None
            name = "/".join(filter(None, (self.hub, self.config, self.split)))
            where = str(Path(self.hub).resolve()) if Path(self.hub).is_dir() else self.hub
            return [Unit(Path(self.hub), name, lang, url=where, content=told)]
        found: list[Unit] = []
        groups = self.paths if isinstance(self.paths, dict) else {"": self.paths}
        for key, patterns in groups.items():
            lang = self._lang(key) if key else None
            for pattern in [patterns] if isinstance(patterns, str) else patterns:
                found += (
                    self._sides(key, lang, pattern) if isinstance(pattern, list) else self._files(key, lang, pattern)
                )
        if not found:
            raise UserError("paths names no file")
        return found

    def _files(self, key: str, lang: str | None, pattern: str) -> list[Unit]:
        names = places.find(pattern)
        if names:
            # A path that stands in another Unicode normal form keeps the name that the user wrote.
            whole = len(names) == 1 and unicodedata.normalize("NFC", names[0]) == unicodedata.normalize("NFC", pattern)
            return [_unit(name, pattern if whole else name, lang) for name in names]
        if self.kind in moses.COLUMNS and key.count("-") == 1:
            sides = [_side(f"{pattern}.{side}") for side in key.split("-")]
            if all(sides):
                return self._sides(key, lang, [side for side in sides if side])
        raise UserError(f"no file {pattern!r} (looked in {Path.cwd()})")

    def _sides(self, key: str, lang: str | None, patterns: list[str]) -> list[Unit]:
        """Two files of one pair of languages, or as many pairs of files as two patterns name."""
        if self.kind not in moses.COLUMNS or len(patterns) != 2:
            raise UserError(f"paths: {patterns} must be [source file, target file] of a pair or lexicon")
        sides = [places.find(pattern) for pattern in patterns]
        for pattern, names in zip(patterns, sides, strict=True):
            if not names:
                raise UserError(f"no file {pattern!r} (looked in {Path.cwd()})")
        if len(sides[0]) != len(sides[1]):
            raise UserError(f"{patterns[0]!r} names {len(sides[0])} files, {patterns[1]!r} {len(sides[1])}")
        return [
            replace(_unit(src, f"{src} + {tgt}", lang), partner=_partner(tgt)) for src, tgt in zip(*sides, strict=True)
        ]

    def preflight(self) -> None:
        """The mapped columns must be columns of the kind, kept ones none of ours, and the format must be known."""
        check_names(self.keep, self.kind, FORMS.get(self.kind, ()))
        check_paths(columns_of(self))
        known = [*mappable(self.kind), *self.keep]
        for column in self.columns:
            if column == "group_id":
                raise UserError(f"columns: write group_id: {self.columns[column]} beside it")
            if column == "id":
                raise UserError("columns: ids are made by xlcorpus; the file's own go to source_id: {source_id: ...}")
            if not isinstance(self.columns[column], str) and column != "choices":
                raise UserError(f"columns: {column} is one column of the file; several make the choices of an item")
            if column not in known:
                raise UserError(f"columns: a {self.kind} has no column {column!r}; {nearest(column, known)}")
        if self.encoding != "auto":
            encodings.check(self.encoding)
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise UserError(f"delimiter: {self.delimiter!r} is not one character that can stand between cells")
        for unit in self.units() if self.hub is None else ():
            formats.format_of(unit.places()[0], self.format, unit.lang)

    def read(self, unit: Unit, env: SourceEnv) -> Iterator[pl.DataFrame]:
        """Frames of up to 10,000 rows."""
        if self.hub is not None:
            yield from self._records(unit, env, self._of_hub(unit, env))
            return
        form = "moses" if unit.partner else formats.format_of(unit.places()[0], self.format, unit.lang)
        reading = Reading(
            place=unit.places()[0],
            name=unit.name,
            env=env,
            kind=self.kind,
            lang=unit.lang,
            partner=unit.partner,
            header=self.header,
            delimiter=self.delimiter,
            encoding=self.encoding,
            limit=self.limit,
            guessed=self.format == "auto",
            needs=tuple(columns_of(self)),
        )
        yield from self._records(unit, env, formats.rows(reading, form))

    def _of_hub(self, unit: Unit, env: SourceEnv) -> Iterator[Found]:
        where, (sha, *_) = str(unit.url), str(unit.content).split(" ")
        env.say(f"{unit.name} at {sha}", False)
        reading = Reading(where, unit.name, env, self.kind, unit.lang, limit=self.limit)
        return hub.rows(reading, where, self.config, self.split, sha, columns_of(self))

    def _records(self, unit: Unit, env: SourceEnv, parts: Iterator[Found]) -> Iterator[pl.DataFrame]:
        seen = Seen()
        judged: set[tuple[str, str]] = set()
        for found in parts:
            rows = to_records(found, self, unit, env, seen)
            check_languages(self._named(found, unit), rows, unit.name, env, judged, given=unit.lang is not None)
            if rows.height:
                yield rows

    def _lang(self, key: str) -> str:
        if self.kind in ("pair", "lexicon"):
            sides = key.split("-")
            if len(sides) != 2:
                raise UserError(f"paths: write the languages of a {self.kind} as src-tgt (de-en), not {key!r}")
            return "-".join(languages.parse(side) for side in sides)
        return languages.parse(key)

    def _named(self, found: Found, unit: Unit) -> dict[str, list[str]]:
        """The names of the languages of each language column, as the user or the file writes them."""
        columns = records.kind(self.kind).lang_columns
        if unit.lang is None:
            theirs = {column: self.columns.get(column, column) for column in columns}
            return {
                ours: sorted({value for value in found.columns[c] if isinstance(value, str)})
                for ours, c in theirs.items()
                if isinstance(c, str) and c in found.columns
            }
        keys = [key for key in self.paths if self._lang(key) == unit.lang] if isinstance(self.paths, dict) else []
        if self.kind in ("pair", "lexicon"):
            return {column: [key.split("-")[i] for key in keys] for i, column in enumerate(columns)}
        return {"lang": keys}


class ReadFrame(Read):
    """`read`, of rows that were given in Python (`Read.from_frame`). It cannot stand in a YAML file."""

    rows: int
    """how many"""

    @classmethod
    def step_name(cls) -> str:
        """`read`: it does the same."""
        return "read"

    def only_in_python(self) -> str | None:
        """The rows are in no file of the user's."""
        given = f"its {self.rows:,} rows were given in Python (Read.from_frame)"
        return f"{given}; write them to a Parquet file, and read that"

    def units(self) -> list[Unit]:
        """The file, under a name that does not depend on where it is."""
        (unit,) = super().units()
        return [replace(unit, name="frame")]

    @field_serializer("paths")
    def _no_path(self, paths: object) -> str:
        return f"{self.rows:,} rows given in Python"


def _unit(place: str, name: str, lang: str | None) -> Unit:
    path = places.local(place)
    if path is None:
        return Unit(Path(place.rpartition("/")[2]), name, lang, url=place)
    return Unit(path, name, lang)


def _partner(place: str) -> str:
    path = places.local(place)
    return place if path is None else str(path.resolve())


def _side(name: str) -> str | None:
    """The file of that name, perhaps compressed."""
    return next((n for packed in ("", *CODECS) for n in places.find(name + packed)), None)
