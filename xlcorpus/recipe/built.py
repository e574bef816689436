"""A step from plain data, with the line of everything kept for messages."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from xlcorpus.errors import UserError, nearest
from xlcorpus.pipeline import Node, Resources, as_inputs
from xlcorpus.recipe.files import Lines, at
from xlcorpus.registry import step_class
from xlcorpus.step import Step

M = TypeVar("M", bound=BaseModel)

NODE_KEYS = ("step", "inputs", "resources", "want", "candidates", "again", "optional")
"""Keys of a step that are not options of the step."""


def node_of(name: str, body: Any, lines: Lines, source: str, path: str | None = None) -> Node:
    """One step.

    Args:
        name: of the node.
        body: its options, and what else stands under its name.
        lines: of the recipe.
        source: the recipe's file, for messages.
        path: where it stands in the recipe, if not as `name` under `steps`.

    Raises:
        UserError: an unknown step or option (with the nearest valid name), a wrong type, a prompt that cannot be read.
    """
    path = path or f"steps.{name}"
    body = {} if body is None else body
    if not isinstance(body, dict):
        raise UserError(f"{at(lines, path, source)}: step {name!r} must be a mapping of options, got {body!r}")
    cls = class_of(name, body, lines, source, path)
    options = {k: v for k, v in body.items() if k not in NODE_KEYS}
    step = validated(cls, options, path, lines, source)
    try:
        step.ports()
    except UserError as problem:  # a prompt that is not there or no Jinja
        raise UserError(f"step {name!r} ({at(lines, path, source)}): {problem}") from None
    resources = validated(Resources, body.get("resources") or {}, f"{path}.resources", lines, source)
    wanted: dict[str, Any] = {
        key: _count(body[key], key, path, lines, source) for key in ("want", "candidates") if key in body
    }
    if "candidates" in wanted and "want" not in wanted:
        raise UserError(f"{at(lines, f'{path}.candidates', source)}: candidates says how many rows `want` may take")
    flags: dict[str, Any] = {key: body[key] for key in ("again", "optional") if key in body}
    for key, value in flags.items():
        if not isinstance(value, bool):
            raise UserError(f"{at(lines, f'{path}.{key}', source)}: {key} is true or false, got {value!r}")
    return Node(name, step, as_inputs(body.get("inputs")), resources, **wanted, **flags)


def _count(value: Any, key: str, path: str, lines: Lines, source: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UserError(f"{at(lines, f'{path}.{key}', source)}: {key} is a number of rows, 1 or more, got {value!r}")
    return value


def class_of(name: str, body: Any, lines: Lines, source: str, path: str | None = None) -> type[Step]:
    """The class of one step.

    Raises:
        UserError: no such step; names the nearest.
    """
    try:
        return step_class(kind_of(name, body))
    except UserError as problem:
        raise UserError(f"{at(lines, path or f'steps.{name}', source)}: {problem}") from None


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
        # A name that is not known first: where it is misspelt, the right one is missing too.
        error = min(problem.errors(), key=lambda error: error["type"] != "extra_forbidden")
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
