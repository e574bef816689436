"""A pipeline: a small graph of named steps, the same in YAML and in Python.

    >>> Pipeline("demo").then(Read(paths={"deu": ["de.txt"]})).then(Normalise()).then(Quality(), name="filter")

A step reads the step before it unless `inputs` says otherwise. `Pipeline.resolve` checks the whole graph before
anything runs. `engine.run` runs it on Ray, `run_frames` on DataFrames in this process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

from pydantic import BaseModel, ConfigDict

from xlcorpus import records
from xlcorpus.arms import ARMS, OF_ARM
from xlcorpus.errors import UserError, nearest
from xlcorpus.head_spec import Hold, Paper
from xlcorpus.holds import check_hold
from xlcorpus.release_spec import ReleaseSpec
from xlcorpus.step import MAIN, Columns, Port, Step
from xlcorpus.wanted import CANDIDATES, TRIED, Candidates, Wanted, asking_path, slice_rows, together


class Resources(BaseModel):
    """What one worker of a step holds, and how many workers there may be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    num_gpus: float | None = None
    """GPUs per worker, fractions allowed (default: what the step asks for)"""
    workers: int | None = None
    """most workers at a time (default: as many as the cluster holds)"""


@dataclass(frozen=True)
class Node:
    """A step with its place in the graph: `inputs` maps a port to the names of the nodes it reads."""

    name: str
    step: Step
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    resources: Resources = field(default_factory=Resources)
    want: int | None = None
    """rows wanted of it: models are asked about no more rows of the input than that takes"""
    candidates: int | None = None
    """rows of the input tried for them, at most; None: all"""
    again: bool = False
    """whether rows that it does not keep are given to another node (an attempt of a block `until`): they are none of
    the run's rejects"""
    optional: bool = False
    """whether it is not run where it finds no rows to read (a round of a block `rounds` that does not take place)"""


@dataclass(frozen=True)
class ResolvedNode:
    """A node whose inputs, record kinds and columns are known and fit."""

    node: Node
    inputs: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, str]
    output_kind: str
    columns: tuple[str, ...]
    measured: tuple[str, ...]
    """those of `columns` that this step or one before it measured"""

    @property
    def name(self) -> str:
        """Name of the node."""
        return self.node.name

    @property
    def step(self) -> Step:
        """The step."""
        return self.node.step


@dataclass(frozen=True)
class Pipeline:
    """A named graph of steps and what is released of it. Immutable: `then` gives a longer one."""

    name: str
    nodes: tuple[Node, ...] = ()
    about: str = ""
    """what it makes, in one or two sentences"""
    seed: int = 0
    max_error_rate: float = 0.01
    release: ReleaseSpec | None = None
    paper: Paper | None = None
    """where the recipe was published"""
    differs: str = ""
    """what is done otherwise than in the paper"""
    holds: tuple[Hold, ...] = ()
    """what must be true of the release"""
    afterwards: str = field(default="", compare=False)
    """what is to be done once it has run, where that is as far as a recipe comes before a model is trained"""
    lines: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """where in a file `node` or `node.option` stands ("demo.yaml:12"), for messages"""

    def then(
        self,
        step: Step,
        *,
        name: str | None = None,
        inputs: str | Sequence[str] | Mapping[str, str | Sequence[str]] | None = None,
        resources: Resources | None = None,
        want: int | None = None,
        candidates: int | None = None,
    ) -> Pipeline:
        """This pipeline with one more step.

        Args:
            step: the step.
            name: its name in the graph; default: the step's own.
            inputs: node it reads; several nodes are concatenated; a mapping names the step's ports.
            resources: GPUs per worker, number of workers.
            want, candidates: see `Node`.
        """
        node = Node(name or step.step_name(), step, as_inputs(inputs), resources or Resources(), want, candidates)
        return replace(self, nodes=(*self.nodes, node))

    def releasing(self, spec: ReleaseSpec) -> Pipeline:
        """This pipeline with a release."""
        return replace(self, release=spec)

    def to_dict(self) -> dict[str, Any]:
        """As plain data: what stands in the YAML file (`yaml_file.to_yaml`); defaults are left out."""
        out: dict[str, Any] = {"name": self.name}
        if self.paper is not None:
            out["paper"] = self.paper.model_dump(mode="json", exclude_defaults=True)
        for key in ("about", "differs", "seed", "max_error_rate"):
            if getattr(self, key) != type(self).__dataclass_fields__[key].default:
                out[key] = getattr(self, key)
        out["steps"] = {n.name: _node_to_dict(n) for n in self.nodes}
        if self.release is not None:
            out["release"] = self.release.model_dump(mode="json", exclude_defaults=True)
        if self.holds:
            out["holds"] = [hold.model_dump(mode="json", exclude_defaults=True) for hold in self.holds]
        return out

    def where(self, node: str, option: str | None = None) -> str:
        """` (file:line)` of a node or of its option if it came from a file, else nothing."""
        node = node.removesuffix(CANDIDATES).removesuffix(TRIED)
        line = self.lines.get(f"{node}.{option}") or self.lines.get(node)
        return f" ({line})" if line else ""

    def resolve(self) -> list[ResolvedNode]:
        """The nodes in an order in which they can run, each with its inputs, kinds and columns.

        Raises:
            UserError: double or unknown names, a cycle, a port without a table, a wrong record kind, a missing
                column, a release of a table that is not there.
        """
        wired = self._wire()
        by_name = {n.name: n for n in self.nodes}
        order = self._order(wired)
        for name in list(order):
            if by_name[name].want is not None:
                order = self._with_wanted(by_name[name], by_name, wired, order)
        done: dict[str, ResolvedNode] = {}
        for name in order:
            done[name] = self._check(by_name[name], wired[name], done)
        self._check_release(done)
        return list(done.values())

    def _with_wanted(
        self, node: Node, by_name: dict[str, Node], wired: dict[str, dict[str, tuple[str, ...]]], order: list[str]
    ) -> list[str]:
        """Put the nodes of `wanted` beside a node that wants rows; returns the order with them."""
        assert node.want is not None
        name, tried, candidates = node.name, node.name + TRIED, node.name + CANDIDATES
        try:
            path = asking_path(name, {n: by_name[n].step for n in by_name}, wired)
            path = [tried if step == name else step for step in path]
            by_name[tried], wired[tried] = replace(node, name=tried), wired[name]
            first = next(iter(wired[path[0]]))
            cut = Candidates(rows=node.candidates or 0, slice_rows=slice_rows(node.want))
            by_name[candidates], wired[candidates] = Node(candidates, cut), {MAIN: wired[path[0]][first]}
            wired[path[0]] = {**wired[path[0]], first: (candidates,)}
            by_name[name], wired[name] = Node(name, Wanted(rows=node.want)), {MAIN: (tried,)}
            place = order.index(path[0]) if path[0] in order else order.index(name)
            order = [*order[:place], candidates, *order[place:]]
            order.insert(order.index(name), tried)
            return together(order, [candidates, *path], wired)
        except UserError as problem:
            raise UserError(f"step {name!r}{self.where(name, 'want')}: {problem}") from None

    def _order(self, wired: Mapping[str, Mapping[str, tuple[str, ...]]]) -> list[str]:
        """Names in an order in which they can run; as in the file wherever that is free."""
        position = {n.name: i for i, n in enumerate(self.nodes)}
        sorter = TopologicalSorter({n: [s for sources in w.values() for s in sources] for n, w in wired.items()})
        try:
            sorter.prepare()
        except CycleError as problem:
            loop = list(reversed(problem.args[1]))
            raise UserError(f"steps feed each other in a circle: {' -> '.join(loop)}{self.where(loop[0])}") from None
        order: list[str] = []
        ready: list[str] = []
        while sorter.is_active():
            ready = sorted([*ready, *sorter.get_ready()], key=position.__getitem__)
            order.append(ready.pop(0))
            sorter.done(order[-1])
        return order

    def _wire(self) -> dict[str, dict[str, tuple[str, ...]]]:
        names = [n.name for n in self.nodes]
        if not names:
            raise UserError(f"pipeline {self.name!r} has no steps")
        wired: dict[str, dict[str, tuple[str, ...]]] = {}
        for index, node in enumerate(self.nodes):
            if node.name == "release":
                raise UserError(f"a step cannot be named 'release'{self.where(node.name)}: that is what is published")
            if node.name in wired:
                raise UserError(f"two steps are named {node.name!r}{self.where(node.name)}; give one another name")
            ports = node.step.ports()
            inputs = {**node.step.reads_from(), **node.inputs}
            main = next(iter(ports), None)
            if MAIN in inputs and main is not None and main != MAIN:
                inputs[main] = inputs.pop(MAIN)
            for port, sources in inputs.items():
                if port not in ports:
                    known = nearest(port, ports) if ports else "it reads files and takes no table"
                    raise UserError(
                        f"step {node.name!r} has no input {port!r}{self.where(node.name, 'inputs')}; {known}"
                    )
                for source in sources:
                    if source not in names:
                        raise UserError(
                            f"step {node.name!r} reads {source!r}, which is no step of this pipeline"
                            f"{self.where(node.name, 'inputs')}; {nearest(source, names)}"
                        )
            if main is not None and main not in inputs:
                if index == 0:
                    raise UserError(
                        f"step {node.name!r} needs a table to read, but stands first{self.where(node.name)}"
                    )
                inputs[main] = (names[index - 1],)
            for port, spec in ports.items():
                if port not in inputs and spec.required:
                    raise UserError(
                        f"step {node.name!r} needs the input {port!r} (a {' or '.join(spec.kinds)} table)"
                        f"{self.where(node.name)}; write inputs: {{{port}: <step>}}"
                    )
            wired[node.name] = {p: inputs[p] for p in ports if p in inputs}
        return wired

    def _check(
        self, node: Node, inputs: Mapping[str, tuple[str, ...]], done: Mapping[str, ResolvedNode]
    ) -> ResolvedNode:
        kinds: dict[str, str] = {}
        for port, sources in inputs.items():
            spec = node.step.ports()[port]
            for source in sources:
                self._check_port(node, port, spec, done[source])
            found = {done[s].output_kind for s in sources}
            if len(found) > 1:
                raise UserError(
                    f"step {node.name!r} joins tables of different kinds ({', '.join(sorted(found))}) on its input "
                    f"{port!r}{self.where(node.name, 'inputs')}"
                )
            kinds[port] = found.pop()
        out = node.step.output_kind(kinds)
        given = {port: _columns(kinds[port], [done[s].columns for s in sources]) for port, sources in inputs.items()}
        try:
            columns = node.step.out_columns(kinds, given)
        except UserError as problem:
            raise UserError(f"step {node.name!r}{self.where(node.name)}: {problem}") from None
        measured = {column for sources in inputs.values() for source in sources for column in done[source].measured}
        measured = (measured - {*node.step.adds(out)}) | {*node.step.measures(out)}
        return ResolvedNode(node, inputs, kinds, out, columns, tuple(c for c in columns if c in measured))

    def _check_port(self, node: Node, port: str, spec: Port, source: ResolvedNode) -> None:
        if source.output_kind not in spec.kinds:
            raise UserError(
                f"step {node.name!r} takes {' or '.join(spec.kinds)} rows on its input {port!r}, but "
                f"{source.name!r} makes {source.output_kind} rows{self.where(node.name)}"
            )
        have = {*source.columns, *records.kind(source.output_kind).schema.names}
        for column in spec.columns:
            if column not in have:
                raise UserError(
                    f"step {node.name!r} needs the column {column!r}, which {source.name!r} does not give"
                    f"{self.where(node.name)}; put a step that adds it before"
                )

    def _check_release(self, done: Mapping[str, ResolvedNode]) -> None:
        if self.release is None:
            if self.holds:
                raise UserError(
                    f"holds says what is true of a release{self.where('holds')}, but the pipeline has no release"
                )
            return
        for config, sources in self.release.tables.items():
            kinds = set()
            for source in sources:
                if source not in done:
                    raise UserError(
                        f"release.tables.{config} names {source!r}, which is no step of this pipeline"
                        f"{self.where('release', 'tables')}; {nearest(source, done)}"
                    )
                kinds.add(done[source].output_kind)
            if len(kinds) > 1:
                raise UserError(
                    f"release.tables.{config} joins tables of different kinds ({', '.join(sorted(kinds))})"
                    f"{self.where('release', 'tables')}; give each its own config"
                )
        self._check_holds(done)

    def _check_holds(self, done: Mapping[str, ResolvedNode]) -> None:
        assert self.release is not None
        tables = {}
        for config, sources in self.release.tables.items() if self.holds else ():
            columns = _columns(done[sources[0]].output_kind, [done[s].columns for s in sources], every=True)
            of_arms = OF_ARM if ARMS in columns else {}
            gone = {*self.release.drop_columns, ARMS}
            tables[config] = {name: dtype for name, dtype in {**columns, **of_arms}.items() if name not in gone}
        for index, hold in enumerate(self.holds):
            try:
                check_hold(hold, tables)
            except UserError as problem:
                place = self.where(f"holds.{index}") or self.where("holds")
                raise UserError(f"holds{place}: {hold.what!r}: {problem}") from None


def _columns(kind: str, beside: Sequence[Sequence[str]], every: bool = False) -> Columns:
    """The columns of a table of several steps' rows: those of the kind, and those that all of them have beside.

    `every`: those that any has, as in a release, where a column is null in rows that lack it.
    """
    first, *others = beside
    shared = [column for column in first if every or all(column in columns for columns in others)]
    if every:
        shared += [column for columns in others for column in columns]
    return {**records.polars_schema(kind), **dict.fromkeys(shared)}


def as_inputs(
    inputs: str | Sequence[str] | Mapping[str, str | Sequence[str]] | None,
) -> dict[str, tuple[str, ...]]:
    """`inputs` as a user writes them, as {port: (node, ...)}; the main input goes by the name `rows`."""
    if inputs is None:
        return {}
    if not isinstance(inputs, Mapping):
        inputs = {MAIN: inputs}
    return {port: (names,) if isinstance(names, str) else tuple(names) for port, names in inputs.items()}


def _node_to_dict(node: Node) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if node.name != node.step.step_name():
        out["step"] = node.step.step_name()
    if node.inputs:
        flat = {p: n[0] if len(n) == 1 else list(n) for p, n in node.inputs.items()}
        out["inputs"] = flat[MAIN] if list(flat) == [MAIN] else flat
    out |= node.step.model_dump(mode="json", exclude_defaults=True)
    if node.resources != Resources():
        out["resources"] = node.resources.model_dump(exclude_defaults=True)
    for key in ("want", "candidates", "again", "optional"):
        if getattr(node, key):
            out[key] = getattr(node, key)
    return out
