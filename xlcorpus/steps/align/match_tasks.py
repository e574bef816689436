"""Matching the documents of two languages by id, URL and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np
import polars as pl

from xlcorpus.arrays import Floats32
from xlcorpus.device import Device
from xlcorpus.mining.align.document_matching import DocumentMatches, match_by_key, match_by_vectors, no_matches
from xlcorpus.mining.align.document_vectors import document_vectors, sentence_weights
from xlcorpus.mining.align.language_free_url import language_free_url
from xlcorpus.step import CorpusEnv
from xlcorpus.steps.align.tasks import encoder

Evidence = Literal["id", "url", "embedding"]

DOCUMENTS_AT_ONCE = 1_000
"""In one task."""


@dataclass(frozen=True)
class DocumentSide:
    """The documents of one language."""

    rows: pl.DataFrame
    """documents; none without sentences"""
    sentences: list[list[str]]
    """of each"""

    def __len__(self) -> int:
        return self.rows.height


@dataclass(frozen=True)
class EmbeddingTask:
    """One task: documents to embed."""

    encoder: str
    device: Device
    documents: Sequence[Sequence[str]]
    weights: Floats32


def match(
    src: DocumentSide,
    tgt: DocumentSide,
    evidence: Sequence[Evidence],
    id_column: str,
    threshold: float,
    model: tuple[str, Device],
    env: CorpusEnv,
) -> DocumentMatches:
    """Pairs of documents; evidence is asked in the given order, and documents are embedded only if some are left."""
    found = no_matches()
    for kind in evidence:
        if kind == "embedding":
            left = found.rest(len(src), len(tgt))
            if len(left[0]) and len(left[1]):
                vectors = [_vectors(side, model, env) for side in (src, tgt)]
                found = match_by_vectors(vectors[0], vectors[1], found, threshold)
        else:
            keys = [_keys(side.rows, kind, id_column) for side in (src, tgt)]
            found = match_by_key(keys[0], keys[1], kind, found)
    return found


def _keys(rows: pl.DataFrame, kind: str, id_column: str) -> list[str | None]:
    if kind == "id":
        keys: list[str | None] = rows[id_column].cast(pl.String).to_list()
        return keys
    return [url and language_free_url(url, lang) for url, lang in rows.select("url", "lang").iter_rows()]


def _vectors(side: DocumentSide, model: tuple[str, Device], env: CorpusEnv) -> Floats32:
    """(documents, dim) unit vectors, embedded batch by batch on the cluster."""
    lengths = np.array([len(sentences) for sentences in side.sentences], dtype=np.int64)
    flat = pl.Series(list(chain.from_iterable(side.sentences)), dtype=pl.String)
    weights = sentence_weights(
        np.repeat(np.arange(len(lengths)), lengths),
        flat.rank("dense").to_numpy().astype(np.int64),
        flat.str.len_chars().to_numpy().astype(np.int64),
        len(lengths),
    )
    ends = np.concatenate([[0], np.cumsum(lengths)])
    tasks = []
    for first in range(0, len(lengths), DOCUMENTS_AT_ONCE):
        last = min(first + DOCUMENTS_AT_ONCE, len(lengths))
        tasks.append(EmbeddingTask(*model, side.sentences[first:last], weights[ends[first] : ends[last]]))
    return np.concatenate(list(env.map(embed_documents, tasks)))


def embed_documents(task: EmbeddingTask) -> Floats32:
    """EmbeddingTask of a task's documents."""
    flat = list(chain.from_iterable(task.documents))
    distinct = {text: i for i, text in enumerate(dict.fromkeys(flat))}
    vectors = encoder(task.encoder, task.device).encode(list(distinct))[[distinct[text] for text in flat]]
    lengths = np.array([len(sentences) for sentences in task.documents], dtype=np.int64)
    return document_vectors(vectors, task.weights, lengths)
