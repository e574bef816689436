"""The nodes of a block `until`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from xlcorpus.recipe.blocks import Until, is_block
from xlcorpus.recipe.built import class_of
from xlcorpus.recipe.placed import BEFORE, Placed, Turn, main_of, reading
from xlcorpus.recipe.scope import Nodes, Scope
from xlcorpus.step import MAIN, CorpusStep, SourceStep

ACCEPT, AGAIN = "accept", "again"


def put_attempts(placed: Placed, until: Until, path: str, full: str, scope: Scope, turn: Turn) -> None:
    names = list(until.steps)
    _check(placed, until, path)
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
            node = placed.add(
                name, until.steps[name], here, node_name, within, turn.inner(number, until.at_most, False)
            )
            if node is None:
                before = name
                continue
            if number == 1 and name == names[0]:
                entry = main_of(node) or (BEFORE,)
            if name == names[0] and number > 1:
                again = f"{full}.{number - 1}.{AGAIN}"
                within.name(again, (again,))
                node = reading(node, again, instead=True)
            elif name != names[0] and not {*main_of(node)} <= {*names}:
                raise placed.refused(here, f"step {name!r} reads a table that is made outside of the block")
            else:
                node = reading(node, before)
            placed.put(replace(node, again=not last))
            before = name
        accepted = made[names[-1]][-1]
        if until.accept is not None:
            place = f"{path}.{ACCEPT}"
            accepted = f"{full}.{number}.{ACCEPT}"
            placed.beside(
                accepted, "select", {"keep": until.accept}, {MAIN: (made[names[-1]][-1],)}, place, again=not last
            )
        good.append(accepted)
        options = {"steps": len(names), **({} if until.each is None else {"each": until.each})}
        tables = {"accepted": tuple(good)}
        tables |= {f"made_{place}": tuple(made[name]) for place, name in enumerate(names, 1)}
        if not last:
            again = f"{full}.{number}.{AGAIN}"
            _put_outside(placed, again, "try_again", {**options, "rows": until.rows}, entry, tables, scope, path)
        else:
            _put_outside(placed, full, "gather_attempts", options, entry, tables, scope, path)


def _put_outside(
    placed: Placed,
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
    placed.looked_up(name, own)
    placed.beside(name, step, options, {MAIN: outside or (BEFORE,), **inside}, path)


def _check(placed: Placed, until: Until, path: str) -> None:
    for name, body in until.steps.items():
        here = f"{path}.steps.{name}"
        if is_block(body):
            raise placed.refused(here, f"the block {name!r} stands in `until`, where only steps can stand")
        if name in (ACCEPT, AGAIN):
            raise placed.refused(here, f"a step of `until` cannot be named {name!r}; give it another name")
        cls = class_of(name, body, placed.given_lines, placed.source, here)
        if issubclass(cls, CorpusStep | SourceStep):
            why = "needs a whole table" if issubclass(cls, CorpusStep) else "reads files"
            raise placed.refused(
                here,
                f"step {name!r} {why}, but steps of `until` run again for some rows alone; put it before the block "
                "or behind it",
            )
        if isinstance(body, dict) and "want" in body:
            raise placed.refused(here, f"step {name!r} wants rows; in `until` say at_most, and want behind the block")
