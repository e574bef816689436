"""The prompt of a row, as a step sends it, and what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xlcorpus.engine.run import ANSWERS
from xlcorpus.errors import UserError, nearest
from xlcorpus.models.chat.answer import Answer
from xlcorpus.models.chat.answer_cache import AnswerCache
from xlcorpus.models.chat.request import Message
from xlcorpus.recipe.recipe import Recipe
from xlcorpus.rehearsal.rehearse import ROWS, rehearse


@dataclass(frozen=True)
class Asked:
    """A question about a row, and the answer where there is one."""

    model: str
    messages: Sequence[Message]
    sample: int
    answer: Answer | None
    """what an earlier run was answered; None: nothing yet, or no player is known"""


def prompts(recipe: Recipe, step: str, row: int, workdir: Path | str = "runs") -> list[Asked]:
    """What a step asks about a row.

    Rows that models make before the step are those of stand-ins; where none does, the prompts are those of a run.

    Args:
        recipe: the recipe; with its players, kept answers are found.
        step: name of the step.
        row: place in the table that the step reads, from 0.
        workdir: as of `engine.run`.

    Raises:
        UserError: no such step, a step that asks nothing, no such row.
    """
    found = rehearse(recipe, workdir, max(ROWS, row + 1))
    # A step of a block is that of its first round, unless another is named.
    inside = [name for name in found.questions if name.endswith(f".{step}")]
    questions = found.questions.get(step) or (found.questions[inside[0]] if inside else [])
    if not questions:
        asking = sorted(found.questions)
        told = nearest(step, asking) if asking else "no step of it asks"
        raise UserError(f"no step {step!r} of {recipe.name} asks a model; {told}")
    places = sorted({question.order for question in questions})
    if not 0 <= row < len(places):
        raise UserError(f"--row {row}: {step} asks about {len(places)} rows of the sample; they count from 0")
    folder = Path(workdir) / ANSWERS
    cache = AnswerCache(folder) if folder.is_dir() else None
    made = []
    for question in questions:
        if question.order == places[row]:
            kept = None if cache is None else cache.get(question.request.digest(question.player))
            made.append(Asked(question.player.model, question.request.messages, question.request.sample, kept))
    if cache is not None:
        cache.close()
    return made
