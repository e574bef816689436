"""Checking a release: header, files, columns, values, against the schemas of its record kinds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from referencing import Registry, Resource

from xlcorpus import languages, records
from xlcorpus.errors import UserError, XlcorpusError, nearest
from xlcorpus.release.columns import plain
from xlcorpus.release.content_rules import RULES, broken_rule
from xlcorpus.release.header import CARD, features, read_header
from xlcorpus.release.measure import language_columns
from xlcorpus.release.shards import KIND_KEY

_SHARD = re.compile(r"([A-Za-z]\w*)-(\d{5,})-of-(\d{5,})\.parquet", re.ASCII)
BATCH_ROWS = 5_000
SAMPLE_ROWS = 25
"""Rows of each batch that are checked against the JSON Schema; every other check looks at every row."""


@dataclass(frozen=True)
class Problem:
    """Something wrong in a release."""

    file: str
    message: str
    """what is wrong and what would be right"""
    row: str | None = None
    """id of the first row it is wrong in"""
    column: str | None = None

    def __str__(self) -> str:
        place = [
            self.file,
            *([f"row {self.row}"] if self.row else []),
            *([f"column {self.column!r}"] if self.column else []),
        ]
        return f"{', '.join(place)}: {self.message}"


def validate_release(folder: Path) -> list[Problem]:
    """Everything that is wrong in a release; empty when it is valid."""
    try:
        header = read_header(folder)
        said = {c["config_name"]: {f["split"]: f["path"] for f in c["data_files"]} for c in header["configs"]}
        info = {i["config_name"]: i for i in header["dataset_info"]}
        allowed = header.get("xlcorpus", {}).get("allow", [])
    except XlcorpusError as problem:
        return [Problem(CARD, str(problem))]
    except (KeyError, TypeError):
        return [Problem(CARD, "the header must hold `configs` (config_name, data_files) and `dataset_info`")]
    problems = []
    there = sorted(p.name for p in (folder / "data").iterdir() if p.is_dir()) if (folder / "data").is_dir() else []
    for config in sorted({*said, *there, *info}):
        if config not in said:
            problems.append(Problem(f"data/{config}", f"no config of that name in the header of {CARD}"))
        elif config not in there:
            problems.append(Problem(CARD, f"config {config!r} has no folder data/{config}"))
        elif said[config] != {split: f"data/{config}/{split}-*.parquet" for split in said[config]}:
            problems.append(Problem(CARD, f"data_files of config {config!r} should be data/{config}/<split>-*.parquet"))
        elif config not in info:
            problems.append(Problem(CARD, f"dataset_info says nothing of config {config!r}"))
        else:
            problems.extend(_Config(folder, config, [*said[config]], info[config], allowed).problems())
    return problems


class _Config:
    """Checks the files of one config."""

    def __init__(
        self, folder: Path, config: str, splits: Sequence[str], info: Mapping[str, Any], allowed: Collection[str]
    ) -> None:
        self._folder = folder
        self._splits, self._allowed = splits, allowed
        self._place = f"data/{config}"
        self._config = config
        self._info = info
        self._ids: list[pl.Series] = []

    def problems(self) -> Iterator[Problem]:
        shards, named = self._shards()
        yield from named
        rows = dict.fromkeys(self._splits, 0)
        kinds: set[str] = set()
        for split, path in shards:
            file = f"{self._place}/{path.name}"
            try:
                with pq.ParquetFile(path) as parquet:
                    rows[split] += parquet.metadata.num_rows
                    schema = parquet.schema_arrow
                    wrong = list(self._schema_problems(file, schema, kinds))
                    yield from wrong
                    if not wrong:
                        yield from self._row_problems(file, parquet, records.kind(min(kinds)))
            except (pa.ArrowException, OSError) as problem:
                yield Problem(file, f"cannot be read: {problem}; the file is not whole")
        yield from self._repeated([path for _, path in shards])
        yield from self._count_problems(rows)

    def _shards(self) -> tuple[list[tuple[str, Path]], list[Problem]]:
        """Splits and Parquet files in order, and what is wrong with their names."""
        problems: list[Problem] = []
        found: dict[str, dict[int, Path]] = {split: {} for split in self._splits}
        totals: dict[str, set[int]] = {split: set() for split in self._splits}
        for path in sorted((self._folder / self._place).iterdir()):
            match = _SHARD.fullmatch(path.name)
            if not match or match[1] not in found:
                right = " or ".join(f"{split}-<number>-of-<total>.parquet" for split in self._splits)
                problems.append(Problem(f"{self._place}/{path.name}", f"does not belong here; files are named {right}"))
                continue
            found[match[1]][int(match[2])] = path
            totals[match[1]].add(int(match[3]))
        for split in self._splits:
            if len(totals[split]) > 1:
                said = ", ".join(str(t) for t in sorted(totals[split]))
                problems.append(Problem(self._place, f"the names give different numbers of files: {said}"))
            total = max(totals[split], default=1)
            for number in sorted({*range(total)} - {*found[split]}):
                problems.append(Problem(self._place, f"{split}-{number:05d}-of-{total:05d}.parquet is missing"))
        return [(split, path) for split, paths in found.items() for path in paths.values()], problems

    def _schema_problems(self, file: str, schema: pa.Schema, kinds: set[str]) -> Iterator[Problem]:
        name = (schema.metadata or {}).get(KIND_KEY, b"").decode()
        if name not in records.kinds():
            yield Problem(file, f"metadata {KIND_KEY.decode()} is {name!r}; {nearest(name, records.kinds())}")
            return
        kinds.add(name)
        if len(kinds) > 1:
            yield Problem(file, f"holds {name} rows, but an earlier file of the config holds others")
            return
        for field in records.kind(name).schema:
            if field.name not in schema.names:
                yield Problem(file, f"is missing; every {name} has it", column=field.name)
            elif not plain(schema.field(field.name).type).equals(plain(field.type)):
                found = schema.field(field.name).type
                yield Problem(file, f"has type {found}, should be {field.type}", column=field.name)
        if features(schema) != self._info.get("features"):
            yield Problem(file, f"columns differ from the features of config {self._config!r} in {CARD}")

    def _row_problems(self, file: str, parquet: pq.ParquetFile, kind: records.Kind) -> Iterator[Problem]:
        reported: set[tuple[str, Any]] = set()
        for batch in parquet.iter_batches(batch_size=BATCH_ROWS):
            table = pa.Table.from_batches([batch])
            frame = records.from_arrow(table)
            self._ids.append(frame["id"].hash())
            wrong = [*_wrong_values(frame, kind)] or _broken(frame, kind, self._allowed)
            for row, column, value, message in wrong:
                if (column, value) not in reported:
                    reported.add((column, value))
                    yield Problem(file, message, row=row, column=column)
            for row, column, message in _schema_violations(table.slice(0, SAMPLE_ROWS), kind.name):
                if (column, message) not in reported and not any(c == column for c, _ in reported):
                    reported.add((column, message))
                    yield Problem(file, message, row=row, column=column)

    def _repeated(self, shards: list[Path]) -> Iterator[Problem]:
        hashes = pl.concat([pl.Series([], dtype=pl.UInt64), *self._ids])
        suspects = hashes.filter(hashes.is_duplicated()).unique()
        first: dict[str, str] = {}
        for path in shards if suspects.len() else ():
            ids = pl.read_parquet(path, columns=["id"]).filter(pl.col("id").hash().is_in(suspects.implode()))["id"]
            for row in ids:  # the few rows whose id may occur twice
                if row in first:
                    file = f"{self._place}/{path.name}"
                    yield Problem(file, f"stands in {first[row]} already; ids are unique in a config", row, "id")
                first.setdefault(row, path.name)

    def _count_problems(self, rows: Mapping[str, int]) -> Iterator[Problem]:
        try:
            said = {split["name"]: split["num_examples"] for split in self._info["splits"]}
        except (KeyError, TypeError):
            said = {}
        for split, count in rows.items():
            if split not in said:
                yield Problem(CARD, f"dataset_info of config {self._config!r} gives no num_examples of {split}")
            elif said[split] != count:
                yield Problem(
                    CARD,
                    f"num_examples of config {self._config!r}, {split}, is {said[split]:,}, but its files hold "
                    f"{count:,} rows",
                )


def _wrong_values(frame: pl.DataFrame, kind: records.Kind) -> Iterator[tuple[str, str, Any, str]]:
    """(row id, column, value, message) of nulls, origins and languages that may not be; first row of each."""
    for field in kind.schema:
        nulls = frame.filter(pl.col(field.name).is_null()) if not field.nullable else frame.clear()
        if nulls.height:
            yield nulls["id"][0], field.name, None, "is null, must have a value"
    allowed = records.json_schema("common")["properties"]["origin"]["enum"]
    for row, origin in (
        frame.filter(~pl.col("origin").is_in(allowed))
        .unique("origin", maintain_order=True)
        .select("id", "origin")
        .iter_rows()
    ):
        yield row, "origin", origin, f"{origin!r} is no origin; {nearest(origin, allowed)}"
    yield from _wrong_turns(frame, kind)
    for place, expr in language_columns(kind).items():
        tags = frame.select("id", expr.alias("tag"))
        if isinstance(tags.schema["tag"], pl.List):
            tags = tags.explode("tag")
        for row, tag in tags.drop_nulls().unique("tag", keep="first", maintain_order=True).iter_rows():
            if message := _tag_problem(tag):
                yield row, place, tag, message


def _broken(frame: pl.DataFrame, kind: records.Kind, allowed: Collection[str]) -> Iterator[tuple[str, str, Any, str]]:
    """Conversations that a trainer would choke on; first row of each rule."""
    broken = frame.select("id", rule=broken_rule(kind.name, allowed)).drop_nulls("rule")
    for row, rule in broken.unique("rule", keep="first", maintain_order=True).iter_rows():
        yield row, records.message_columns(kind.name)[-1], rule, f"breaks the rule {rule}: {RULES[rule]}"


def _wrong_turns(frame: pl.DataFrame, kind: records.Kind) -> Iterator[tuple[str, str, Any, str]]:
    """Turns of an unknown role, and those that neither say anything nor call a tool."""
    for column in records.message_columns(kind.name):
        turns = frame.select("id", column).explode(column, empty_as_null=False).drop_nulls(column).unnest(column)
        unknown = turns.filter(~pl.col("role").is_in(records.roles()).fill_null(False))
        for row, role in unknown.unique("role", maintain_order=True).select("id", "role").iter_rows():
            yield row, f"{column}.role", role, f"{role!r} is no role; {nearest(str(role), records.roles())}"
        silent = turns.filter(pl.col("content").is_null() & pl.col("tool_calls").is_null())
        if silent.height:
            yield silent["id"][0], column, None, "a turn has neither content nor tool_calls"


@cache
def _tag_problem(tag: str) -> str | None:
    try:
        right = languages.parse(tag)
    except UserError as problem:
        return str(problem)
    return None if right == tag else f"{tag!r} should be {right!r}"


def _schema_violations(rows: pa.Table, kind: str) -> Iterator[tuple[str, str, str]]:
    """(row id, column, message) of rows that break the JSON Schema of their kind."""
    validator = _validator(kind)
    for row in rows.to_pylist():  # a sample: jsonschema takes one row at a time
        for error in validator.iter_errors(row):
            column = ".".join(str(part) for part in error.absolute_path if not isinstance(part, int))
            yield row["id"], column, f"{error.message[:200]} ({kind}.schema.json)"


@cache
def _validator(kind: str) -> Any:
    from jsonschema import Draft202012Validator

    common = Resource.from_contents(records.json_schema("common"))
    registry: Registry[Any] = Registry().with_resource("common.schema.json", common)
    return Draft202012Validator(records.json_schema(kind), registry=registry)
