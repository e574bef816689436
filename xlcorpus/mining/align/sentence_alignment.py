"""Aligning the sentences of two documents m to n, in linear time and memory.

This is Vecalign (Thompson & Koehn 2019, D19-1136), and lengths beside the vectors (see `alignment_lengths`).
Both documents are halved again and again, neighbouring sentences added up, until all their positions can be looked at;
the cheapest path found there is refined in a band around it, resolution by resolution.

    encode = load_encoder("bootstrap").encode
    (src,), (tgt,) = (embedded_documents([sentences], encode) for sentences in (german, french))
    model = first_model(src, tgt)
    model = fitted_model(model, *single_links(src, tgt, align(src, tgt, model)))
    found = align(src, tgt, model)  # with the lengths measured in the first pass
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from xlcorpus.arrays import Bools, Floats32, Ints64, unit_length
from xlcorpus.errors import UserError
from xlcorpus.mining.align.costs import Chance, band_costs, chance, pair_costs
from xlcorpus.mining.align.lengths import NO_LENGTHS, Lengths, add_length_costs, fitted_lengths
from xlcorpus.mining.align.path import Band, cheapest_path, refined_band, whole_band

WHOLE_CELLS = 300 * 300
"""Up to this number all positions are searched, as in Vecalign."""
RADIUS = 8
"""Positions on every side of a coarser path that a finer one may take."""
MAX_SIZE = 6
"""Sentences of both sides in one alignment, at most."""


@dataclass(frozen=True)
class AlignmentModel:
    """Costs by chance and lengths of a language pair."""

    chance: Chance
    lengths: Lengths


@dataclass(frozen=True)
class EmbeddedDocument:
    """One side of a document pair."""

    vectors: Floats32
    """(a, n, dim) float32 unit vectors: [k, i] is the run of k + 1 sentences that ends with sentence i"""
    characters: Ints64
    """(n,) int64: length of each sentence"""

    def __len__(self) -> int:
        return len(self.characters)


@dataclass(frozen=True)
class Alignment:
    """Runs of sentences that translate each other, in the order of the documents; every sentence is in one row."""

    src: Ints64
    """(p, 2) int64: first source sentence, and the one after the last; equal where target text has no translation"""
    tgt: Ints64
    """(p, 2) int64"""
    cost: Floats32
    """(p,) float32: cost of the vectors of the two runs: 0 if they are the same, about 1 by chance; NaN where a side is
    empty"""

    @property
    def score(self) -> Floats32:
        """(p,) float32: 1 - cost, not below 0: 1 for the same vectors, 0 for what chance gives; NaN as in `cost`."""
        return np.maximum(1 - self.cost, np.float32(0))

    @property
    def linked(self) -> Bools:
        """(p,) whether there is text on both sides."""
        return (self.src[:, 0] < self.src[:, 1]) & (self.tgt[:, 0] < self.tgt[:, 1])

    @property
    def one_to_one(self) -> Ints64:
        """(q,) int64: the rows with one sentence on either side."""
        one = (self.src[:, 1] - self.src[:, 0] == 1) & (self.tgt[:, 1] - self.tgt[:, 0] == 1)
        return np.flatnonzero(one)

    def beads(self) -> list[tuple[list[int], list[int]]]:
        """The sentences of each alignment, as `alignment_measures` reads them."""
        return [(list(range(*s)), list(range(*t))) for s, t in zip(self.src.tolist(), self.tgt.tolist(), strict=True)]


def run_texts(sentences: Sequence[str], longest: int, joiner: str = " ") -> list[str]:
    """The texts to embed for one side, (longest * n): the run of k + 1 sentences that ends with sentence i at k n + i.

    Runs that would begin before the text are empty. Their memory is `longest` times that of the sentences.
    """
    return [
        joiner.join(sentences[i - k : i + 1]) if i >= k else "" for k in range(longest) for i in range(len(sentences))
    ]


def embedded_documents(
    documents: Sequence[Sequence[str]],
    encode: Callable[[Sequence[str]], Floats32],
    max_size: int = MAX_SIZE,
    joiner: str = " ",
) -> Iterator[EmbeddedDocument]:
    """Documents, embedded at once, each distinct text once; held in full one by one.

    Args:
        documents: the sentences of each.
        encode: texts to (n, dim) float32 unit vectors, as an `Encoder` does.
        max_size: as for `align`.
        joiner: what stands between two sentences; "" for Chinese and Japanese.
    """
    longest = [max(min(max_size - 1, len(sentences)), 1) for sentences in documents]
    texts = [run_texts(sentences, runs, joiner) for sentences, runs in zip(documents, longest, strict=True)]
    place = {text: i for i, text in enumerate(dict.fromkeys(chain.from_iterable(texts)))}
    vectors = encode(list(place))
    for sentences, runs, own in zip(documents, longest, texts, strict=True):
        rows = np.fromiter((place[text] for text in own), dtype=np.int64, count=len(own))
        lengths = np.fromiter((max(len(s), 1) for s in sentences), dtype=np.int64, count=len(sentences))
        yield EmbeddedDocument(vectors[rows].reshape(runs, len(sentences), vectors.shape[1]), lengths)


def first_model(src: EmbeddedDocument, tgt: EmbeddedDocument) -> AlignmentModel:
    """The model of two documents before anything is aligned: vectors alone count, as in Vecalign.

    Raises:
        UserError: a side without sentences.
    """
    if not len(src) or not len(tgt):
        raise UserError(f"nothing can be learned from {len(src)} source and {len(tgt)} target sentences")
    return AlignmentModel(chance(src.vectors[0], tgt.vectors[0]), NO_LENGTHS)


def single_links(src: EmbeddedDocument, tgt: EmbeddedDocument, found: Alignment) -> tuple[Ints64, Floats32]:
    """The sentences aligned one to one: (q, 2) int64 lengths of both, and (q,) float32 costs of their vectors."""
    pairs = found.one_to_one
    lengths = np.stack([src.characters[found.src[pairs, 0]], tgt.characters[found.tgt[pairs, 0]]], axis=1)
    return lengths, found.cost[pairs]


def fitted_model(model: AlignmentModel, lengths: Ints64, costs: Floats32) -> AlignmentModel:
    """The model with lengths measured on the sentences aligned one to one.

    Args:
        model: the one they were aligned with.
        lengths, costs: see `single_links`; of one document pair, or better of many.
    """
    return AlignmentModel(model.chance, fitted_lengths(lengths[:, 0], lengths[:, 1], costs, model.chance))


def align(src: EmbeddedDocument, tgt: EmbeddedDocument, model: AlignmentModel, max_size: int = MAX_SIZE) -> Alignment:
    """The cheapest alignment of two documents.

    Takes time and memory in proportion to the number of sentences, also where one side has long insertions.

    Args:
        src, tgt: the documents; vectors of one encoder. A document may be empty.
        model: see `first_model`.
        max_size: sentences of both sides in one alignment, at most; at least 2.

    Raises:
        UserError: `max_size` below 2; vectors of different dimensions, or NaN among them.
    """
    if max_size < 2:
        raise UserError(f"max_size {max_size}: an alignment has a sentence on both sides, so 2 or more")
    for name, side in (("source", src), ("target", tgt)):
        if side.vectors.shape[-1] != len(model.chance.src_mean):
            raise UserError(
                f"{name} vectors have {side.vectors.shape[-1]} dimensions, the model {len(model.chance.src_mean)}"
            )
        if not np.isfinite(side.vectors).all():
            raise UserError(f"{name} embeddings hold NaN or infinity")
    if not len(src) or not len(tgt):
        return _unaligned(len(src), len(tgt))
    band = _band(src.vectors, tgt.vectors)
    moves = _moves(min(len(src.vectors), max_size - 1), min(len(tgt.vectors), max_size - 1), max_size)
    costs = band_costs(src.vectors, tgt.vectors, band, moves, model.chance)
    add_length_costs(costs, src.characters, tgt.characters, band, moves, model.lengths)
    path, _ = cheapest_path(band, moves, costs, model.chance.deletion)
    return _alignment(path, src, tgt, model.chance)


def _band(src: Floats32, tgt: Floats32) -> Band:
    """Where to search for the path: everywhere in short documents, in others near the path of their halves.

    The halves are aligned one to one by their vectors alone: an insertion on one side would distort all lengths.
    """
    n, m = src.shape[1], tgt.shape[1]
    if (n + 1) * (m + 1) <= WHOLE_CELLS or min(n, m) == 1:
        return whole_band(n, m)
    one, two = _halved(src[0]), _halved(tgt[0])
    by_chance = chance(one[0], two[0])
    band, moves = _band(one, two), np.ones((1, 2), dtype=np.int64)
    path, _ = cheapest_path(band, moves, band_costs(one, two, band, moves, by_chance), by_chance.deletion)
    return refined_band(path, n, m, RADIUS)


def _moves(longest_src: int, longest_tgt: int, max_size: int) -> Ints64:
    """(t, 2) int64: sizes of alignments, small ones first."""
    sizes = [(a, b) for a in range(1, longest_src + 1) for b in range(1, longest_tgt + 1) if a + b <= max_size]
    return np.array(sorted(sizes, key=lambda size: (sum(size), size)), dtype=np.int64)


def _halved(vectors: Floats32) -> Floats32:
    """(1, ceil(n / 2), dim): every two neighbouring rows of (n, dim) as one of length 1."""
    total = vectors[::2].copy()
    total[: len(vectors) // 2] += vectors[1::2]
    return unit_length(total)[None]


def _unaligned(n: int, m: int) -> Alignment:
    """Every sentence alone; one of the sides is empty."""
    src = np.minimum(np.arange(n + m)[:, None] + [0, 1], n)
    tgt = np.minimum(np.arange(n + m)[:, None] + [0, 1], m)
    return Alignment(src.astype(np.int64), tgt.astype(np.int64), np.full(n + m, np.nan, dtype=np.float32))


def _alignment(path: Ints64, src: EmbeddedDocument, tgt: EmbeddedDocument, by_chance: Chance) -> Alignment:
    runs = np.stack([path[:-1], path[1:]], axis=2)
    found = Alignment(runs[:, 0], runs[:, 1], np.full(len(runs), np.nan, dtype=np.float32))
    pairs = [
        side.vectors[run[:, 1] - run[:, 0] - 1, run[:, 1] - 1]
        for side, run in ((src, found.src[found.linked]), (tgt, found.tgt[found.linked]))
    ]
    found.cost[found.linked] = pair_costs(pairs[0], pairs[1], by_chance)
    return found
