"""The trainer `static`: a static embedding, trained on pairs in seconds on a CPU."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from xlcorpus.arrays import Bools, Floats32, Floats64, Ints64
from xlcorpus.errors import UserError
from xlcorpus.models.encoders.loading import SentenceTransformerEncoder, load_encoder
from xlcorpus.models.encoders.word_features import Bag, bag_of_words
from xlcorpus.training.bitext import bitext
from xlcorpus.training.checkpoint_folder import CheckpointFolder, training_key
from xlcorpus.training.softmax import in_batch_softmax
from xlcorpus.training.trainer import Trained

if TYPE_CHECKING:
    from xlcorpus.models.encoders.subword_embedding import Features, SubwordEmbedding


WARM_UP = 20
"""Steps of linear warm-up; the learning rate then decays linearly to 0."""

LEAST_STEPS = 100
"""Fewest steps: on few pairs more epochs are made than `epochs` says."""

FEWEST_BATCHES = 4
"""Fewest batches of an epoch; on few pairs they hold less than `batch_size`."""

SMALL = 2_000_000
"""Models with fewer values are trained on one thread, which is faster."""

BETAS = (0.9, 0.99)
"""Of Adam: a few hundred steps are too short for the usual 0.999."""


@dataclass(frozen=True)
class Prepared:
    """Texts split and hashed once, for training and encoding."""

    bag: Bag
    features: Features

    def __len__(self) -> int:
        return len(self.bag)


class StaticTrainer(BaseModel):
    """Contrastive training of words and their n-grams, by in-batch softmax in both directions.

    The loss is the softmax of each source over all targets of its batch, and back (Henderson et al. 2017, arXiv
    1705.00652). There is no network: 29,000 pairs take about 10 s on two cores.

    Beside sentence-transformers' trainer with MultipleNegativesRankingLoss on a fresh StaticEmbedding, same pairs,
    batches, epochs and rate: P@1 0.988 and 0.684 in about the same time (10,000 captions; `benchmarks/trainers.py`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str] = "static"

    dim: int = Field(default=256, ge=8)
    """length of a vector"""
    epochs: int = Field(default=4, ge=1)
    """passes over the pairs; more where there are few"""
    batch_size: int = Field(default=1024, ge=2)
    """pairs in a batch; the others are each pair's negatives"""
    learning_rate: float = Field(default=0.02, gt=0)
    """highest learning rate"""
    scale: float = Field(default=10.0, gt=0)
    """the softmax is over cosines times this"""
    label_smoothing: float = Field(default=0.1, ge=0, lt=1)
    """share of the probability spread over the batch, since some pairs are wrong"""

    def train(
        self,
        pairs: pl.DataFrame,
        folder: Path,
        start: str | None = None,
        seed: int = 0,
        say: Callable[[str, bool], None] = lambda text, warning: None,
    ) -> Trained:
        """See `Trainer.train`. `start` is an encoder that this trainer has made; its word vectors are trained further.

        Raises:
            UserError: too few pairs, missing columns, a `start` that is no such encoder.
        """
        began = time.perf_counter()
        place = CheckpointFolder(folder, training_key(pairs, trainer=self.name, start=start, seed=seed))
        data = bitext(pairs)
        model, texts = prepare([*data.src, *data.tgt], self.dim, seed, None if start is None else _loaded(start))
        n = len(data)
        losses = self.fit(model, texts, np.arange(n), np.arange(n, 2 * n), data.group, data.weight, seed)
        say(f"{n:,} pairs, {len(model.vocabulary.keys):,} words and n-grams", False)
        with place.publish() as whole:
            save(model, whole)
        return Trained(folder, n, time.perf_counter() - began, losses)

    def fit(
        self,
        model: SubwordEmbedding,
        texts: Prepared,
        src: Ints64,
        tgt: Ints64,
        group: Ints64,
        weight: Floats64,
        seed: int = 0,
    ) -> list[float]:
        """Train a model in place.

        Args:
            model: see `prepare`.
            texts: n texts, of all languages.
            src, tgt: (p,) int64: the pairs, as rows of `texts`.
            group: (p,) int64: the language pair of each; only pairs of one language pair compete.
            weight: (p,) float64, mean 1: how much each pair counts.
            seed: of the order.

        Returns:
            The mean loss of every epoch.
        """
        import torch

        from xlcorpus.models.encoders.subword_embedding import tensors

        epochs = self._epochs(group, np.random.default_rng(seed))
        steps = sum(len(epoch) for epoch in epochs)
        optimiser = torch.optim.Adam(model.parameters(), lr=self.learning_rate, betas=BETAS, fused=True)
        slope = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda i: min(1, (i + 1) / WARM_UP) * (1 - i / steps))
        first = _first_of_equal(texts.bag)
        losses = []
        with _few_threads(model.embedding.numel()):
            for epoch in epochs:
                total = 0.0
                for rows in epoch:
                    part = texts.bag.take(np.concatenate([src[rows], tgt[rows]]))
                    used, word = np.unique(part.word, return_inverse=True)
                    batch = tensors(Bag(part.words, word, part.starts), texts.features.take(used))
                    vectors = model(batch)["sentence_embedding"]
                    x, y = vectors[: len(rows)], vectors[len(rows) :]
                    same = torch.from_numpy(_shared(first[src[rows]]) | _shared(first[tgt[rows]]))
                    counts = torch.from_numpy(weight[rows].astype(np.float32))
                    loss = in_batch_softmax(x, y, same, self.scale, self.label_smoothing, counts)
                    optimiser.zero_grad()
                    loss.backward()
                    optimiser.step()
                    slope.step()
                    total += float(loss.detach())
                losses.append(total / len(epoch))
        return losses

    def _epochs(self, group: Ints64, draw: np.random.Generator) -> list[list[Ints64]]:
        size = max(2, min(self.batch_size, len(group) // FEWEST_BATCHES))
        epochs: list[list[Ints64]] = []
        while len(epochs) < self.epochs or sum(len(epoch) for epoch in epochs) < LEAST_STEPS:
            epochs.append(list(_batches(group, size, draw)))
        return epochs


def prepare(
    texts: Sequence[str], dim: int, seed: int = 0, start: SubwordEmbedding | None = None
) -> tuple[SubwordEmbedding, Prepared]:
    """A model whose vocabulary is that of the texts, and the texts prepared for it.

    Args:
        texts: of all languages.
        dim: length of a vector; of no matter with `start`, which has one.
        seed: of the start values.
        start: a model whose words are taken over.
    """
    from xlcorpus.models.encoders.subword_embedding import SubwordEmbedding, Vocabulary

    bag = bag_of_words(texts)
    vocabulary = Vocabulary.of(bag)
    if start is None:
        model = SubwordEmbedding(vocabulary, dim, seed)
    else:
        vocabulary = vocabulary.joined(start.vocabulary)
        model = SubwordEmbedding(vocabulary, start.dim, seed)
        rows = np.searchsorted(vocabulary.keys, start.vocabulary.keys)
        model.embedding.data[rows] = start.embedding.data
    return model, Prepared(bag, vocabulary.features(bag.words))


def encode(model: SubwordEmbedding, texts: Prepared) -> Floats32:
    """(n, dim) float32 unit vectors of prepared texts."""
    import torch

    from xlcorpus.models.encoders.subword_embedding import tensors

    with torch.inference_mode():
        return np.asarray(model(tensors(texts.bag, texts.features))["sentence_embedding"].numpy(), dtype=np.float32)


def save(model: SubwordEmbedding, folder: Path) -> None:
    """Write the model as one of sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    SentenceTransformer(modules=[model], device="cpu").save(str(folder), create_model_card=False)


def _loaded(start: str) -> SubwordEmbedding:
    from xlcorpus.models.encoders.subword_embedding import SubwordEmbedding

    encoder = load_encoder(start, device="cpu")
    module = encoder.model[0] if isinstance(encoder, SentenceTransformerEncoder) else None
    if not isinstance(module, SubwordEmbedding):
        raise UserError(f"start: {start!r} was not made by the trainer static; take sentence-transformers for it")
    return module


@contextmanager
def _few_threads(values: int) -> Iterator[None]:
    """Inside, a small model is computed by one thread."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1 if values < SMALL else before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _first_of_equal(bag: Bag) -> Ints64:
    """(n,) int64: for each text the first one of the same words."""
    first: dict[bytes, int] = {}
    ends = bag.starts
    # One look-up per text and training, against thousands of products for each.
    return np.fromiter(
        (first.setdefault(bag.word[ends[i] : ends[i + 1]].tobytes(), i) for i in range(len(bag))), np.int64, len(bag)
    )


def _shared(text: Ints64) -> Bools:
    """(b, b): which two of the texts are the same."""
    return np.asarray(text[:, None] == text[None])


def _batches(group: Ints64, size: int, draw: np.random.Generator) -> Iterator[Any]:
    """Random batches, each of one group, in random order; about equal in size within a group."""
    out: list[Ints64] = []
    for which in np.unique(group):
        rows = draw.permutation(np.flatnonzero(group == which))
        out += np.array_split(rows, -(-len(rows) // size))
    for i in draw.permutation(len(out)):
        yield out[i]
