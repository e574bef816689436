"""Sentence encoders: one protocol, and loading one by name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from xlcorpus.arrays import Floats32
from xlcorpus.device import Device
from xlcorpus.errors import UserError
from xlcorpus.models.arithmetic import arithmetic, loading_failed
from xlcorpus.models.encoders.e5_small import E5_SMALL, E5SmallEncoder, e5_small_identity
from xlcorpus.models.encoders.seq2seq_encoder import is_seq2seq, load_seq2seq
from xlcorpus.models.identity import hub_folder, is_folder, model_identity, place_and_revision
from xlcorpus.models.stand_ins.encoder import StandInEncoder
from xlcorpus.models.stand_ins.identity import STAND_IN
from xlcorpus.once import once_a_run
from xlcorpus.rehearsing import rehearsing

BOOTSTRAP = "bootstrap"
CHOICES = "bootstrap, e5-small, a model's folder or its Hub id"
"""What an encoder may be named by, for messages."""


class Encoder(Protocol):
    """Maps texts to vectors in which translations lie close together."""

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def identity(self) -> str:
        """Changes whenever the vectors of the same texts would: part of fingerprints and of the card."""
        ...

    def encode(self, texts: Sequence[str]) -> Floats32:
        """(n, dim) float32 unit vectors, one per text."""
        ...


class SentenceTransformerEncoder:
    """Any sentence-transformers model (Reimers & Gurevych 2019, arXiv 1908.10084)."""

    def __init__(self, model: Any, identity: str) -> None:
        """`model`: a loaded `SentenceTransformer`; `identity`: see `encoder_identity`."""
        self.model = model
        self.identity = identity
        # sentence-transformers' 32 are for networks; a module may say that it takes more at a time.
        self._batch = int(getattr(model[0], "batch_size", 32))
        # Asked of a text, for models of which sentence-transformers does not know it.
        self.dim = int(model.encode(["a"], show_progress_bar=False).shape[1])

    def encode(self, texts: Sequence[str]) -> Floats32:
        """(n, dim) float32 unit vectors."""
        if not len(texts):
            return np.zeros((0, self.dim), dtype=np.float32)
        vectors = self.model.encode(
            list(texts),
            batch_size=self._batch,
            convert_to_numpy=True,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)


def load_encoder(name: str, device: Device = "auto") -> Encoder:
    """The encoder of that name, ready to use.

        load_encoder("bootstrap").encode(["Guten Morgen!", "Good morning!"])  # (2, 512) float32

    Args:
        name: `bootstrap`; `e5-small` (multilingual-e5-small in 4 bits, from the extra `small`); or a model by folder or
            Hub id: of sentence-transformers (sentence-transformers/LaBSE), or an encoder-decoder of transformers
            (mBART), whose encoder states are averaged.
        device: where a model runs; `auto` is a GPU when there is one. `bootstrap` and `e5-small` always run on the CPU.

    Raises:
        MissingExtra: `e5-small` without the extra `small`, or on a machine it is not built for.
        UserError: no such model, it cannot be fetched or loaded, or there is no GPU for `cuda`.
    """
    if rehearsing():
        return StandInEncoder()
    if name == BOOTSTRAP:
        from xlcorpus.models.encoders.bootstrap import BootstrapEncoder

        return BootstrapEncoder()
    if name == E5_SMALL:
        return E5SmallEncoder()
    identity = encoder_identity(name)
    numbers = arithmetic(device)
    where, revision = place_and_revision(name, identity)
    folder = Path(where) if is_folder(name) else hub_folder(where)
    if is_seq2seq(folder):
        return load_seq2seq(where, identity, numbers, revision)
    from sentence_transformers import SentenceTransformer

    on = None if device == "auto" else device
    try:
        if _is_subword_embedding(folder):
            model = SentenceTransformer(modules=_subword_embedding(where, revision), device=on)
        else:
            model = SentenceTransformer(where, revision=revision, device=on)
    # Loading weights raises errors of several families (OSError, ValueError, KeyError, safetensors' own).
    except Exception as e:
        raise UserError(loading_failed(name, e)) from e
    return SentenceTransformerEncoder(model, identity)


@once_a_run
def encoder_identity(name: str) -> str:
    """Identity of an encoder, which changes with its vectors; found without loading it.

    Returns:
        `bootstrap-v1-512`; for `e5-small` its package and version; for a folder its name and a hash of its files;
        for a Hub id the id and the commit, the Hub's newest or, where the Hub does not answer, the newest in the
        local cache.

    Raises:
        MissingExtra: `e5-small` without the extra `small`.
        UserError: no such folder, and no such model on the Hub or in the cache.
    """
    if rehearsing():
        return STAND_IN
    if name == BOOTSTRAP:
        from xlcorpus.models.encoders.bootstrap import BootstrapEncoder  # loads scipy

        return BootstrapEncoder.identity
    if name == E5_SMALL:
        return e5_small_identity()
    # The Hub's short names are those of its own models.
    short = f"sentence-transformers/{name}"
    return model_identity(name, f"encoder {name!r}", CHOICES, short)


SUBWORD_EMBEDDING = "xlcorpus.models.SubwordEmbedding"
"""Module of this project, which sentence-transformers itself would load only with `trust_remote_code`."""


def _is_subword_embedding(folder: Path) -> bool:
    try:
        modules = json.loads((folder / "modules.json").read_text("utf8"))
        return [module["type"] for module in modules] == [SUBWORD_EMBEDDING]
    except (OSError, ValueError, KeyError, TypeError):  # missing or damaged: who loads the model says so
        return False


def _subword_embedding(where: str, revision: str | None) -> list[Any]:
    from xlcorpus.models.encoders.subword_embedding import SubwordEmbedding

    return [SubwordEmbedding.load(where, revision=revision)]
