"""The command `xlcorpus calibrate`: limits of `quality` by language from reference text, and what they are worth."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from xlcorpus.cli.files.reference import reference_text
from xlcorpus.cli.flags import say, say_notes
from xlcorpus.errors import UserError
from xlcorpus.policies.calibrate import Trial
from xlcorpus.policies.calibrate import calibrate as calibrated


def calibrate(
    data: Annotated[
        list[str],
        typer.Argument(
            help="Reference text: documents that should be kept; files, folders or releases; de=FILE names a language.",
            metavar="DATA...",
        ),
    ],
    out_file: Annotated[Path, typer.Option("--out", help="Policy file to write: .yaml.")],
    lang: Annotated[str | None, typer.Option(help="Language of rows that name none.")] = None,
    lose: Annotated[
        float, typer.Option(min=0, max=0.5, help="Share of the reference that the limits of a language may cut.")
    ] = 0.02,
    sample: Annotated[int, typer.Option(min=100, help="Random documents of each language.")] = 5000,
    seed: Annotated[int, typer.Option(help="Of the sample, the halves and the noise.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
) -> None:
    """Propose limits and stop words of `quality` by language from reference text, and test them.

    xlcorpus calibrate de=gut.jsonl sw=nzuri.jsonl --out policy.yaml
    """
    if out_file.suffix.lower() not in (".yaml", ".yml"):
        raise UserError(f"--out {out_file}: give a name that ends in .yaml")
    reference = reference_text(data, lang, sample, seed, say)
    policy, trials = calibrated(reference, lose, seed)
    out_file.parent.mkdir(parents=True, exist_ok=True)
    policy.save(out_file)
    if as_json:
        result = {"policy": str(out_file), "notes": policy.notes, "languages": [asdict(trial) for trial in trials]}
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
        return
    if trials:
        _show(trials)
    say_notes(policy.notes, out_file)
    taken = sum(trial.refused is None for trial in trials)
    say(f"wrote {out_file}: {taken} of {reference['lang'].n_unique()} languages have limits of their own", False)


def _show(trials: Sequence[Trial]) -> None:
    """What proposals and defaults do to text that neither has seen."""
    grid = Grid(
        box=None, pad_edge=False, title="Held-out text: proposal, and defaults that keep as much of the reference"
    )
    for title in ("language", "documents", "clean kept", "noise rejected", "least of a kind", ""):
        grid.add_column(title, justify="left" if title in ("language", "") else "right", no_wrap=True)
    for trial in trials:
        kind, (least, of_defaults) = min(trial.by_kind.items(), key=lambda item: item[1][0])
        grid.add_row(
            trial.lang,
            f"{trial.documents:,}",
            "{:.1%}, {:.1%}".format(*trial.clean),
            "{:.1%}, {:.1%}".format(*trial.rejected),
            f"{escape(kind)} {least:.0%}, {of_defaults:.0%}",
            "" if trial.refused is None else "refused",
        )
    Console(soft_wrap=True, width=160).print(grid)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(calibrate)
