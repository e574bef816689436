"""What a run says at its end."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from xlcorpus import ledger as ledgers
from xlcorpus.engine.result import RunResult

MOST_COSTS = 10
"""Rules shown that cost one language far more than the others; the card and `--json` name all."""


def show(result: RunResult, console: Console) -> None:
    """The ledger by step, what was treated unfairly, and where everything is."""
    console.print(ledgers.table(result.ledger))
    for step, lang, rate, rest in ledgers.unfair(result.ledger):
        console.print(
            f"[yellow]look:[/] {step} keeps {rate:.0%} of {lang}, but {rest:.0%} of the other languages",
            highlight=False,
        )
        console.print(f"      {ledgers.advice(result.ledger, step, lang)}", highlight=False, markup=False)
    _show_costly_rules(result, console)
    for note in result.notes:
        console.print(note, highlight=False, markup=False)
    ran = f"{len(result.ran)} of {len(result.tables)} steps ran" if result.ran else "nothing to do: every step is whole"
    console.print(ran, highlight=False)
    if result.release is not None:
        for held in result.release.held:
            mark = "[green]holds:[/]" if held.ok else "[bold red]does not hold:[/]"
            console.print(f"{mark} {escape(held.what)}: {escape(held.found)}", highlight=False)
        console.print(f"dataset:  {_near(result.release.folder)}", highlight=False)
        console.print(f"card:     {_near(result.release.folder / 'README.md')}", highlight=False)
    console.print(f"rejected: {_near(result.folder / 'rejects')}", highlight=False)


def _show_costly_rules(result: RunResult, console: Console) -> None:
    costs = ledgers.costly_rules(result.ledger)
    for cost in costs[:MOST_COSTS]:
        console.print(
            f"[yellow]look:[/] {cost.rule} of {cost.step} takes {cost.share:.0%} of {cost.lang}, but {cost.rest:.0%} "
            f"of the other languages: read some in {cost.where}",
            highlight=False,
        )
    if len(costs) > MOST_COSTS:
        console.print(f"      {len(costs) - MOST_COSTS:,} more such rules are in the card", highlight=False)


def _near(path: Path) -> Path:
    """Relative to the working directory if it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def as_data(result: RunResult) -> dict[str, Any]:
    """The same for machines."""
    return {
        "folder": str(result.folder),
        "release": str(result.release.folder) if result.release else None,
        "holds": [asdict(h) for h in result.release.held] if result.release else [],
        "ran": result.ran,
        "failures": result.failures,
        "warnings": result.warnings,
        "notes": result.notes,
        "ledger": [e.to_dict() for e in result.ledger],
        "unfair": [
            {"step": s, "lang": lang, "keep_rate": rate, "rest": rest}
            for s, lang, rate, rest in ledgers.unfair(result.ledger)
        ],
        "costly_rules": [asdict(cost) for cost in ledgers.costly_rules(result.ledger)],
    }
