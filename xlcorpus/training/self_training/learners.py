"""Training jobs of one round: links between sentences in, vectors of all sentences out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl

from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.training.trainer import Trainer
from xlcorpus.training.trainers.static import StaticTrainer, encode, prepare

if TYPE_CHECKING:
    from xlcorpus.models.encoders.subword_embedding import SubwordEmbedding

Corpora = Mapping[str, Sequence[str]]
"""Distinct sentences by language."""
CorpusVectors = Mapping[str, Floats32]
"""(sentences, dim) float32 of each language."""


@dataclass(frozen=True)
class Links:
    """Pairs of sentences of two languages, as rows of the corpora."""

    src_lang: str
    tgt_lang: str
    src: Ints64
    """(p,) int64"""
    tgt: Ints64
    """(p,) int64"""

    def __len__(self) -> int:
        return len(self.src)


@dataclass(frozen=True)
class TrainingSet:
    """The pairs that one model is trained on."""

    links: Sequence[Links]
    """of several language pairs"""
    seed: int


class Learner(Protocol):
    """Trains models on pairs of fixed corpora."""

    @property
    def name(self) -> str:
        """The trainer's name."""
        ...

    def vectors(self, training_sets: Sequence[TrainingSet]) -> Sequence[CorpusVectors]:
        """Train one model on each training set; its vectors of every sentence of the corpora."""
        ...

    def keep(self, training_set: TrainingSet, folder: Path) -> None:
        """Train on a training set and write the encoder to a folder, which must not exist."""
        ...


class StaticLearner:
    """The trainer `static`, with all texts prepared once for all rounds."""

    name = StaticTrainer.name

    def __init__(self, corpora: Corpora, trainer: StaticTrainer) -> None:
        self._trainer, self._corpora = trainer, corpora
        sizes = [len(texts) for texts in corpora.values()]
        ends = np.cumsum([0, *sizes])
        self._rows = {lang: slice(ends[i], ends[i + 1]) for i, lang in enumerate(corpora)}
        self._untrained, self._texts = prepare([text for texts in corpora.values() for text in texts], trainer.dim)

    def vectors(self, training_sets: Sequence[TrainingSet]) -> Sequence[CorpusVectors]:
        """See `Learner.vectors`."""
        found = [encode(self.model(training_set), self._texts) for training_set in training_sets]
        return [{lang: part[rows] for lang, rows in self._rows.items()} for part in found]

    def keep(self, training_set: TrainingSet, folder: Path) -> None:
        """See `Learner.keep`."""
        self._trainer.train(bitext_of(training_set, self._corpora), folder, seed=training_set.seed)

    def model(self, training_set: TrainingSet) -> SubwordEmbedding:
        """A model trained on the training set."""
        from xlcorpus.models.encoders.subword_embedding import SubwordEmbedding

        links = training_set.links
        model = SubwordEmbedding(self._untrained.vocabulary, self._trainer.dim, training_set.seed)
        src = np.concatenate([link.src + self._rows[link.src_lang].start for link in links])
        tgt = np.concatenate([link.tgt + self._rows[link.tgt_lang].start for link in links])
        group = np.repeat(np.arange(len(links)), [len(link) for link in links])
        self._trainer.fit(model, self._texts, src, tgt, group, np.ones(len(src)), training_set.seed)
        return model


class FolderLearner:
    """Any other trainer: it writes an encoder into a folder, which is loaded to embed the corpora."""

    def __init__(
        self,
        corpora: Corpora,
        trainer: Trainer,
        start: str | None = None,
        say: Callable[[str, bool], None] = lambda text, warning: None,
    ) -> None:
        """`start`: the encoder that every model is trained from."""
        self._corpora, self._trainer, self._start, self._say = corpora, trainer, start, say

    @property
    def name(self) -> str:
        """The trainer's name."""
        return self._trainer.name

    def vectors(self, training_sets: Sequence[TrainingSet]) -> Sequence[CorpusVectors]:
        """See `Learner.vectors`."""
        return [self._embedded(training_set) for training_set in training_sets]

    def keep(self, training_set: TrainingSet, folder: Path) -> None:
        """See `Learner.keep`."""
        self._trainer.train(bitext_of(training_set, self._corpora), folder, self._start, training_set.seed, self._say)

    def _embedded(self, training_set: TrainingSet) -> CorpusVectors:
        with TemporaryDirectory(prefix="xlc-model-") as scratch:
            self.keep(training_set, Path(scratch) / "model")
            encoder = load_encoder(str(Path(scratch) / "model"))
            return {lang: encoder.encode(texts) for lang, texts in self._corpora.items()}


def learner(
    corpora: Corpora,
    trainer: Trainer,
    start: str | None = None,
    say: Callable[[str, bool], None] = lambda text, warning: None,
) -> Learner:
    """The learner for a trainer; `start` as in `Trainer.train`."""
    if isinstance(trainer, StaticTrainer) and start is None:
        return StaticLearner(corpora, trainer)
    return FolderLearner(corpora, trainer, start, say)


def bitext_of(training_set: TrainingSet, corpora: Corpora) -> pl.DataFrame:
    """The pairs of a training set as a trainer takes them (`PAIR_COLUMNS`)."""
    frames = []
    for link in training_set.links:
        src, tgt = (pl.Series(corpora[lang], dtype=pl.String) for lang in (link.src_lang, link.tgt_lang))
        frames.append(
            pl.DataFrame({"src_text": src.gather(link.src), "tgt_text": tgt.gather(link.tgt)}).with_columns(
                src_lang=pl.lit(link.src_lang), tgt_lang=pl.lit(link.tgt_lang)
            )
        )
    return pl.concat(frames)
