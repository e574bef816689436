"""The command `xlcorpus recipes`: the shelf."""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table as Grid

from xlcorpus.cli.main import JsonFlag, wide_console
from xlcorpus.errors import UserError


def recipes(
    family: Annotated[str | None, typer.Option(help="Those of one family.")] = None,
    search: Annotated[str | None, typer.Option(help="Those whose head holds these words.")] = None,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As docs/recipes.md shows them.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List the recipes that come with xlcorpus: what goes in, what comes out, which models they need."""
    from xlcorpus.recipe.shelf import markdown, shelf

    found = shelf(family, search)
    if as_json:
        sys.stdout.write(json.dumps([recipe.as_data() for recipe in found], ensure_ascii=False) + "\n")
        return
    if as_markdown:
        sys.stdout.write(markdown(found))
        return
    if not found:
        raise UserError(f"no recipe has {search!r} in its head; xlcorpus recipes lists all")
    grid = Grid(box=None, pad_edge=False)
    for title in ("recipe", "family", "in", "out", "roles"):
        grid.add_column(title, no_wrap=title in ("recipe", "family"), max_width=40)
    grid.add_column("what it makes", overflow="fold", ratio=1)
    for recipe in found:
        paper = f" After {recipe.paper}." if recipe.paper is not None else ""
        lists = (", ".join(part) for part in (recipe.reads, recipe.makes, recipe.roles))
        grid.add_row(recipe.name, recipe.family, *lists, escape(" ".join(recipe.about.split()) + paper))
    wide_console().print(grid)


@cache
def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(recipes)
