"""The command `xlcorpus export`: a release's rows in the forms that other software reads."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.markup import escape

FORM_NAMES = "trl|openai|sharegpt|alpaca|moses|tmx|sentence-transformers|csv"
"""For the help, which should not wait for the forms to be imported."""


def export(
    release: Annotated[Path, typer.Argument(help="Folder of a release (with README.md and data/).", metavar="DIR")],
    form: Annotated[str, typer.Option("--as", help="The form to write.", metavar=FORM_NAMES)],
    config: Annotated[str | None, typer.Option(help="A config; needed where the form can hold several.")] = None,
    split: Annotated[list[str] | None, typer.Option(help="A split, again for each one; default: all.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; default: <release>-<config>-<form> beside the release.")
    ] = None,
    reasoning: Annotated[
        str,
        typer.Option(
            help="keep: in a field of its own where the form has one, else as <think> in the text; or inline, "
            "drop, refuse.",
            metavar="keep|inline|drop|refuse",
        ),
    ] = "keep",
    skip: Annotated[bool, typer.Option("--skip", help="Leave out rows that the form cannot hold.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
) -> None:
    """Write a release's rows in a form that other software reads, a file for each split.

    Rows that the form cannot hold stop it, by id and reason, before anything is written; --skip leaves them out and
    counts them.
    """
    from xlcorpus.release.exports import FORMS
    from xlcorpus.release.exports import export as write

    done = write(release, form, config, split or (), out, cast(Any, reasoning), skip)  # checked there
    if as_json:
        shown = asdict(done) | {"folder": str(done.folder)}
        shown["splits"] = [asdict(s) | {"written": s.written} for s in done.splits]
        sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")
        return
    console = Console(soft_wrap=True)
    console.print(
        escape(f"{done.folder}: {done.config} ({done.kind}) as {form}, for {FORMS[form].reader}"), highlight=False
    )
    for s in done.splits:
        lines = f" as {s.lines:,} pairs" if s.lines != s.written else ""
        counts = f"rows in {s.rows:,}, written {s.written:,}{lines}, left out {s.rows - s.written:,}"
        console.print(escape(f"  {s.split}: {counts}"), highlight=False)
        for what, count in (*s.left_out.items(), *s.changed.items()):
            console.print(escape(f"    {what}: {count:,}"), highlight=False)


@cache
def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(export)
