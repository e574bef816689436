"""The figures of an inspection: what each rule costs each language, curves, distributions, changes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xlcorpus.arrays import Bools, Floats64, Ints64
from xlcorpus.policies.axis import Axis
from xlcorpus.policies.compare import Change
from xlcorpus.policies.curves import Curves, curves, lost, quantiles
from xlcorpus.policies.fairness import unfair
from xlcorpus.policies.verdicts import WEIGHTS, Judged, Verdict
from xlcorpus.steps.filter.policy import QUANTILES


@dataclass(frozen=True)
class RuleReport:
    """What a rule alone costs each language."""

    step: str
    rule: str
    lost: Floats64
    """(languages, 3) shares of `WEIGHTS`"""
    unfair: Bools
    """(languages,) whether the rule costs the language over 10 points of its rows more than the median of the others"""
    curves: Curves | None
    """None for a rule that is no limit on one column, or where nothing could be measured"""


@dataclass(frozen=True)
class ColumnReport:
    """A column without a limit."""

    column: str
    axis: Axis
    quantiles: Floats64
    """(languages, quantiles) values at `QUANTILES`; NaN where nothing could be measured"""


@dataclass(frozen=True)
class Report:
    """All figures of an inspection."""

    kind: str
    languages: Sequence[str]
    read: Ints64
    """(languages,) rows in the data"""
    totals: Floats64
    """(languages, 3) rows, words and bytes of the sample"""
    lost: Floats64
    """(languages, 3) shares of `WEIGHTS` that all rules together reject"""
    unfair: Bools
    """(languages,) as in `RuleReport`, of all rules together"""
    rules: Sequence[RuleReport]
    columns: Sequence[ColumnReport]
    changes: Sequence[Change] | None
    """rows that change sides; None if nothing was compared"""
    old_rules: Sequence[str]
    """names of the rules of the policy that was compared with, in the order of its verdicts"""

    def title(self, rule: RuleReport) -> str:
        """Name of a rule, with its step where several steps have a rule of that name."""
        same = sum(other.rule == rule.rule for other in self.rules)
        return rule.rule if same == 1 else f"{rule.step}.{rule.rule}"

    def name_of(self, change: Change) -> str:
        """Name of the rule that rejects the rows of a change."""
        return self.rules[change.rule].rule if change.now_lost else self.old_rules[change.rule]


def report(
    judged: Judged, read: Counter[str], found: Sequence[Change] | None = None, old: Judged | None = None
) -> Report:
    """The figures of judged rows.

    Args:
        judged: rows and verdicts.
        read: rows in the data by language; a language that only steps give to rows counts 0.
        found: rows that change sides between two policies (`changes(judged, old)`); None: nothing is compared.
        old: verdicts of the policy that `judged` is compared with.
    """
    tags = judged.langs.to_numpy()
    languages = sorted(set(tags))
    members = [np.flatnonzero(tags == lang) for lang in languages]
    rows = np.array([len(places) for places in members])
    total = np.array([lost(judged.keep[places], judged.weights[places]) for places in members])
    return Report(
        kind=judged.kind,
        languages=languages,
        read=np.array([read[lang] for lang in languages]),
        totals=np.array([judged.weights[places].sum(axis=0) for places in members]),
        lost=total,
        unfair=unfair(total[:, 0], rows),
        rules=[_rule(verdict, judged.weights, members) for verdict in judged.verdicts],
        columns=[
            _column(name, values, members) for name, values in judged.columns.items() if np.isfinite(values).any()
        ],
        changes=found,
        old_rules=[] if old is None else [verdict.rule for verdict in old.verdicts],
    )


def _rule(verdict: Verdict, weights: Floats64, members: Sequence[Ints64]) -> RuleReport:
    shares = np.array([lost(verdict.keep[places], weights[places]) for places in members])
    rows = np.array([len(places) for places in members])
    drawn = None if verdict.cut is None else curves(verdict.cut, weights, members)
    return RuleReport(verdict.step, verdict.rule, shares, unfair(shares[:, 0], rows), drawn)


def _column(name: str, values: Floats64, members: Sequence[Ints64]) -> ColumnReport:
    axis = Axis.of(values[np.isfinite(values)], np.empty(0))
    return ColumnReport(name, axis, np.array([quantiles(values[places], QUANTILES) for places in members]))


def as_data(found: Report) -> dict[str, Any]:
    """The figures as plain data for JSON; shares are 0 to 1, null stands for what could not be measured."""
    tags = found.languages
    return {
        "kind": found.kind,
        "languages": {
            lang: {
                "read": int(found.read[i]),
                "sample": {name: int(n) for name, n in zip(WEIGHTS, found.totals[i], strict=True)},
                "lost": _shares(found.lost[i]),
                "unfair": bool(found.unfair[i]),
            }
            for i, lang in enumerate(tags)
        },
        "rules": [_rule_data(rule, tags) for rule in found.rules],
        "columns": [
            {
                "column": column.column,
                "quantiles": list(QUANTILES),
                "languages": {lang: _numbers(column.quantiles[i]) for i, lang in enumerate(tags)},
            }
            for column in found.columns
        ],
        "changes": None
        if found.changes is None
        else [
            {
                "lang": change.lang,
                "rule": found.name_of(change),
                "now": "rejected" if change.now_lost else "kept",
                "rows": len(change.places),
            }
            for change in found.changes
        ],
    }


def _rule_data(rule: RuleReport, tags: Sequence[str]) -> dict[str, Any]:
    of_languages: dict[str, dict[str, Any]] = {
        lang: {"lost": _shares(rule.lost[i]), "unfair": bool(rule.unfair[i])} for i, lang in enumerate(tags)
    }
    data: dict[str, Any] = {"step": rule.step, "rule": rule.rule, "column": None, "languages": of_languages}
    if (drawn := rule.curves) is not None:
        data |= {"column": drawn.column, "least": drawn.least, "limits": _numbers(drawn.limits)}
        for i, lang in enumerate(tags):
            kept = {name: _numbers(drawn.kept[i, :, w]) for w, name in enumerate(WEIGHTS)}
            of_languages[lang] |= {"limit": _number(drawn.in_force[i]), "kept": kept}
    return data


def _shares(values: Floats64) -> dict[str, float | None]:
    return dict(zip(WEIGHTS, _numbers(values), strict=True))


def _numbers(values: Floats64) -> list[float | None]:
    return [_number(value) for value in values]


def _number(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None


def notes_of(found: Report) -> Mapping[str, list[str]]:
    """Languages that lose too much, by rule (`all rules` for all together)."""
    flagged = {found.title(rule): rule.unfair for rule in found.rules} | {"all rules": found.unfair}
    named = {
        title: [lang for lang, flag in zip(found.languages, flags, strict=True) if flag]
        for title, flags in flagged.items()
    }
    return {title: langs for title, langs in named.items() if langs}
