"""Reading: text, TSV, CSV, JSON Lines and Parquet files into records."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import polars as pl

from xlcorpus import languages
from xlcorpus.errors import UserError, nearest
from xlcorpus.step import Env, SourceStep, Unit
from xlcorpus.steps.read import formats
from xlcorpus.steps.read.conform import to_records
from xlcorpus.steps.read.conversations import FORMS
from xlcorpus.steps.read.kept_columns import check_names
from xlcorpus.steps.read.naming import mappable
from xlcorpus.steps.read.row_ids import Seen

KINDS = Literal["document", "sentence", "pair", "instruction", "preference", "lexicon", "group", "variant", "feedback"]


class Read(SourceStep):
    """Reads files into rows of one record kind.

    Text files give one row a line. Other formats give one row a record, their columns named as those of the
    kind or mapped by `columns`; other columns do not matter, unless `keep` names them.

    Ids are our own, hashes of what a row holds and of the file it is from; the file's `id` goes to `source_id`, which
    rows of several files may share.

    Conversations are read as people write them: `messages` of OpenAI's form (text also as a list of parts), of
    ShareGPT's (`from`, `value`; `columns: {messages: conversations}`), as JSON text; or `prompt` (and `input`,
    `system`) and `response` as text or turns, row by row. Roles such as human, gpt, bot, model, function are taken
    for ours. `tools` and `tool_calls` become JSON text. Preferences have `chosen` and `rejected` as text or turns,
    and turns that both begin with are the prompt, which stands once.

    Rows that cannot be read are rejected, one by one. By the file's format: `not_utf8`, `not_json`, `empty`,
    `missing_field`. By what they hold: `wrong_type` (a text that is a number, a list, ...), `missing_field` (null, or
    a turn that says nothing and calls no tool), `bad_messages` (an unknown role, no turns, no turn of the user, an
    answer without the assistant, parts that are no text), `unknown_language`.

        read: {paths: {de: corpus/de/*.txt.gz, en: [a.txt, b.txt]}, license: CC0-1.0}
    """

    paths: dict[str, str | list[str]] | list[str] | str
    """files or glob patterns, relative to the working directory; where the rows do not name their language, a mapping
    from language (for pairs `src-tgt`) to files"""
    kind: KINDS = "sentence"
    """record kind of the rows"""
    format: Literal["auto", "text", "tsv", "csv", "jsonl", "parquet"] = "auto"
    """auto: by the file's name (.txt .tsv .csv .jsonl .ndjson .parquet, each also with .gz, .bz2, .xz)"""
    columns: dict[str, str] = {}
    """{our column: the file's column}; a TSV without header has columns "1", "2", ..."""
    keep: list[str] = []
    """columns of the file to keep beside those of the kind, for later steps and the release; null in rows without.
    Lists and objects are kept as JSON text. To give one another name: keep: [a], columns: {a: <the file's name>}"""
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

    def adds(self) -> tuple[str, ...]:
        """The columns that `keep` names."""
        return tuple(dict.fromkeys(self.keep))

    def units(self) -> list[Unit]:
        """The files, in the order of the option, those of one pattern by name."""
        found: list[Unit] = []
        groups = self.paths if isinstance(self.paths, dict) else {"": self.paths}
        for key, patterns in groups.items():
            lang = self._lang(key) if key else None
            for pattern in [patterns] if isinstance(patterns, str) else patterns:
                names = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - a pattern may be absolute
                files = [n for n in names if Path(n).is_file()]
                if not files:
                    raise UserError(f"no file {pattern!r} (looked in {Path.cwd()})")
                found += [Unit(Path(n), n, lang) for n in files]
        if not found:
            raise UserError("paths names no file")
        return found

    def preflight(self) -> None:
        """The mapped columns must be columns of the kind, kept ones none of ours, and the format must be known."""
        check_names(self.keep, self.kind, FORMS.get(self.kind, ()))
        known = [*mappable(self.kind), *self.keep]
        for column in self.columns:
            if column == "id":
                raise UserError("columns: ids are made by xlcorpus; the file's own go to source_id: {source_id: ...}")
            if column not in known:
                raise UserError(f"columns: a {self.kind} has no column {column!r}; {nearest(column, known)}")
        for unit in self.units():
            formats.format_of(unit.path, self.format)

    def read(self, unit: Unit, env: Env) -> Iterator[pl.DataFrame]:
        """Frames of up to 10,000 rows."""
        form = formats.format_of(unit.path, self.format)
        seen = Seen()
        for found in formats.found(unit.path, form, self.header, self.limit, env):
            rows = to_records(found, self, unit, env, seen)
            if rows.height:
                yield rows

    def _lang(self, key: str) -> str:
        if self.kind in ("pair", "lexicon"):
            sides = key.split("-")
            if len(sides) != 2:
                raise UserError(f"paths: write the languages of a {self.kind} as src-tgt (de-en), not {key!r}")
            return "-".join(languages.parse(side) for side in sides)
        return languages.parse(key)
