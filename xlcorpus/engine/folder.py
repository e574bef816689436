"""The folder of a run: whose it is, its rejects, its release."""

from __future__ import annotations

import fcntl
import json
import os
import platform
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import IO, Any

from xlcorpus.engine.hashes import digest, file_digest
from xlcorpus.engine.store import out_of_space
from xlcorpus.errors import UserError
from xlcorpus.ledger import LedgerEntry
from xlcorpus.pipeline import Pipeline
from xlcorpus.release.build import ReleaseResult, build_release, read_release
from xlcorpus.release.head import Head
from xlcorpus.step import SourceStep, Table
from xlcorpus.yaml_file import shown

REHEARSAL = "rehearsal"
"""Folder with what was rehearsed of a recipe."""
BESIDE = (".lock", REHEARSAL)
"""What may lie in a folder before its first run."""
MARK = "run.json"
STEPS = "steps.json"
"""Which checkpoints the last run, and the last one without a limit, stand on."""


SHARES = "splits.json"
"""What share of the rows each split of the release has, from its first one on."""


class RunFolder:
    """`<workdir>/<pipeline name>`, held by one process at a time (a file lock that dies with the process).

    Raises:
        UserError: the folder holds something else, another pipeline's run, or a run that is going on.
    """

    def __init__(self, path: Path, pipeline: str) -> None:
        self.path = path.resolve()  # workers have another working directory
        self._pipeline = pipeline
        self._lock: IO[str] | None = None

    def __enter__(self) -> RunFolder:
        if self.path.exists() and not self.path.is_dir():
            raise UserError(f"{self.path} is a file; choose another --workdir")
        mark = self.path / MARK
        if not mark.exists() and self.path.exists() and any(p.name not in BESIDE for p in self.path.iterdir()):
            raise UserError(
                f"the folder {self.path} is not empty and was not made by xlcorpus; "
                "choose another --workdir or empty it"
            )
        try:
            with out_of_space(self.path):
                self.path.mkdir(parents=True, exist_ok=True)
                self._lock = (self.path / ".lock").open("a+")
        except PermissionError as problem:
            raise UserError(f"cannot write in {self.path}: {problem.strerror}; choose another --workdir") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.seek(0)
            holder = self._lock.read().strip() or "unknown"
            raise UserError(
                f"another run is using {self.path} (process {holder}); wait for it or choose another --workdir"
            ) from None
        with out_of_space(self.path):
            self._lock.truncate(0)
            self._lock.write(f"{os.getpid()} on {platform.node()}")
            self._lock.flush()
            if mark.exists():
                owner = json.loads(mark.read_text("utf8")).get("pipeline")
                if owner != self._pipeline:
                    raise UserError(
                        f"{self.path} belongs to the run of another pipeline, {owner!r}; choose another --workdir"
                    )
            else:
                mark.write_text(json.dumps({"pipeline": self._pipeline}) + "\n", "utf8")
        return self

    def empty(self) -> None:
        """Remove what an earlier run made."""
        for path in self.path.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name not in (MARK, ".lock"):
                path.unlink()

    def __exit__(self, *problem: Any) -> None:
        if self._lock is not None:
            self._lock.close()

    def remember(self, steps: Mapping[str, Sequence[str] | None], trial: bool) -> None:
        """Write down which checkpoints the run stands on, for `prune`.

        Args:
            steps: tasks by folder in `steps/`; None: which ones is not known before the run ends.
            trial: the run reads the first rows of each file only; what the last whole run needs is kept beside it.
        """
        note = self.path / STEPS
        known = json.loads(note.read_text("utf8")) if trial and note.exists() else {}
        known["trial" if trial else "whole"] = {name: tasks and list(tasks) for name, tasks in steps.items()}
        temporary = note.with_suffix(".tmp")
        with out_of_space(self.path):
            temporary.write_text(json.dumps(known), "utf8")
            temporary.replace(note)

    def write_rejects(self, rejects: Mapping[str, Sequence[Path]]) -> None:
        """Make `rejects/<step>/` show the rejected rows of this run, and no others."""
        target, building = self.path / "rejects", self.path / ".rejects.tmp"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
        for step, files in rejects.items():
            for index, file in enumerate(files):
                (building / step).mkdir(exist_ok=True)
                _link(file, building / step / f"part-{index:05d}.parquet")
        shutil.rmtree(target, ignore_errors=True)
        building.rename(target)

    def release(
        self,
        pipeline: Pipeline,
        tables: Mapping[str, Table],
        contents: Mapping[str, str],
        ledger: Sequence[LedgerEntry],
        models: Mapping[str, str],
        notes: Sequence[str],
        files: Collection[str],
        trial: bool,
    ) -> tuple[ReleaseResult, list[Path]]:
        """Build the release, unless the one that is there is whole and of the same content.

        Args:
            files: names of the files that were read.
            trial: as in `remember`.

        Returns:
            The release, and the files of the rows that it leaves out.
        """
        assert pipeline.release is not None
        spec, folder, note = pipeline.release, self.path / "release", self.path / "release.json"
        rejects, shares = self.path / "release-rejects", self.path / SHARES
        wanted = digest(
            [
                pipeline.to_dict(),
                [contents[n] for ns in spec.tables.values() for n in ns],
                package_versions(),
                list(notes),
                [entry.to_dict() for entry in ledger],
                dict(models),
            ]
        )
        if note.exists():
            known = json.loads(note.read_text("utf8"))
            kept = trial or not spec.splits or shares.exists()
            if kept and known["content"] == wanted and known["files"] == _listing(folder, known["files"]):
                counted = tuple(LedgerEntry.from_dict(entry) for entry in known["ledger"])
                return replace(read_release(folder), ledger=counted), sorted(rejects.glob("*.parquet"))
        with out_of_space(folder):
            result = build_release(
                folder,
                spec,
                {config: [tables[n] for n in names] for config, names in spec.tables.items()},
                ledger=ledger,
                pipeline_yaml=shown(pipeline),
                versions=package_versions(),
                models=models,
                notes=notes,
                name=pipeline.name,
                kept={
                    c
                    for n in pipeline.nodes
                    if isinstance(n.step, SourceStep)
                    for c in n.step.adds(n.step.output_kind({}))
                },
                lineage=list(tables.values()),
                seed=pipeline.seed,
                rejects=rejects,
                shares=shares,
                trial=trial,
                files=files,
                head=Head(pipeline.about, pipeline.paper, pipeline.differs, pipeline.holds),
            )
            counts = [entry.to_dict() for entry in result.ledger]
            told = {"content": wanted, "files": _listing(folder, {}), "ledger": counts}
            note.write_text(json.dumps(told), "utf8")
        return result, sorted(rejects.glob("*.parquet"))


def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages that xlcorpus stands on, as installed."""
    found = {"python": platform.python_version(), "xlcorpus": version("xlcorpus")}
    for line in requires("xlcorpus") or []:
        if "extra == 'test'" in line.replace('"', "'"):
            continue
        name = line.partition(";")[0].partition(" ")[0]
        for end in "[<>=!~":
            name = name.partition(end)[0]
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue  # of an extra that is not installed
    return dict(sorted(found.items()))


def _listing(folder: Path, known: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{file: [size, mtime, hash]} of a release; hashes only what is not as `known` has it."""
    out: dict[str, list[Any]] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        stat = path.stat()
        name, state = str(path.relative_to(folder)), [stat.st_size, stat.st_mtime_ns]
        same = known.get(name, [None, None])[:2] == state
        out[name] = known[name] if same else [*state, file_digest(path)]
    return out


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)
