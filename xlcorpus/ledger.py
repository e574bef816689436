"""The ledger: how many rows each step took, gave, rejected (by rule) and failed on, in each language.

Plain counts that can be added up: every task of a step writes its own entries, `merge` makes one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import polars as pl
from rich.table import Table

from xlcorpus.outcomes import ERROR, UNJUDGED

FOUR_FIFTHS = 0.8
"""Keep rate below this part of the rest's is far worse: the four-fifths rule by which the US Uniform
Guidelines on Employee Selection Procedures (29 CFR 1607.4 D, 1978) recognise adverse impact on a group."""

LEAST_ROWS = 20
"""Languages with fewer rows are neither judged nor compared with."""
POINTS = 0.10
"""A rule that costs a language a larger share of its rows than the other languages, by more than this, is named."""

ALL = "all"
"""Language of entries summed over languages."""

TOP_RULES = 3
"""Rules named in a table, the most frequent first."""


@dataclass(frozen=True)
class LedgerEntry:
    """What became of the rows of one language in one step.

    A step may make several rows of one, one of several, or rows in other languages than it took, so
    `rows_out` need not be `rows_in` less what was lost.
    """

    step: str
    lang: str
    rows_in: int = 0
    rows_out: int = 0
    failed: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    """rows by rule"""

    @property
    def lost(self) -> int:
        """Rows rejected or failed, without those the step was not meant for."""
        return sum(self.losses.values())

    @property
    def judged(self) -> int:
        """Rows that the step judged.

        The rows in, or the rows made where those are more: a step that makes four rows of one and rejects one of them
        keeps three quarters.
        """
        unjudged = sum(rows for rule, rows in self.rejected.items() if rule in UNJUDGED)
        return max(self.rows_in - unjudged, self.rows_out + self.lost)

    @property
    def keep_rate(self) -> float | None:
        """Part of the judged rows that was neither rejected nor failed, 0 to 1; None where there were none."""
        return 1 - self.lost / self.judged if self.judged else None

    @property
    def losses(self) -> dict[str, int]:
        """Rows lost by rule, those that failed under `error`; without those that were not judged."""
        failed = {ERROR: self.failed} if self.failed else {}
        return {rule: rows for rule, rows in self.rejected.items() if rule not in UNJUDGED} | failed

    def top_rules(self, count: int = TOP_RULES) -> list[tuple[str, int]]:
        """The rules that rejected most, with their counts."""
        return sorted(self.rejected.items(), key=lambda item: (-item[1], item[0]))[:count]

    def to_dict(self) -> dict[str, Any]:
        """As plain data for JSON; `from_dict` reads it back."""
        return {
            "step": self.step,
            "lang": self.lang,
            "rows_in": self.rows_in,
            "rows_out": self.rows_out,
            "failed": self.failed,
            "rejected": dict(self.rejected),
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> LedgerEntry:
        """The entry of what `to_dict` gave."""
        return LedgerEntry(**data)


def count(
    step_name: str, rows_in_langs: pl.Series, rows_out_langs: pl.Series, rejects: pl.DataFrame
) -> list[LedgerEntry]:
    """The entries of one step or task, languages sorted.

    Args:
        step_name: name of the step in the pipeline.
        rows_in_langs: language of each row in (String; null counts as `und`), shape (rows in,).
        rows_out_langs: language of each row out, shape (rows out,).
        rejects: rows that did not go on, columns of `outcomes.REJECT_SCHEMA`; rule `error` is a failure.
    """
    rows_in, rows_out = _by_language(rows_in_langs), _by_language(rows_out_langs)
    failed: dict[str, int] = {}
    rejected: dict[str, dict[str, int]] = {}
    counts = rejects.group_by(pl.col("lang").fill_null("und"), "rule").len().sort("lang", "rule")
    for lang, rule, rows in counts.iter_rows():
        if rule == ERROR:
            failed[lang] = rows
        else:
            rejected.setdefault(lang, {})[rule] = rows
    return [
        LedgerEntry(
            step=step_name,
            lang=lang,
            rows_in=rows_in.get(lang, 0),
            rows_out=rows_out.get(lang, 0),
            failed=failed.get(lang, 0),
            rejected=rejected.get(lang, {}),
        )
        for lang in sorted({*rows_in, *rows_out, *failed, *rejected})
    ]


def merge(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """One entry a step and language: steps in the order they first come in, languages and rules sorted."""
    groups: dict[str, dict[str, list[LedgerEntry]]] = {}
    for entry in entries:
        groups.setdefault(entry.step, {}).setdefault(entry.lang, []).append(entry)
    return [_sum(step, lang, langs[lang]) for step, langs in groups.items() for lang in sorted(langs)]


def by_step(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """One entry a step, summed over languages (`lang` is "all"), in the order the steps first come in."""
    groups: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        groups.setdefault(entry.step, []).append(entry)
    return [_sum(step, ALL, group) for step, group in groups.items()]


def unfair(
    entries: Iterable[LedgerEntry], min_rows: int = 20, ratio: float = FOUR_FIFTHS
) -> list[tuple[str, str, float, float]]:
    """Languages that a step treats far worse than the others.

    Args:
        entries: the ledger.
        min_rows: languages with fewer rows in are neither judged nor compared with.
        ratio: how far below the median of the others' keep rates is far.

    Returns:
        (step, language, its keep rate, median keep rate of the other languages), in the ledger's order.
    """
    rates: dict[str, dict[str, float]] = {}
    for entry in merge(entries):
        if entry.rows_in >= min_rows and entry.keep_rate is not None:
            rates.setdefault(entry.step, {})[entry.lang] = entry.keep_rate
    found = []
    for step, langs in rates.items():
        for lang, rate in langs.items():
            others = [r for other, r in langs.items() if other != lang]
            if others and rate < ratio * median(others):
                found.append((step, lang, rate, median(others)))
    return found


@dataclass(frozen=True)
class RuleCost:
    """What one rule of a step costs one language, beside the others."""

    step: str
    rule: str
    """`error`: rows that failed"""
    lang: str
    rows: int
    """rows of the language that the rule took"""
    share: float
    """of the language's judged rows, 0 to 1"""
    rest: float
    """the same share of the other languages (median), 0 to 1"""

    @property
    def where(self) -> str:
        """Where the rows are, in words."""
        return f"rejects/{self.step} (where lang is {self.lang} and rule is {self.rule})"


def costly_rules(entries: Iterable[LedgerEntry], min_rows: int = LEAST_ROWS, points: float = POINTS) -> list[RuleCost]:
    """Rules that cost one language far more of its rows than they cost the others.

    `unfair` sums the rules of a step and looks at what is left; this names the rule, and sees small losses.

    Args:
        entries: the ledger.
        min_rows: languages with fewer rows in are neither judged nor compared with.
        points: how far a language's share of lost rows may lie above the median of the other languages'.

    Returns:
        Steps in the ledger's order; in a step, the widest gap first.
    """
    steps: dict[str, list[LedgerEntry]] = {}
    for entry in merge(entries):
        if entry.rows_in >= min_rows and entry.judged:
            steps.setdefault(entry.step, []).append(entry)
    found = []
    for langs in steps.values():
        costs = [cost for rule in _rules(langs) for cost in _shares(rule, langs) if _above(cost, points)]
        found += sorted(costs, key=lambda cost: (cost.rest - cost.share, cost.rule, cost.lang))
    return found


def _rules(entries: Iterable[LedgerEntry]) -> list[str]:
    return sorted({rule for entry in entries for rule in entry.losses})


def _shares(rule: str, langs: Sequence[LedgerEntry]) -> list[RuleCost]:
    """What the rule costs each of two or more languages."""
    if len(langs) < 2:
        return []
    rows = [entry.losses.get(rule, 0) for entry in langs]
    shares = [lost / entry.judged for lost, entry in zip(rows, langs, strict=True)]
    order = sorted(range(len(langs)), key=shares.__getitem__)
    ordered = [shares[i] for i in order]
    return [
        RuleCost(langs[i].step, rule, langs[i].lang, rows[i], shares[i], _median_without(ordered, place))
        for place, i in enumerate(order)
    ]


def _median_without(ordered: Sequence[float], place: int) -> float:
    """Median of sorted numbers, two at least, but for the one at `place`."""
    count = len(ordered) - 1
    low, high = ((middle + (middle >= place)) for middle in ((count - 1) // 2, count // 2))
    return (ordered[low] + ordered[high]) / 2


def _above(cost: RuleCost, points: float) -> bool:
    # 0.4 - 0.3 is a little more than 0.1 in binary fractions.
    return cost.share - cost.rest > points + 1e-9


def advice(entries: Iterable[LedgerEntry], step: str, lang: str) -> str:
    """What to do about a language that a step treats far worse than the others: a sentence.

    Args:
        entries: the ledger.
        step, lang: as `unfair` names them.
    """
    entry = next(e for e in merge(entries) if (e.step, e.lang) == (step, lang))
    rule, rows = max(sorted(entry.losses.items()), key=lambda loss: loss[1], default=("", 0))
    if not rows:
        return "No rule took them: compare a few of its texts with those of other languages."
    most = f"`{rule}` took {rows:,} of {entry.rows_in:,} rows"
    return (
        f"{most}: read some in rejects/{step} (where lang is {lang} and rule is {rule}). If they are good text, the "
        "step does not fit this language: change its options, or keep the language apart in a step of its own."
    )


def table(entries: Sequence[LedgerEntry]) -> Table:
    """The ledger by step for a terminal, with the rules that rejected most."""
    grid = Table(box=None, pad_edge=False)
    grid.add_column("step", overflow="fold")
    for title in ("in", "out", "rejected", "failed"):
        grid.add_column(title, justify="right")
    grid.add_column("rejected by", overflow="fold")
    for entry in by_step(entries):
        grid.add_row(
            entry.step,
            f"{entry.rows_in:,}",
            f"{entry.rows_out:,}",
            f"{sum(entry.rejected.values()):,}",
            f"[red]{entry.failed:,}[/]" if entry.failed else "0",
            ", ".join(f"{rule} {rows:,}" for rule, rows in entry.top_rules()),
        )
    return grid


def _by_language(langs: pl.Series) -> dict[str, int]:
    counts = langs.cast(pl.String).fill_null("und").alias("lang").value_counts(name="rows")
    return dict(counts.iter_rows())


def _sum(step: str, lang: str, entries: Sequence[LedgerEntry]) -> LedgerEntry:
    rules = sorted({rule for e in entries for rule in e.rejected})
    return LedgerEntry(
        step=step,
        lang=lang,
        rows_in=sum(e.rows_in for e in entries),
        rows_out=sum(e.rows_out for e in entries),
        failed=sum(e.failed for e in entries),
        rejected={rule: sum(e.rejected.get(rule, 0) for e in entries) for rule in rules},
    )
