"""What commands that mirror a step or a trainer have in common: a flag for every option, and where they talk."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape

from xlcorpus import yaml_values
from xlcorpus.errors import UserError
from xlcorpus.option_texts import option_texts


def say(text: str, warning: bool) -> None:
    """On stderr: stdout may be read by a machine."""
    prefix = "[yellow]warning:[/] " if warning else ""
    Console(stderr=True, soft_wrap=True).print(prefix + escape(text), highlight=False)


NOTES = 20
"""Notes of a file that are said, at most: a corpus may have hundreds of languages."""


def say_notes(notes: Sequence[str], path: Path) -> None:
    """Say what happened when a file was made; it holds all of it."""
    for note in notes[:NOTES]:
        say(note, True)
    if len(notes) > NOTES:
        say(f"{len(notes) - NOTES:,} more notes stand in {path}", True)


def flags_of(options: type[BaseModel], without: tuple[str, ...] = ()) -> dict[str, tuple[str, str | bool]]:
    """(help, default as it is written on the command line) of every option of a step."""
    fields = {name: field for name, field in options.model_fields.items() if name not in without}
    texts = option_texts(options)
    return {name: (texts.get(name, ""), _written(field.default)) for name, field in fields.items()}


def add_command(app: typer.Typer, function: Callable[..., None], flags: Mapping[str, tuple[str, str | bool]]) -> None:
    """Add a command whose `**` parameter stands for these flags, each (help, default to show); values are YAML."""
    signature = inspect.signature(function, eval_str=True)
    fixed = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    added = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str | None, typer.Option(help=text, show_default=default)],
        )
        for name, (text, default) in flags.items()
    ]
    function.__signature__ = signature.replace(parameters=[*fixed, *added])  # type: ignore[attr-defined]
    function.__annotations__ = {p.name: p.annotation for p in (*fixed, *added)}
    app.command(function.__name__)(function)


def overrides(settings: list[str]) -> dict[str, Any]:
    """`step.option=value` strings as a mapping; values are read as YAML."""
    found: dict[str, Any] = {}
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals or not path.strip():
            raise UserError(f"--set {setting}: write step.option=value")
        try:
            found[path.strip()] = yaml_values.read(value)
        except yaml.YAMLError as problem:
            raise UserError(f"--set {setting}: the value is not valid YAML: {problem}") from None
    return found


def _written(value: Any) -> str:
    return f"[{', '.join(value)}]" if isinstance(value, list) else str(value)
