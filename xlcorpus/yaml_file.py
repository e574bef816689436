"""Pipelines as YAML files, with the line of everything kept for messages.

name: demo
steps:
  read: {paths: {deu: [de.txt]}}      # a step under its own name
  filter: {step: quality}             # a step under another name
  code_switch: {inputs: {rows: filter, lexicon: induce_lexicon}}
release: {tables: {variants: code_switch}}
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from xlcorpus import shipped, yaml_values
from xlcorpus.errors import UserError, nearest
from xlcorpus.pipeline import Node, Pipeline, Resources, as_inputs
from xlcorpus.release_spec import ReleaseSpec
from xlcorpus.step import step_class

M = TypeVar("M", bound=BaseModel)

HEAD = ("name", "description", "seed", "max_error_rate", "steps", "release")
NODE_KEYS = ("step", "inputs", "resources")
"""Keys of a step that are not options of the step."""


def load(path: Path | str, overrides: Mapping[str, Any] | None = None) -> Pipeline:
    """Read a pipeline file, or a pipeline that comes with xlcorpus by its name.

    Args:
        path: the file; a name without a folder and an ending (`quickstart`) is one of `shipped.pipelines`, unless a
            file of that name is there.
        overrides: {"step.option": value}, taken before the check; also `release.option`, `seed`, ...

    Raises:
        UserError: no such file, not UTF-8, not YAML, or anything `from_yaml` refuses.
    """
    path = Path(path)
    if not path.suffix and path.name == str(path) and not path.exists():
        known = shipped.pipelines()
        if path.name not in known:
            raise UserError(
                f"no pipeline {str(path)!r}, neither a file nor one of xlcorpus; {nearest(path.name, known)}"
            )
        path = known[path.name]
    try:
        text = path.read_text("utf8")
    except FileNotFoundError:
        raise UserError(f"no pipeline file {path}") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise UserError(f"cannot read {path}: {problem}") from None
    return from_yaml(text, str(path), overrides)


def from_yaml(text: str, source: str = "<yaml>", overrides: Mapping[str, Any] | None = None) -> Pipeline:
    """Build a pipeline from YAML text; `source` names it in messages.

    Raises:
        UserError: a key twice, an unknown step or option (with the nearest valid name), a wrong type.
    """
    lines: dict[str, str] = {}
    try:
        root = yaml.compose(text, yaml_values.Loader)
        data = yaml_values.read(text)
    except yaml.YAMLError as problem:
        raise UserError(f"{source} is not valid YAML: {problem}") from None
    if not isinstance(data, dict) or not isinstance(root, yaml.MappingNode):
        raise UserError(f"{source} must hold a mapping with the keys name and steps")
    _note_lines(root, (), source, lines)
    _apply(data, overrides or {}, source)
    for key in data:
        if key not in HEAD:
            raise UserError(f"{_at(lines, key, source)}: no key {key!r} in a pipeline; {nearest(str(key), HEAD)}")
    if not isinstance(data.get("name"), str):
        raise UserError(f"{source}: a pipeline needs a name (letters, digits, - and _)")
    if not all(c.isalnum() or c in "-_." for c in data["name"]) or data["name"].startswith("."):
        raise UserError(f"{_at(lines, 'name', source)}: name {data['name']!r} may hold letters, digits, - and _ only")
    steps = data.get("steps")
    if not isinstance(steps, dict) or not steps:
        raise UserError(f"{source}: a pipeline needs steps, a mapping of names to options")
    flat = {k.removeprefix("steps."): v for k, v in lines.items()}
    nodes = tuple(_node(str(name), body or {}, flat, source) for name, body in steps.items())
    release = None
    if data.get("release") is not None:
        release = _validated(ReleaseSpec, data["release"], "release", flat, source)
    for key, kind in (("seed", int), ("max_error_rate", (int, float)), ("description", str)):
        if key in data and not isinstance(data[key], kind):
            raise UserError(f"{_at(lines, key, source)}: {key} has the wrong type: {data[key]!r}")
    head = {k: data[k] for k in ("description", "seed", "max_error_rate") if k in data}
    return Pipeline(name=data["name"], nodes=nodes, release=release, lines=flat, **head)


def to_yaml(pipeline: Pipeline) -> str:
    """The pipeline as YAML; `from_yaml` reads it back to an equal pipeline.

    Raises:
        UserError: a step that YAML cannot hold.
    """
    for node in pipeline.nodes:
        if (reason := node.step.only_in_python()) is not None:
            raise UserError(f"step {node.name!r} cannot be written as YAML: {reason}")
    return shown(pipeline)


def shown(pipeline: Pipeline) -> str:
    """The pipeline as YAML for people, also where some of it cannot be read back."""
    return yaml.safe_dump(pipeline.to_dict(), sort_keys=False, allow_unicode=True, width=100)


def _node(name: str, body: Any, lines: Mapping[str, str], source: str) -> Node:
    if not isinstance(body, dict):
        raise UserError(f"{_at(lines, name, source)}: step {name!r} must be a mapping of options, got {body!r}")
    kind = body.get("step", name)
    try:
        cls = step_class(str(kind))
    except UserError as problem:
        raise UserError(f"{_at(lines, name, source)}: {problem}") from None
    options = {k: v for k, v in body.items() if k not in NODE_KEYS}
    step = _validated(cls, options, name, lines, source)
    resources = _validated(Resources, body.get("resources") or {}, f"{name}.resources", lines, source)
    return Node(name, step, as_inputs(body.get("inputs")), resources)


def _validated(model: type[M], options: Any, name: str, lines: Mapping[str, str], source: str) -> M:
    if not isinstance(options, dict):
        raise UserError(f"{_at(lines, name, source)}: {name} must be a mapping of options, got {options!r}")
    try:
        return model(**options)
    except ValidationError as problem:
        error = problem.errors()[0]
        option = str(error["loc"][0]) if error["loc"] else ""
        at = _at(lines, f"{name}.{option}", source) if f"{name}.{option}" in lines else _at(lines, name, source)
        if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
            raise UserError(f"{at}: {name!r} has no option {option!r}; {nearest(option, model.model_fields)}") from None
        if not error["loc"]:  # options that do not fit each other
            raise UserError(f"{at}: {name}: {error['msg'].removeprefix('Value error, ')}") from None
        path = ".".join(str(part) for part in error["loc"])
        # What a check of ours says names the value itself.
        got = "" if error["type"] in ("missing", "value_error") else f", got {error['input']!r}"
        raise UserError(f"{at}: {name}.{path}: {error['msg'].removeprefix('Value error, ')}{got}") from None


def _apply(data: dict[str, Any], overrides: Mapping[str, Any], source: str) -> None:
    """Put `--set step.option=value` into the data as if it stood in the file."""
    steps = data.get("steps") if isinstance(data.get("steps"), dict) else {}
    assert isinstance(steps, dict)
    for path, value in overrides.items():
        first, *rest = path.split(".")
        if not rest:
            if first not in HEAD or first in ("steps", "release"):
                raise UserError(
                    f"--set {path}: write step.option=value, or one of seed, name, description, max_error_rate"
                )
            data[first] = value
            continue
        if first == "release":
            target = data.setdefault("release", {})
        elif first in steps:
            steps[first] = target = steps[first] or {}
        else:
            raise UserError(f"--set {path}: no step {first!r} in {source}; {nearest(first, [*steps, 'release'])}")
        for key in rest[:-1]:
            if not isinstance(target.get(key), dict):
                target[key] = {}
            target = target[key]
        target[rest[-1]] = value


def _note_lines(node: yaml.MappingNode, path: tuple[str, ...], source: str, lines: dict[str, str]) -> None:
    for key, value in node.value:
        name = ".".join((*path, str(key.value)))
        here = f"{source}:{key.start_mark.line + 1}"
        if name in lines:
            raise UserError(f"{here}: the key {key.value!r} stands twice (first at {lines[name]})")
        lines[name] = here
        if isinstance(value, yaml.MappingNode):
            _note_lines(value, (*path, str(key.value)), source, lines)


def _at(lines: Mapping[str, str], key: str, source: str) -> str:
    return lines.get(key, source)
