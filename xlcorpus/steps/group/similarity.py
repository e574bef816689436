"""Which texts of a group that no pair joins are close enough to be translations."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl

from xlcorpus.arrays import Floats32, Floats64, Ints64
from xlcorpus.mining.groups.checks import chance_cosine, open_pairs
from xlcorpus.mining.groups.join import Edges
from xlcorpus.models.encoders.loading import Encoder

SAMPLE = 1000
"""Texts of each language that tell what cosine chance gives."""
TEXTS_AT_ONCE = 50_000
"""Bounds the vectors in memory."""


def similar_pairs(
    group: Ints64, edges: Edges, nodes: pl.DataFrame, encoder: Encoder, chance: float
) -> tuple[Ints64, Ints64]:
    """Pairs of texts of one group that are no edge, but more alike than all but `chance` of unrelated texts.

    Args:
        group: (n,) group of each text from 0, -1 for none.
        edges: the pairs there are.
        nodes: (n,) `lang` and `text`.
        encoder: compares them.
        chance: share of unrelated texts of the two languages that may be as alike.

    Returns:
        (p,) and (p,) nodes.
    """
    one, two = open_pairs(group, edges)
    if not len(one):
        return one, two
    number = nodes.select(pl.col("lang").rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()
    least = _least_cosines(number, group, nodes["text"], encoder, chance)
    cosine = np.empty(len(one))
    # Pairs stand in order of their groups, so that a text is needed in few blocks.
    start = 0
    while start < len(one):
        end = min(len(one), start + TEXTS_AT_ONCE // 2)
        rows, place = np.unique(np.concatenate([one[start:end], two[start:end]]), return_inverse=True)
        vectors = encoder.encode(nodes["text"].gather(rows).to_list())
        half = end - start
        cosine[start:end] = np.einsum("nd,nd->n", vectors[place[:half]], vectors[place[half:]])
        start = end
    alike = cosine > least[number[one], number[two]]
    return one[alike], two[alike]


def _least_cosines(number: Ints64, group: Ints64, texts: pl.Series, encoder: Encoder, chance: float) -> Floats64:
    """(languages, languages) cosine that counts, from texts of different groups."""
    languages = int(number.max()) + 1
    vectors: list[Floats32] = []
    items: list[Ints64] = []
    for lang in range(languages):
        rows = np.flatnonzero((number == lang) & (group >= 0))
        rows = np.random.default_rng(0).permutation(rows)[:SAMPLE]
        vectors.append(encoder.encode(texts.gather(rows).to_list()))
        items.append(group[rows])
    least = np.ones((languages, languages))
    for i, j in combinations(range(languages), 2):
        least[i, j] = least[j, i] = chance_cosine(vectors[i], vectors[j], items[i], items[j], chance)
    return least
