"""What a real run of a recipe would ask and cost, before anything is sent, or after a few rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xlcorpus.accounts import Asked
from xlcorpus.engine.folder import REHEARSAL
from xlcorpus.engine.run import run
from xlcorpus.models.chat.player import Player
from xlcorpus.pipeline import ResolvedNode
from xlcorpus.recipe.recipe import Recipe
from xlcorpus.rehearsal.players import ADDRESS
from xlcorpus.rehearsal.rehearse import rehearse
from xlcorpus.rehearsing import rehearsal
from xlcorpus.step import SourceEnv, SourceStep

ROWS = 2000
"""Rows of a source file up to which all are rehearsed; of more these are, and what is counted is multiplied."""
PILOT = "pilot"
"""Folder of a pilot, in that of the recipe's rehearsal."""


@dataclass(frozen=True)
class Planned:
    """What a step would ask of one model."""

    step: str
    model: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    price: float | None
    """None: the model has no price list, or nobody plays the role"""
    measured: bool
    """whether tokens were measured by a pilot, not guessed"""


@dataclass(frozen=True)
class Plan:
    """What a run would ask."""

    asked: tuple[Planned, ...]
    rows: Mapping[str, int]
    """of the input, by source step"""
    rehearsed: Mapping[str, int]
    """those that were rehearsed"""

    @property
    def counted(self) -> bool:
        """Whether all rows were rehearsed, so that requests are counted and not estimated."""
        return dict(self.rows) == dict(self.rehearsed)


def plan(recipe: Recipe, workdir: Path | str = "runs", pilot: int = 0) -> Plan:
    """Count what a run would ask, by rehearsing its input.

    Args:
        recipe: the recipe; for a pilot its roles must be played.
        workdir: as of `engine.run`; what a pilot is answered is kept there.
        pilot: rows of each source file to ask real models about; 0: none, tokens are then guessed.

    Raises:
        UserError, XlcorpusError: as `engine.run`.
    """
    found = rehearse(recipe, workdir, ROWS, small=False)
    with rehearsal():
        nodes = found.pipeline.resolve()
    sources = {node.name: node.step for node in nodes if isinstance(node.step, SourceStep)}
    rehearsed = {step: sum(e.rows_in for e in found.result.ledger if e.step == step) for step in sources}
    rows = {step: _rows_of(source) for step, source in sources.items()}
    means: dict[tuple[str, str], Asked] = {}
    if pilot:
        folder = Path(workdir) / recipe.name / REHEARSAL / PILOT
        means = run(recipe.pipeline(), workdir, limit=pilot, folder=folder).asked
    asked = []
    for (step, model), account in found.result.accounts.items():
        above = _above(nodes, step) & rows.keys()
        read = sum(rehearsed[name] for name in above)
        scale = sum(rows[name] for name in above) / read if read else 1.0
        mean = means.get((step, model))
        per = mean if mean is not None and mean.answers else replace(account.paid, answers=account.requests)
        requests = round(account.requests * scale)
        each = requests / per.answers if per.answers else 0.0
        tokens = round(per.prompt_tokens * each), round(per.completion_tokens * each)
        priced = found.questions[step][0].player
        price = per.price * each if _has_price(priced) else None
        asked.append(Planned(step, model, requests, *tokens, price, mean is not None))
    return Plan(tuple(asked), rows, rehearsed)


def _has_price(player: Player) -> bool:
    return player.price is not None and player.base_url != ADDRESS


def _rows_of(step: SourceStep) -> int:
    """The rows that a source step reads, those that it rejects among them."""
    step = step.model_copy(update={"limit": None})
    lost: list[int] = []
    env = SourceEnv(kind=step.output_kind({}), reject=lambda rows, rule, measure: lost.append(rows.height))
    return sum(frame.height for unit in step.units() for frame in step.read(unit, env)) + sum(lost)


def _above(nodes: Sequence[ResolvedNode], step: str) -> set[str]:
    """The steps that a step's rows come from."""
    inputs = {node.name: [s for sources in node.inputs.values() for s in sources] for node in nodes}
    above, left = {step}, [step]
    while left:
        for name in inputs[left.pop()]:
            if name not in above:
                above.add(name)
                left.append(name)
    return above
