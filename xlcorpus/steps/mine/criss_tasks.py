"""The loop of `criss` on a cluster: one task for each model to train and for each part of a search.

A task writes its result to files named by a digest of its inputs, so that a restarted run reuses it.
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
from xlcorpus.step import CorpusEnv
from xlcorpus.steps.mine.parts import EmbeddedLanguage, search
from xlcorpus.training.registry import trainer_class
from xlcorpus.training.self_training.learners import CorpusVectors, Learner, Links, TrainingSet, learner
from xlcorpus.whole_files import whole_file, whole_folder


@dataclass(frozen=True)
class ModelRecipe:
    """Corpora, trainer and start that all models of a loop share."""

    corpora: Path
    """Parquet: `lang`, `text`"""
    trainer: str
    options: str
    """of the trainer, as JSON"""
    start: str | None


@dataclass(frozen=True)
class TrainingTask:
    """One model to train."""

    recipe: ModelRecipe
    training_set: Path
    """`.npz`: the links and the seed"""
    out: Path
    """folder: a `.npy` of vectors for each language, or the encoder"""
    keep: bool
    """whether to write the encoder instead of the vectors"""


class ClusterLearner:
    """A `Learner` whose models are trained by `env.map`."""

    def __init__(self, recipe: ModelRecipe, scratch: Path, env: CorpusEnv) -> None:
        self._recipe, self._scratch, self._env = recipe, scratch, env
        self.name = recipe.trainer

    def vectors(self, training_sets: Sequence[TrainingSet]) -> Sequence[CorpusVectors]:
        """See `Learner.vectors`; mapped into memory from files."""
        tasks = [self._task(training_set) for training_set in training_sets]
        list(self._env.map(train_model, [task for task in tasks if not task.out.is_dir()]))
        return [{path.stem: np.load(path, mmap_mode="r") for path in task.out.glob("*.npy")} for task in tasks]

    def keep(self, training_set: TrainingSet, folder: Path) -> None:
        """See `Learner.keep`."""
        shutil.rmtree(folder, ignore_errors=True)
        task = self._task(training_set)
        list(self._env.map(train_model, [TrainingTask(task.recipe, task.training_set, folder, keep=True)]))

    def _task(self, training_set: TrainingSet) -> TrainingTask:
        arrays: dict[str, Any] = {"seed": np.array(training_set.seed)}
        for number, link in enumerate(training_set.links):
            arrays |= {f"langs{number}": np.array([link.src_lang, link.tgt_lang])}
            arrays |= {f"src{number}": link.src, f"tgt{number}": link.tgt}
        digest = hashlib.blake2b(digest_size=8)
        for name, array in arrays.items():
            digest.update(name.encode() + array.tobytes())
        path = self._scratch / f"training_set-{digest.hexdigest()}.npz"
        with whole_file(path) as unfinished, unfinished.open("wb") as file:
            np.savez(file, **arrays)
        return TrainingTask(self._recipe, path, path.with_suffix(""), keep=False)


def train_model(task: TrainingTask) -> None:
    """Train one model and write its vectors, or the encoder, to the task's folder."""
    with np.load(task.training_set) as file:
        arrays = dict(file)
    links = []
    for number in range(sum(name.startswith("langs") for name in arrays)):
        src_lang, tgt_lang = arrays[f"langs{number}"].tolist()
        links.append(Links(src_lang, tgt_lang, arrays[f"src{number}"], arrays[f"tgt{number}"]))
    training_set = TrainingSet(links, int(arrays["seed"]))
    at_work = _learner(task.recipe)
    if task.keep:
        at_work.keep(training_set, task.out)
        return
    with whole_folder(task.out) as unfinished:
        for lang, vectors in at_work.vectors([training_set])[0].items():
            np.save(unfinished / f"{lang}.npy", vectors)


@lru_cache(maxsize=1)
def _learner(recipe: ModelRecipe) -> Learner:
    """Cached between the tasks of one process, so that texts are prepared once."""
    table = pl.read_parquet(recipe.corpora)
    parts = table.partition_by("lang", as_dict=True, maintain_order=True)
    corpora: Mapping[str, Sequence[str]] = {str(lang): part["text"].to_list() for (lang,), part in parts.items()}
    return learner(corpora, trainer_class(recipe.trainer)(**json.loads(recipe.options)), recipe.start)


class ClusterSearch:
    """A search of the loop, in parts by `env.map`."""

    def __init__(self, scratch: Path, part_rows: int, memory_mb: int, env: CorpusEnv) -> None:
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

    def _side(self, path: Path, vectors: Floats32) -> EmbeddedLanguage:
        with whole_file(path) as unfinished, unfinished.open("wb") as file:
            np.save(file, vectors)
        return EmbeddedLanguage(path.stem, path, path, len(vectors))
