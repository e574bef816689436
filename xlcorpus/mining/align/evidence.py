"""Whether two documents are translations of each other: does the order of their sentences matter.

In a translation the cheapest alignment is far cheaper than that of the same sentences with one side shuffled; in
documents that merely share a subject, or whose parts stand in another order, it is not. The test needs no threshold
of the encoder's own, so it serves weak encoders and short documents too: the shuffled texts say what chance gives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.mining.align.costs import Chance, band_costs, chance
from xlcorpus.mining.align.lengths import GALE_CHURCH_VARIANCE, USUAL_WEIGHT, Lengths, add_length_costs
from xlcorpus.mining.align.path import cheapest_path, whole_band
from xlcorpus.mining.align.sentence_alignment import Alignment, EmbeddedDocument

SHUFFLES = 39
"""Shuffled texts that a part of a document is compared with."""
PART = 40
"""Alignments in one part of a document: each part is shuffled in itself."""
PARTS = 8
"""Parts that are looked at, at even distances, at most."""
FEWEST = 6
"""Sentences a side from which an order can be told from another. Of six captions and their translations 94 to 98 % are
told, with 6 to 7 % of unrelated captions (bootstrap, Multi30k)."""
LEAST_DEVIATIONS = 2.5
"""Standard deviations below the cost of shuffled texts that count as evidence, in short texts."""
DEVIATIONS_PER_ROOT = 0.6
"""And in longer ones, for each square root of a sentence: what an alignment of unrelated texts picks out by luck grows
too. On the sample corpus (five languages against English) translations of 40 sentences and more had 1.1 or more,
unrelated texts .45 or less."""
RUN = 3
"""Sentences of a side in one alignment of the test, at most."""


@dataclass(frozen=True)
class Evidence:
    """How much cheaper the alignment of two documents is than alignments of shuffled ones."""

    deviations: float
    """standard deviations that its cost lies below theirs, over all parts; NaN where no part could be judged"""
    sentences: int
    """sentences of the shorter side that were judged"""
    share: float
    """share of the parts that have evidence of their own, 0 to 1; NaN where none could be judged"""

    @property
    def parallel(self) -> bool | None:
        """Whether the documents are translations in the same order; None: too few sentences to tell."""
        return None if np.isnan(self.deviations) else self.deviations >= needed(self.sentences)


NO_EVIDENCE = Evidence(float("nan"), 0, float("nan"))


def needed(sentences: int) -> float:
    """Standard deviations that count as evidence in a text of that many sentences."""
    return max(LEAST_DEVIATIONS, DEVIATIONS_PER_ROOT * float(np.sqrt(sentences)))


def overlap(src: EmbeddedDocument, tgt: EmbeddedDocument, found: Alignment) -> float:
    """The share of the documents' characters that are aligned, counted by the scores; 0 to 1."""
    ends = [np.concatenate([[0], np.cumsum(side.characters)]) for side in (src, tgt)]
    runs = [run[found.linked] for run in (found.src, found.tgt)]
    characters = sum(end[run[:, 1]] - end[run[:, 0]] for end, run in zip(ends, runs, strict=True))
    return min(float((characters * found.score[found.linked]).sum() / max(ends[0][-1] + ends[1][-1], 1)), 1.0)


def order_evidence(src: EmbeddedDocument, tgt: EmbeddedDocument, found: Alignment, seed: int = 0) -> Evidence:
    """Compare an alignment with those of the same documents, one side of them shuffled part by part.

    Args:
        src, tgt: the documents.
        found: their alignment, of which the parts are cut.
        seed: of the shuffles.
    """
    if not len(src) or not len(tgt):
        return NO_EVIDENCE
    random = np.random.default_rng(seed)
    by_chance = chance(src.vectors[0], tgt.vectors[0])
    lengths = Lengths(float(tgt.characters.sum() / src.characters.sum()), GALE_CHURCH_VARIANCE, USUAL_WEIGHT)
    gains, variances, sizes = [], [], []
    for s, t in _parts(found):
        one, two = (side.vectors[0, a:b] for side, (a, b) in ((src, s), (tgt, t)))
        characters = src.characters[slice(*s)], tgt.characters[slice(*t)]
        order = np.arange(len(two))
        costs = []
        for number in range(SHUFFLES + 1):
            places = random.permutation(order) if number else order
            costs.append(_cost(one, two[places], characters[0], characters[1][places], by_chance, lengths))
        gains.append(float(np.mean(costs[1:])) - costs[0])
        variances.append(float(np.var(costs[1:])))
        sizes.append(min(len(one), len(two)))
    if not sum(variances):  # too short, or the same sentence throughout
        return NO_EVIDENCE
    own = [gain / np.sqrt(max(spread, 1e-12)) for gain, spread in zip(gains, variances, strict=True)]
    share = float(np.mean([one >= needed(size) for one, size in zip(own, sizes, strict=True)]))
    return Evidence(sum(gains) / float(np.sqrt(sum(variances))), sum(sizes), share)


def _parts(found: Alignment) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """(first, one behind the last) source and target sentence of each part that can be judged."""
    count = max(-(-len(found.src) // PART), 1)
    borders = np.linspace(0, len(found.src), count + 1).astype(int)
    parts = []
    for first, last in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
        s = int(found.src[first:last, 0].min(initial=0)), int(found.src[first:last, 1].max(initial=0))
        t = int(found.tgt[first:last, 0].min(initial=0)), int(found.tgt[first:last, 1].max(initial=0))
        if min(s[1] - s[0], t[1] - t[0]) >= FEWEST:
            parts.append((s, t))
    if len(parts) <= PARTS:
        return parts
    return [parts[i] for i in np.unique(np.linspace(0, len(parts) - 1, PARTS).astype(int))]


def _cost(
    src: Floats32, tgt: Floats32, src_length: Ints64, tgt_length: Ints64, by_chance: Chance, lengths: Lengths
) -> float:
    """Cost of the cheapest alignment of two lists of sentences, runs as sums of vectors."""
    one, two = _runs(src), _runs(tgt)
    band = whole_band(len(src), len(tgt))
    moves = np.array([(1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 2)], dtype=np.int64)
    moves = moves[(moves[:, 0] <= len(one)) & (moves[:, 1] <= len(two))]
    costs = band_costs(one, two, band, moves, by_chance)
    add_length_costs(costs, src_length, tgt_length, band, moves, lengths)
    return cheapest_path(band, moves, costs, by_chance.deletion)[1]


def _runs(vectors: Floats32) -> Floats32:
    """(RUN, n, dim): [k, i] is the normalised sum of the k + 1 sentences that end with sentence i."""
    runs = [vectors]
    for back in range(1, min(RUN, len(vectors))):
        total = runs[-1].copy()
        total[back:] += vectors[:-back]
        runs.append(total)
    stacked = np.stack(runs)
    size = np.sqrt(np.einsum("knd,knd->kn", stacked, stacked))[..., None]
    return np.asarray(stacked / np.where(size > 0, size, 1), dtype=np.float32)
