"""What a step is: a typed config and one function.

- a `SourceStep` reads files into rows,
- a `RowStep` maps a batch of rows to a batch of rows (polars in, polars out),
- a `CorpusStep` needs whole tables (mining, deduplication).

All can be called on DataFrames, without Ray.

A step's options are its fields, its docstring is its manual. The name of a step is its class name in
snake_case (`CodeSwitch` is `code_switch`).
"""

from __future__ import annotations

import re
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import polars as pl
from pydantic import BaseModel, ConfigDict, model_validator

from xlcorpus import records
from xlcorpus.accounts import Asked
from xlcorpus.asking import Asking
from xlcorpus.errors import UserError, nearest
from xlcorpus.outcomes import REJECT_SCHEMA, Outcome, check_promised, reject_rows
from xlcorpus.row_calls import run_rows

if TYPE_CHECKING:
    import datasets
    import ray.data

CONTRACT = 2
"""Version of what is written here, in `outcomes` and in the engine about steps. Raise it when a change there changes
what steps make of the same rows: every step is then computed anew."""

MAIN = "rows"
"""Name of the input that most steps have only one of."""


Columns = Mapping[str, pl.DataType | None]
"""The columns of a table and their types; None: not known before there are rows."""


def snake_case(name: str) -> str:
    """The name of a step, by that of its class.

    >>> snake_case("CodeSwitch")
    'code_switch'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


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
        """Lazy frame over all shards, in shard order; without shards, no rows of the kind's columns.

        Columns beside the kind's may be missing in some shards (null there) or differ in type (a type for all).
        """
        if not self.shards:
            return pl.LazyFrame(schema=records.polars_schema(self.kind))
        schemas = {tuple(pl.read_parquet_schema(path).items()) for path in self.shards}
        if len(schemas) > 1:
            return pl.concat([pl.scan_parquet(path) for path in self.shards], how="diagonal_relaxed")
        return pl.scan_parquet(list(self.shards))

    def frame(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """All rows in memory, shard order; `columns` restricts what is read."""
        scan = self.scan()
        return (scan.select(columns) if columns else scan).collect()

    def hf_dataset(self) -> datasets.Dataset:
        """The rows as a `datasets.Dataset`, in memory."""
        import datasets

        return datasets.Dataset.from_polars(self.frame())

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
    url: str | None = None
    """where it is, if not on a local path (`s3://...`); `path` is then its name alone"""
    partner: str | None = None
    """path or URL of a second file that is read with it, line by line"""
    content: str | None = None
    """what tells its content, where it is no file of its own (a commit of a dataset on the Hub)"""

    def places(self) -> list[str]:
        """Paths or URLs of all files that are read."""
        if self.content is not None:
            return []
        first = str(self.path) if self.url is None else self.url
        return [first] if self.partner is None else [first, self.partner]


@dataclass(frozen=True)
class Rule:
    """Rows for which `keep` is false are rejected under `name`, with `measure` as the measured value.

    A null in `keep` keeps the row: no measurement is no verdict.
    """

    name: str
    measure: pl.Expr
    keep: pl.Expr


@dataclass(frozen=True)
class Limit(Rule):
    """A rule that compares a column with a limit: what can be drawn over the values of the column.

    A row is kept whose value is at least (at most) the limit, or null.
    """

    column: str
    limit: pl.Expr
    """of each row"""
    least: bool
    """whether the value must be at least the limit"""

    @staticmethod
    def of(name: str, column: str, limit: pl.Expr, least: bool, measure: pl.Expr | None = None) -> Limit:
        """The rule; `measure` is how the value is shown, if not as it is."""
        value = pl.col(column)
        return Limit(
            name,
            value if measure is None else measure,
            value >= limit if least else value <= limit,
            column,
            limit,
            least,
        )


@dataclass(kw_only=True)
class Env:
    """What every step knows of the run it is part of; see `SourceEnv`, `RowEnv`, `CorpusEnv`."""

    kind: str
    """kind of the rows on the main input; of a source step: the kind it makes"""
    step: str = ""
    """name of the step in the pipeline"""
    recipe: str | None = None
    """name of the pipeline"""
    seed: int = 0
    """seed of the pipeline"""


def _nowhere(rows: pl.DataFrame, rule: str, measure: pl.Expr) -> None:
    """Rejected rows that nobody asks for."""


def _unheard(text: str, warning: bool) -> None:
    """Words that nobody asks for."""


@dataclass(kw_only=True)
class SourceEnv(Env):
    """What a source step is given."""

    reject: Callable[[pl.DataFrame, str, pl.Expr], None] = _nowhere
    """`reject(rows, rule, measure)` hands over rows (any columns) that do not go on"""
    say: Callable[[str, bool], None] = _unheard
    """`say(text, warning)` tells what the step measured, or what is wrong, on the screen and on the card; no
    durations, which would make equal runs differ"""


@dataclass(kw_only=True)
class RowEnv(Env):
    """What a row step is given."""

    tables: Mapping[str, Table | pl.DataFrame] = field(default_factory=dict)
    """tables on the side inputs"""
    loaded: Any = None
    """what `RowStep.open` returned"""
    measured: tuple[str, ...] | None = None
    """columns of the rows that steps before measured (`Step.measures`); None: not known, outside of a run"""
    asking: Asking | None = None
    """what asynchronous steps share; None for the others"""
    asked: dict[str, Asked] = field(default_factory=dict)
    """answers behind the rows, by model; `AsyncStep.ask` counts them"""
    questions: Sequence[Any] = ()
    """what `AsyncStep.ask` is asked about the rows of a table"""
    said: Sequence[Any] = ()
    """what it returned, question by question"""

    def counted(self, model: str) -> Asked:
        """Where answers of a model are counted."""
        return self.asked.setdefault(model, Asked())

    def side(self, port: str) -> pl.DataFrame:
        """The table on a side input as a frame."""
        table = self.tables[port]
        return table.frame() if isinstance(table, Table) else table


@dataclass(kw_only=True)
class CorpusEnv(Env):
    """What a corpus step is given."""

    scratch: Path
    """folder of the step's own, kept until its output is whole"""
    keep: Path
    """folder of the step's own that stays beside its output (a model that was trained); it may not be there yet"""
    reject: Callable[[pl.DataFrame, str, pl.Expr], None] = _nowhere
    """as that of `SourceEnv`"""
    say: Callable[[str, bool], None] = _unheard
    """as that of `SourceEnv`"""
    map: Callable[[Callable[[Any], Any], Sequence[Any]], Iterator[Any]] = map
    """run a function on each item, on the cluster if the step `spreads`; results in order"""


class Step(BaseModel, ABC):
    """Base of all steps; see `SourceStep`, `RowStep`, `CorpusStep`."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    light: ClassVar[int] = 0
    """rows (bytes of files, of a source step) up to which threads of one process take less time than starting workers;
    0: unknown. On one machine the step then runs without Ray"""

    produces: ClassVar[str | None] = None
    """record kind of the output; None: the kind of the main input"""

    @classmethod
    def step_name(cls) -> str:
        """Name in YAML: the class name in snake_case."""
        return snake_case(cls.__name__)

    def ports(self) -> dict[str, Port]:
        """Inputs by name; the first is the main one. May depend on options."""
        return {}

    def adds(self, kind: str) -> tuple[str, ...]:
        """Columns beyond the record kind that the step gives its output, rows of `kind` (`embedding`).

        Later steps may ask for them. Every row that the step makes must have them.
        """
        return ()

    def measures(self, kind: str) -> tuple[str, ...]:
        """Those of `adds` that are true of the texts of the row alone (scores, vectors), not of versions of it."""
        return self.adds(kind)

    def out_columns(self, kinds: Mapping[str, str], inputs: Mapping[str, Columns]) -> tuple[str, ...]:
        """Columns of the output beside those of its kind: what later steps may ask for.

        Called before anything runs; what options say of columns can be checked here.

        Args:
            kinds: record kind of each input, the main one first.
            inputs: columns of each input.

        Raises:
            UserError: an option names a column that is not there, or one of another type.
        """
        kind = self.output_kind(kinds)
        passed = next(iter(inputs.values()), {}) if self.produces is None else {}
        known = records.polars_schema(kind)
        return tuple(dict.fromkeys((*(column for column in passed if column not in known), *self.adds(kind))))

    def reads_from(self) -> dict[str, tuple[str, ...]]:
        """Steps of the pipeline whose tables are read, by input, where options name them."""
        return {}

    def preflight(self) -> None:
        """Check before anything runs that what the options name exists.

        Raises:
            UserError, MissingExtra: a missing file, package or program, with what to do about it.
        """

    def idle(self) -> dict[str, str]:
        """Options that have no effect beside the others, each with the reason; setting one is refused."""
        return {}

    @model_validator(mode="after")
    def _refuse_idle(self) -> Self:
        for name, reason in self.idle().items():
            if name in self.model_fields_set:
                raise ValueError(f"{name} has no effect here: {reason}")
        return self

    def only_in_python(self) -> str | None:
        """Why the step cannot stand in a YAML file; None where it can."""
        return None

    def models(self) -> dict[str, str]:
        """Identity of each model the step loads, by role; part of the fingerprint and of the card."""
        return {}

    def file_contents(self) -> dict[str, str]:
        """Content (a hash) of each file that options name, beside models and the files of source steps, by role; part
        of the fingerprint."""
        return {}

    def row_by_row(self) -> bool:
        """Whether what becomes of a row does not depend on other rows of the main input, and rows keep their order."""
        return False

    def output_kind(self, kinds: Mapping[str, str]) -> str:
        """Record kind of the output, given the kinds on the inputs."""
        return self.produces or next(iter(kinds.values()))

    def remarks(self, inputs: Mapping[str, Table]) -> list[str]:
        """Called once the step has run, where rows were kept: what the user should know of the inputs, as warnings."""
        return []

    def facts(self, kept: Table, rejected: pl.DataFrame) -> list[str]:
        """Called once the step has run: what it measured on its rows, in words, for the screen and the card.

        Args:
            kept: the rows of the output.
            rejected: the others (columns of `REJECT_SCHEMA` without `row`).
        """
        return []

    def nothing_kept(self, inputs: Mapping[str, Table]) -> None:
        """Called when no row of the main input is in the output, to find out whether that is the user's mistake.

        Raises:
            UserError: it is.
        """


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
    def read(self, unit: Unit, env: SourceEnv) -> Iterator[pl.DataFrame]:
        """Frames of the rows of one file, in order; each frame becomes one shard."""

    def __call__(self) -> pl.DataFrame:
        """Read all files in this process, without Ray; returns the rows."""
        return self.outcome().kept

    def outcome(self, *, step: str | None = None, recipe: str | None = None, seed: int = 0) -> Outcome:
        """Read all files in this process: the rows, and what could not be read."""
        heard = Heard(self.output_kind({}), step or self.step_name())
        env = SourceEnv(kind=heard.kind, step=heard.step, recipe=recipe, seed=seed, reject=heard.reject, say=heard.say)
        frames = [frame for unit in self.units() for frame in self.read(unit, env)]
        return heard.outcome(self, frames, heard.kind, recipe)


class RowStep(Step):
    """Maps a batch of rows to a batch of rows.

    `apply` may add columns, change rows or make several of one. A row that keeps no id of an input row names the ids
    of those it was made from in `parents`; rows that do neither stop the run. A new row is of the item (`group_id`) of
    the rows it names, if they are all of one and `apply` does not say of which. `apply` may set a column `_error`
    (String): rows where it is not null have failed for that reason. Where a column `_rule` (String) beside it names
    a rule, the row is rejected under that rule, with the error as the value. A row of which nothing comes out is
    rejected as `no_output`. `apply` raising makes the rows fail that make it raise (they are found by halving the
    batch); raising an `XlcorpusError` stops the run.
    """

    where: str | None = None
    """expression (SQL over the columns of a row): only these rows are given to the step, the others pass unchanged"""

    batch_rows: ClassVar[int] = 4096
    """rows handed to `apply` at a time, at most. What is computed is saved between calls, every 15 s: a call that
    takes longer than that is lost when the run is killed, so slow steps take fewer rows"""

    uses_all_cores: ClassVar[bool] = False
    """whether one call of `apply` uses all cores of a machine (a model that runs in threads)"""

    def out_columns(self, kinds: Mapping[str, str], inputs: Mapping[str, Columns]) -> tuple[str, ...]:
        """See `Step.out_columns`; checks `where` too."""
        if self.where is not None:
            # DuckDB is loaded where an expression is used.
            from xlcorpus.expressions.row_expression import row_expression

            main = next(iter(kinds))
            made = self.output_kind(kinds)
            if made != kinds[main]:
                raise UserError(
                    f"where: the step makes rows of kind {made}, so that other rows of kind {kinds[main]} cannot pass; "
                    "put a `select` before it"
                )
            row_expression(self.where, inputs[main])
        return super().out_columns(kinds, inputs)

    def chosen(self, rows: pl.DataFrame, env: RowEnv) -> pl.Series | None:
        """(rows,) Boolean: those of `where`, a null is not; None: all."""
        if self.where is None:
            return None
        from xlcorpus.expressions.row_expression import row_expression

        found = row_expression(self.where, rows.schema).evaluate(rows, env.seed)
        return found.cast(pl.Boolean).fill_null(False)

    def row_by_row(self) -> bool:
        """See `Step.row_by_row`."""
        return True

    @abstractmethod
    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The new rows. Must treat each row for itself: batches are cut differently on each machine."""

    def prepared(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The rows as `apply` takes them, where the step runs on a frame."""
        return rows

    def rules(self, kind: str) -> Sequence[Rule]:
        """Rules on the columns of the output (of that record kind); the first that a row breaks rejects it."""
        return ()

    def accepts(self) -> tuple[str, ...]:
        """Options that only `rules` reads (thresholds). They have defaults.

        What `apply` made is then kept apart from what the rules accept: a run with other values of these options
        computes nothing again but the rules.
        """
        return ()

    def scoring(self) -> Self:
        """The step with the defaults of the options that `apply` does not read: this one calls `apply`."""
        fields = type(self).model_fields
        return self.model_copy(update={n: fields[n].get_default(call_default_factory=True) for n in self.accepts()})

    def open(self, env: RowEnv) -> Any:
        """What a worker loads once (a model); reachable as `env.loaded`."""
        return None

    def num_gpus(self) -> float:
        """GPUs one worker holds."""
        return 0.0

    def __call__(
        self, rows: pl.DataFrame, *, kind: str | None = None, seed: int = 0, **tables: pl.DataFrame
    ) -> pl.DataFrame:
        """Run on a DataFrame, without Ray; returns the kept rows. Errors of the step are raised. Side inputs by name.

        >>> Normalise()(pl.DataFrame({"text": ["a  b"], "lang": ["eng_Latn"]}))
        """
        env = self._env(kind, seed=seed, tables=tables)
        return run_rows(self, records.finish(rows, env.kind), env, raise_errors=True).kept

    def outcome(
        self,
        rows: pl.DataFrame,
        *,
        kind: str | None = None,
        step: str | None = None,
        recipe: str | None = None,
        seed: int = 0,
        **tables: pl.DataFrame,
    ) -> Outcome:
        """Run on a DataFrame, without Ray: the rows that are kept, rejected and failed, as in a run.

        Args:
            kind: record kind of the rows; default: the first that the step takes.
            step, recipe: names of step and pipeline that new rows carry.
            tables: side inputs, by name.
        """
        env = self._env(kind, step=step, recipe=recipe, seed=seed, tables=tables)
        return run_rows(self, records.finish(rows, env.kind), env)

    def _env(
        self,
        kind: str | None,
        seed: int,
        tables: Mapping[str, pl.DataFrame],
        step: str | None = None,
        recipe: str | None = None,
    ) -> RowEnv:
        env = RowEnv(
            kind=kind or next(iter(self.ports().values())).kinds[0],
            step=step or self.step_name(),
            recipe=recipe,
            seed=seed,
            tables=tables,
        )
        env.loaded = self.open(env)
        return env


class CorpusStep(Step):
    """Needs whole tables.

    A step with `spreads` gives its heavy work to the cluster through `env.map` (functions of small, picklable items
    that read and write files in `env.scratch`, and leave alone what is there already); others run in one place.
    """

    spreads: ClassVar[bool] = False
    """whether the step works through `env.map`"""

    def counted_inputs(self) -> tuple[str, ...]:
        """Inputs whose rows go on or are rejected: those that the ledger counts as taken."""
        return tuple(self.ports())[:1]

    def num_gpus(self) -> float:
        """GPUs that the step, or each item given to `env.map`, holds."""
        return 0.0

    @abstractmethod
    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """Frames of the output table, in order; each becomes one shard (large ones are cut).

        Rows that do not go on are handed to `env.reject`. `env.scratch` is a folder for large intermediate files.
        """

    def __call__(
        self,
        rows: pl.DataFrame,
        *,
        kind: str | None = None,
        seed: int = 0,
        folder: Path | None = None,
        **tables: pl.DataFrame,
    ) -> pl.DataFrame:
        """Run on DataFrames in this process, without Ray; returns the rows made. Side inputs by name.

        >>> Deduplicate()(pl.DataFrame({"text": ["a", "a"], "lang": "eng_Latn"}))
        """
        return self.outcome(rows, kind=kind, step=None, recipe=None, seed=seed, folder=folder, **tables).kept

    def outcome(
        self,
        rows: pl.DataFrame,
        *,
        kind: str | None = None,
        step: str | None = None,
        recipe: str | None = None,
        seed: int = 0,
        folder: Path | None = None,
        **tables: pl.DataFrame,
    ) -> Outcome:
        """Run on DataFrames in this process: the rows made, those rejected, and what the step said.

        Args:
            kind: record kind of the rows; default: the first that the step takes.
            step, recipe: names of step and pipeline that new rows carry.
            folder: where `kept/` is left (an encoder that was trained); default: a temporary folder.
            tables: side inputs, by name.
        """
        ports = self.ports()
        main = next(iter(ports))
        heard = Heard(kind or ports[main].kinds[0], step or self.step_name())
        with tempfile.TemporaryDirectory(prefix="xlcorpus-") as temporary:
            scratch = Path(temporary)
            inputs: dict[str, Table] = {}
            for port, frame in {main: rows, **tables}.items():
                if port not in ports:
                    raise UserError(f"step {heard.step!r} has no input {port!r}; {nearest(port, ports)}")
                of_kind = heard.kind if port in self.counted_inputs() else _kind_of(frame, ports[port].kinds)
                records.finish(frame, of_kind).write_parquet(scratch / f"input-{port}.parquet")
                inputs[port] = Table(of_kind, (scratch / f"input-{port}.parquet",))
            env = CorpusEnv(
                kind=heard.kind,
                step=heard.step,
                recipe=recipe,
                seed=seed,
                scratch=scratch,
                keep=(folder or scratch) / "kept",
                reject=heard.reject,
                say=heard.say,
            )
            out_kind = self.output_kind({port: table.kind for port, table in inputs.items()})
            return heard.outcome(self, list(self.run(inputs, env)), out_kind, recipe)


def _kind_of(frame: pl.DataFrame, kinds: Sequence[str]) -> str:
    """The first of some kinds whose columns a frame has; the first of all if it has those of none."""
    for name in kinds:
        if {f.name for f in records.kind(name).own if not f.nullable} <= {*frame.columns}:
            return name
    return kinds[0]


class Heard:
    """What a source or corpus step hands over beside its rows: `reject` and `say` of its Env."""

    def __init__(self, kind: str, step: str) -> None:
        self.kind, self.step = kind, step
        self._rejected = [REJECT_SCHEMA.to_frame()]
        self.notes: list[str] = []
        self.warnings: list[str] = []

    @property
    def rejected(self) -> pl.DataFrame:
        """Rejected rows so far (columns of `REJECT_SCHEMA`)."""
        return pl.concat(self._rejected)

    def reject(self, rows: pl.DataFrame, rule: str, measure: pl.Expr) -> None:
        """See `SourceEnv.reject`."""
        self._rejected.append(reject_rows(rows, self.kind, self.step, rule, measure))

    def say(self, text: str, warning: bool) -> None:
        """See `SourceEnv.say`."""
        (self.warnings if warning else self.notes).append(text)

    def outcome(self, step: Step, frames: Sequence[pl.DataFrame], kind: str, recipe: str | None) -> Outcome:
        """All of it, with the frames of the output joined."""
        made = [records.finish(frame, kind, self.step, recipe) for frame in frames]
        for frame in made:
            check_promised(frame, step.adds(kind), self.step)
        kept = pl.concat(made or [pl.DataFrame(schema=records.polars_schema(kind))], how="diagonal_relaxed")
        return Outcome.of(kept, self.rejected, self.notes, self.warnings)
