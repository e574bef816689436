"""What an inspection says of each rule: its curves, and a card with figures and examples for each language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from xlcorpus.policies import drawing
from xlcorpus.policies.examples import Example, Examples, nearest
from xlcorpus.policies.report import Report, RuleReport
from xlcorpus.policies.verdicts import Judged

EXAMPLES = 3
"""Texts of a language on each side of a cut, at most."""
EXAMPLE_BYTES = 3_000_000
"""Bytes of all examples of a page, at most; rules and languages that lose most have theirs first."""
_MARKUP_BYTES = 80
"""Bytes of HTML around one text of an example, about."""
HEAT = (0.01, 0.05, 0.1, 0.25)
"""Shares lost from which on a cell has the next colour."""


@dataclass(frozen=True)
class Cell:
    """A share in the table of languages and rules."""

    text: str
    """in percent"""
    heat: int
    """number of its colour; 0: nothing is lost"""
    unfair: bool
    """whether it is marked"""


@dataclass(frozen=True)
class Side:
    """Rows on one side of a cut."""

    title: str
    examples: Sequence[Example]


@dataclass(frozen=True)
class Card:
    """One language under one rule."""

    lang: str
    lost: Sequence[Cell]
    """shares of rows, words and bytes"""
    limit: str | None
    """in force; None: none, or several"""
    paths: Sequence[str]
    """curves of rows, words and bytes; none for a rule without a limit"""
    cut: int | None
    """x of the limit"""
    examples: Sequence[Side]


@dataclass(frozen=True)
class Section:
    """One rule."""

    anchor: str
    title: str
    report: RuleReport
    chart: drawing.Chart | None
    cards: Sequence[Card]
    quiet: bool
    """whether it rejects nothing"""


def sections(found: Report, judged: Judged) -> list[Section]:
    """The sections of all rules, in their order; in each the languages that lose most come first.

    Args:
        found: the figures.
        judged: the rows they are from, for examples.
    """
    examples = _near_cuts(found, judged)
    made = []
    for place, rule in enumerate(found.rules):
        order = sorted(range(len(found.languages)), key=lambda i: (-rule.lost[i, 0], found.languages[i]))
        # Without a limit there is nothing to see where nothing is rejected.
        seen = [i for i in order if rule.curves is not None or rule.lost[i].any()]
        cards = [_card(found.languages[i], i, rule, examples.get((place, i), ())) for i in seen]
        chart = None if rule.curves is None else drawing.chart(rule, rule.curves, found.languages)
        quiet = not rule.lost.any()
        made.append(Section(f"rule-{place}", found.title(rule), rule, chart, cards, quiet))
    return made


def _near_cuts(found: Report, judged: Judged) -> dict[tuple[int, int], list[Side]]:
    """Examples by places of rule and language; where most is lost first, until `EXAMPLE_BYTES` are used."""
    tags = judged.langs.to_numpy()
    members = [np.flatnonzero(tags == lang) for lang in found.languages]
    examples = Examples(judged)
    losses = [(rule.lost[i, 0], place, i) for place, rule in enumerate(found.rules) for i in range(len(members))]
    chosen: dict[tuple[int, int], list[Side]] = {}
    left = EXAMPLE_BYTES
    for _, place, i in sorted(losses, key=lambda loss: (-loss[0], loss[1], loss[2])):
        verdict = judged.verdicts[place]
        sides = nearest(verdict, members[i], EXAMPLES)
        both = [Side("rejected", examples.of(sides.lost, verdict)), Side("kept", examples.of(sides.kept, verdict))]
        left -= sum(_bytes(example) for side in both for example in side.examples)
        if left < 0:
            break
        chosen[place, i] = [side for side in both if side.examples]
    return chosen


def _bytes(example: Example) -> int:
    return sum(_MARKUP_BYTES + len(escape(text).encode()) for text in (example.source, *(t for _, t in example.texts)))


def _card(lang: str, i: int, rule: RuleReport, examples: Sequence[Side]) -> Card:
    lost = cells(rule.lost[i], bool(rule.unfair[i]))
    if rule.curves is None:
        return Card(lang, lost, None, (), None, examples)
    limit = float(rule.curves.in_force[i])
    paths, cut = drawing.small(rule, rule.curves, i)
    return Card(lang, lost, None if np.isnan(limit) else drawing.shown(limit), paths, cut, examples)


def cell(share: float, unfair: bool = False) -> Cell:
    """The cell of a share lost, 0 to 1."""
    heat = 0 if share == 0 else 1 + int(np.searchsorted(HEAT, share, side="right"))
    return Cell("0" if share == 0 else f"{100 * share:.1f}", heat, unfair)


def cells(shares: Sequence[float], unfair: bool) -> list[Cell]:
    """The cells of shares of rows, words and bytes lost; that of the rows is marked if `unfair`."""
    return [cell(share, unfair and i == 0) for i, share in enumerate(shares)]
