"""A static embedding of words made of their character n-grams, as a sentence-transformers module.

A sentence is the sum of its words' vectors, each weighted by how rare the word is; a word is its own vector plus those
of its n-grams, so that inflected, compound and unseen words have one too (Bojanowski et al. 2017, arXiv 1607.04606).
It is trained in seconds on a CPU and encodes tens of thousands of sentences a second.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from safetensors.torch import load_file, save_file
from sentence_transformers.base.modules import InputModule
from torch.nn import functional

from xlcorpus.arrays import Floats32, Ints64, UInts64
from xlcorpus.models.encoders.word_features import Bag, bag_of_words, gram_hashes, word_hashes

WEIGHTS = "model.safetensors"
SEEN = 2
"""A word has a vector of its own if it stands in that many texts; a rarer one is the sum of its n-grams."""
UNSEEN = 1.0
"""Weight of a word without a vector of its own, as of one that stands in a single text."""
SHARED = 3
"""An n-gram has a vector if that many distinct words hold it."""


@dataclass(frozen=True)
class Features:
    """The features of words, as rows of the embedding."""

    row: Ints64
    """(f,) int64, word by word"""
    weight: Floats32
    """(f,) float32"""
    starts: Ints64
    """(words + 1,) int64: where each word's features begin"""
    rarity: Floats32
    """(words,) float32: the weight of the word in its sentence"""

    def take(self, words: Ints64) -> Features:
        """The features of these words."""
        lengths = np.diff(self.starts)[words]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        at = np.arange(starts[-1]) + np.repeat(self.starts[words] - starts[:-1], lengths)
        return Features(self.row[at], self.weight[at], starts, self.rarity[words])


@dataclass(frozen=True)
class Vocabulary:
    """The features that have a vector, and how rare words are."""

    keys: UInts64
    """(rows,) uint64, ascending: the feature of each row of the embedding"""
    rarity: Floats32
    """(rows,) float32: weight of a word in a sentence, `UNSEEN` for the rarest; 0 for n-grams"""

    @staticmethod
    def of(bag: Bag) -> Vocabulary:
        """The words and n-grams of texts that occur often enough for a vector."""
        df = bag.document_frequency()
        # log(1 + N / df), from about 0 for a word in every text to 1 for one in a single text.
        most = np.log1p(max(len(bag), 1))
        rarity = (np.log1p(len(bag) / df) / most).astype(np.float32)
        words, known = word_hashes(bag.words), df >= SEEN
        grams, holders = np.unique(gram_hashes(bag.words)[1], return_counts=True)
        grams = grams[(holders >= SHARED) & ~np.isin(grams, words)]
        keys = np.concatenate([words[known], grams])
        weights = np.concatenate([rarity[known], np.zeros(len(grams), dtype=np.float32)])
        keys, first = np.unique(keys, return_index=True)
        return Vocabulary(keys, weights[first])

    def joined(self, other: Vocabulary) -> Vocabulary:
        """The features of both; a word that both have is as rare as here."""
        keys = np.concatenate([self.keys, other.keys])
        keys, first = np.unique(keys, return_index=True)
        return Vocabulary(keys, np.concatenate([self.rarity, other.rarity])[first])

    def features(self, words: pl.Series) -> Features:
        """The features of each word that have a row; the n-grams together count as much as the word itself."""
        own = word_hashes(words)
        owner, grams = gram_hashes(words)
        own_row, gram_row = self._rows(own), self._rows(grams)
        there = gram_row >= 0
        owner, gram_row = owner[there], gram_row[there]
        count = np.bincount(owner, minlength=len(words))
        known = np.flatnonzero(own_row >= 0)
        who = np.concatenate([known, owner])
        row = np.concatenate([own_row[known], gram_row])
        weight = np.concatenate([np.ones(len(known)), 1 / np.sqrt(count[owner])]).astype(np.float32)
        order = np.argsort(who, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(who, minlength=len(words)))]).astype(np.int64)
        rarity = np.full(len(words), UNSEEN, dtype=np.float32)
        rarity[known] = self.rarity[own_row[known]]
        return Features(row[order], weight[order], starts, rarity)

    def _rows(self, hashes: UInts64) -> Ints64:
        """The row of each feature, -1 where it has none."""
        if not len(self.keys):
            return np.full(len(hashes), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.keys, hashes), len(self.keys) - 1)
        return np.where(self.keys[at] == hashes, at, -1)


class SubwordEmbedding(InputModule):  # type: ignore[misc] # untyped
    """See the module; `SentenceTransformer(modules=[SubwordEmbedding(vocabulary, 256)])`.

    Saved models name it `xlcorpus.models.SubwordEmbedding`, whichever file holds it.

    Args:
        vocabulary: the features.
        dim: length of a vector.
        seed: of the start values.
    """

    __module__ = "xlcorpus.models"

    config_keys = ["dim"]
    batch_size = 4096
    """Texts to encode at a time: most of the work is done once for each distinct word."""

    def __init__(self, vocabulary: Vocabulary, dim: int, seed: int = 0) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.dim = dim
        start = torch.empty(len(vocabulary.keys), dim)
        torch.nn.init.normal_(start, 0.0, 0.1, generator=torch.Generator().manual_seed(seed))
        self.embedding = torch.nn.Parameter(start)

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Tensors of a batch of texts, for `forward`."""
        bag = bag_of_words([f"{prompt or ''}{text}" for text in inputs])
        return tensors(bag, self.vocabulary.features(bag.words))

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Adds `sentence_embedding`, (texts, dim) unit vectors; zero for a text without a known feature."""
        words = functional.embedding_bag(
            features["row"],
            self.embedding,
            features["row_starts"],
            mode="sum",
            per_sample_weights=features["row_weight"],
            include_last_offset=True,
        )
        sums = functional.embedding_bag(
            features["word"],
            words,
            features["word_starts"],
            mode="sum",
            per_sample_weights=features["word_weight"],
            include_last_offset=True,
        )
        features["sentence_embedding"] = functional.normalize(sums, dim=1)
        return features

    def get_embedding_dimension(self) -> int:
        """Length of a vector."""
        return self.dim

    @property
    def max_seq_length(self) -> float:
        """Texts may have any length."""
        return float("inf")

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """Weights as safetensors; `dim` in config.json."""
        self.save_config(output_path)
        state = {
            "embedding": self.embedding.detach().contiguous(),
            "keys": torch.from_numpy(self.vocabulary.keys.view(np.int64).copy()),
            "rarity": torch.from_numpy(self.vocabulary.rarity.copy()),
        }
        save_file(state, str(Path(output_path) / WEIGHTS))

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> SubwordEmbedding:
        """From a folder or the Hub."""
        wanted = ("token", "cache_folder", "revision", "local_files_only")
        hub = {"subfolder": subfolder} | {name: kwargs[name] for name in wanted if name in kwargs}
        state = load_file(cls.load_file_path(model_name_or_path, filename=WEIGHTS, **hub))
        config = json.loads(
            Path(cls.load_file_path(model_name_or_path, filename=cls.config_file_name, **hub)).read_text("utf8")
        )
        keys = state["keys"].numpy().view(np.uint64)
        made = cls(Vocabulary(keys, state["rarity"].numpy()), int(config["dim"]))
        if state["embedding"].shape != made.embedding.shape:
            raise ValueError(f"{WEIGHTS}: {tuple(state['embedding'].shape)} values, not {tuple(made.embedding.shape)}")
        made.embedding.data.copy_(state["embedding"])
        return made


def tensors(bag: Bag, features: Features) -> dict[str, Any]:
    """What `SubwordEmbedding.forward` takes; `features` are those of the bag's words."""
    return {
        "row": torch.from_numpy(features.row),
        "row_weight": torch.from_numpy(features.weight),
        "row_starts": torch.from_numpy(features.starts),
        "word": torch.from_numpy(bag.word),
        "word_weight": torch.from_numpy(features.rarity[bag.word]),
        "word_starts": torch.from_numpy(bag.starts),
    }
