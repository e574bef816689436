"""Memory and speed of row steps and of deduplication at growing sizes: what a run holds must not grow with its rows.

On one or two cores all of it runs in one process; on more, large inputs start Ray, whose processes then count.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import cleaning_corpora as corpora
import numpy as np
import polars as pl
from cleaning_jobs import CLEANING, pipeline, run
from cleaning_processes import Cost
from targets import Figure

SIZES = (10_000, 100_000, 1_000_000)
ROW_STEPS = {name: options for name, options in CLEANING.items() if name != "deduplicate"}
FLAT = 1.25
"""Memory at the largest size over that at a smaller one, both above an empty run's: flat is at most this."""
SLOWER = 0.85
"""Documents a second at the largest size, of those at the second largest, at least."""

MANY = (100_000, 1_000_000, 3_000_000)
REPEATED = 0.2
"""Share of the rows that say what another row says."""
BYTES_A_ROW = 40
"""Of a deduplication by equal texts, above an empty run's."""


def memory(data: Path, work: Path) -> Iterator[Figure]:
    """Peak PSS of all processes and the object store, above that of a run over two sentences; rows a second.

    The seconds of that run are taken off too: they are the loading of models, and of Ray where it starts.

    Args:
        data: folder with `tatoeba`.
        work: folder for files.
    """
    found = corpora.sentences(data / "tatoeba")
    yield from _row_steps(found, work)
    for match in ("folded", "exact"):
        yield from _deduplication(found, work, match)


def _row_steps(found: pl.DataFrame, work: Path) -> Iterator[Figure]:
    peaks, rates = {}, {}
    _spent(found, 2, ROW_STEPS, work)  # compiles what is not compiled yet, which takes more than any later run
    empty = _spent(found, 2, ROW_STEPS, work)
    yield Figure("an empty run's peak, MB", empty.peak / 1e6, seconds=empty.wall)
    for rows in SIZES:
        spent = _spent(found, rows, ROW_STEPS, work)
        peaks[rows], rates[rows] = (spent.peak - empty.peak) / 1e6, rows / (spent.wall - empty.wall)
        yield Figure(f"row steps, {rows:,} sentences: peak above an empty run's, MB", peaks[rows], seconds=spent.wall)
        yield Figure(f"row steps, {rows:,} sentences: rows/s", rates[rows])
    smallest, middle, largest = SIZES
    for rows in (smallest, middle):
        growth = peaks[largest] / peaks[rows] if peaks[rows] > 0 else math.inf
        yield Figure(f"row steps: peak at {largest:,} over that at {rows:,}", growth, FLAT, at_least=False)
    yield Figure("row steps: rows/s at 1,000,000 over those at 100,000", rates[largest] / rates[middle], SLOWER)


def _deduplication(found: pl.DataFrame, work: Path, match: str) -> Iterator[Figure]:
    step = {"deduplicate": f"{{match: {match}}}"}
    _spent(found, 2, step, work)
    empty = _spent(found, 2, step, work)
    peaks = {}
    for rows in MANY:
        spent = _spent(found, rows, step, work)
        peaks[rows] = spent.peak - empty.peak
        goal = BYTES_A_ROW if rows >= 1_000_000 else None
        name = f"{match}, {rows:,} rows: bytes a row above an empty run's"
        yield Figure(name, peaks[rows] / rows, goal, at_least=False, seconds=spent.wall)
    few, *_, many = MANY
    further = (peaks[many] - peaks[few]) / (many - few)
    yield Figure(f"{match}: bytes of each further row, {few:,} to {many:,}", further, BYTES_A_ROW, at_least=False)


def _spent(found: pl.DataFrame, rows: int, steps: dict[str, str], work: Path) -> Cost:
    """A run of steps over so many sentences, some of them repeated where they are deduplicated."""
    frames = corpora.many_sentences(found, rows)
    folder = work / f"sentences_{rows}"
    corpora.write(_repeating(frames) if "deduplicate" in steps else frames, folder)
    spent = run(pipeline(work / "memory.yaml", folder, steps, "sentence"), memory=True)
    shutil.rmtree(folder)
    return spent


def _repeating(frames: Iterator[pl.DataFrame], seed: int = 0) -> Iterator[pl.DataFrame]:
    """The frames with the text and language of other rows in a fifth of their rows."""
    random = np.random.default_rng(seed)
    for frame in frames:
        taken = np.where(random.random(frame.height) < REPEATED, random.integers(frame.height, size=frame.height), -1)
        place = np.where(taken < 0, np.arange(frame.height), taken)
        yield pl.concat([frame.select("id"), frame.select("lang", "text")[place]], how="horizontal")
