"""What commands that mirror a step or a trainer have in common: a flag for every option, and where they talk."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape


def say(text: str, warning: bool) -> None:
    """On stderr: stdout may be read by a machine."""
    prefix = "[yellow]warning:[/] " if warning else ""
    Console(stderr=True, soft_wrap=True).print(prefix + escape(text), highlight=False)


def flags_of(options: type[BaseModel], without: tuple[str, ...] = ()) -> dict[str, tuple[str, str | bool]]:
    """(help, default as it is written on the command line) of every option of a step."""
    fields = {name: field for name, field in options.model_fields.items() if name not in without}
    return {name: (field.description or "", _written(field.default)) for name, field in fields.items()}


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


def _written(value: Any) -> str:
    return f"[{', '.join(value)}]" if isinstance(value, list) else str(value)
