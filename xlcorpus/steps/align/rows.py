"""Alignments as pair records, and the sentences that no alignment holds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import polars as pl

from xlcorpus.mining.align.sentence_alignment import Alignment

PLACES = ("src_first", "src_size", "tgt_first", "tgt_size")


def aligned_rows(
    found: Alignment, src: Sequence[str], tgt: Sequence[str], joiners: tuple[str, str], documents: tuple[str, str]
) -> pl.DataFrame:
    """The alignments with text on both sides.

    Args:
        found: alignment of one document pair.
        src, tgt: its sentences.
        joiners: what stands between two sentences on either side.
        documents: ids of the two.

    Returns:
        Columns `id`, `src_text`, `tgt_text`, `src_id`, `tgt_id`, `score`, `parents`, and
        `align_documents_` with each of `PLACES` (Int64).
    """
    linked = found.linked
    runs = np.concatenate([found.src[linked], found.tgt[linked]], axis=1)
    # A Python loop: runs are joined to strings of their own.
    texts = [(joiners[0].join(src[a:b]), joiners[1].join(tgt[c:d])) for a, b, c, d in runs.tolist()]
    return pl.DataFrame(
        {
            "id": [_id(documents, place) for place in runs.tolist()],
            "src_text": [one for one, _ in texts],
            "tgt_text": [two for _, two in texts],
            "score": found.score[linked].astype(np.float64),
            "align_documents_src_first": runs[:, 0],
            "align_documents_src_size": runs[:, 1] - runs[:, 0],
            "align_documents_tgt_first": runs[:, 2],
            "align_documents_tgt_size": runs[:, 3] - runs[:, 2],
        },
        schema_overrides={"id": pl.String, "src_text": pl.String, "tgt_text": pl.String},
    ).with_columns(
        parents=pl.lit(list(documents), dtype=pl.List(pl.String)),
        src_id=pl.lit(documents[0]),
        tgt_id=pl.lit(documents[1]),
    )


def lone_sentences(found: Alignment, side: int, sentences: Sequence[str], document: str) -> pl.DataFrame:
    """The sentences of one side (0 source, 1 target) aligned with nothing: `text`, `position`, `document_id`."""
    runs = (found.src, found.tgt)[side][~found.linked]
    places = runs[runs[:, 0] < runs[:, 1], 0].tolist()
    return pl.DataFrame(
        {"text": [sentences[place] for place in places], "position": places},
        schema={"text": pl.String, "position": pl.Int64},
    ).with_columns(document_id=pl.lit(document))


def _id(documents: tuple[str, str], place: list[int]) -> str:
    """A line that a document repeats makes several pairs of the same text: their places tell them apart."""
    return hashlib.blake2b(repr((*documents, *place)).encode(), digest_size=16, person=b"pair").hexdigest()
