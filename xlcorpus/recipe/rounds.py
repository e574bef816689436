"""The nodes of a block `rounds`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from xlcorpus.recipe.blocks import Rounds
from xlcorpus.recipe.placed import BEFORE, Placed, Turn
from xlcorpus.recipe.scope import Nodes, Scope
from xlcorpus.step import MAIN


class PlacedRounds:
    """The nodes of a block `rounds`."""

    def __init__(
        self,
        placed: Placed,
        rounds: Rounds,
        path: str,
        full: str,
        scope: Scope,
        turn: Turn,
        put: Callable[..., None],
    ) -> None:
        """Add the steps of all rounds.

        Args:
            placed: takes the nodes.
            rounds: the block.
            path: where it stands in the recipe.
            full: its name, with those of blocks around it.
            scope: where its names stand.
            turn: of the blocks around it.
            put: adds the steps of a round.
        """
        self._placed, self._rounds, self._path, self._full = placed, rounds, path, full
        self._within: list[Scope] = []
        for name, tables in rounds.start.items():
            node = f"{full}.0.{name}"
            placed.looked_up(node, scope)
            placed.beside(node, "mark_round", {"number": 0}, {MAIN: tuple(tables)}, f"{path}.start.{name}")
        for number in range(1, rounds.times + 1):
            within = Scope(scope, passed=partial(self._passed, number))
            for name in rounds.start:
                within.carry(name, partial(self._carried, name, number))
            self._within.append(within)
            first = next(iter(rounds.start), BEFORE)
            inner = turn.inner(number, rounds.times, True)
            if rounds.stop is not None and number > 1:
                inner = replace(inner, optional=True)
            put(rounds.steps, f"{path}.steps", f"{full}.{number}.", within, inner, first)

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
        return self._placed.beside(
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
        return (self._placed.beside(node, "open_round", options, inputs, f"{self._path}.stop"),)
