"""Files of recipes: finding them, and reading YAML with the line of everything in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from xlcorpus import shipped, yaml_values
from xlcorpus.errors import UserError, nearest

Lines = Mapping[str, str]
"""Where a key stands ("demo.yaml:12"), by its path ("steps.mine.k"; elements of lists by number: "holds.0.all")."""


def find(name: Path | str, beside: Path | None = None) -> Path:
    """A file, or a recipe that comes with xlcorpus by its name.

    Args:
        name: a path; a name without a folder and an ending (`quickstart`) is one of `shipped.pipelines`, unless a file
            of that name is there.
        beside: folder that a path starts from; None: the current one.

    Raises:
        UserError: no such recipe; names the nearest.
    """
    path = Path(name) if beside is None else beside / name
    if Path(name).suffix or Path(name).name != str(name) or path.is_file():
        return path
    known = shipped.pipelines()
    if str(name) not in known:
        raise UserError(
            f"no pipeline {str(name)!r}, neither a file nor one of xlcorpus; {nearest(str(name), known)} "
            "(xlcorpus recipes lists them)"
        )
    return known[str(name)]


def text_of(path: Path, what: str = "pipeline file") -> str:
    """The text of a file.

    Raises:
        UserError: it is not there, or not UTF-8.
    """
    try:
        return path.read_text("utf8")
    except FileNotFoundError:
        raise UserError(f"no {what} {path}") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise UserError(f"cannot read {path}: {problem}") from None


def mapping(text: str, source: str, holds: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The mapping that YAML text holds, and where each of its keys stands.

    Args:
        text: the YAML.
        source: names it in messages.
        holds: what the mapping is for ("the keys name and steps"), for messages.

    Raises:
        UserError: not YAML, no mapping, a key twice.
    """
    try:
        loader = yaml_values.Loader(text)
        root = loader.get_single_node()
        data = None if root is None else loader.construct_document(root)
    except yaml.YAMLError as problem:
        raise UserError(f"{source} is not valid YAML: {problem}{_unquoted(text, problem)}") from None
    if not isinstance(data, dict) or not isinstance(root, yaml.MappingNode):
        raise UserError(f"{source} must hold a mapping with {holds}")
    lines: dict[str, str] = {}
    _note_lines(root, (), source, lines, ())
    return data, lines


def _unquoted(text: str, problem: yaml.YAMLError) -> str:
    """A hint where a parameter ends a text too early: `{` belongs to YAML inside of braces."""
    mark = getattr(problem, "problem_mark", None)
    line = text.splitlines()[mark.line] if mark is not None and mark.line < len(text.splitlines()) else ""
    return "\ninside of { } and [ ], a text with ${...} stands in quotes" if "${" in line else ""


def at(lines: Lines, key: str, source: str) -> str:
    """Where a key stands: its own line, that of the nearest key around it, or the file."""
    while key not in lines and "." in key:
        key = key.rpartition(".")[0]
    return lines.get(key, source)


def _note_lines(
    node: yaml.Node, path: tuple[str, ...], source: str, lines: dict[str, str], above: tuple[yaml.Node, ...]
) -> None:
    if any(node is other for other in above):
        raise UserError(f"{source}:{node.start_mark.line + 1}: an alias (*) stands inside what it stands for")
    above = (*above, node)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = ".".join((*path, str(key.value)))
            here = f"{source}:{key.start_mark.line + 1}"
            if name in lines:
                raise UserError(f"{here}: the key {key.value!r} stands twice (first at {lines[name]})")
            lines[name] = here
            _note_lines(value, (*path, str(key.value)), source, lines, above)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[".".join((*path, str(index)))] = f"{source}:{value.start_mark.line + 1}"
            _note_lines(value, (*path, str(index)), source, lines, above)
