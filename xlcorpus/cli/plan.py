"""The command `xlcorpus plan`: what a run would ask and cost."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table as Grid

from xlcorpus.cli.main import JsonFlag, wide_console
from xlcorpus.cli.recipe_flags import ModelOption, ModelsFile, ParamOption, PipelineFile, SetOption, chosen

if TYPE_CHECKING:
    from xlcorpus.rehearsal.plan import Plan


def plan(
    pipeline: PipelineFile,
    set_: SetOption = None,
    param: ParamOption = None,
    model: ModelOption = None,
    models: ModelsFile = None,
    workdir: Annotated[Path, typer.Option(help="As of `xlcorpus run`.")] = Path("runs"),
    pilot: Annotated[
        int, typer.Option(min=0, help="Rows of each file to ask real models about; their answers are kept.")
    ] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Say how many requests, tokens and how much money a run takes; without --pilot nothing is sent."""
    from xlcorpus.rehearsal import plan as planning

    found = planning.plan(chosen(pipeline, set_, param, model, models), workdir, pilot)
    if as_json:
        sys.stdout.write(json.dumps(asdict(found), ensure_ascii=False) + "\n")
    else:
        _show(found, wide_console(), pilot)


def _show(found: Plan, console: Console, pilot: int) -> None:
    rows = ", ".join(f"{name} {n:,}" for name, n in found.rows.items())
    console.print(f"rows of the input: {rows}", markup=False, highlight=False)
    if not found.asked:
        console.print("no step asks a model")
        return
    grid = Grid(box=None, pad_edge=False)
    for title in ("step", "model"):
        grid.add_column(title)
    for title in ("requests", "prompt tokens", "answer tokens", "price"):
        grid.add_column(title, justify="right")
    for one in found.asked:
        numbers = [f"{n:,}" for n in (one.requests, one.prompt_tokens, one.completion_tokens)]
        grid.add_row(one.step, one.model, *numbers, "" if one.price is None else f"{one.price:,.2f}")
    prices = [one.price for one in found.asked if one.price is not None]
    if len(prices) > 1:
        grid.add_row("", "", "", "", "", f"{sum(prices):,.2f}")
    console.print(grid)
    if not found.counted:
        read = ", ".join(f"{name} {n:,}" for name, n in found.rehearsed.items())
        console.print(f"estimated from the first rows: {read}", markup=False, highlight=False)
    if any(one.measured for one in found.asked):
        console.print(f"tokens as measured on {pilot} rows of each file; their answers are kept", highlight=False)
    else:
        console.print("tokens are guessed: three characters each, 200 an answer; --pilot 20 measures them")
    unpriced = sorted({one.model for one in found.asked if one.price is None})
    if unpriced:
        console.print(f"no price list: {', '.join(unpriced)} (price: under the player)", markup=False, highlight=False)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(plan)
