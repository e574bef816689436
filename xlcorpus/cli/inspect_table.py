"""An inspection as a table for a terminal: languages by rules."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from xlcorpus.policies.report import Report, RuleReport, notes_of

WIDTH = 9
"""Characters of a rule's column, about."""
FIXED = 60
"""Characters of the columns before those of the rules."""


def show(found: Report, page: Path | None) -> None:
    """Print the share of each language that each rule alone costs, and what all cost together.

    Args:
        found: the figures.
        page: the file that holds more of them, if one was written.
    """
    console = Console() if sys.stdout.isatty() else Console(width=200)
    costly = sorted((r for r in found.rules if r.lost.any()), key=lambda r: -r.lost[:, 0].max())
    shown = costly[: max(1, (console.width - FIXED) // WIDTH)]
    console.print(_table(found, shown))
    console.print(
        f"Shares in % of the sampled {found.kind}s that each rule alone rejects; lost, words, bytes: by all rules. "
        "!: over 10 points more than the median of the other languages.",
        style="dim",
        markup=False,
        highlight=False,
    )
    none = [r for r in found.rules if not r.lost.any()]
    for words, rules in (("Rules with smaller losses", costly[len(shown) :]), ("Rules that reject nothing", none)):
        if rules:
            console.print(f"{words}: {', '.join(found.title(r) for r in rules)}", markup=False, highlight=False)
    for title, langs in notes_of(found).items():
        console.print(f"[red]![/] {escape(title)} costs far more {found.kind}s of {', '.join(langs)}", highlight=False)
    if found.changes is not None:
        _changes(found, console)
    if page is not None:
        console.print(f"Curves and examples: {page}", markup=False, highlight=False)


def _table(found: Report, rules: list[RuleReport]) -> Grid:
    grid = Grid(box=None, pad_edge=False)
    grid.add_column("language", no_wrap=True)
    for title in ("read", "sample", "lost", "words", "bytes"):
        grid.add_column(title, justify="right", no_wrap=True)
    for rule in rules:
        grid.add_column(escape(found.title(rule).replace("_", "_\n")), justify="right", vertical="bottom")
    for i, lang in enumerate(found.languages):
        cells = [_percent(rule.lost[i, 0], bool(rule.unfair[i])) for rule in rules]
        total = [_percent(found.lost[i, 0], bool(found.unfair[i])), *(_percent(share) for share in found.lost[i, 1:])]
        grid.add_row(escape(lang), f"{found.read[i]:,}", f"{int(found.totals[i, 0]):,}", *total, *cells)
    if len(found.languages) > 1:
        medians = [_percent(float(np.median(found.lost[:, w]))) for w in range(3)]
        grid.add_section()
        grid.add_row("median", "", "", *medians, *(_percent(float(np.median(rule.lost[:, 0]))) for rule in rules))
    return grid


def _percent(share: float, flagged: bool = False) -> str:
    text = "0" if share == 0 else f"{100 * share:.1f}"
    return f"[bold red]{text}![/]" if flagged else text


def _changes(found: Report, console: Console) -> None:
    assert found.changes is not None
    rows = int(found.totals[:, 0].sum())
    sums = {side: sum(len(c.places) for c in found.changes if c.now_lost is side) for side in (True, False)}
    console.print(
        f"Against the other policy, of {rows:,} {found.kind}s: {sums[True]:,} now rejected, {sums[False]:,} now kept",
        markup=False,
        highlight=False,
    )
    if not found.changes:
        return
    grid = Grid(box=None, pad_edge=False)
    for title, justify in (("language", "left"), ("", "left"), ("rule", "left"), ("rows", "right")):
        grid.add_column(title, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for change in found.changes:
        side = "now rejected" if change.now_lost else "now kept"
        grid.add_row(escape(change.lang), side, escape(found.name_of(change)), f"{len(change.places):,}")
    console.print(grid)
