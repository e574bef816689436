"""How well sentence alignments agree with gold ones, counted as Vecalign's `score.py` does (Sennrich & Volk 2011)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xlcorpus.errors import UserError

Beads = Sequence[tuple[Sequence[int], Sequence[int]]]
"""The alignments of one document pair: source sentences and target sentences of each, numbered from 0."""

_NUMBERS = r"\[\s*((?:\d+\s*(?:,\s*\d+\s*)*)?)\]"
_BEAD = re.compile(rf"\s*{_NUMBERS}\s*:\s*{_NUMBERS}\s*(?::.*)?")


@dataclass(frozen=True)
class Agreement:
    """Precision, recall and F1 over one or more document pairs; 0 where there is nothing to count."""

    precision: float
    """share of the found alignments, deletions among them, that are right"""
    recall: float
    """share of the gold alignments with text on both sides that are found"""

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def agreement(gold: Iterable[Beads], found: Iterable[Beads]) -> tuple[Agreement, Agreement]:
    """Strict and lax agreement, micro-averaged over document pairs.

        strict, lax = agreement([gold], [found])

    An alignment is strictly right if the same sentences are aligned in the gold, and laxly right if one of its source
    sentences is aligned with one of its target sentences there. A deletion is right if it is one in the gold; recall
    does not ask for deletions.

    Args:
        gold, found: the alignments of each document pair, in the same order.

    Raises:
        ValueError: not as many document pairs in both.
    """
    precision, recall = [0, 0, 0], [0, 0, 0]
    for truth, given in zip(gold, found, strict=True):
        _count(given, truth, precision)
        _count([bead for bead in truth if all(bead)], [bead for bead in given if all(bead)], recall)
    return (
        Agreement(_share(precision[1], precision[0]), _share(recall[1], recall[0])),
        Agreement(_share(precision[2], precision[0]), _share(recall[2], recall[0])),
    )


def _count(asked: Beads, known: Beads, counts: list[int]) -> None:
    """Add to `counts` all of `asked`, those strictly and those laxly confirmed by `known`."""
    exact = {(tuple(src), tuple(tgt)) for src, tgt in known if src or tgt}
    partners: defaultdict[int, set[int]] = defaultdict(set)
    for src, tgt in exact:
        for sentence in src:
            partners[sentence].update(tgt)
    for src, tgt in {(tuple(src), tuple(tgt)) for src, tgt in asked if src or tgt}:
        strict = (src, tgt) in exact
        counts[0] += 1
        counts[1] += strict
        counts[2] += strict or any(not partners[sentence].isdisjoint(tgt) for sentence in src)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def read_beads(text: str, name: str = "alignments") -> list[tuple[list[int], list[int]]]:
    """Alignments as Vecalign and Bleualign write them, one a line: `[0, 1]:[2]`, with `:cost` or without.

    Args:
        text: the lines; empty ones do not count.
        name: what error messages call it.

    Raises:
        UserError: a line of another form.
    """
    beads = []
    for number, line in enumerate(text.splitlines(), 1):
        found = _BEAD.fullmatch(line)
        if found:
            beads.append(tuple([int(n) for n in side.split(",") if n.strip()] for side in found.groups()))
        elif line.strip():
            raise UserError(f"{name}, line {number}: not [source sentences]:[target sentences], but {line.strip()!r}")
    return [(src, tgt) for src, tgt in beads]
