"""A pipeline from what a recipe holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlcorpus import shipped
from xlcorpus.errors import UserError
from xlcorpus.head_spec import Hold, Paper
from xlcorpus.pipeline import Pipeline
from xlcorpus.recipe.built import validated
from xlcorpus.recipe.files import Lines, at
from xlcorpus.recipe.placed import Players
from xlcorpus.recipe.unplayed import until_played
from xlcorpus.recipe.unrolled import unrolled
from xlcorpus.release_spec import ReleaseSpec

_TYPES: dict[str, type | tuple[type, ...]] = {
    "seed": int, "max_error_rate": (int, float), "about": str, "differs": str,
}  # fmt: skip


def pipeline_of(data: Mapping[str, Any], lines: Lines, source: str, players: Players) -> Pipeline:
    """The pipeline that data describe, once parameters are put in.

    Args:
        data: of the recipe.
        lines: of the recipe.
        source: its file, for messages.
        players: of its roles.

    Raises:
        UserError: an unknown step or option (with the nearest valid name), a wrong type.
    """
    steps = unrolled(data["steps"], lines, source, players)
    release = paper = None
    if data.get("release") is not None:
        release = validated(ReleaseSpec, data["release"], "release", lines, source)
        tables = {config: list(steps.scope.all(names)) for config, names in release.tables.items()}
        release = release.model_copy(update={"tables": tables})
    if data.get("paper") is not None:
        paper = validated(Paper, data["paper"], "paper", lines, source)
    listed = data.get("holds") or []
    if not isinstance(listed, list):
        raise UserError(f"{at(lines, 'holds', source)}: holds is a list of conditions, got {listed!r}")
    holds = tuple(validated(Hold, hold, f"holds.{i}", lines, source) for i, hold in enumerate(listed))
    for key, kind in _TYPES.items():
        if key in data and (not isinstance(data[key], kind) or isinstance(data[key], bool)):
            raise UserError(f"{at(lines, key, source)}: {key} has the wrong type: {data[key]!r}")
    head = {key: data[key] for key in _TYPES if key in data}
    shown = {k.removeprefix("steps."): v for k, v in lines.items() if k.split(".")[0] in ("steps", "release", "holds")}
    for after in steps.open.values():
        steps.scope.find(after.after)
    nodes = tuple(steps.nodes)
    whole = Pipeline(
        name=data["name"],
        nodes=nodes,
        release=release,
        paper=paper,
        holds=holds,
        lines={**shown, **steps.lines},
        **head,
    )
    if not steps.open:
        return whole
    shelved = str(shipped.pipelines().get(whole.name)) == source
    return until_played(whole, steps.open, steps.gone, steps.scope, whole.name if shelved else source)
