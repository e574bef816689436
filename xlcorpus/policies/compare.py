"""Rows that one policy keeps and another rejects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Bools, Ints64
from xlcorpus.policies.verdicts import Judged


@dataclass(frozen=True)
class Change:
    """Rows of a language that one policy keeps and the other rejects under a rule."""

    lang: str
    rule: int
    """place of the rule among the verdicts of the policy that rejects the rows: the first rule that they break"""
    now_lost: bool
    """whether the new policy rejects the rows, not the old one"""
    places: Ints64
    """(rows,) places of the rows among the judged ones, ascending"""


def changes(new: Judged, old: Judged) -> list[Change]:
    """The rows that change sides, by language, side and rule.

    Args:
        new, old: verdicts of two policies on the same rows in the same order.
    """
    first_new, first_old = _first_broken(new), _first_broken(old)
    langs = new.langs.to_numpy()
    found = []
    for lang in sorted(set(langs)):
        here = langs == lang
        for now_lost, rules, moved in (
            (True, first_new, (first_old < 0) & (first_new >= 0)),
            (False, first_old, (first_old >= 0) & (first_new < 0)),
        ):
            places = np.flatnonzero(here & moved)
            found += [Change(lang, int(r), now_lost, places[rules[places] == r]) for r in np.unique(rules[places])]
    return found


def _first_broken(judged: Judged) -> Ints64:
    """(rows,) place of the first rule that rejects each row, -1 if all keep it."""
    first = np.full(len(judged.langs), -1, dtype=np.int64)
    for place, verdict in reversed(list(enumerate(judged.verdicts))):
        broken: Bools = ~verdict.keep
        first[broken] = place
    return first
