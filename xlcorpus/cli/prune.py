"""The command `xlcorpus prune`: removes checkpoints that no pipeline needs any more."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from xlcorpus.cli.recipe_flags import ModelOption, ModelsFile, ParamOption, chosen
from xlcorpus.errors import UserError


def prune(
    workdir: Annotated[Path, typer.Argument(help="Folder of the runs, the --workdir of run.", metavar="WORKDIR")],
    pipelines: Annotated[
        list[Path] | None,
        typer.Argument(help="Look at their runs only, and keep what they use now.", metavar="[PIPELINE.yaml ...]"),
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="step.option=value, with one PIPELINE.yaml, as given to run.")
    ] = None,
    param: ParamOption = None,
    model: ModelOption = None,
    models: ModelsFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; otherwise it is only shown.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
) -> None:
    """Show, or with --yes remove, checkpoints that no pipeline needs any more.

    Kept is what each run's last run stands on and, where that read only the first rows (--limit), the last whole
    one. With pipelines given, kept is what they would use as they are now. A run that is going on is left alone, and
    so is every folder that is not a run's.
    """
    from xlcorpus.engine.prune import prune as find
    from xlcorpus.release.markdown import size

    for flag, given in (("--set", set_), ("--param", param), ("--model", model)):
        if given and len(pipelines or []) != 1:
            raise UserError(f"{flag}: give one PIPELINE.yaml with it")
    found = find(workdir, [chosen(p, set_, param, model, models).pipeline() for p in pipelines or []], remove=yes)
    total = sum(w.bytes for w in found.waste)
    if as_json:
        waste: list[dict[str, Any]] = [{**asdict(w), "path": str(w.path)} for w in found.waste]
        sys.stdout.write(json.dumps({"removed": yes, "bytes": total, "waste": waste, "left": found.left}) + "\n")
        return
    out = Console(soft_wrap=True)
    folder = workdir.resolve()
    for w in found.waste:
        out.print(f"{size(w.bytes):>10}  {escape(str(w.path.relative_to(folder)))}  ({w.reason})", highlight=False)
    for text in found.left:
        out.print(f"[yellow]left alone:[/] {escape(text)}", highlight=False)
    if not found.waste:
        out.print("nothing to remove: every checkpoint is needed")
    elif yes:
        out.print(f"removed {size(total)}", highlight=False)
    else:
        out.print(f"{size(total)} in all; nothing was removed: --yes removes it", highlight=False)


@cache
def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(prune)
