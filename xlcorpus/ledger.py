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

from xlcorpus.outcomes import ERROR, NOT_ASKED

FOUR_FIFTHS = 0.8
"""Keep rate below this part of the rest's is far worse: the four-fifths rule by which the US Uniform
Guidelines on Employee Selection Procedures (29 CFR 1607.4 D, 1978) recognise adverse impact on a group."""

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
        return self.failed + sum(n for rule, n in self.rejected.items() if rule != NOT_ASKED)

    @property
    def keep_rate(self) -> float | None:
        """Part of the judged rows that was neither rejected nor failed, 0 to 1; None where there were none.

        The rows judged are the rows in, or the rows made where those are more: a step that makes four rows of
        one and rejects one of them keeps three quarters.
        """
        judged = max(self.rows_in - self.rejected.get(NOT_ASKED, 0), self.rows_out + self.lost)
        return 1 - self.lost / judged if judged else None

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


def advice(entries: Iterable[LedgerEntry], step: str, lang: str) -> str:
    """What to do about a language that a step treats far worse than the others: a sentence.

    Args:
        entries: the ledger.
        step, lang: as `unfair` names them.
    """
    entry = next(e for e in merge(entries) if (e.step, e.lang) == (step, lang))
    losses = [*entry.top_rules(1), *([(ERROR, entry.failed)] if entry.failed else [])]
    rule, rows = max(losses, key=lambda loss: loss[1], default=("", 0))
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
