"""The part of a pipeline that can run before somebody plays a role: `{after: TABLE}`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from xlcorpus.errors import UserError
from xlcorpus.expressions.query import tables_of
from xlcorpus.head_spec import Hold
from xlcorpus.pipeline import Node, Pipeline
from xlcorpus.recipe.roles import EXAMPLE, After
from xlcorpus.recipe.scope import Scope
from xlcorpus.release_spec import ReleaseSpec


def until_played(
    pipeline: Pipeline, roles: Mapping[str, After], gone: Collection[str], scope: Scope, called: str
) -> Pipeline:
    """The pipeline without the nodes that wait for somebody to play a role, which releases what is to be trained on.

    Args:
        pipeline: whose nodes read what is not there.
        roles: that nobody plays yet, and the table that must be there before.
        gone: names of nodes that are missing for that.
        scope: what names of tables stand for.
        called: how the command line names the recipe.

    Raises:
        UserError: no table is made without these roles.
    """
    left = _left(pipeline.nodes, gone)
    names = {node.name for node in left}
    known = pipeline.release.tables if pipeline.release is not None else {}
    tables, waiting = {}, {}
    for role, after in roles.items():
        # Of a table of several rounds, those before the first that waits.
        if sources := [node for node in known.get(after.after) or scope.find(after.after) if node in names]:
            tables[after.after], waiting[role] = sources, after
    if not tables:
        role, after = next(iter(roles.items()))
        raise UserError(
            f"nobody plays {role!r} before the table {after.after!r} is there, but none of it is made without {role!r}"
        )
    release = pipeline.release or ReleaseSpec(tables=tables)
    return replace(
        pipeline,
        nodes=tuple(left),
        release=release.model_copy(update={"tables": tables}),
        holds=tuple(hold for hold in pipeline.holds if _about(hold) <= {table.lower() for table in tables}),
        afterwards=" ".join(_words(called, role, after) for role, after in waiting.items()),
    )


def _left(nodes: Collection[Node], gone: Collection[str]) -> list[Node]:
    """The nodes that read nothing of those that are gone."""
    missing, before = set(gone), -1
    while len(missing) > before:
        before, last = len(missing), ""
        for node in nodes:
            inputs = {**node.step.reads_from(), **node.inputs}
            ports = node.step.ports()
            read = {name for names in inputs.values() for name in names}
            if ports and next(iter(ports)) not in inputs and "rows" not in inputs:
                read.add(last)
            if read & missing:
                missing.add(node.name)
            last = node.name
    return [node for node in nodes if node.name not in missing]


def _about(hold: Hold) -> set[str]:
    tables = [hold.of] if hold.of is not None else tables_of(str(hold.sql))
    return {str(table).lower() for table in tables}


def _words(name: str, role: str, after: After) -> str:
    given = "".join(f" --model {role}={_written(one)}" for one in after.before)
    return (
        f"Next, train the player of {role!r} on the table {after.after!r} of this release, and go on with it: "
        f"xlcorpus run {name}{given} --model {role}={EXAMPLE}"
    )


def _written(player: Any) -> str:
    """A player as the command line takes it."""
    return f"{player['base_url']}#{player['model']}" if isinstance(player, dict) else str(player)
