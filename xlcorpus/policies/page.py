"""An inspection as one HTML page without scripts, fonts or requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from xlcorpus import languages
from xlcorpus.errors import UserError
from xlcorpus.policies import drawing
from xlcorpus.policies.compare import Change
from xlcorpus.policies.examples import Example, Examples, nearest
from xlcorpus.policies.report import ColumnReport, Report, RuleReport, notes_of
from xlcorpus.policies.verdicts import Judged
from xlcorpus.steps.filter.policy import QUANTILES

EXAMPLES = 3
"""Texts of a language on each side of a cut, at most."""
EXAMPLE_BYTES = 3_000_000
"""Bytes of all examples of a page, at most; rules and languages that lose most have theirs first."""
_MARKUP_BYTES = 80
"""Bytes of HTML around one text of an example, about."""
CHANGES = 500
"""Changes (language, rule, side) that are shown, at most, the largest first."""
HEAT = (0.01, 0.05, 0.1, 0.25)
"""Shares lost from which on a cell has the next colour."""


@dataclass(frozen=True)
class Facts:
    """What was inspected, for the head of the page."""

    data: tuple[str, ...]
    sample: int
    """rows of each language, at most"""
    seed: int
    steps: tuple[str, ...]
    policy: str | None
    against: str | None
    warnings: tuple[str, ...]


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


def page(found: Report, judged: Judged, facts: Facts) -> str:
    """The HTML of a page.

    Args:
        found: the figures.
        judged: the rows they are from, for examples.
        facts: what was inspected.
    """
    sections = _sections(found, judged)
    return _template().render(
        found=found,
        facts=facts,
        sections=sections,
        costly=[section for section in sections if not section.quiet],
        matrix=[[_cell(s.report.lost[i, 0], bool(s.report.unfair[i])) for s in sections if not s.quiet]
                for i in range(len(found.languages))],
        samples=found.totals[:, 0].astype(int).tolist(),
        read=int(found.read.sum()),
        medians=_medians(found),
        zip=zip,
        totals=[_cells(found.lost[i], bool(found.unfair[i])) for i in range(len(found.languages))],
        flags=notes_of(found),
        columns=[(column.column, _strips(column)) for column in found.columns],
        quantiles=[f"{share:.0%}" for share in QUANTILES],
        changes=None if found.changes is None else _changes(found, found.changes, judged),
        sizes={"chart": drawing.CHART, "small": drawing.SMALL, "strip": drawing.STRIP},
    )  # fmt: skip


@cache
def _name(tag: str) -> str:
    """Name of a language or a pair of languages (tag); "" where it has none."""
    try:
        return " – ".join(languages.name(side) for side in tag.split("-"))
    except UserError:
        return ""


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("xlcorpus.policies", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    environment.filters |= {"shown": drawing.shown, "name": _name, "bcp47": _bcp47}
    return environment.get_template("page.html.jinja")


def _cell(share: float, unfair: bool = False) -> Cell:
    heat = 0 if share == 0 else 1 + int(np.searchsorted(HEAT, share, side="right"))
    return Cell("0" if share == 0 else f"{100 * share:.1f}", heat, unfair)


def _cells(shares: Sequence[float], unfair: bool) -> list[Cell]:
    return [_cell(share, unfair and i == 0) for i, share in enumerate(shares)]


def _medians(found: Report) -> list[Cell]:
    """Medians over the languages: of all rules by rows, words and bytes; of each rule that rejects anything by rows."""
    shares = [np.median(found.lost, axis=0), *(np.median(r.lost[:, :1], axis=0) for r in found.rules if r.lost.any())]
    return [_cell(float(share)) for share in np.concatenate(shares)]


def _sections(found: Report, judged: Judged) -> list[Section]:
    examples = _near_cuts(found, judged)
    sections = []
    for place, rule in enumerate(found.rules):
        order = sorted(range(len(found.languages)), key=lambda i: (-rule.lost[i, 0], found.languages[i]))
        # Without a limit there is nothing to see where nothing is rejected.
        seen = [i for i in order if rule.curves is not None or rule.lost[i].any()]
        cards = [_card(found.languages[i], i, rule, examples.get((place, i), ())) for i in seen]
        chart = None if rule.curves is None else drawing.chart(rule, rule.curves, found.languages)
        quiet = not rule.lost.any()
        sections.append(Section(f"rule-{place}", found.title(rule), rule, chart, cards, quiet))
    return sections


def _near_cuts(found: Report, judged: Judged) -> dict[tuple[int, int], list[Side]]:
    """Examples by places of rule and language; where most is lost first, until `EXAMPLE_BYTES` are used."""
    tags = judged.langs.to_numpy()
    members = [np.flatnonzero(tags == lang) for lang in found.languages]
    examples = Examples(judged)
    cells = [(rule.lost[i, 0], place, i) for place, rule in enumerate(found.rules) for i in range(len(members))]
    chosen: dict[tuple[int, int], list[Side]] = {}
    left = EXAMPLE_BYTES
    for _, place, i in sorted(cells, key=lambda cell: (-cell[0], cell[1], cell[2])):
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
    lost = _cells(rule.lost[i], bool(rule.unfair[i]))
    if rule.curves is None:
        return Card(lang, lost, None, (), None, examples)
    limit = float(rule.curves.in_force[i])
    paths, cut = drawing.small(rule, rule.curves, i)
    return Card(lang, lost, None if np.isnan(limit) else drawing.shown(limit), paths, cut, examples)


def _strips(column: ColumnReport) -> list[tuple[drawing.Strip | None, list[str]]]:
    return [
        (drawing.strip(column.axis, row), ["–" if np.isnan(value) else drawing.shown(float(value)) for value in row])
        for row in column.quantiles
    ]


def _changes(found: Report, changes: Sequence[Change], judged: Judged) -> list[tuple[Change, str, list[Example]]]:
    """Each change with the name of its rule and some of its rows, the largest changes first."""
    order = sorted(changes, key=lambda c: (-len(c.places), c.lang, c.rule))
    examples = Examples(judged)
    return [(c, found.name_of(c), [examples[int(p)] for p in c.places[:EXAMPLES]]) for c in order[:CHANGES]]


@cache
def _bcp47(tag: str) -> str:
    """The value of an attribute `lang`; `und` where the tag is no language."""
    try:
        return languages.bcp47(tag)
    except UserError:
        return languages.UNKNOWN
