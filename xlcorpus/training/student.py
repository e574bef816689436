"""The sentence-transformers model being trained: loading, embedding with gradients, saving."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xlcorpus.arrays import Floats32
from xlcorpus.errors import UserError
from xlcorpus.models.arithmetic import Arithmetic
from xlcorpus.models.encoders.e5_small import E5_SMALL
from xlcorpus.models.encoders.loading import BOOTSTRAP, encoder_identity, load_encoder
from xlcorpus.models.encoders.loading import SentenceTransformerEncoder as Loaded
from xlcorpus.training.tokenizer import static_tokenizer

TRANSFORMER_RATE = 2e-5
"""As sentence-transformers' examples fine-tune."""
STATIC_RATE = 1e-2
"""Embedding rows are updated rarely, so they tolerate a high learning rate. Multi30k's val (de-en, P@1 of distil, 3
epochs): 0.969 with 0.005, 0.976 with 0.01, 0.973 with 0.02, 0.952 with 0.05."""

RIDGE = 0.01
"""Ridge regularisation of a new Dense layer, relative to the mean square of the vectors."""


class Student:
    """A model being trained."""

    def __init__(self, model: Any, numbers: Arithmetic) -> None:
        """`model`: a `SentenceTransformer`."""
        self.model = model
        self._numbers = numbers
        if self.is_static:
            model[0].embedding.sparse = True

    @property
    def dim(self) -> int:
        """Length of its vectors."""
        return int(self.model.encode(["a"], show_progress_bar=False).shape[1])

    @property
    def default_rate(self) -> float:
        """A step size for its kind of model."""
        return STATIC_RATE if self.is_static else TRANSFORMER_RATE

    @property
    def is_static(self) -> bool:
        """Whether it is a table of token vectors."""
        return type(self.model[0]).__name__ == "StaticEmbedding"

    def embed(self, texts: Sequence[str]) -> Any:
        """(n, dim) tensor with gradients, not normalised."""
        features = self.model.preprocess(list(texts))
        features = {k: v.to(self._numbers.device) if hasattr(v, "to") else v for k, v in features.items()}
        with self._numbers.autocast():
            return self.model(features)["sentence_embedding"].float()

    def encode(self, texts: Sequence[str]) -> Floats32:
        """(n, dim) unit vectors, as the saved model will give them."""
        return Loaded(self.model, "").encode(texts)

    def widen(self, texts: Sequence[str], wanted: Floats32) -> None:
        """Add a linear layer at the end: the one that best maps the vectors of these texts to the wanted ones.

        Args:
            texts: n texts.
            wanted: (n, m) float32: a vector for each; the student's then have m numbers too.
        """
        import torch
        from sentence_transformers.sentence_transformer.modules import Dense

        x = self.model.encode(list(texts), show_progress_bar=False).astype(np.float64)
        gram = x.T @ x
        gram[np.diag_indices_from(gram)] += RIDGE * np.trace(gram) / len(gram) + np.finfo(np.float64).tiny
        weight = torch.from_numpy(np.linalg.solve(gram, x.T @ wanted).T.astype(np.float32))
        layer = Dense(*weight.T.shape, bias=False, activation_function=torch.nn.Identity(), init_weight=weight)
        self.model.append(layer.to(self._numbers.device))

    def save(self, folder: Path) -> None:
        """Into a folder that `load_encoder` loads."""
        self.model.save(str(folder), create_model_card=False)


def load_student(name: str, numbers: Arithmetic) -> Student:
    """A sentence-transformers model by folder or Hub id, to be trained further.

    Raises:
        UserError: no such model, one that cannot be trained so, a damaged one, or one that does not fit into memory.
    """
    if name in (BOOTSTRAP, E5_SMALL):
        raise UserError(f"{name} has no weights that can be trained; start from a sentence-transformers model")
    loaded = load_encoder(name, device=numbers.device)
    if not isinstance(loaded, Loaded):
        raise UserError(f"{name!r} is an encoder-decoder; train it with the trainer seq2seq")
    return Student(loaded.model, numbers)


def fresh_student(texts: Sequence[str], vocabulary: int, dim: int, numbers: Arithmetic, seed: int) -> Student:
    """A StaticEmbedding of random vectors for pieces of the words of these texts.

    Args:
        texts: what the pieces are learnt from.
        vocabulary: most pieces.
        dim: length of a vector.
        numbers: where it learns.
        seed: of the vectors.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    tokenizer = static_tokenizer(texts, vocabulary)
    random = torch.Generator().manual_seed(seed)
    table = torch.randn(tokenizer.get_vocab_size(), dim, generator=random) / dim**0.5
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=table)], device=numbers.device)
    return Student(model, numbers)


def start_identity(start: str | None) -> str:
    """Identity of the start model, "" for none: part of the training's key.

    Raises:
        UserError: no such model.
    """
    return encoder_identity(start) if start is not None else ""
