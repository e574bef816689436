"""Whole cleaning jobs, ours and datatrove's, in processes of their own: wall clock and CPU seconds of both."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import cleaning_corpora as corpora
import polars as pl
from cleaning_processes import Cost, cost
from targets import Figure

ROOT = Path(__file__).parent.parent
PEER = Path(__file__).with_name("cleaning_peer.py")


CLEANING = {"normalise": "{}", "identify": "{}", "quality": "{}", "deduplicate": "{match: fuzzy}"}
"""Options of each step of the full job, as YAML."""

PAGES, MANY = 1 / 7, 1 / 10
"""Ours takes at most this part of datatrove's time, on the pages of tldr and on 100,000 documents."""

_PIPELINE = """\
name: {name}
steps:
  read: {{kind: {kind}, paths: "{documents}/*.jsonl", source: benchmark, license: CC-BY-4.0}}
  {steps}
release:
  title: Benchmark
  tables: {{{kind}: {last}}}
"""


def pipeline(file: Path, documents: Path, steps: dict[str, str], kind: str = "document") -> Path:
    """Write the pipeline that reads the JSON Lines files in `documents` and releases what the last step gives."""
    lines = "\n  ".join(f"{name}: {options}" for name, options in steps.items())
    last = list(steps)[-1] if steps else "read"
    file.write_text(_PIPELINE.format(name=file.stem, kind=kind, documents=documents, steps=lines, last=last))
    return file


def run(file: Path, memory: bool = False) -> Cost:
    """`xlcorpus run FILE` as a user types it, in a fresh process, with a fresh work folder, Ray's start included.

    Raises:
        RuntimeError: the run failed; with its last lines.
    """
    work = file.parent / "runs"
    shutil.rmtree(work, ignore_errors=True)
    command = [sys.executable, "-m", "xlcorpus", "run", str(file), "--workdir", str(work)]
    # Installed packages have their bytecode, whatever the benchmark's own process is told.
    environment = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}
    return _whole(cost(command, file.parent, memory, environment), "xlcorpus")


def released(file: Path) -> int:
    """Rows in the release of a run."""
    return (
        pl.scan_parquet(file.parent / "runs" / file.stem / "release/data/*/*.parquet").select(pl.len()).collect().item()
    )


def peer(interpreter: str, documents: Path, work: Path, model: Path, limits: str) -> Cost:
    """The same job by datatrove.

    Raises:
        RuntimeError: it failed; with its last lines.
    """
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    command = [interpreter, str(PEER), "job", str(documents), str(work / "work"), str(model), limits]
    return _whole(cost(command, work), "datatrove")


def jobs(data: Path, interpreter: str, work: Path, model: Path, documents: int, target: float) -> list[Figure]:
    """The full job of both on the pages of tldr, or on that many documents made of them.

    datatrove's limits let everything pass: with those it ships, it rejects every page of tldr by its first rule and
    has no second one to compute, and nothing to deduplicate.

    Args:
        data: folder with `tldr`.
        interpreter: Python that has datatrove.
        work: folder for files.
        model: fastText model for both.
        documents: how many; 0: the pages as they are.
        target: ours at most this part of datatrove's.
    """
    pages = corpora.tldr(data / "tldr")
    name = f"{documents or pages.height} documents"
    folder = corpora.write(corpora.repeated(pages, documents or pages.height), work / name.replace(" ", "_"))
    # The first run after an installation compiles; both programs are timed as they run afterwards.
    few = corpora.write([pages.head(20)], work / "few")
    run(pipeline(work / "warm_up.yaml", few, CLEANING))
    file = pipeline(work / "full_job.yaml", folder, CLEANING)
    ours = run(file)
    theirs = peer(interpreter, folder, work / "peer_job", model, "lenient")
    return [
        Figure(f"{name}: ours, rows released", released(file)),
        Figure(f"{name}: ours, wall s", ours.wall, unit=" s"),
        Figure(f"{name}: datatrove, wall s", theirs.wall, unit=" s"),
        Figure(f"{name}: ours / datatrove, wall", ours.wall / theirs.wall, target, at_least=False),
        Figure(f"{name}: ours, CPU s of all processes", ours.cpu, unit=" s"),
        Figure(f"{name}: datatrove, CPU s of all processes", theirs.cpu, unit=" s"),
        Figure(f"{name}: ours / datatrove, CPU", ours.cpu / theirs.cpu, target, at_least=False),
    ]


def _whole(spent: Cost, who: str) -> Cost:
    if spent.code:
        raise RuntimeError(f"{who} ended with status {spent.code}:\n{spent.output[-3000:]}")
    return spent
