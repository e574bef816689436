"""A pipeline from plain data, with the line of everything kept for messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from xlcorpus.errors import UserError, nearest
from xlcorpus.head_spec import Hold, Paper
from xlcorpus.pipeline import Node, Pipeline, Resources, as_inputs
from xlcorpus.recipe.files import Lines, at
from xlcorpus.registry import step_class
from xlcorpus.release_spec import ReleaseSpec
from xlcorpus.step import Step

M = TypeVar("M", bound=BaseModel)

NODE_KEYS = ("step", "inputs", "resources", "want", "candidates")
"""Keys of a step that are not options of the step."""

_TYPES: dict[str, type | tuple[type, ...]] = {
    "seed": int, "max_error_rate": (int, float), "about": str, "differs": str,
}  # fmt: skip


def pipeline_of(data: Mapping[str, Any], lines: Lines, source: str) -> Pipeline:
    """The pipeline that data describe, once parameters and roles are put in.

    Raises:
        UserError: an unknown step or option (with the nearest valid name), a wrong type.
    """
    steps = data["steps"]
    nodes = tuple(node_of(str(name), body, lines, source) for name, body in steps.items())
    release = paper = None
    if data.get("release") is not None:
        release = validated(ReleaseSpec, data["release"], "release", lines, source)
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
    return Pipeline(name=data["name"], nodes=nodes, release=release, paper=paper, holds=holds, lines=shown, **head)


def node_of(name: str, body: Any, lines: Lines, source: str) -> Node:
    """One step.

    Raises:
        UserError: as `pipeline_of`.
    """
    path = f"steps.{name}"
    body = {} if body is None else body
    if not isinstance(body, dict):
        raise UserError(f"{at(lines, path, source)}: step {name!r} must be a mapping of options, got {body!r}")
    cls = class_of(name, body, lines, source)
    options = {k: v for k, v in body.items() if k not in NODE_KEYS}
    step = validated(cls, options, path, lines, source)
    resources = validated(Resources, body.get("resources") or {}, f"{path}.resources", lines, source)
    wanted = {key: _count(body[key], key, path, lines, source) for key in ("want", "candidates") if key in body}
    if "candidates" in wanted and "want" not in wanted:
        raise UserError(f"{at(lines, f'{path}.candidates', source)}: candidates says how many rows `want` may take")
    return Node(name, step, as_inputs(body.get("inputs")), resources, **wanted)


def _count(value: Any, key: str, path: str, lines: Lines, source: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UserError(f"{at(lines, f'{path}.{key}', source)}: {key} is a number of rows, 1 or more, got {value!r}")
    return value


def class_of(name: str, body: Any, lines: Lines, source: str) -> type[Step]:
    """The class of one step.

    Raises:
        UserError: no such step; names the nearest.
    """
    try:
        return step_class(kind_of(name, body))
    except UserError as problem:
        raise UserError(f"{at(lines, f'steps.{name}', source)}: {problem}") from None


def kind_of(name: str, body: Any) -> str:
    """The name of the step that a node is."""
    return str(body.get("step", name)) if isinstance(body, dict) else name


def validated(model: type[M], options: Any, path: str, lines: Lines, source: str) -> M:
    """A model of options, or an error that names the option, its line and what would be right."""
    name = path.removeprefix("steps.")
    if not isinstance(options, dict):
        raise UserError(f"{at(lines, path, source)}: {name} must be a mapping of options, got {options!r}")
    try:
        return model(**options)
    except ValidationError as problem:
        error = problem.errors()[0]
        option = str(error["loc"][0]) if error["loc"] else ""
        where = at(lines, f"{path}.{option}", source)
        if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
            raise UserError(
                f"{where}: {name!r} has no option {option!r}; {nearest(option, model.model_fields)}"
            ) from None
        if not error["loc"]:  # options that do not fit each other
            raise UserError(f"{where}: {name}: {error['msg'].removeprefix('Value error, ')}") from None
        told = ".".join(str(part) for part in error["loc"])
        # What a check of ours says names the value itself; what stands where nothing belongs may be a secret.
        got = "" if error["type"] in ("missing", "value_error", "extra_forbidden") else f", got {error['input']!r}"
        raise UserError(f"{where}: {name}.{told}: {error['msg'].removeprefix('Value error, ')}{got}") from None
