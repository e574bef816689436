"""What a step is: a typed config and one function.

- a `SourceStep` reads files into rows,
- a `RowStep` maps a batch of rows to a batch of rows (polars in, polars out) and can be called on a DataFrame,
- a `CorpusStep` needs whole tables (mining, deduplication).

A step's options are its fields, its docstring is its manual. The name of a step is its class name in
snake_case (`CodeSwitch` is `code_switch`).
"""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
from pydantic import BaseModel, ConfigDict

from xlcorpus import records
from xlcorpus.errors import UserError, XlcorpusError, nearest
from xlcorpus.outcomes import ERROR, NO_OUTPUT, REJECT_SCHEMA, Outcome, reject_rows

if TYPE_CHECKING:
    import ray.data

CONTRACT = 1
"""Version of what is written here, in `outcomes` and in the engine about steps. Raise it when a change there changes
what steps make of the same rows: every step is then computed anew."""

MAIN = "rows"
"""Name of the input that most steps have only one of."""


@dataclass(frozen=True)
class Port:
    """An input of a step: the record kinds it takes and the extra columns it needs there."""

    kinds: tuple[str, ...]
    columns: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Table:
    """A finished table: Parquet shards of one record kind, in order; none if no row came so far."""

    kind: str
    shards: tuple[Path, ...]

    def scan(self) -> pl.LazyFrame:
        """Lazy frame over all shards, in shard order; without shards, no rows of the kind's columns."""
        if not self.shards:
            return pl.LazyFrame(schema=records.polars_schema(self.kind))
        return pl.scan_parquet(list(self.shards))

    def frame(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """All rows in memory, shard order; `columns` restricts what is read."""
        scan = self.scan()
        return (scan.select(columns) if columns else scan).collect()

    def dataset(self) -> ray.data.Dataset:
        """The shards as a Ray Dataset (needs a running Ray)."""
        import ray.data

        return ray.data.read_parquet([str(p) for p in self.shards])


@dataclass(frozen=True)
class Unit:
    """A file that a source step reads."""

    path: Path
    """where it is (absolute on a worker)"""
    name: str
    """as the user wrote it; stands in the records"""
    lang: str | None = None
    """language tag (or `src-tgt`) of its rows, if the options say so"""


@dataclass(frozen=True)
class Rule:
    """Rows for which `keep` is false are rejected under `name`, with `measure` as the measured value.

    A null in `keep` keeps the row: no measurement is no verdict.
    """

    name: str
    measure: pl.Expr
    keep: pl.Expr


@dataclass
class Env:
    """What a step knows of the run it is part of. Made by the engine, or by `RowStep.__call__`."""

    kind: str
    """kind of the rows on the main input"""
    step: str = ""
    """name of the step in the pipeline"""
    recipe: str | None = None
    """name of the pipeline"""
    seed: int = 0
    """seed of the pipeline"""
    tables: Mapping[str, Table | pl.DataFrame] = field(default_factory=dict)
    """tables on the side inputs"""
    scratch: Path | None = None
    """folder of the step's own, kept until its output is whole (corpus steps)"""
    keep: Path | None = None
    """folder of the step's own that stays beside its output (corpus steps): a model that was trained"""
    reject: Callable[[pl.DataFrame, str, pl.Expr], None] = lambda rows, rule, measure: None
    """source and corpus steps: `reject(rows, rule, measure)` hands over rows (any columns) that do not go on"""
    say: Callable[[str, bool], None] = lambda text, warning: None
    """source and corpus steps: `say(text, warning)` tells what the step measured, or what is wrong, on the screen and
    on the card; no durations, which would make equal runs differ"""
    map: Callable[[Callable[[Any], Any], Sequence[Any]], Iterator[Any]] = lambda function, items: map(function, items)
    """corpus steps that `spread`: run a function on each item, on the cluster; results in order"""
    loaded: Any = None
    """what `RowStep.open` returned"""

    def side(self, port: str) -> pl.DataFrame:
        """The table on a side input as a frame."""
        table = self.tables[port]
        return table.frame() if isinstance(table, Table) else table


class Step(BaseModel, ABC):
    """Base of all steps; see `SourceStep`, `RowStep`, `CorpusStep`."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, protected_namespaces=())

    produces: ClassVar[str | None] = None
    """record kind of the output; None: the kind of the main input"""

    @classmethod
    def step_name(cls) -> str:
        """Name in YAML: the class name in snake_case."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    def ports(self) -> dict[str, Port]:
        """Inputs by name; the first is the main one. May depend on options."""
        return {}

    def adds(self) -> tuple[str, ...]:
        """Columns beyond the record kind that the output has and later steps may need (`embedding`)."""
        return ()

    def preflight(self) -> None:
        """Check before anything runs that what the options name exists.

        Raises:
            UserError, MissingExtra: a missing file, package or program, with what to do about it.
        """

    def models(self) -> dict[str, str]:
        """Identity of each model the step loads, by role; part of the fingerprint and of the card."""
        return {}

    def output_kind(self, kinds: Mapping[str, str]) -> str:
        """Record kind of the output, given the kinds on the inputs."""
        return self.produces or next(iter(kinds.values()))


class SourceStep(Step):
    """Reads rows from outside. One unit (a file) is read by one worker."""

    names_files: ClassVar[tuple[str, ...]] = ()
    """options that only say which files are read: all that `read` needs of them stands in the unit"""

    limit: int | None = None
    """read only the first N rows of each file"""

    @abstractmethod
    def units(self) -> list[Unit]:
        """The files to read, in order.

        Raises:
            UserError: nothing there.
        """

    @abstractmethod
    def read(self, unit: Unit, env: Env) -> Iterator[pl.DataFrame]:
        """Frames of the rows of one file, in order; each frame becomes one shard."""


class RowStep(Step):
    """Maps a batch of rows to a batch of rows.

    `apply` may add columns, change rows or make several of one; a row made from others names their ids in
    `parents`. It may set a column `_error` (String): rows where it is not null have failed for that reason. Where a
    column `_rule` (String) beside it names a rule, the row is rejected under that rule, with the error as the value.
    A row of which nothing comes out is rejected as `no_output`. `apply` raising makes the rows fail that
    make it raise (they are found by halving the batch); raising an `XlcorpusError` stops the run.
    """

    batch_rows: ClassVar[int] = 4096
    """rows handed to `apply` at a time, at most"""

    @abstractmethod
    def apply(self, rows: pl.DataFrame, env: Env) -> pl.DataFrame:
        """The new rows. Must treat each row for itself: batches are cut differently on each machine."""

    def rules(self, kind: str) -> Sequence[Rule]:
        """Rules on the columns of the output (of that record kind); the first that a row breaks rejects it."""
        return ()

    def open(self, env: Env) -> Any:
        """What a worker loads once (a model); reachable as `env.loaded`."""
        return None

    def num_gpus(self) -> float:
        """GPUs one worker holds."""
        return 0.0

    def __call__(self, rows: pl.DataFrame, *, kind: str | None = None, **tables: pl.DataFrame) -> pl.DataFrame:
        """Run on a DataFrame, without Ray; returns the kept rows. Side inputs go by name.

        >>> Normalise()(pl.DataFrame({"text": ["a  b"], "lang": ["eng_Latn"]}))
        """
        kind = kind or next(iter(self.ports().values())).kinds[0]
        env = Env(kind=kind, step=self.step_name(), tables=tables)
        env.loaded = self.open(env)
        return run_rows(self, records.finish(rows, kind), env, raise_errors=True).kept


def run_rows(step: RowStep, rows: pl.DataFrame, env: Env, raise_errors: bool = False) -> Outcome:
    """Apply a row step to a frame of any size and sort its rows into kept, rejected and failed.

    Args:
        raise_errors: let the step's exceptions through (notebooks), instead of setting the failing rows aside.
    """
    out_kind = step.output_kind({"rows": env.kind})
    kept: list[pl.DataFrame] = []
    rejected: list[pl.DataFrame] = []
    for batch in rows.iter_slices(step.batch_rows):
        attempts = [(batch, step.apply(batch, env))] if raise_errors else _isolate(step, batch, env, rejected)
        for taken, made in attempts:
            frame = records.finish(made, out_kind, env.step, env.recipe)
            lost = taken.filter(~pl.col("id").is_in(_accounted(frame).implode()))
            if lost.height:
                rejected.append(reject_rows(lost, env.kind, env.step, NO_OUTPUT, pl.lit(None)))
            frame = _without_errors(frame, out_kind, env.step, rejected)
            for rule in step.rules(out_kind):
                keep = rule.keep.fill_null(True)
                broken = frame.filter(~keep)
                if broken.height:
                    rejected.append(reject_rows(broken, out_kind, env.step, rule.name, rule.measure))
                    frame = frame.filter(keep)
            kept.append(frame)
    nothing = pl.DataFrame(schema=pl.Schema(records.polars_schema(out_kind)))
    return Outcome(
        kept=pl.concat(kept or [nothing], how="diagonal_relaxed"),
        rejected=pl.concat([REJECT_SCHEMA.to_frame(), *rejected]),
    )


def _isolate(
    step: RowStep, batch: pl.DataFrame, env: Env, rejected: list[pl.DataFrame]
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """(rows in, rows out) of every part of the batch that works; single rows that do not are rejected."""
    try:
        made = step.apply(batch, env)
    except XlcorpusError:
        raise
    except Exception as problem:  # noqa: BLE001 - whatever a step does to one row must not stop the others
        if batch.height == 1:
            text = f"{type(problem).__name__}: {problem}"
            rejected.append(reject_rows(batch, env.kind, env.step, ERROR, pl.lit(None), pl.lit(text)))
            return
        half = batch.height // 2
        yield from _isolate(step, batch[:half], env, rejected)
        yield from _isolate(step, batch[half:], env, rejected)
        return
    yield batch, made


def _accounted(frame: pl.DataFrame) -> pl.Series:
    """Ids of the input rows that an output frame comes from."""
    return pl.concat([frame["id"], frame["parents"].explode().drop_nulls()]).unique()


def _without_errors(frame: pl.DataFrame, kind: str, step: str, rejected: list[pl.DataFrame]) -> pl.DataFrame:
    """The rows without `_error`; the others have failed, or are rejected where `_rule` names a rule beside it."""
    if "_error" not in frame.columns:
        return frame
    broken = frame.filter(pl.col("_error").is_not_null())
    named = pl.col("_rule") if "_rule" in frame.columns else pl.lit(None, dtype=pl.String)
    for (rule,), rows in broken.with_columns(_rule=named).group_by("_rule", maintain_order=True):
        if rule is None:
            rejected.append(reject_rows(rows, kind, step, ERROR, pl.lit(None), pl.col("_error")))
        else:
            rejected.append(reject_rows(rows, kind, step, str(rule), pl.col("_error")))
    return frame.filter(pl.col("_error").is_null()).drop("_error", "_rule", strict=False)


class CorpusStep(Step):
    """Needs whole tables.

    A step with `spreads` gives its heavy work to the cluster through `env.map` (functions of small, picklable items
    that read and write files in `env.scratch`, and leave alone what is there already); others run in one place.
    """

    spreads: ClassVar[bool] = False
    """whether the step works through `env.map`"""

    def num_gpus(self) -> float:
        """GPUs that the step, or each item given to `env.map`, holds."""
        return 0.0

    @abstractmethod
    def run(self, inputs: Mapping[str, Table], env: Env) -> Iterator[pl.DataFrame]:
        """Frames of the output table, in order; each becomes one shard (large ones are cut).

        Rows that do not go on are handed to `env.reject`. `env.scratch` is a folder for large intermediate files.
        """


@cache
def registry() -> dict[str, type[Step]]:
    """All steps by name: those of xlcorpus and of every package with an entry point in `xlcorpus.steps`."""
    found: dict[str, type[Step]] = {}
    for point in sorted(entry_points(group="xlcorpus.steps"), key=lambda p: p.name):
        for member in vars(point.load()).values():
            if isinstance(member, type) and issubclass(member, Step) and not inspect.isabstract(member):
                found[member.step_name()] = member
    return dict(sorted(found.items()))


def step_class(name: str) -> type[Step]:
    """The step of that name.

    Raises:
        UserError: no such step; names the nearest.
    """
    steps = registry()
    if name not in steps:
        raise UserError(f"no step {name!r}; {nearest(name, steps)}")
    return steps[name]
