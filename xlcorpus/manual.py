"""The manual of the steps, from their own docstrings and fields."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic_core import PydanticUndefined
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from xlcorpus.errors import UserError
from xlcorpus.option_texts import option_texts
from xlcorpus.step import MAIN, Port, RowStep, SourceStep, Step


def describe(cls: type[Step]) -> dict[str, Any]:
    """A step as plain data: name, sort, doc, inputs, output kind and options."""
    sort = "source" if issubclass(cls, SourceStep) else "row" if issubclass(cls, RowStep) else "corpus"
    options = [
        {
            "name": name,
            "type": _type(field.annotation),
            "default": None
            if field.default is PydanticUndefined
            else _plain(field.get_default(call_default_factory=True)),
            "required": field.is_required(),
            "meaning": option_texts(cls).get(name, ""),
        }
        for name, field in cls.model_fields.items()
    ]
    options.sort(key=lambda o: not o["required"])
    return {
        "name": cls.step_name(),
        "sort": sort,
        "doc": inspect.getdoc(cls) or "",
        "inputs": {p: {"kinds": list(s.kinds), "required": s.required} for p, s in _ports(cls).items()},
        "makes": cls.produces or ("option kind" if sort == "source" else "same kind"),
        "options": options,
    }


def listing(classes: Sequence[type[Step]], console: Console, full: bool) -> None:
    """Print one line per step, or a step's whole manual."""
    if not full:
        grid = Grid(box=None, pad_edge=False)
        for title in ("step", "reads", "makes", "what it does"):
            grid.add_column(title, overflow="fold")
        for cls in classes:
            d = describe(cls)
            reads = "; ".join(" | ".join(s["kinds"]) for s in d["inputs"].values()) or "files"
            grid.add_row(d["name"], reads, d["makes"], escape(d["doc"].splitlines()[0] if d["doc"] else ""))
        console.print(grid)
        return
    for cls in classes:
        d = describe(cls)
        console.print(f"[bold]{d['name']}[/]  ({d['sort']} step)\n\n{escape(d['doc'])}\n", highlight=False)
        for port, spec in d["inputs"].items():
            optional = "" if spec["required"] else " (optional)"
            console.print(f"input {port}: {' | '.join(spec['kinds'])}{optional}", highlight=False)
        console.print(f"makes: {d['makes']}\n", highlight=False)
        grid = Grid(box=None, pad_edge=False)
        for title in ("option", "type", "default", "meaning"):
            grid.add_column(title, overflow="fold")
        for o in d["options"]:
            grid.add_row(
                o["name"],
                escape(o["type"]),
                "required" if o["required"] else escape(repr(o["default"])),
                escape(o["meaning"]),
            )
        console.print(grid)


def _ports(cls: type[Step]) -> dict[str, Any]:
    """Ports with default options. Where they hang on required ones, that is said in place of record kinds."""
    try:
        return cls.model_construct().ports()
    except (AttributeError, UserError):
        return {MAIN: Port(("as the options say",))}


def _type(annotation: Any) -> str:
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return "None" if annotation is type(None) else annotation.__name__
    if get_origin(annotation) in (Union, UnionType):
        return " | ".join(_type(part) for part in get_args(annotation))
    text = str(annotation).replace("typing.", "").replace("NoneType", "None")
    if text.startswith("Literal["):
        return " | ".join(text.removeprefix("Literal[").removesuffix("]").replace("'", "").split(", "))
    return text


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
