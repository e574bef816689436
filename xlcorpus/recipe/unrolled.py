"""Steps of a recipe as nodes of a graph; those in blocks stand there once for each round or attempt.

The step `generate` in the second round of the block `grow` is the node `grow.2.generate`. Beside the steps stand

- `grow.0.pool`, `grow.2.novel.round`: tables with the round in a column, as the next round and others read them,
- `grow.2.pool`: with `stop`, a table that round 2 reads from outside, empty where the round does not take place,
- `checked.2.accept`, `checked.2.again`: rows of an attempt that are good, and those that go round again,
- `checked`: what all attempts of that block gave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from xlcorpus.errors import UserError, nearest
from xlcorpus.pipeline import Node
from xlcorpus.recipe.blocks import ROUNDS, Rounds, Until, block_of, is_block
from xlcorpus.recipe.built import class_of, kind_of, node_of, validated
from xlcorpus.recipe.files import Lines, at
from xlcorpus.recipe.roles import After, cast, named
from xlcorpus.recipe.scope import Nodes, Scope
from xlcorpus.registry import step_class
from xlcorpus.step import MAIN, CorpusStep, SourceStep

Players = Callable[[int], Mapping[str, Any]]
"""Who plays the roles in a round."""

BEFORE = ""
"""In a block: the table that stands before the block."""

ACCEPT, AGAIN = "accept", "again"


@dataclass(frozen=True)
class _Turn:
    """Which of the copies of a step is meant."""

    round: int | None = None
    """of the outermost block `rounds`; None: outside of all"""
    number: int = 0
    """of all copies, from 0"""
    optional: bool = False
    """whether the round may not take place"""

    def inner(self, number: int, of: int, is_round: bool) -> _Turn:
        """A copy, from 1, in a block with so many."""
        of_role = number if is_round and self.round is None else self.round
        return _Turn(of_role, self.number * of + number - 1, self.optional)


class Unrolled:
    """The nodes of a recipe.

    Args:
        steps: what stands under `steps`, with parameters put in.
        lines: of the recipe.
        source: the recipe's file, for messages.
        players: of its roles.

    Raises:
        UserError: an unknown step or option, a block that is none, a step that cannot stand in a block.
    """

    def __init__(self, steps: Mapping[str, Any], lines: Lines, source: str, players: Players) -> None:
        self._given_lines, self._source, self._players = lines, source, players
        self._nodes: list[Node] = []
        self._scopes: dict[str, Scope] = {}
        self._top = list(steps)
        self._beside: set[str] = set()
        self.scope = Scope()
        self.lines: dict[str, str] = {}
        """where a node or an option of it stands"""
        self.open: dict[str, After] = {}
        """roles that nobody plays before a table is there"""
        self.gone: set[str] = set()
        """nodes that wait for them"""
        self._steps(steps, "steps", "", self.scope, _Turn(), None)

    @property
    def nodes(self) -> list[Node]:
        """All nodes; looking a name up in `scope` may add some."""
        found = [self._resolved(node) for node in list(self._nodes)]
        # What `_resolved` adds reads nodes, not names.
        return found + self._nodes[len(found) :]

    def _resolved(self, node: Node) -> Node:
        """The node with nodes in place of the names that a user gave them."""
        scope = self._scopes.get(node.name)
        if scope is None:
            return node
        if scope is not self.scope:
            self._check_names(node, scope)
        found = {port: scope.all(names) for port, names in node.step.reads_from().items()}
        changed = {port: nodes for port, nodes in found.items() if nodes != node.step.reads_from()[port]}
        return replace(node, inputs={**changed, **{port: scope.all(names) for port, names in node.inputs.items()}})

    def _check_names(self, node: Node, scope: Scope) -> None:
        """Refuse names that nobody gave; `Pipeline.resolve` does so outside of blocks."""
        nodes = {BEFORE, *self._top, *self._scopes, *self._beside}
        for names in (*node.step.reads_from().values(), *node.inputs.values()):
            for name in names:
                if name not in nodes and scope.find(name) == (name,):
                    place = self.lines.get(f"{node.name}.inputs", self.lines[node.name])
                    known = nearest(name, [*scope.names(), *self._top])
                    raise UserError(f"{place}: step {node.name!r} reads {name!r}, which is no table here; {known}")

    def _steps(
        self, steps: Mapping[str, Any], path: str, prefix: str, scope: Scope, turn: _Turn, first: str | None
    ) -> None:
        """Add steps, the first of which reads `first` unless it says what it reads."""
        before, default = first, None
        for name, body in steps.items():
            here, full = f"{path}.{name}", f"{prefix}{name}"
            if is_block(body):
                key, data = block_of(body, here, self._given_lines, self._source)
                here = f"{here}.{key}"
                scope_in = Scope(scope)
                if before is not None:
                    scope_in.carry(BEFORE, partial(scope.find, before))
                if key == ROUNDS:
                    rounds = validated(Rounds, data, here, self._given_lines, self._source)
                    made = _RoundsOf(self, rounds, here, full, scope_in, turn)
                    scope.block(name, made.given, made.part)
                else:
                    until = validated(Until, data, here, self._given_lines, self._source)
                    self._until(until, here, full, scope_in, turn)
                    scope.name(name, (full,))
                before, default = name, None
                continue
            node = self.add(name, body, here, full, scope, turn)
            if prefix:
                scope.name(name, (full,))
            follows = default is not None and bool(self._nodes) and self._nodes[-1].name == default
            if node is not None:
                self._nodes.append(node if follows or before is None else reading(node, before))
            before, default = name, full

    def add(self, name: str, body: Any, path: str, full: str, scope: Scope, turn: _Turn) -> Node | None:
        """The node of a step; None where nobody plays a role of it yet. The caller puts it into its place."""
        self._scopes[full] = scope
        for key, line in self._given_lines.items():
            if key == path or key.startswith(f"{path}."):
                self.lines[f"{full}{key.removeprefix(path)}"] = line
        players = self._players(turn.round or 1)
        waits = [role for role in named({name: body}) if isinstance(players.get(role), After)]
        if waits:
            self.open.update({role: players[role] for role in waits})
            self.gone.add(full)
            return None
        cls = class_of(name, body, self._given_lines, self._source, path)
        if turn != _Turn() and issubclass(cls, SourceStep):
            raise self.refused(path, f"step {name!r} reads files; read them before the block")
        body = {} if body is None else body
        if isinstance(body, dict):
            body = {**cast({name: body}, players)[name], "step": kind_of(name, body)}
            if turn.number and "first_sample" in cls.model_fields:
                first, samples = body.get("first_sample", 0), body.get("samples", 1)
                if isinstance(first, int) and isinstance(samples, int):
                    # Another round or attempt asks for other answers to the same question.
                    body["first_sample"] = first + turn.number * samples
        node = node_of(full, body, self._given_lines, self._source, path)
        return replace(node, optional=True) if turn.optional else node

    def beside(self, name: str, step: str, options: Mapping[str, Any], inputs: Mapping[str, Nodes], path: str) -> str:
        """Add a node of a block itself, unless it is there; returns its name. It works on rows where there are any."""
        if name not in self._beside:
            self._beside.add(name)
            self.lines[name] = at(self._given_lines, path, self._source)
            self._nodes.append(Node(name, step_class(step)(**options), inputs, optional=True))
        return name

    def refused(self, path: str, why: str) -> UserError:
        """An error that says where it is."""
        return UserError(f"{at(self._given_lines, path, self._source)}: {why}")

    def _until(self, until: Until, path: str, full: str, scope: Scope, turn: _Turn) -> None:
        names = list(until.steps)
        self._check_until(until, path)
        made: dict[str, list[str]] = {name: [] for name in names}
        good: list[str] = []
        entry: Nodes = ()
        for number in range(1, until.at_most + 1):
            within = Scope(scope)
            last = number == until.at_most
            before: str = BEFORE
            for name in names:
                node_name = f"{full}.{number}.{name}"
                within.name(name, (node_name,))
                made[name].append(node_name)
                here = f"{path}.steps.{name}"
                node = self.add(
                    name, until.steps[name], here, node_name, within, turn.inner(number, until.at_most, False)
                )
                if node is None:
                    before = name
                    continue
                if number == 1 and name == names[0]:
                    entry = _main(node) or (BEFORE,)
                if name == names[0] and number > 1:
                    again = f"{full}.{number - 1}.{AGAIN}"
                    within.name(again, (again,))
                    node = reading(node, again, instead=True)
                elif name != names[0] and not {*_main(node)} <= {*names}:
                    raise self.refused(here, f"step {name!r} reads a table that is made outside of the block")
                else:
                    node = reading(node, before)
                self._nodes.append(replace(node, again=not last))
                before = name
            accepted = made[names[-1]][-1]
            if until.accept is not None:
                place = f"{path}.{ACCEPT}"
                accepted = f"{full}.{number}.{ACCEPT}"
                self.beside(accepted, "select", {"keep": until.accept}, {MAIN: (made[names[-1]][-1],)}, place)
                self._nodes[-1] = replace(self._nodes[-1], again=not last)
            good.append(accepted)
            options = {"steps": len(names), **({} if until.each is None else {"each": until.each})}
            tables = {"accepted": tuple(good)}
            tables |= {f"made_{place}": tuple(made[name]) for place, name in enumerate(names, 1)}
            if not last:
                again = f"{full}.{number}.{AGAIN}"
                self._reading_outside(again, "try_again", {**options, "rows": until.rows}, entry, tables, scope, path)
            else:
                self._reading_outside(full, "gather_attempts", options, entry, tables, scope, path)

    def _reading_outside(
        self,
        name: str,
        step: str,
        options: Mapping[str, Any],
        outside: Nodes,
        inside: Mapping[str, Nodes],
        scope: Scope,
        path: str,
    ) -> None:
        """A node of a block whose main table is named by the user, and whose others are nodes."""
        own = Scope(scope)
        for nodes in inside.values():
            for node in nodes:
                own.name(node, (node,))
        self._scopes[name] = own
        self.beside(name, step, options, {MAIN: outside or (BEFORE,), **inside}, path)

    def _check_until(self, until: Until, path: str) -> None:
        for name, body in until.steps.items():
            here = f"{path}.steps.{name}"
            if is_block(body):
                raise self.refused(here, f"the block {name!r} stands in `until`, where only steps can stand")
            if name in (ACCEPT, AGAIN):
                raise self.refused(here, f"a step of `until` cannot be named {name!r}; give it another name")
            cls = class_of(name, body, self._given_lines, self._source, here)
            if issubclass(cls, CorpusStep | SourceStep):
                why = "needs a whole table" if issubclass(cls, CorpusStep) else "reads files"
                raise self.refused(
                    here,
                    f"step {name!r} {why}, but steps of `until` run again for some rows alone; put it before the block "
                    "or behind it",
                )
            if isinstance(body, dict) and "want" in body:
                raise self.refused(here, f"step {name!r} wants rows; in `until` say at_most, and want behind the block")


class _RoundsOf:
    """The nodes of a block `rounds`."""

    def __init__(self, all_: Unrolled, rounds: Rounds, path: str, full: str, scope: Scope, turn: _Turn) -> None:
        self._all, self._rounds, self._path, self._full = all_, rounds, path, full
        self._within: list[Scope] = []
        for name, tables in rounds.start.items():
            node = f"{full}.0.{name}"
            all_._scopes[node] = scope
            all_.beside(node, "mark_round", {"number": 0}, {MAIN: tuple(tables)}, f"{path}.start.{name}")
        for number in range(1, rounds.times + 1):
            within = Scope(scope, passed=partial(self._passed, number))
            for name in rounds.start:
                within.carry(name, partial(self._carried, name, number))
            self._within.append(within)
            first = next(iter(rounds.start), BEFORE)
            inner = turn.inner(number, rounds.times, True)
            if rounds.stop is not None and number > 1:
                inner = replace(inner, optional=True)
            all_._steps(rounds.steps, f"{path}.steps", f"{full}.{number}.", within, inner, first)

    def given(self) -> Nodes:
        """What the block's name stands for."""
        found = self.part(self._rounds.given)
        assert found is not None
        return found

    def part(self, name: str) -> Nodes | None:
        """What a name of `start` or a step stands for once all rounds are over."""
        if name in self._rounds.start:
            return self._carried(name, self._rounds.times + 1)
        return self._of_rounds(name, self._rounds.times) if name in self._rounds.steps else None

    def _carried(self, name: str, number: int) -> Nodes:
        """A name of `start`, as a round reads it."""
        if number == 1 or name not in self._rounds.next:
            return (f"{self._full}.0.{name}",)
        found = [
            self._carried(table, number - 1) if table in self._rounds.start else (self._marked(table, number - 1),)
            for table in self._rounds.next[name]
        ]
        return tuple(dict.fromkeys(node for nodes in found for node in nodes))

    def _of_rounds(self, step: str, last: int) -> Nodes:
        return tuple(self._marked(step, number) for number in range(1, last + 1))

    def _marked(self, step: str, number: int) -> str:
        """What a step made in a round, with the round."""
        nodes = self._within[number - 1].find(step)
        path = f"{self._path}.steps.{step}"
        return self._all.beside(
            f"{self._full}.{number}.{step}.round", "mark_round", {"number": number}, {MAIN: nodes}, path
        )

    def _passed(self, number: int, name: str, nodes: Nodes) -> Nodes:
        """What a round reads from outside: with `stop`, nothing where it does not take place."""
        stop = self._rounds.stop
        if stop is None or number == 1:
            return nodes
        of = stop.of or next(iter(self._rounds.start))
        judged = self._carried(of, number) if of in self._rounds.start else self._of_rounds(of, number - 1)
        options = {"number": number, **stop.model_dump(exclude_none=True, exclude={"of"})}
        inputs = {MAIN: nodes, "judged": judged}
        node = f"{self._full}.{number}.{name or 'before'}"
        return (self._all.beside(node, "open_round", options, inputs, f"{self._path}.stop"),)


def reading(node: Node, name: str, instead: bool = False) -> Node:
    """The node with a name on its main input; `instead`: of what it reads there."""
    main = next(iter(node.step.ports()), None)
    if main is None or (_main(node) and not instead):
        return node
    others = {port: names for port, names in node.inputs.items() if port not in (main, MAIN)}
    return replace(node, inputs={main: (name,), **others})


def _main(node: Node) -> Nodes:
    """What is said of the main input of a node."""
    main = next(iter(node.step.ports()), MAIN)
    inputs = {**node.step.reads_from(), **node.inputs}
    return tuple(inputs.get(main, inputs.get(MAIN, ())))
