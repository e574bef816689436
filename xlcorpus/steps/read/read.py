"""Reading: text, TSV, CSV, JSON Lines and Parquet files into records."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import polars as pl

from xlcorpus import languages, records
from xlcorpus.errors import UserError, nearest
from xlcorpus.once import once_a_run
from xlcorpus.step import Env, SourceStep, Unit
from xlcorpus.steps.read import formats

KINDS = Literal["document", "sentence", "pair", "instruction", "preference", "lexicon", "group", "variant", "feedback"]


class Read(SourceStep):
    """Reads files into rows of one record kind.

    Text files give one row a line. Other formats give one row a record, their columns named as those of the
    kind or mapped by `columns`. Instructions may have `prompt` (and `input`) and `response`, preferences
    `prompt`, `chosen` and `rejected` as plain strings instead of message lists.

    Lines that cannot be read are rejected, one by one: `not_utf8`, `not_json`, `empty`, `missing_field`,
    `unknown_language`.

        read: {paths: {de: corpus/de/*.txt.gz, en: [a.txt, b.txt]}, license: CC0-1.0}
    """

    names_files = ("paths",)

    paths: dict[str, str | list[str]] | list[str] | str
    """files or glob patterns, relative to the working directory; where the rows do not name their language, a mapping
    from language (for pairs `src-tgt`) to files"""
    kind: KINDS = "sentence"
    """record kind of the rows"""
    format: Literal["auto", "text", "tsv", "csv", "jsonl", "parquet"] = "auto"
    """auto: by the file's name (.txt .tsv .csv .jsonl .ndjson .parquet, each also with .gz, .bz2, .xz)"""
    columns: dict[str, str] = {}
    """{our column: the file's column}; a TSV without header has columns "1", "2", ..."""
    header: bool = False
    """TSV and CSV: the first line names the columns"""
    source: str | None = None
    """what to record as the rows' source; default: the file's name"""
    license: str | None = None
    """licence of the text (SPDX id or the Hub's tag); default: unknown"""
    origin: Literal["native", "mined", "translated", "localized", "synthetic", "transformed"] = "native"
    """how the text came to be"""

    def output_kind(self, kinds: object) -> str:
        """The option `kind`."""
        return self.kind

    def units(self) -> list[Unit]:
        """The files, in the order of the option, those of one pattern by name."""
        found: list[Unit] = []
        groups = self.paths if isinstance(self.paths, dict) else {"": self.paths}
        for key, patterns in groups.items():
            lang = self._lang(key) if key else None
            for pattern in [patterns] if isinstance(patterns, str) else patterns:
                files = _files(pattern)
                if not files:
                    raise UserError(f"no file {pattern!r} (looked in {Path.cwd()})")
                found += [Unit(Path(n), n, lang) for n in files]
        if not found:
            raise UserError("paths names no file")
        return found

    def preflight(self) -> None:
        """The mapped columns must be columns of the kind, the format must be known."""
        known = [*records.kind(self.kind).schema.names, *formats.PLAIN.get(self.kind, ())]
        for column in self.columns:
            if column not in known:
                raise UserError(f"columns: a {self.kind} has no column {column!r}; {nearest(column, known)}")
        for unit in self.units():
            formats.format_of(unit.path, self.format)

    def read(self, unit: Unit, env: Env) -> Iterator[pl.DataFrame]:
        """Frames of up to 10,000 rows."""
        form = formats.format_of(unit.path, self.format)
        for frame in formats.frames(unit.path, form, self.header, self.limit, env):
            rows = self._to_records(frame, unit, form, env)
            if rows.height:
                yield rows

    def _lang(self, key: str) -> str:
        if self.kind in ("pair", "lexicon"):
            sides = key.split("-")
            if len(sides) != 2:
                raise UserError(f"paths: write the languages of a {self.kind} as src-tgt (de-en), not {key!r}")
            return "-".join(languages.parse(side) for side in sides)
        return languages.parse(key)

    def _to_records(self, frame: pl.DataFrame, unit: Unit, form: str, env: Env) -> pl.DataFrame:
        kind = records.kind(self.kind)
        for ours, theirs in self.columns.items():
            if theirs not in frame.columns:
                raise UserError(f"{unit.name} has no column {theirs!r}; {nearest(theirs, frame.columns)}")
            frame = frame.with_columns(pl.col(theirs).alias(ours))
        frame = formats.to_messages(frame, self.kind)
        if unit.lang is not None:
            values = unit.lang.split("-")
            tags = kind.lang_columns if len(values) == len(kind.lang_columns) else ("lang",)
            frame = frame.with_columns(pl.lit(v).alias(c) for c, v in zip(tags, values, strict=True))
        if self.kind == "instruction":
            frame = formats.fill_instruction_languages(frame)
        for column in kind.lang_columns:
            if column not in frame.columns:
                raise UserError(f"{unit.name}: the language of the rows is not given; write paths: {{de: {unit.name}}}")
            frame = _parse_languages(frame, column, env)
        required = [f.name for f in kind.own if not f.nullable]
        missing = [c for c in required if c not in frame.columns]
        if missing:
            have = ", ".join(c for c in frame.columns if not c.startswith("_"))
            raise UserError(
                f"{unit.name} has no column {missing[0]!r}, which a {self.kind} needs (it has {have}); "
                f"map it: columns: {{{missing[0]}: <column>}}"
            )
        incomplete = pl.any_horizontal(pl.col(c).is_null() for c in required)
        lacking = frame.filter(incomplete)
        if lacking.height:
            env.reject(lacking.drop("_line"), "missing_field", pl.lit(None))
            frame = frame.filter(~incomplete)
        return self._provenance(frame, unit, form).select(pl.exclude("_line"))

    def _provenance(self, frame: pl.DataFrame, unit: Unit, form: str) -> pl.DataFrame:
        own = {"source": self.source or unit.name, "license": self.license, "origin": self.origin}
        given = {c: pl.col(c) for c in own if c in frame.columns}
        columns = [
            pl.coalesce(given[c], pl.lit(v)).alias(c) if c in given else pl.lit(v, dtype=pl.String).alias(c)
            for c, v in own.items()
        ]
        if self.kind == "sentence":
            columns += [pl.lit(unit.name).alias("document_id")] if "document_id" not in frame.columns else []
            columns += [pl.col("_line").alias("position")] if "position" not in frame.columns else []
        if self.kind == "document" and "source_path" not in frame.columns:
            columns.append(pl.concat_str(pl.lit(unit.name + ":"), pl.col("_line") + 1).alias("source_path"))
        known = [*records.kind(self.kind).schema.names, "_line"]
        frame = frame.with_columns(columns)
        return frame.select(c for c in frame.columns if c in known)


@once_a_run
def _files(pattern: str) -> tuple[str, ...]:
    """The files that fit a pattern, by name."""
    names = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - a pattern may be absolute
    return tuple(n for n in names if Path(n).is_file())


def _parse_languages(frame: pl.DataFrame, column: str, env: Env) -> pl.DataFrame:
    """Language names of a column as tags; rows whose language nobody knows are rejected."""
    names = frame[column].unique(maintain_order=True).drop_nulls().to_list()
    tags: dict[str, str | None] = {}
    for name in names:
        try:
            tags[name] = languages.parse(name)
        except UserError:
            tags[name] = None
    parsed = pl.col(column).replace_strict(tags, default=None, return_dtype=pl.String)
    unknown = frame.filter(pl.col(column).is_not_null() & parsed.is_null())
    if unknown.height:
        env.reject(unknown.drop("_line"), "unknown_language", pl.col(column))
    return frame.filter(pl.col(column).is_null() | parsed.is_not_null()).with_columns(parsed)
