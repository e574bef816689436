"""Nodes of a recipe in the making: steps put into their places, and what blocks put beside them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from xlcorpus.errors import UserError, nearest
from xlcorpus.pipeline import Node
from xlcorpus.recipe.built import class_of, kind_of, node_of
from xlcorpus.recipe.files import Lines, at
from xlcorpus.recipe.roles import After, cast, named
from xlcorpus.recipe.scope import Nodes, Scope
from xlcorpus.registry import step_class
from xlcorpus.step import MAIN, SourceStep

Players = Callable[[int], Mapping[str, Any]]
"""Who plays the roles in a round."""

BEFORE = ""
"""In a block: the table that stands before the block."""


@dataclass(frozen=True)
class Turn:
    """Which of the copies of a step is meant."""

    round: int | None = None
    """of the outermost block `rounds`; None: outside of all"""
    number: int = 0
    """of all copies, from 0"""
    optional: bool = False
    """whether the round may not take place"""
    copies: int = 1
    """of a step, in one round of the outermost block `rounds`"""

    def inner(self, number: int, of: int, is_round: bool) -> Turn:
        """A copy, from 1, in a block with so many."""
        outermost = is_round and self.round is None
        copies = 1 if outermost else self.copies * of
        return Turn(number if outermost else self.round, self.number * of + number - 1, self.optional, copies)


class Placed:
    """The nodes of a recipe.

    Args:
        steps: names that stand under `steps`.
        lines: of the recipe.
        source: the recipe's file, for messages.
        players: of its roles.
    """

    def __init__(self, steps: Collection[str], lines: Lines, source: str, players: Players) -> None:
        self.given_lines, self.source, self._players = lines, source, players
        self._nodes: list[Node] = []
        self._top = list(steps)
        self._scopes: dict[str, Scope] = {}
        self._beside: set[str] = set()
        self.scope = Scope()
        self.lines: dict[str, str] = {}
        """where a node or an option of it stands"""
        self.open: dict[str, After] = {}
        """roles that nobody plays before a table is there"""
        self.gone: set[str] = set()
        """nodes that wait for them"""

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

    @property
    def last(self) -> str | None:
        """Name of the last node so far."""
        return self._nodes[-1].name if self._nodes else None

    def put(self, node: Node) -> None:
        """Add a node."""
        self._nodes.append(node)

    def looked_up(self, node: str, scope: Scope) -> None:
        """Say in which scope the names stand that a node reads."""
        self._scopes[node] = scope

    def add(self, name: str, body: Any, path: str, full: str, scope: Scope, turn: Turn) -> Node | None:
        """The node of a step; None where nobody plays a role of it yet. The caller puts it into its place."""
        self._scopes[full] = scope
        for key, line in self.given_lines.items():
            if key == path or key.startswith(f"{path}."):
                self.lines[f"{full}{key.removeprefix(path)}"] = line
        players = self._players(turn.round or 1)
        waits = [role for role in named({name: body}) if isinstance(players.get(role), After)]
        if waits:
            self.open.update({role: players[role] for role in waits})
            self.gone.add(full)
            return None
        cls = class_of(name, body, self.given_lines, self.source, path)
        if turn != Turn() and issubclass(cls, SourceStep):
            raise self.refused(path, f"step {name!r} reads files; read them before the block")
        body = {} if body is None else body
        if turn.optional and isinstance(body, dict) and "want" in body:
            why = "but a round that does not take place has none: leave out `stop` of the block, or want"
            raise self.refused(f"{path}.want", f"step {name!r} wants rows, {why}")
        if isinstance(body, dict):
            copy = self._copy(name, body, turn)
            body = {**cast({name: body}, players)[name], "step": kind_of(name, body)}
            if copy and "first_sample" in cls.model_fields:
                first, samples = body.get("first_sample", 0), body.get("samples", 1)
                if isinstance(first, int) and isinstance(samples, int):
                    # Another round or attempt asks for other answers to the same question.
                    body["first_sample"] = first + copy * samples
        node = node_of(full, body, self.given_lines, self.source, path)
        return replace(node, optional=True) if turn.optional else node

    def _copy(self, name: str, body: Mapping[str, Any], turn: Turn) -> int:
        """Which copy this is, from 0, of those that the same players play: others were not asked before."""
        if turn.round is None:
            return turn.number
        played = [cast({name: body}, self._players(number)) for number in range(1, turn.round + 1)]
        return turn.number - played.index(played[-1]) * turn.copies

    def beside(
        self,
        name: str,
        step: str,
        options: Mapping[str, Any],
        inputs: Mapping[str, Nodes],
        path: str,
        again: bool = False,
    ) -> str:
        """Add a node of a block itself, unless it is there; returns its name. It works on rows where there are any."""
        if name not in self._beside:
            self._beside.add(name)
            self.lines[name] = at(self.given_lines, path, self.source)
            self._nodes.append(Node(name, step_class(step)(**options), inputs, again=again, optional=True))
        return name

    def refused(self, path: str, why: str) -> UserError:
        """An error that says where it is."""
        return UserError(f"{at(self.given_lines, path, self.source)}: {why}")


def reading(node: Node, name: str, instead: bool = False) -> Node:
    """The node with a name on its main input; `instead`: of what it reads there."""
    main = next(iter(node.step.ports()), None)
    if main is None or (main_of(node) and not instead):
        return node
    others = {port: names for port, names in node.inputs.items() if port not in (main, MAIN)}
    return replace(node, inputs={main: (name,), **others})


def main_of(node: Node) -> Nodes:
    """What is said of the main input of a node."""
    main = next(iter(node.step.ports()), MAIN)
    inputs = {**node.step.reads_from(), **node.inputs}
    return tuple(inputs.get(main, inputs.get(MAIN, ())))
