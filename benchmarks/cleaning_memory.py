"""Memory and speed of row steps at growing sizes: what a run holds must not grow with what it reads."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import cleaning_corpora as corpora
from cleaning_jobs import CLEANING, pipeline, run
from targets import Figure

SIZES = (10_000, 100_000, 1_000_000)
ROW_STEPS = {name: options for name, options in CLEANING.items() if name != "deduplicate"}
FLAT = 1.25
"""Memory at the largest size over that at the smallest, both above an empty run's: flat is at most this."""
SLOWER = 0.85
"""Documents a second at the largest size, of those at the second largest, at least."""


def memory(data: Path, work: Path) -> Iterator[Figure]:
    """Peak PSS of all processes and the object store, above that of a run over one sentence; rows a second.

    The seconds of that run are taken off too: they are the start of Ray and the loading of models.

    Args:
        data: folder with `tatoeba`.
        work: folder for files.
    """
    found = corpora.sentences(data / "tatoeba")
    peaks, rates = {}, {}
    empty = None
    for rows in (2, *SIZES):
        folder = corpora.write(corpora.many_sentences(found, rows), work / f"sentences_{rows}")
        spent = run(pipeline(work / "row_steps.yaml", folder, ROW_STEPS, "sentence"), memory=True)
        shutil.rmtree(folder)
        if empty is None:
            empty = spent
            yield Figure("an empty run's peak, MB", empty.peak / 1e6, seconds=empty.wall)
            continue
        peaks[rows], rates[rows] = (spent.peak - empty.peak) / 1e6, rows / (spent.wall - empty.wall)
        yield Figure(f"row steps, {rows:,} sentences: peak above an empty run's, MB", peaks[rows], seconds=spent.wall)
        yield Figure(f"row steps, {rows:,} sentences: rows/s", rates[rows])
    _, middle, largest = SIZES
    growth = peaks[largest] / peaks[middle] if peaks[middle] > 0 else math.inf
    yield Figure("row steps: peak at 1,000,000 over that at 100,000", growth, FLAT, at_least=False)
    yield Figure("row steps: rows/s at 1,000,000 over those at 100,000", rates[largest] / rates[middle], SLOWER)
