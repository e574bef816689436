"""Which files of a workdir's runs no pipeline needs any more, and removing them.

Looked at are the folders in a workdir that hold a run (`run.json`) that is not going on. Needed are the checkpoints
that the pipeline's last run stood on (`steps.json`) and its last run without a limit or, if the pipeline is given,
those that it would use. Nothing outside `<run>/steps` is touched, nor what is not a step's folder there.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xlcorpus.engine.fingerprint import folders
from xlcorpus.engine.folder import MARK, STEPS, RunFolder
from xlcorpus.engine.store import MANIFEST, Entry, StepStore
from xlcorpus.errors import UserError
from xlcorpus.once import one_run
from xlcorpus.pipeline import Pipeline

STEP_FOLDER = re.compile(r".+-[0-9a-f]{16}")

Needs = Mapping[str, frozenset[str] | None]
"""Tasks that are needed, by folder in `steps/`; None: all of them."""


@dataclass(frozen=True)
class Waste:
    """Files that no pipeline needs."""

    path: Path
    """a step's folder, or a file or folder in one"""
    bytes: int
    reason: str


@dataclass(frozen=True)
class Found:
    """What `prune` found in a workdir."""

    waste: list[Waste]
    left: list[str]
    """runs that were left alone, and why"""


def prune(workdir: Path, pipelines: Sequence[Pipeline] = (), remove: bool = False) -> Found:
    """Find what no pipeline needs, and remove it if `remove`.

    Args:
        workdir: folder of the runs' folders.
        pipelines: if given, only their runs are looked at, and what they would not use as they are is waste; the
            options must be those of the run (`--set`).
        remove: remove what is found.

    Raises:
        UserError: no such folder, a pipeline without a run there, a pipeline that is wrong.
    """
    if not workdir.is_dir():
        raise UserError(f"no folder {workdir}")
    runs = {owner: path for path in sorted(workdir.iterdir()) if (owner := _owner(path)) is not None}
    given: dict[str, dict[str, None]] = {}
    for pipeline in pipelines:
        if pipeline.name not in runs:
            raise UserError(f"{workdir} holds no run of the pipeline {pipeline.name!r}")
        given.setdefault(pipeline.name, {}).update(_would_use(pipeline))
    waste: list[Waste] = []
    left: list[str] = []
    for owner, path in runs.items():
        if pipelines and owner not in given:
            continue
        try:
            with RunFolder(path, owner) as run:
                needs = _remembered(run.path, given.get(owner))
                if needs is None:
                    left.append(f"{path}: not known what it needs; give its pipeline, or run it once")
                    continue
                found = list(_waste(run.path / "steps", needs))
                if remove:
                    _remove(run.path / "steps", needs, found)
                waste += found
        except UserError as problem:  # it is going on, or cannot be written
            left.append(str(problem))
    return Found(waste, left)


def _owner(path: Path) -> str | None:
    """The pipeline whose run is in a folder; None for other folders."""
    try:
        mark = json.loads((path / MARK).read_text("utf8"))
    except (OSError, ValueError):
        return None
    owner = mark.get("pipeline") if isinstance(mark, dict) else None
    # A copy of a run under another name is someone's backup.
    return owner if owner == path.name and not path.is_symlink() else None


def _would_use(pipeline: Pipeline) -> dict[str, None]:
    with one_run():
        nodes = pipeline.resolve()
        names = (name for n in nodes for name in folders(n.name, n.step, pipeline.seed, n.step.models()))
        return {name: None for name in names if name is not None}


def _remembered(run: Path, folders: Mapping[str, None] | None) -> Needs | None:
    """What a run needs: of the given folders, or of all that it remembers, the tasks it remembers."""
    note = run / STEPS
    known = json.loads(note.read_text("utf8")).values() if note.exists() else []
    needs: dict[str, frozenset[str] | None] = {}
    for steps in known:
        for folder, tasks in steps.items():
            before = needs.get(folder, frozenset())
            needs[folder] = None if tasks is None or before is None else before | frozenset(tasks)
    if folders is None:
        return needs or None
    return {folder: needs.get(folder) for folder in folders}


def _waste(steps: Path, needs: Needs) -> Iterator[Waste]:
    for folder in sorted(steps.iterdir()) if steps.is_dir() else ():
        if folder.is_symlink() or not folder.is_dir() or not STEP_FOLDER.fullmatch(folder.name):
            continue
        if folder.name not in needs:
            yield Waste(folder, _size(folder), "of other options, code or models")
            continue
        tasks = needs[folder.name]
        entries = StepStore(folder).entries()
        # Before a run ends it is not known which tasks it needs, nor which scratch it goes on from.
        kept = {MANIFEST} | {s.file for t, e in entries.items() if _needed(t, tasks) for s in (*e.shards, *e.rejects)}
        for path in sorted(folder.iterdir()):
            if path.is_symlink():
                continue
            if path.name.startswith(".") and path.suffix == ".tmp":
                yield Waste(path, _size(path), "left by a run that was killed")
            elif path.name in kept or tasks is None:
                continue
            elif path.name == "scratch":
                yield Waste(path, _size(path), "scratch of a run that was killed")
            elif path.name == "kept":
                yield from (Waste(p, _size(p), "of other input") for p in sorted(path.iterdir()) if p.name not in tasks)
            elif path.suffix == ".parquet":
                yield Waste(path, _size(path), "of other input")


def _needed(task: str, tasks: frozenset[str] | None) -> bool:
    return tasks is None or task in tasks


def _size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(p.lstat().st_size for p in files)


def _remove(steps: Path, needs: Needs, found: Sequence[Waste]) -> None:
    """Remove the waste; manifests forget its tasks first, so that a prune that is stopped leaves whole checkpoints."""
    for folder in {w.path.parent for w in found} - {steps}:
        tasks = needs.get(folder.name)
        if tasks is not None:
            _forget(folder, tasks)
    for waste in found:
        if waste.path.is_dir() and not waste.path.is_symlink():
            shutil.rmtree(waste.path)
        else:
            waste.path.unlink()


def _forget(folder: Path, tasks: frozenset[str]) -> None:
    entries: list[Entry] = [e for t, e in StepStore(folder).entries().items() if t in tasks]
    temporary = folder / f".{MANIFEST}.tmp"
    temporary.write_text("\n".join(e.to_json() for e in entries), "utf8")
    temporary.replace(folder / MANIFEST)
