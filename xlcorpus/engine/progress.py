"""What a person (or a machine) sees while a run goes on."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table as Grid

LOG_S = 5.0
"""Least seconds between two lines on the same step where the output is no terminal."""


@dataclass
class Line:
    """The state of one step."""

    name: str
    total: int | None = None
    rows_in: int = 0
    kept: int = 0
    rejected: int = 0
    failed: int = 0
    state: str = "waiting"
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    shown: float = field(default_factory=time.monotonic)

    def rate(self) -> float:
        """Rows in per second, so far."""
        return self.rows_in / self.seconds if self.seconds > 0 else 0.0

    def eta(self) -> str:
        """Time left in seconds, if the number of rows is known."""
        if self.state != "running" or not self.total or not self.rows_in:
            return ""
        return f"{(self.total - self.rows_in) / max(self.rate(), 1e-9):.0f} s"


class Progress:
    """Live table on a terminal, plain lines elsewhere, JSON lines with `mode="json"`; `mode="silent"` for Python."""

    def __init__(self, mode: str = "auto", stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        if mode == "auto":
            mode = "live" if self._stream.isatty() else "plain"
        self._mode = mode
        self._lines: dict[str, Line] = {}
        self._live: Live | None = None
        self._console = Console()

    def __enter__(self) -> Progress:
        if self._mode == "live":
            # What it shows at the end stands in the ledger, which follows.
            self._console = Console(file=self._stream)
            self._live = Live(console=self._console, get_renderable=self._grid, refresh_per_second=4, transient=True)
            self._live.__enter__()
        return self

    def __exit__(self, *problem: Any) -> None:
        if self._live is not None:
            self._live.__exit__(*problem)
            self._live = None

    def expect(self, names: list[str]) -> None:
        """The steps of the run, in order."""
        self._lines = {n: Line(n) for n in names}

    def start(self, name: str, total: int | None) -> None:
        """A step begins; `total` rows will go in, if known."""
        self._lines[name] = Line(name, total=total, state="running")
        self._say("start", name, f"{name}: starts" + (f", {total:,} rows" if total else ""), total=total)

    def advance(self, name: str, rows_in: int, kept: int, rejected: int, failed: int) -> None:
        """A shard of a step is done."""
        line = self._lines[name]
        line.rows_in += rows_in
        line.kept += kept
        line.rejected += rejected
        line.failed += failed
        line.seconds = time.monotonic() - line.started
        # A log wants a line now and then, not one a shard.
        if time.monotonic() - line.shown >= LOG_S or self._mode == "json":
            line.shown = time.monotonic()
            self._say("progress", name, _plain(line), **_numbers(line))

    def finish(self, name: str, cached: bool = False) -> None:
        """A step is done; `cached`: it was there already and whole."""
        line = self._lines[name]
        line.state = "unchanged" if cached else "done"
        text = f"{name}: unchanged, {line.kept:,} rows" if cached else f"{_plain(line)}, done"
        self._say("unchanged" if cached else "done", name, text, **_numbers(line))

    def cached(self, name: str, rows_in: int, kept: int, rejected: int, failed: int) -> None:
        """A step needs not run: its table is whole."""
        self._lines[name] = Line(name, rows_in=rows_in, kept=kept, rejected=rejected, failed=failed)
        self.finish(name, cached=True)

    def _say(self, event: str, name: str, text: str, **data: Any) -> None:
        if self._mode == "plain":
            self._stream.write(text + "\n")
            self._stream.flush()
        elif self._mode == "json":
            self._stream.write(json.dumps({"event": event, "step": name, **data}) + "\n")
            self._stream.flush()

    def _grid(self) -> Grid:
        grid = Grid(box=None, pad_edge=False)
        for title in ("step", "state"):
            grid.add_column(title)
        for title in ("rows in", "kept", "rejected", "failed", "rows/s", "time left"):
            grid.add_column(title, justify="right")
        for line in window(list(self._lines.values()), self._console.height - 2):
            numbers = [
                f"{n:,}" if line.state != "waiting" else ""
                for n in (line.rows_in, line.kept, line.rejected, line.failed)
            ]
            rate = f"{line.rate():,.0f}" if line.seconds else ""
            grid.add_row(line.name, line.state, *numbers, rate, line.eta())
        return grid


def window(lines: Sequence[Line], room: int) -> Sequence[Line]:
    """The lines that fit on a screen of `room` lines, with the first running step in the middle."""
    if len(lines) <= room:
        return lines
    going = next((i for i, line in enumerate(lines) if line.state == "running"), 0)
    last = [i for i, line in enumerate(lines) if line.state in ("done", "unchanged")]
    middle = going or (last[-1] if last else 0)
    start = max(0, min(middle - room // 2, len(lines) - room))
    return lines[start : start + room]


def _numbers(line: Line) -> dict[str, Any]:
    return {
        "rows_in": line.rows_in,
        "kept": line.kept,
        "rejected": line.rejected,
        "failed": line.failed,
        "rows_per_s": round(line.rate(), 1),
        "seconds": round(line.seconds, 2),
    }


def _plain(line: Line) -> str:
    of = f" of {line.total:,}" if line.total else ""
    eta = f", {line.eta()} left" if line.eta() else ""
    return (
        f"{line.name}: {line.rows_in:,}{of} rows in, {line.kept:,} kept, {line.rejected:,} rejected, "
        f"{line.failed:,} failed, {line.rate():,.0f} rows/s{eta}"
    )
