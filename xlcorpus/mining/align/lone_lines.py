"""Lines that only one side has (headings, page and verse numbers, advertisements), taken out of the runs they joined.

The cheapest alignment prefers to join such a line to its neighbour: joining costs what one more aligned sentence does,
leaving it out a little more. A line at the border of a run is left alone where the rest of the run is as good a
translation without it, and the line itself is no nearer to the other side than a random sentence.
"""

from __future__ import annotations

import numpy as np

from xlcorpus.mining.align.costs import pair_costs
from xlcorpus.mining.align.lengths import length_nats
from xlcorpus.mining.align.sentence_alignment import Alignment, AlignmentModel, EmbeddedDocument

MOST_GAIN = 0.03
"""Cost that a line may take off its run and still be left alone."""
MOST_NATS = 1.5
"""And improbability of the run's length, in nats."""
MOST_DEVIATIONS = 0.5
"""Standard deviations that the line itself may cost less than a random sentence does. The three were chosen on
headings, numbers and advertisements put into the sample corpus: 80 % of them are left alone. On bleualign 7 % of the
lines that belong to their run go with 40 % of those that do not."""

Run = tuple[int, int]
"""First sentence, and the one behind the last."""


def leave_alone(found: Alignment, src: EmbeddedDocument, tgt: EmbeddedDocument, model: AlignmentModel) -> Alignment:
    """The alignment with lone lines at the borders of runs in rows of their own; every sentence stands in one row.

    Args:
        found: alignment of `src` and `tgt` under `model`.
    """
    rows: list[tuple[Run, Run]] = []
    # A Python loop over alignments: of the few with three sentences or more, each is looked at a few times.
    for (a, b), (c, d) in zip(found.src.tolist(), found.tgt.tolist(), strict=True):
        before, core, behind = _trimmed((a, b), (c, d), src, tgt, model)
        rows += [*before, core, *reversed(behind)]
    runs = np.array(rows, dtype=np.int64).reshape(-1, 2, 2)
    out = Alignment(runs[:, 0], runs[:, 1], np.full(len(runs), np.nan, dtype=np.float32))
    pairs = [
        side.vectors[run[:, 1] - run[:, 0] - 1, run[:, 1] - 1]
        for side, run in ((src, out.src[out.linked]), (tgt, out.tgt[out.linked]))
    ]
    out.cost[out.linked] = pair_costs(pairs[0], pairs[1], model.chance)
    return out


def _trimmed(
    s: Run, t: Run, src: EmbeddedDocument, tgt: EmbeddedDocument, model: AlignmentModel
) -> tuple[list[tuple[Run, Run]], tuple[Run, Run], list[tuple[Run, Run]]]:
    """What is left alone before a run, the run, and what is left alone behind it (from the end)."""
    before: list[tuple[Run, Run]] = []
    behind: list[tuple[Run, Run]] = []
    while s[1] - s[0] > 0 and t[1] - t[0] > 0 and (s[1] - s[0]) + (t[1] - t[0]) > 2:
        now, nats = _cost(s, t, src, tgt, model)
        spread = max(np.sqrt(model.chance.variance), 1e-9)
        best = None
        for side, run in (("src", s), ("tgt", t)):
            if run[1] - run[0] == 1:
                continue
            for line, rest in ((run[0], (run[0] + 1, run[1])), (run[1] - 1, (run[0], run[1] - 1))):
                whole = (rest, t) if side == "src" else (s, rest)
                alone = ((line, line + 1), t) if side == "src" else (s, (line, line + 1))
                cost, more = _cost(*whole, src, tgt, model)
                own = (model.chance.mean - _cost(*alone, src, tgt, model)[0]) / spread
                if cost - now < MOST_GAIN and more - nats < MOST_NATS and own < MOST_DEVIATIONS:
                    option = (cost + model.lengths.weight * more, side, line, rest)
                    best = option if best is None else min(best, option)
        if best is None:
            break
        _, side, line, rest = best
        first = line < rest[0]
        if side == "src":
            gap = (t[0], t[0]) if first else (t[1], t[1])
            row, s = ((line, line + 1), gap), rest
        else:
            gap = (s[0], s[0]) if first else (s[1], s[1])
            row, t = (gap, (line, line + 1)), rest
        (before if first else behind).append(row)
    return before, (s, t), behind


def _cost(s: Run, t: Run, src: EmbeddedDocument, tgt: EmbeddedDocument, model: AlignmentModel) -> tuple[float, float]:
    """What the vectors of two runs cost, and how improbable their lengths are in nats."""
    one, two = (side.vectors[b - a - 1, b - 1][None] for side, (a, b) in ((src, s), (tgt, t)))
    lengths = [int(side.characters[a:b].sum()) for side, (a, b) in ((src, s), (tgt, t))]
    return float(pair_costs(one, two, model.chance)[0]), length_nats(lengths[0], lengths[1], model.lengths)
