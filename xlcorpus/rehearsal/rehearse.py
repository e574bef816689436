"""A recipe, rehearsed: the whole of it on a few rows, with stand-ins for all models, in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xlcorpus.asking import Asking
from xlcorpus.engine.folder import REHEARSAL
from xlcorpus.engine.result import RunResult
from xlcorpus.engine.run import run_alone
from xlcorpus.models.stand_ins.chat import Question, RehearsedChats
from xlcorpus.once import one_run
from xlcorpus.pipeline import Node, Pipeline
from xlcorpus.recipe.recipe import Recipe
from xlcorpus.rehearsal.mark_rehearsed import MarkRehearsed
from xlcorpus.rehearsal.players import with_stand_ins
from xlcorpus.rehearsing import rehearsal

ROWS = 8
"""Read of each source file."""


@dataclass(frozen=True)
class Rehearsed:
    """What a rehearsal gave."""

    result: RunResult
    questions: Mapping[str, Sequence[Question]]
    """what asking steps asked, by step"""
    empty: tuple[str, ...]
    """released tables without rows"""
    broken: tuple[str, ...]
    """conditions that do not hold"""
    skipped: tuple[str, ...]
    """conditions that only real models can meet"""
    pipeline: Pipeline
    """what ran"""


def rehearse(recipe: Recipe, workdir: Path | str = "runs", rows: int = ROWS, small: bool = True) -> Rehearsed:
    """Run a recipe with stand-ins for all its models. Nothing is sent, no key and no package of a model is needed.

    What it makes lies in `workdir/<name>/rehearsal` and is marked in the column `rehearsed`; it cannot be published.

    Args:
        recipe: the recipe, with or without players.
        workdir: as of `engine.run`.
        rows: read of each source file.
        small: whether parameters have the values that they name for rehearsals.

    Raises:
        UserError, XlcorpusError: as `engine.run`.
    """
    with rehearsal(), one_run():
        smaller = {name: param.rehearse for name, param in recipe.params.items() if param.rehearse is not None}
        pipeline = with_stand_ins(recipe.with_params(**smaller) if small else recipe).pipeline()
        skipped = tuple(hold.what for hold in pipeline.holds if hold.real)
        folder = Path(workdir) / pipeline.name / REHEARSAL
        asking = Asking()
        chats = RehearsedChats.into(asking)
        marked = _marked(pipeline)
        result = run_alone(marked, folder, asking, rows)
    released = {} if pipeline.release is None else pipeline.release.tables
    empty = [c for c, names in released.items() if not any(_rows(result, name) for name in names)]
    held = () if result.release is None else result.release.held
    broken = tuple(f"{h.what} ({h.found})" for h in held if not h.ok)
    return Rehearsed(result, dict(chats.questions), tuple(empty), broken, skipped, marked)


def _rows(result: RunResult, name: str) -> int:
    return sum(entry.rows_out for entry in result.ledger if entry.step == name)


def _marked(pipeline: Pipeline) -> Pipeline:
    """The pipeline with its released rows marked, and without conditions that stand-ins cannot meet."""
    pipeline = replace(pipeline, holds=tuple(hold for hold in pipeline.holds if not hold.real))
    if pipeline.release is None:
        return pipeline
    names = dict.fromkeys(name for names in pipeline.release.tables.values() for name in names)
    marks = [Node(f"{name}.rehearsed", MarkRehearsed(), {"rows": (name,)}) for name in names]
    tables = {c: [f"{n}.rehearsed" for n in names] for c, names in pipeline.release.tables.items()}
    return replace(
        pipeline,
        nodes=(*pipeline.nodes, *marks),
        release=pipeline.release.model_copy(update={"tables": tables, "splits": {}}),
    )
