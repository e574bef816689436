"""An asynchronous step over shards: rows of several shards are under way at a time, in the process of the run.

A shard is written when all its rows are there. What was asked of a shard that is not whole when a run ends is kept by
the clients that asked, and asked for again at no cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from xlcorpus.asking import Asking
from xlcorpus.async_step import PLACE, AsyncStep
from xlcorpus.engine import pieces
from xlcorpus.engine.chain import Hop, Parcel, finished, read_shard
from xlcorpus.engine.store import Entry, task_name
from xlcorpus.in_flight import in_flight
from xlcorpus.row_calls import Made, calls, join
from xlcorpus.step import RowEnv


@dataclass
class _Shard:
    """A shard whose rows are under way."""

    number: int
    parcel: Parcel
    rows: pl.DataFrame
    chosen: pl.Series | None
    """rows that the step is given"""
    env: RowEnv
    said: list[Any]
    missing: int
    """questions that are under way"""


Question = tuple[_Shard, int, Any]
"""Its place among those of its shard, and what is asked."""
Take = Callable[[dict[str, Any]], None]
"""Takes the note of a finished shard, see `chain.Segment`."""


def ask_shards(hop: Hop, parcels: Sequence[Parcel], asking: Asking, take: Take) -> None:
    """Run the step over the shards.

    Raises:
        XlcorpusError: the step stops the run. Shards that are whole by then have been taken.
    """
    asking.run(_all(hop, parcels, asking, take))


async def _all(hop: Hop, parcels: Sequence[Parcel], asking: Asking, take: Take) -> None:
    step = hop.step
    assert isinstance(step, AsyncStep)
    first = hop.env()
    first.asking = asking
    loaded = step.open(first)

    def questions() -> Iterator[Question]:
        for number, parcel in enumerate(parcels):
            entry = pieces.noted_entry(hop.folder, hop.reads(parcel.sha256))
            if entry is not None:  # written by a run that was killed before it noted this
                take(_note(parcel.size, entry))
                continue
            frame = read_shard(Path(parcel.path))
            env = hop.env()
            env.asking, env.loaded = asking, loaded
            inputs, chosen = hop.reads(parcel.sha256), step.chosen(frame, env)
            given = frame if chosen is None else frame.filter(chosen)
            stored = pieces.stored_scores(hop.scores, inputs, given, env.asked) if hop.scores is not None else None
            env.questions = [] if stored is not None else step.questions(given, env)
            asked = len(env.questions)
            shard = _Shard(number, parcel, frame, chosen, env, [None] * asked, asked)
            if not env.questions:
                _finish(hop, shard, take, stored)
                continue
            yield from ((shard, place, question) for place, question in enumerate(env.questions))

    async def ask(item: Question) -> Any:
        shard, place, question = item
        return await step.heard(question, (shard.number, place), shard.env)

    async for (shard, place, _), said in in_flight(questions(), ask, step.rows_in_flight):
        shard.said[place] = said
        shard.missing -= 1
        if not shard.missing:
            _finish(hop, shard, take, None)


def _finish(hop: Hop, shard: _Shard, take: Take, made: Made | None) -> None:
    """Make the rows of a shard, write them, and say so."""
    inputs = hop.reads(shard.parcel.sha256)
    if made is None:
        shard.env.said = shard.said
        given = shard.rows if shard.chosen is None else shard.rows.filter(shard.chosen)
        numbered = given.with_row_index(PLACE)
        made = join(dict(calls(hop.step, numbered, shard.env)), hop.step.output_kind({hop.port: hop.kind}))
        if hop.scores is not None:
            pieces.store_scores(hop.scores, inputs, given, made, shard.env.asked)
    entry, _ = finished(hop, task_name(inputs), shard.rows, shard.chosen, inputs, made, shard.env)
    take(_note(shard.rows.height, entry))
    pieces.forget_entry(hop.folder, entry.inputs)


def _note(rows_in: int, entry: Entry) -> dict[str, Any]:
    return {"hop": 0, "rows_in": rows_in, "entry": entry.to_json()}
