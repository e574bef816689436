"""Pipelines as YAML files; `recipe` says what a file may hold beside steps and release.

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
from typing import Any

import yaml

from xlcorpus.errors import UserError
from xlcorpus.pipeline import Pipeline
from xlcorpus.recipe import Recipe
from xlcorpus.recipe.params import escaped
from xlcorpus.recipe.recipe import FIXED


def load(path: Path | str, overrides: Mapping[str, Any] | None = None) -> Pipeline:
    """Read a pipeline file, or a pipeline that comes with xlcorpus by its name.

    Args:
        path: the file; a name without a folder and an ending (`quickstart`) is one of `shipped.pipelines`, unless a
            file of that name is there.
        overrides: {"step.option": value}, taken before the check; also `release.option`, `seed`, ...

    Raises:
        UserError: no such file, not UTF-8, not YAML, or anything `from_yaml` refuses.
    """
    return Recipe.load(path).with_options(overrides or {}).pipeline()


def from_yaml(text: str, source: str = "<yaml>", overrides: Mapping[str, Any] | None = None) -> Pipeline:
    """Build a pipeline from YAML text; `source` names it in messages.

    Raises:
        UserError: a key twice, an unknown step or option (with the nearest valid name), a wrong type, a parameter
            without a value, a role without a player.
    """
    return Recipe.from_yaml(text, source).with_options(overrides or {}).pipeline()


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
    data = {key: value if key in FIXED else escaped(value) for key, value in pipeline.to_dict().items()}
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
