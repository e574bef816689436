"""The command `xlcorpus prompt`: what a step asks about a row, and what was answered."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from xlcorpus.cli.main import JsonFlag, wide_console
from xlcorpus.cli.recipe_flags import ModelOption, ModelsFile, ParamOption, PipelineFile, SetOption, chosen


def prompt(
    pipeline: PipelineFile,
    step: Annotated[str, typer.Argument(help="A step that asks a model.", metavar="STEP")],
    row: Annotated[int, typer.Option(min=0, help="Place of the row in the table that the step reads.")] = 0,
    set_: SetOption = None,
    param: ParamOption = None,
    model: ModelOption = None,
    models: ModelsFile = None,
    workdir: Annotated[Path, typer.Option(help="As of `xlcorpus run`.")] = Path("runs"),
    as_json: JsonFlag = False,
) -> None:
    """Show the prompt of a row, whole, and the raw answer where a run got one. Nothing is sent.

    xlcorpus prompt scpo generate --row 3
    """
    from xlcorpus.rehearsal.prompts import prompts

    asked = prompts(chosen(pipeline, set_, param, model, models), step, row, workdir)
    if as_json:
        for one in asked:
            answer = None if one.answer is None else one.answer.to_dict()
            told = {"model": one.model, "sample": one.sample, "messages": [m._asdict() for m in one.messages]}
            sys.stdout.write(json.dumps({**told, "answer": answer}, ensure_ascii=False) + "\n")
        return
    console = wide_console()
    shown = None
    for one in asked:
        if (one.model, one.messages) != shown:
            shown = (one.model, one.messages)
            console.print(f"to {one.model}", style="bold", markup=False, highlight=False)
            for message in one.messages:
                console.print(f"[{message.role}]\n{message.content}", markup=False, highlight=False, soft_wrap=True)
        said = "no answer yet" if one.answer is None else one.answer.content
        console.print(f"\n[answer {one.sample}]\n{said}", markup=False, highlight=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(prompt)
