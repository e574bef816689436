"""A loop over a cluster: each model is trained in a task of its own, and so is each part of a search.

A task leaves what it made in files named by what it was made of: what a killed run has done is not done again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from xlcorpus.arrays import Floats32
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.step import Env
from xlcorpus.steps.mine.parts import Side, search
from xlcorpus.training.registry import trainer_class
from xlcorpus.training.self_training.learners import Learner, Lesson, Links, Vectors, learner
from xlcorpus.whole_files import whole_file, whole_folder


@dataclass(frozen=True)
class School:
    """What all models of a loop have in common."""

    corpora: Path
    """Parquet: `lang`, `text`"""
    trainer: str
    options: str
    """of the trainer, as JSON"""
    start: str | None


@dataclass(frozen=True)
class Task:
    """One model to train."""

    school: School
    lesson: Path
    """`.npz`: the links and the seed"""
    out: Path
    """folder: a `.npy` of vectors for each language, or the encoder"""
    keep: bool
    """whether the encoder is wanted, not the vectors"""


class ClusterLearner:
    """A learner whose models are trained by `env.map`."""

    def __init__(self, school: School, scratch: Path, env: Env) -> None:
        self._school, self._scratch, self._env = school, scratch, env
        self.name = school.trainer

    def vectors(self, lessons: Sequence[Lesson]) -> Sequence[Vectors]:
        """See `Learner.vectors`; mapped into memory from files."""
        tasks = [self._task(lesson) for lesson in lessons]
        list(self._env.map(study, [task for task in tasks if not task.out.is_dir()]))
        return [{path.stem: np.load(path, mmap_mode="r") for path in task.out.glob("*.npy")} for task in tasks]

    def keep(self, lesson: Lesson, folder: Path) -> None:
        """See `Learner.keep`."""
        shutil.rmtree(folder, ignore_errors=True)
        task = self._task(lesson)
        list(self._env.map(study, [Task(task.school, task.lesson, folder, keep=True)]))

    def _task(self, lesson: Lesson) -> Task:
        arrays: dict[str, Any] = {"seed": np.array(lesson.seed)}
        for number, link in enumerate(lesson.links):
            arrays |= {f"langs{number}": np.array([link.src_lang, link.tgt_lang])}
            arrays |= {f"src{number}": link.src, f"tgt{number}": link.tgt}
        digest = hashlib.blake2b(digest_size=8)
        for name, array in arrays.items():
            digest.update(name.encode() + array.tobytes())
        path = self._scratch / f"lesson-{digest.hexdigest()}.npz"
        with whole_file(path) as unfinished, unfinished.open("wb") as file:
            np.savez(file, **arrays)
        return Task(self._school, path, path.with_suffix(""), keep=False)


def study(task: Task) -> None:
    """Train one model and leave its vectors, or the encoder, in the task's folder."""
    with np.load(task.lesson) as file:
        arrays = dict(file)
    links = []
    for number in range(sum(name.startswith("langs") for name in arrays)):
        src_lang, tgt_lang = arrays[f"langs{number}"].tolist()
        links.append(Links(src_lang, tgt_lang, arrays[f"src{number}"], arrays[f"tgt{number}"]))
    lesson = Lesson(links, int(arrays["seed"]))
    at_work = _learner(task.school)
    if task.keep:
        at_work.keep(lesson, task.out)
        return
    with whole_folder(task.out) as unfinished:
        for lang, vectors in at_work.vectors([lesson])[0].items():
            np.save(unfinished / f"{lang}.npy", vectors)


@lru_cache(maxsize=1)
def _learner(school: School) -> Learner:
    """Kept between the tasks that one process runs: texts are prepared once."""
    table = pl.read_parquet(school.corpora)
    parts = table.partition_by("lang", as_dict=True, maintain_order=True)
    corpora: Mapping[str, Sequence[str]] = {str(lang): part["text"].to_list() for (lang,), part in parts.items()}
    return learner(corpora, trainer_class(school.trainer)(**json.loads(school.options)), school.start)


class ClusterSearch:
    """A search of the loop, in parts by `env.map`."""

    def __init__(self, scratch: Path, part_rows: int, memory_mb: int, env: Env) -> None:
        self._scratch, self._part_rows, self._memory_mb, self._env = scratch, part_rows, memory_mb, env

    def __call__(self, x: Floats32, y: Floats32, k: int) -> Neighbours:
        """See `knn`."""
        digest = hashlib.blake2b(np.ascontiguousarray(x).data, digest_size=8)
        digest.update(np.ascontiguousarray(y).data)
        folder = self._scratch / f"search-{digest.hexdigest()}"
        folder.mkdir(exist_ok=True)
        sides = [self._side(folder / f"{name}.npy", vectors) for name, vectors in (("src", x), ("tgt", y))]
        found = search(sides[0], sides[1], k, "auto", self._memory_mb, self._part_rows, self._env)
        for each in sides:
            each.vectors.unlink()
        return found

    def _side(self, path: Path, vectors: Floats32) -> Side:
        with whole_file(path) as unfinished, unfinished.open("wb") as file:
            np.save(file, vectors)
        return Side(path.stem, path, path, len(vectors))
