"""Steps that a command names, with the options of `--set`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from xlcorpus.cli.flags import overrides
from xlcorpus.errors import UserError, nearest
from xlcorpus.registry import step_class
from xlcorpus.step import Step

S = TypeVar("S", bound=Step)


def settings(given: Sequence[str], names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Options by step.

    Args:
        given: `step.option=value` strings; `step.option.key=value` sets a key of an option that is a mapping.
        names: steps that may be set.

    Raises:
        UserError: another step, or a value that is no YAML.
    """
    found: dict[str, dict[str, Any]] = {name: {} for name in names}
    for path, value in overrides(list(given)).items():
        step, *keys = path.split(".")
        if step not in found:
            raise UserError(f"--set {path}: no step {step!r} here; {nearest(step, names)}")
        if not keys:
            raise UserError(f"--set {path}: write step.option=value")
        inside = found[step]
        for key in keys[:-1]:
            inside = inside.setdefault(key, {})
        inside[keys[-1]] = value
    return found


def step_named(name: str, options: Mapping[str, Any]) -> Step:
    """A step of the registry.

    Raises:
        UserError: no such step or option, with the nearest name; a wrong value.
    """
    return made(step_class(name), options, name)


def made(step: type[S], options: Mapping[str, Any], name: str) -> S:
    """A step with options.

    Raises:
        UserError: no such option, with the nearest name; a wrong value.
    """
    try:
        return step(**options)
    except ValidationError as problem:
        error = problem.errors()[0]
        where = ".".join(str(part) for part in (name, *error["loc"]))
        if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
            option = str(error["loc"][0])
            near = nearest(option, step.model_fields)
            raise UserError(f"{where}: step {name!r} has no such option; {near}") from None
        # What a check of ours says names the value itself.
        got = "" if error["type"] in ("missing", "value_error") else f", got {error['input']!r}"
        raise UserError(f"{where}: {error['msg'].removeprefix('Value error, ')}{got}") from None
