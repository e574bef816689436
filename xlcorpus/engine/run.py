"""One run of a pipeline: which steps are whole, which must run, and in what order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlcorpus import ledger as ledgers
from xlcorpus.accounts import Accounts
from xlcorpus.asking import Asking
from xlcorpus.async_step import AsyncStep
from xlcorpus.engine.allocators import free_at_once
from xlcorpus.engine.asked import ask_shards
from xlcorpus.engine.chain import Hop, fits_here, here, stream
from xlcorpus.engine.cluster import Cluster, worker_failures
from xlcorpus.engine.fingerprint import folders
from xlcorpus.engine.folder import RunFolder
from xlcorpus.engine.hashes import digest
from xlcorpus.engine.plan import carried, file_tasks, parcels
from xlcorpus.engine.progress import Progress
from xlcorpus.engine.result import RunResult
from xlcorpus.engine.state import State
from xlcorpus.engine.store import Entry, StepStore, task_name
from xlcorpus.engine.tasks import Job, run_tasks, tasks_fit_here, tasks_here
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.ledger import LedgerEntry
from xlcorpus.once import one_run
from xlcorpus.outcomes import ERROR
from xlcorpus.pipeline import Pipeline, ResolvedNode
from xlcorpus.release.shards import RELEASE
from xlcorpus.step import CorpusStep, RowStep, SourceStep, Step, Table, Unit
from xlcorpus.wanted import CANDIDATES, TRIED, Candidates, slices_to_try

ANSWERS = "answers"
"""Folder of a work folder with the answers of models behind endpoints, for all runs; no pipeline has that name."""


def run(
    pipeline: Pipeline,
    workdir: Path | str = "runs",
    *,
    address: str | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
    refresh: bool = False,
    max_cost: float | None = None,
    max_requests: int | None = None,
    folder: Path | None = None,
) -> RunResult:
    """Run a pipeline; what an earlier run left whole is not done again.

    Args:
        pipeline: the pipeline.
        workdir: the run's folder is `workdir/<pipeline name>`.
        address: host:port of a Ray cluster; None: a private one on this machine.
        limit: read only the first rows of each source file.
        progress: where to report; None: nowhere.
        refresh: ask models behind endpoints again for what `workdir/answers` holds.
        max_cost: of what this run asks of them, in the currency of their prices.
        max_requests: sent to them by this run.
        folder: of the run, in place of `workdir/<pipeline name>`.

    Raises:
        BudgetReachedError: `max_cost` or `max_requests` is reached; what was answered is kept.
        UserError: the pipeline or its input is wrong; nothing has run, or not for long.
        XlcorpusError: the run failed; started again, it goes on where it stopped.
    """
    if pipeline.name == ANSWERS:
        raise UserError(f"a pipeline cannot be named {ANSWERS!r}: answers of models are kept in that folder")
    if limit is not None:
        pipeline = limited(pipeline, limit)
    free_at_once()
    with one_run():
        nodes = pipeline.resolve()
        units = {node.name: _preflight(pipeline, node) for node in nodes}
        with (
            RunFolder(folder or Path(workdir) / pipeline.name, pipeline.name) as held,
            progress or Progress("silent") as shown,
            Asking(Path(workdir) / ANSWERS, refresh, Accounts(max_cost, max_requests)) as asking,
        ):
            return _Run(pipeline, nodes, units, held, Cluster(address), shown, asking, limit is not None).all()


def run_alone(pipeline: Pipeline, folder: Path, asking: Asking, limit: int) -> RunResult:
    """Run a pipeline on a few rows, without workers and without progress; what the folder holds goes before.

    Args:
        pipeline: the pipeline.
        folder: of the run.
        asking: what asynchronous steps share.
        limit: read only the first rows of each source file.

    Raises:
        UserError, XlcorpusError: as `run`.
    """
    pipeline = limited(pipeline, limit)
    with one_run(), RunFolder(folder, pipeline.name) as held, Progress("silent") as shown, asking:
        held.empty()
        nodes = pipeline.resolve()
        units = {node.name: _preflight(pipeline, node) for node in nodes}
        return _Run(pipeline, nodes, units, held, None, shown, asking, True).all()


def limited(pipeline: Pipeline, limit: int) -> Pipeline:
    """The pipeline with every source step reading at most `limit` rows of each file, and no number of rows wanted."""
    nodes = []
    for node in pipeline.nodes:
        if isinstance(node.step, SourceStep):
            fewest = min(limit, node.step.limit or limit)
            node = replace(node, step=node.step.model_copy(update={"limit": fewest}))
        # Of a few rows there need not be as many good ones as are wanted.
        nodes.append(replace(node, want=None, candidates=None))
    return replace(pipeline, nodes=tuple(nodes))


def _preflight(pipeline: Pipeline, node: ResolvedNode) -> list[Unit]:
    """The files of a source step, where it is one."""
    try:
        node.step.preflight()
        return node.step.units() if isinstance(node.step, SourceStep) else []
    except UserError as problem:
        raise type(problem)(f"step {node.name!r}{pipeline.where(node.name)}: {problem}") from None


class _Run:
    def __init__(
        self,
        pipeline: Pipeline,
        nodes: Sequence[ResolvedNode],
        units: Mapping[str, Sequence[Unit]],
        folder: RunFolder,
        cluster: Cluster | None,
        progress: Progress,
        asking: Asking,
        trial: bool,
    ) -> None:
        self._pipeline = pipeline
        self._nodes = nodes
        self._units = units
        self._trial = trial
        self._folder = folder
        self._cluster = cluster
        """None: all runs in this process"""
        self._progress = progress
        self._asking = asking
        self._states: dict[str, State] = {}
        self._ran: list[str] = []
        self._warnings: list[str] = []

    def all(self) -> RunResult:
        """Every node, then the rejects and the release."""
        self._progress.expect([n.name for n in self._nodes])
        for node in self._nodes:
            models = node.step.models()
            # Nothing goes on from what was made alone, and to read the code behind steps takes a third of its time.
            alone = self._cluster is None
            own, scores = (node.name, None) if alone else folders(node.name, node.step, self._pipeline.seed, models)
            steps = self._folder.path / "steps"
            state = State(node, StepStore(steps / own), models, self._units[node.name])
            state.scores = None if scores is None else steps / scores
            self._states[node.name] = state
        self._remember(done=False)
        waiting = [self._states[n.name] for n in self._nodes]
        while waiting:
            chain = self._chain(waiting)
            waiting = [s for s in waiting if s not in chain]
            self._work(chain)
            if isinstance(chain[0].node.step, Candidates):
                path = self._path(chain[0], waiting)
                waiting = [s for s in waiting if s not in path]
                self._run_wanted(chain[0], path)
                chain = [*chain, *path]
            for state in chain:
                self._check_done(state)
        return self._finish()

    def _work(self, chain: list[State]) -> None:
        if isinstance(chain[0].node.step, RowStep):
            self._run_chain(chain)
        else:
            self._run_tasks(chain[0])

    @staticmethod
    def _path(candidates: State, waiting: Sequence[State]) -> list[State]:
        """The nodes that work on candidates until there are enough rows: those up to the one that counts them."""
        last = candidates.node.name.removesuffix(CANDIDATES) + TRIED
        end = next(i for i, state in enumerate(waiting) if state.node.name == last)
        return list(waiting[: end + 1])

    def _run_wanted(self, candidates: State, path: Sequence[State]) -> None:
        """Run a path over more and more slices of its candidates, until it kept the rows that are wanted."""
        wanted = next(n.node.want for n in self._nodes if n.name == path[-1].node.name)
        assert wanted is not None
        there = len(candidates.store.shards(candidates.tasks))
        tried = found = 0
        while (found < wanted and tried < there) or not tried:
            tried = candidates.shown = slices_to_try(tried, there, found, wanted)
            left = list(path)
            while left:
                chain = self._chain(left)
                left = [s for s in left if s not in chain]
                self._work(chain)
            for state in path:
                self._check_failures(state)
            found = self._rows(path[-1].table)

    def _remember(self, done: bool) -> None:
        """Write down which checkpoints the run stands on; their tasks are known when it is done."""
        steps: dict[str, Sequence[str] | None] = {}
        for state in self._states.values():
            steps[state.store.folder.name] = state.tasks if done else None
            if state.scores is not None:
                steps[state.scores.name] = None
        self._folder.remember(steps, self._trial)

    def _chain(self, waiting: Sequence[State]) -> list[State]:
        """The first waiting node and the row steps that follow it one after the other."""
        chain = [waiting[0]]
        if not _fuses(chain[0].node.step):
            return chain
        names = {s.node.name for s in waiting}
        for state in waiting[1:]:
            if not _fuses(state.node.step):
                continue
            main, *side = state.node.inputs.values()
            if main == (chain[-1].node.name,) and not any(s in names for sources in side for s in sources):
                chain.append(state)
        return chain

    def _inputs(self, state: State) -> dict[str, Table]:
        """The tables on a node's ports; several nodes on one port are one table."""
        tables = {}
        for port, sources in state.node.inputs.items():
            parts = [self._states[s].table for s in sources]
            shards = tuple(p for t in parts for p in t.shards)
            tables[port] = Table(parts[0].kind, shards)
        return tables

    def _contents(self, state: State) -> dict[str, str]:
        return {port: digest([self._states[s].content for s in sources]) for port, sources in state.node.inputs.items()}

    def _run_chain(self, chain: list[State]) -> None:
        """Run row steps over the shards that lack them."""
        first = chain[0]
        main = next(iter(first.node.inputs))
        shards = [x for s in first.node.inputs[main] for x in self._states[s].shards]
        hops = [self._hop(state) for state in chain]
        stores = [state.store for state in chain]
        todo = parcels(hops, stores, shards)
        for index, state in enumerate(chain):
            lacking = [p for p in todo if p.start <= index]
            if lacking:
                self._ran.append(state.node.name)
                self._progress.start(state.node.name, sum(p.size for p in lacking) if state is first else None)
        if todo and not _fuses(first.node.step):
            ask_shards(hops[0], todo, self._asking, lambda note: self._take(note, chain))
        elif todo and (self._cluster is None or (self._cluster.private and fits_here(hops, todo))):
            for notes in here(hops, todo):
                for note in notes:
                    self._take(json.loads(note), chain)
        elif todo:
            assert self._cluster is not None
            capacity = self._cluster.start()
            with worker_failures(" or ".join(s.node.name for s in chain)):
                for notes in stream(hops, todo, capacity):
                    for note in notes:
                        self._take(json.loads(note), chain)
        lines = [carried(hops, stores, shard) for _, shard in shards]
        for index, state in enumerate(chain):
            state.tasks = [line[index].task for line in lines]

    def _hop(self, state: State) -> Hop:
        node = state.node
        main, *side = node.inputs
        tables, contents = self._inputs(state), self._contents(state)
        step = node.step
        assert isinstance(step, RowStep)
        gpus = node.node.resources.num_gpus
        return Hop(
            name=node.name,
            step=step,
            port=main,
            kind=node.kinds[main],
            folder=state.store.folder.resolve(),
            scores=state.scores,
            side={p: tables[p] for p in side},
            side_content={p: contents[p] for p in side},
            recipe=self._pipeline.name,
            seed=self._pipeline.seed,
            num_gpus=step.num_gpus() if gpus is None else gpus,
            workers=node.node.resources.workers,
            measured=tuple({c: None for source in node.inputs[main] for c in self._states[source].node.measured}),
        )

    def _run_tasks(self, state: State) -> None:
        """Run a source or corpus step, as far as it is not whole."""
        step = state.node.step
        assert isinstance(step, SourceStep | CorpusStep)
        tables, contents = self._inputs(state), self._contents(state)
        tasks = file_tasks(state.units) if isinstance(step, SourceStep) else [(task_name(contents), None, contents)]
        state.tasks = [name for name, _, _ in tasks]
        todo = list({task[0]: task for task in tasks if task[0] not in state.store.entries()}.values())
        if not todo:
            return
        self._ran.append(state.node.name)
        counted = step.counted_inputs() if isinstance(step, CorpusStep) else ()
        total = sum(self._rows(tables[port]) for port in counted) or None
        self._progress.start(state.node.name, total)
        gpus = state.node.node.resources.num_gpus
        job = Job(
            name=state.node.name,
            step=step,
            kind=next(iter(state.node.kinds.values()), state.node.output_kind),
            folder=state.store.folder.resolve(),
            recipe=self._pipeline.name,
            seed=self._pipeline.seed,
            tables=tables,
            content=contents,
            num_gpus=gpus,
            workers=state.node.node.resources.workers,
            idle=state.node.node.optional and not any(map(self._rows, tables.values())),
        )
        if self._cluster is None or (self._cluster.private and tasks_fit_here(job, todo)):
            for result in tasks_here(job, todo):
                self._take({"hop": 0, **json.loads(result)}, [state])
            return
        capacity = self._cluster.start()
        with worker_failures(state.node.name):
            for result in run_tasks(job, todo, capacity):
                self._take({"hop": 0, **json.loads(result)}, [state])

    @staticmethod
    def _rows(table: Table) -> int:
        import pyarrow.parquet as pq

        return sum(pq.read_metadata(p).num_rows for p in table.shards)

    def _take(self, note: dict[str, Any], chain: Sequence[State]) -> None:
        """Write a finished task into its manifest and watch the failures."""
        if "fatal" in note:
            raise (UserError if note["mistake"] else XlcorpusError)(note["fatal"])
        state = chain[note["hop"]]
        entry = Entry.from_json(note["entry"])
        state.store.add(entry)
        failed, rejected = _losses(entry)
        kept = sum(s.rows for s in entry.shards)
        self._progress.advance(state.node.name, note["rows_in"], kept, rejected, failed)

    def _check_done(self, state: State) -> None:
        name = state.node.name
        entries = [state.store.entries()[t] for t in state.tasks]
        counts = ledgers.merge([LedgerEntry.from_dict(e) for x in entries for e in x.ledger])
        rows_in, kept = sum(e.rows_in for e in counts), sum(e.rows_out for e in counts)
        failed, rejected = sum(e.failed for e in counts), sum(sum(e.rejected.values()) for e in counts)
        if name in self._ran:
            self._progress.finish(name)
        else:
            self._progress.cached(name, rows_in, kept, rejected, failed)
        self._check_failures(state)
        if isinstance(state.node.step, SourceStep) and kept == 0:
            raise UserError(f"step {name!r}: nothing to read{self._pipeline.where(name)}: the corpus is empty")
        self._warnings += [f"step {name!r}: {text}" for e in entries for text in e.warnings]
        if kept:
            self._warnings += [f"step {name!r}: {text}" for text in state.node.step.remarks(self._inputs(state))]
        if rows_in and not kept and not state.node.node.again:
            try:
                state.node.step.nothing_kept(self._inputs(state))
            except UserError as problem:
                raise type(problem)(f"step {name!r}{self._pipeline.where(name)}: {problem}") from None
            rules = ledgers.by_step(counts)[0].rejected
            why = ", ".join(f"{r} {n:,}" for r, n in sorted(rules.items(), key=lambda x: -x[1])[:3])
            self._warnings.append(f"step {name!r} kept none of {rows_in:,} rows ({why or 'it found nothing'})")

    def _check_failures(self, state: State) -> None:
        counts = [LedgerEntry.from_dict(e) for t in state.tasks for e in state.store.entries()[t].ledger]
        rows_in, failed = sum(e.rows_in for e in counts), sum(e.failed for e in counts)
        if rows_in and failed / rows_in > self._pipeline.max_error_rate:
            raise XlcorpusError(self._too_many(state, failed, rows_in))

    def _too_many(self, state: State, failed: int, rows_in: int) -> str:
        import polars as pl

        example = ""
        for path in state.store.rejects(state.tasks):
            errors = pl.scan_parquet(path).filter(pl.col("rule") == ERROR).head(1).collect()
            if errors.height:
                example = f" First: row {errors['id'][0]}: {errors['error'][0]}."
                break
        return (
            f"step {state.node.name!r} failed on {failed:,} of {rows_in:,} rows, more than max_error_rate "
            f"{self._pipeline.max_error_rate:g} allows.{example} The rows are in {state.store.folder}."
        )

    def _finish(self) -> RunResult:
        entries = [e for s in self._states.values() for t in s.tasks for e in s.store.entries()[t].ledger]
        ledger = ledgers.merge([LedgerEntry.from_dict(e) for e in entries])
        result = RunResult(
            folder=self._folder.path,
            tables={n: s.table for n, s in self._states.items()},
            ledger=ledger,
            ran=self._ran,
            failures=sum(e.failed for e in ledger),
            warnings=self._warnings,
            accounts=self._asking.accounts.all(),
        )
        result.asked = {
            (name, model): asked for name, state in self._states.items() for model, asked in state.asked.items()
        }
        rejects = {n: s.store.rejects(s.tasks) for n, s in self._states.items()}
        shown = {n: files for n, files in rejects.items() if not self._states[n].node.node.again}
        contents = {n: s.content for n, s in self._states.items()}
        said = [
            f"`{n}`: {text}" for n, s in self._states.items() for t in s.tasks for text in s.store.entries()[t].notes
        ]
        said += [f"`{n}`: {text}" for n, s in self._states.items() for text in s.facts(rejects[n])]
        said += [f"`{n}`: {asked.in_words(model)}" for (n, model), asked in result.asked.items()]
        result.notes = said
        models = {f"{n}.{role}": m for n, s in self._states.items() for role, m in s.models.items()}
        self._remember(done=True)
        self._folder.write_rejects(shown)
        if self._pipeline.release is not None:
            files = {unit.name for units in self._units.values() for unit in units}
            release, left_out = self._folder.release(
                self._pipeline, result.tables, contents, ledger, models, said, files, self._trial
            )
            result.release = release
            result.ledger = ledgers.merge([*ledger, *release.ledger])
            if left_out:
                self._folder.write_rejects({**shown, RELEASE: left_out})
        return result


def _fuses(step: Step) -> bool:
    """Whether neighbours of the step may run in one pass with it."""
    return isinstance(step, RowStep) and not (isinstance(step, AsyncStep) and step.asks())


def _losses(entry: Entry) -> tuple[int, int]:
    counts = [LedgerEntry.from_dict(e) for e in entry.ledger]
    return sum(e.failed for e in counts), sum(sum(e.rejected.values()) for e in counts)
