"""An inspection as one HTML page without scripts, fonts or requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from xlcorpus import languages
from xlcorpus.errors import UserError
from xlcorpus.policies import drawing
from xlcorpus.policies.compare import Change
from xlcorpus.policies.examples import Example, Examples
from xlcorpus.policies.report import ColumnReport, Report, notes_of
from xlcorpus.policies.sections import EXAMPLES, Cell, cell, cells, sections
from xlcorpus.policies.verdicts import Judged
from xlcorpus.steps.filter.policy import QUANTILES

CHANGES = 500
"""Changes (language, rule, side) that are shown, at most, the largest first."""


@dataclass(frozen=True)
class Facts:
    """What was inspected, for the head of the page."""

    data: tuple[str, ...]
    """files, patterns, folders or releases"""
    sample: int
    """rows of each language, at most"""
    seed: int
    steps: tuple[str, ...]
    """names of the steps whose rules are shown"""
    policy: str | None
    """path of the policy in force"""
    against: str | None
    """path of the policy that it is compared with"""
    warnings: tuple[str, ...]


def page(found: Report, judged: Judged, facts: Facts) -> str:
    """The HTML of a page.

    Args:
        found: the figures.
        judged: the rows they are from, for examples.
        facts: what was inspected.
    """
    of_rules = sections(found, judged)
    costly = [section for section in of_rules if not section.quiet]
    places = range(len(found.languages))
    return _template().render(
        found=found,
        facts=facts,
        sections=of_rules,
        costly=costly,
        matrix=[[cell(s.report.lost[i, 0], bool(s.report.unfair[i])) for s in costly] for i in places],
        samples=found.totals[:, 0].astype(int).tolist(),
        read=int(found.read.sum()),
        medians=_medians(found),
        zip=zip,
        totals=[cells(found.lost[i], bool(found.unfair[i])) for i in places],
        flags=notes_of(found),
        columns=[(column.column, _strips(column)) for column in found.columns],
        quantiles=[f"{share:.0%}" for share in QUANTILES],
        changes=None if found.changes is None else _changes(found, found.changes, judged),
        sizes={"chart": drawing.CHART, "small": drawing.SMALL, "strip": drawing.STRIP},
    )


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


def _medians(found: Report) -> list[Cell]:
    """Medians over the languages: of all rules by rows, words and bytes; of each rule that rejects anything by rows."""
    shares = [np.median(found.lost, axis=0), *(np.median(r.lost[:, :1], axis=0) for r in found.rules if r.lost.any())]
    return [cell(float(share)) for share in np.concatenate(shares)]


def _strips(column: ColumnReport) -> list[tuple[drawing.Strip | None, list[str]]]:
    """The distribution of a column in each language, drawn and as numbers."""
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
    """Value of the attribute `lang` in HTML; `und` where the tag is no language."""
    try:
        return languages.bcp47(tag)
    except UserError:
        return languages.UNKNOWN
