"""The measures of one encoder on one set of sentences and their translations.

Compare values of the same n only: among more sentences it is harder to find the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Floats32, Floats64, Ints64
from xlcorpus.errors import UserError
from xlcorpus.mining.evaluate.hard_negatives import HardNegatives
from xlcorpus.mining.evaluate.measures import hubness, translation_ranks, xsim, xsim_plus
from xlcorpus.mining.evaluate.resampling import interval, resampled_means
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.mining.select.calibration import SPARE_NEIGHBOURS, best_threshold_f1, calibrate
from xlcorpus.mining.select.margin import margins
from xlcorpus.mining.select.selection import select

LEAST_PAIRS = 10
K = 4
HUB_K = 10
TARGET_PRECISION = 0.95

LOWER_IS_BETTER = frozenset({"mean_rank", "xsim", "xsim_plus", "hubness"})
"""For all other measures, higher is better."""


@dataclass(frozen=True)
class Measures:
    """Measures of one encoder on n pairs."""

    n: int
    values: dict[str, float]
    """by name; NaN where there is nothing to measure:

    - `p_at_1`, `mrr`, `mean_rank`: of the translation by cosine, mean of both directions; `p_at_1_forward`,
      `p_at_1_backward`: of one,
    - `bidirectional`: share of pairs that are the nearest in both directions (MEXA, Kargaran et al. 2024),
    - `xsim`, `xsim_plus`: error rates by ratio margin, source to target; without and with hard negatives,
    - `f1`: of mined pairs at the best threshold (`max`, ratio margin),
    - `kept`, `kept_precision`: share of the n pairs that mining with a target precision of 0.95 gives, and how
      many of those are right,
    - `hubness`: skewness of how often a target is among the 10 nearest of a source.
    """
    by_sentence: dict[str, Floats64]
    """(n,) of the measures that are means over sentences"""

    def intervals(self, samples: int, seed: int) -> dict[str, tuple[float, float]]:
        """95 % intervals of the measures in `by_sentence`, over resampled pairs; their competitors stay the same."""
        low, high = interval(resampled_means(np.stack(list(self.by_sentence.values()), axis=1), samples, seed))
        return dict(zip(self.by_sentence, zip(low.tolist(), high.tolist(), strict=True), strict=True))


def measure_encoder(
    x: Floats32,
    y: Floats32,
    src_texts: Sequence[str],
    tgt_texts: Sequence[str],
    negatives: tuple[Floats32, HardNegatives] | None = None,
) -> Measures:
    """Measure embeddings of pairs.

    Args:
        x, y: (n, dim) float32 embeddings; row i of both is a pair.
        src_texts, tgt_texts: (n,) the sentences; copies of the right one are right too.
        negatives: (h, dim) embeddings of hard negatives of the targets, and where they come from.

    Raises:
        UserError: fewer than `LEAST_PAIRS` pairs; see `translation_ranks`.
    """
    n = len(x)
    if n < LEAST_PAIRS:
        raise UserError(f"{n} pairs are too few to measure an encoder on; at least {LEAST_PAIRS}, better some hundreds")
    ranks = translation_ranks(x, y, src_texts, tgt_texts)
    forward, backward = ranks.forward == 1, ranks.backward == 1
    error = xsim(x, y, K, tgt_texts=tgt_texts)
    by_sentence = {
        "p_at_1_forward": forward.astype(np.float64),
        "p_at_1_backward": backward.astype(np.float64),
        "p_at_1": (forward + backward.astype(np.float64)) / 2,
        "mrr": (1 / ranks.forward + 1 / ranks.backward) / 2,
        "mean_rank": (ranks.forward + ranks.backward) / 2,
        "bidirectional": (forward & backward).astype(np.float64),
        "xsim": _flags(error.wrong, n),
    }
    if negatives is not None and len(negatives[1].texts):
        vectors, made = negatives
        texts = [*tgt_texts, *made.texts]
        hard = xsim_plus(x, np.concatenate([y, vectors]), made.made_of, made.kinds, K, tgt_texts=texts)
        by_sentence["xsim_plus"] = _flags(hard.wrong, n)
    neighbours = knn(x, y, max(HUB_K, K + SPARE_NEIGHBOURS))
    values = {name: float(value.mean()) for name, value in by_sentence.items()}
    values.setdefault("xsim_plus", float("nan"))
    values |= _mining(neighbours, src_texts, tgt_texts)
    values["hubness"] = hubness(neighbours.nearest(HUB_K).fwd_index, n).skewness
    return Measures(n, values, by_sentence)


def _mining(neighbours: Neighbours, src_texts: Sequence[str], tgt_texts: Sequence[str]) -> dict[str, float]:
    """Quality of the pairs that mining would find among these sentences."""
    near = neighbours.nearest(K)
    pairs = select(near, margins(near))
    gold = set(zip(src_texts, tgt_texts, strict=True))
    right = np.array([(src_texts[i], tgt_texts[j]) in gold for i, j in zip(pairs.src, pairs.tgt, strict=True)], bool)
    found = calibrate(neighbours.nearest(K + SPARE_NEIGHBOURS), TARGET_PRECISION, K)
    kept = pairs.score >= found.threshold
    return {
        "f1": best_threshold_f1(pairs.score, right, len(src_texts))[1],
        "kept": float(kept.sum()) / len(src_texts),
        "kept_precision": float(right[kept].mean()) if kept.any() else float("nan"),
    }


def _flags(rows: Ints64, n: int) -> Floats64:
    flags = np.zeros(n)
    flags[rows] = 1
    return flags
