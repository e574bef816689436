"""A number of good rows, in place of what comes out of all: `want` of a node.

A node that wants 5,000 rows gets no more of them than it needs: what is asked of models before it is asked of some rows
of the input after the other, until there are enough. In the graph that is run stand two nodes more, `NAME.candidates`
before the first step that asks and, under the name of the node, the first rows of what it keeps; the node itself goes
by `NAME.tried`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil

import polars as pl

from xlcorpus import records
from xlcorpus.async_step import AsyncStep
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.step import MAIN, CorpusEnv, CorpusStep, Port, Step, Table

Inputs = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Of each node: the nodes that its inputs read, the main one first."""

CANDIDATES, TRIED = ".candidates", ".tried"
"""Ends of names of nodes."""

_FEWEST, _MOST, _PARTS = 16, 4096, 8
"""Candidates are tried in slices: so many rows at least and at most, else a part of the wanted ones."""


class Candidates(CorpusStep):
    """The first rows of a table, in slices that can be worked on one after the other."""

    light = 1_000_000

    rows: int
    """at most; 0: all"""
    slice_rows: int

    def ports(self) -> dict[str, Port]:
        """Rows of any kind."""
        return {MAIN: Port(tuple(records.kinds()))}

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """See `CorpusStep.run`."""
        for rows in _first(inputs[MAIN], self.rows):
            yield from rows.iter_slices(self.slice_rows)


class Wanted(CorpusStep):
    """The first rows that a step kept, and no run without enough of them."""

    light = 1_000_000

    rows: int
    """wanted"""

    def ports(self) -> dict[str, Port]:
        """Rows of any kind."""
        return {MAIN: Port(tuple(records.kinds()))}

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """See `CorpusStep.run`."""
        found = inputs[MAIN].scan().select(pl.len()).collect().item()
        if found < self.rows:
            raise XlcorpusError(
                f"step {env.step!r} wants {self.rows:,} rows and kept {found:,} of all its candidates. Give more "
                "(`candidates`, or more input) or want fewer; what was asked is kept"
            )
        yield from _first(inputs[MAIN], self.rows)


def _first(table: Table, rows: int) -> Iterator[pl.DataFrame]:
    """The first rows of a table (0: all), shard by shard."""
    left = rows
    for path in table.shards:
        frame = pl.read_parquet(path)
        yield frame if not rows else frame.head(left)
        left -= frame.height
        if rows and left <= 0:
            return


def asking_path(name: str, steps: Mapping[str, Step], inputs: Inputs) -> list[str]:
    """The nodes that work on a slice of candidates: from the first that asks a model to the one that wants rows.

    Args:
        name: the node that wants rows.
        steps, inputs: of all nodes, by name.

    Raises:
        UserError: no node asks a model, or one that needs whole tables stands between.
    """
    if not steps[name].row_by_row():
        raise UserError("want: the step needs its whole table, so that it cannot take rows until it has enough")
    path, at = [name], name
    while True:
        main = next(iter(inputs[at].values()), ())
        if len(main) != 1 or not steps[main[0]].row_by_row():
            break
        at = main[0]
        path.insert(0, at)
    asks = [place for place, node in enumerate(path) if _asks(steps[node])]
    if asks:
        return path[asks[0] :]
    between = main[0] if main else at
    before = _before(between, inputs) & {node for node, step in steps.items() if _asks(step)}
    if before:
        raise UserError(f"want cannot reach {min(before)!r}: {between!r} stands between, which needs the whole table")
    raise UserError("want: nothing before it asks a model; `sample: {each: N}` takes N rows of each language")


def _before(name: str, inputs: Inputs) -> set[str]:
    """A node and all that it is made of."""
    found, left = {name}, [name]
    while left:
        for sources in inputs[left.pop()].values():
            left += [source for source in sources if source not in found]
            found |= {*sources}
    return found


def _asks(step: Step) -> bool:
    return isinstance(step, AsyncStep) and step.asks()


def slice_rows(wanted: int) -> int:
    """Rows of a slice of candidates."""
    return min(max(wanted // _PARTS, _FEWEST), _MOST)


def slices_to_try(tried: int, there: int, found: int, wanted: int) -> int:
    """Slices of candidates to have tried next, by what came of those that were tried.

    Args:
        tried: slices so far.
        there: slices in all.
        found, wanted: rows kept, of those tried and in the end.
    """
    if not tried:
        needed = float(_PARTS)
    elif not found:
        needed = 2.0 * tried
    else:
        needed = tried * wanted / found
    return min(max(tried + 1, ceil(needed)), there)


def together(order: Sequence[str], path: Sequence[str], inputs: Inputs) -> list[str]:
    """The order in which nodes run, with those of a path one right after the other.

    Raises:
        UserError: a node of the path needs, beside the rows of the path, a table that is made of them.
    """
    for node in path:
        for port, sources in list(inputs[node].items())[1:]:
            if any(_before(source, inputs) & {*path} for source in sources):
                raise UserError(
                    f"want: the input {port!r} of {node!r} is made of the rows that are tried: it needs all"
                )
    start, end = order.index(path[0]), order.index(path[-1])
    others = [node for node in order[start:end] if node not in path]
    behind = [node for node in others if _before(node, inputs) & {*path}]
    return [*order[:start], *(node for node in others if node not in behind), *path, *behind, *order[end + 1 :]]
