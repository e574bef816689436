"""Flags of commands that take a recipe: its options, parameters and players."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlcorpus.cli.flags import overrides
from xlcorpus.errors import UserError

if TYPE_CHECKING:
    from xlcorpus.recipe import Recipe

PipelineFile = Annotated[
    Path, typer.Argument(help="A YAML file, or the name of a pipeline of xlcorpus.", metavar="PIPELINE")
]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="step.option=value, again for each option.")]
ParamOption = Annotated[
    list[str] | None, typer.Option("--param", help="parameter=value, again for each: --param into=[vie_Latn]")
]
ModelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        help="role=http://localhost:8000/v1#NAME, or role=NAME of a built-in model, path or Hub id; the same role "
        "again gives it several players.",
    ),
]
ModelsFile = Annotated[
    Path | None, typer.Option("--models", help="File of players by role; default: models.yaml, if it is there.")
]


def chosen(
    pipeline: Path,
    set_: Sequence[str] | None = None,
    params: Sequence[str] | None = None,
    models: Sequence[str] | None = None,
    models_file: Path | None = None,
) -> Recipe:
    """The recipe with what the command line and the file of models say.

    Raises:
        UserError: no such recipe, parameter, role, step or file; a value of another type.
    """
    from xlcorpus.recipe import Recipe
    from xlcorpus.recipe.roles import MODELS_FILE

    recipe = Recipe.load(pipeline).with_options(overrides(list(set_ or [])))
    known = recipe.params
    for setting in params or ():
        name, value = _parted(setting, "--param", "parameter=value")
        try:
            recipe = recipe.with_params(**{name: known[name].read(value) if name in known else value})
        except UserError as problem:
            raise UserError(f"--param {setting}: {problem}") from None
    players: dict[str, list[Any]] = {}
    for setting in models or ():
        role, value = _parted(setting, "--model", "role=http://localhost:8000/v1#NAME")
        players.setdefault(role, []).append(value)
    for role, given in players.items():
        try:
            recipe = recipe.with_models(**{role: given[0] if len(given) == 1 else given})
        except UserError as problem:
            raise UserError(f"--model {role}=...: {problem}") from None
    if models_file is None and recipe.roles and MODELS_FILE.is_file():
        models_file = MODELS_FILE
    return recipe if models_file is None else recipe.with_models_file(models_file)


def _parted(setting: str, flag: str, form: str) -> tuple[str, str]:
    name, equals, value = setting.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise UserError(f"{flag} {name}: write {form}")
    return name.strip(), value.strip()
