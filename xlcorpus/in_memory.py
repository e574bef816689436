"""A pipeline on DataFrames in this process, without Ray, checkpoints or a release: for notebooks and tests.

>>> run_frames(pipeline, {"read": pl.DataFrame({"text": ["Guten Tag."], "lang": "deu_Latn"})})["quality"]
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from xlcorpus import records
from xlcorpus.errors import UserError, XlcorpusError, nearest
from xlcorpus.outcomes import REJECT_SCHEMA, Outcome
from xlcorpus.pipeline import Pipeline, ResolvedNode
from xlcorpus.step import CorpusStep, RowStep, SourceStep

Frames = pl.DataFrame | Mapping[str, pl.DataFrame]


def run_frames(pipeline: Pipeline, frames: Frames | None = None) -> dict[str, pl.DataFrame]:
    """The table of every step, by its name.

    Args:
        frames: rows in place of what a source step would read, by the step's name; one frame is for the only source
            step. Other source steps read their files.

    Raises:
        UserError: as `Pipeline.resolve`, or a frame for what is no source step.
        XlcorpusError: a step failed on more rows than `max_error_rate` allows.
    """
    return {name: outcome.kept for name, outcome in frame_outcomes(pipeline, frames).items()}


def frame_outcomes(pipeline: Pipeline, frames: Frames | None = None) -> dict[str, Outcome]:
    """As `run_frames`, with the rows that each step rejected and failed on."""
    given = _given(pipeline, frames)
    done: dict[str, Outcome] = {}
    for node in pipeline.resolve():
        if node.name in given:
            rows = records.finish(given[node.name], node.output_kind, node.name, pipeline.name)
            done[node.name] = Outcome.of(rows, REJECT_SCHEMA.to_frame())
            continue
        node.step.preflight()
        tables = {
            port: pl.concat([done[source].kept for source in sources], how="diagonal_relaxed")
            for port, sources in node.inputs.items()
        }
        if node.node.optional and all(table.is_empty() for table in tables.values()):
            nothing = records.finish(pl.DataFrame(schema=records.polars_schema(node.output_kind)), node.output_kind)
            done[node.name] = Outcome.of(nothing, REJECT_SCHEMA.to_frame())
            continue
        done[node.name] = _outcome(pipeline, node, tables)
        rows_in, failed = sum(table.height for table in list(tables.values())[:1]), done[node.name].failed
        if rows_in and failed.height / rows_in > pipeline.max_error_rate:
            raise XlcorpusError(
                f"step {node.name!r} failed on {failed.height:,} of {rows_in:,} rows, more than max_error_rate "
                f"{pipeline.max_error_rate:g} allows. First: row {failed['id'][0]}: {failed['error'][0]}"
            )
    return done


def _outcome(pipeline: Pipeline, node: ResolvedNode, tables: dict[str, pl.DataFrame]) -> Outcome:
    step, name, seed = node.step, pipeline.name, pipeline.seed
    if isinstance(step, SourceStep):
        return step.outcome(step=node.name, recipe=name, seed=seed)
    main, *_ = tables
    side = {port: table for port, table in tables.items() if port != main}
    if isinstance(step, RowStep):
        return step.outcome(tables[main], kind=node.kinds[main], step=node.name, recipe=name, seed=seed, **side)
    assert isinstance(step, CorpusStep)
    return step.outcome(
        tables[main], kind=node.kinds[main], step=node.name, recipe=name, seed=seed, folder=None, **side
    )


def _given(pipeline: Pipeline, frames: Frames | None) -> Mapping[str, pl.DataFrame]:
    sources = [node.name for node in pipeline.nodes if isinstance(node.step, SourceStep)]
    if isinstance(frames, pl.DataFrame):
        if len(sources) != 1:
            raise UserError(f"one frame is for one source step, but there are {len(sources)}; give frames by name")
        return {sources[0]: frames}
    for name in frames or {}:
        if name not in sources:
            raise UserError(f"rows are given for {name!r}, which is no source step; {nearest(name, sources)}")
    return frames or {}
