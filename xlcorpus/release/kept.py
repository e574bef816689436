"""The ledger as Markdown: what each step kept, rejected and failed on."""

from __future__ import annotations

from collections.abc import Sequence

from xlcorpus import languages, ledger
from xlcorpus.errors import UserError
from xlcorpus.ledger import LedgerEntry
from xlcorpus.release.markdown import code, long_table, number, percent, table

MOST_ROWS = 500
"""Lines of the table by step and language; how many more there are stands below it."""


def by_step(entries: Sequence[LedgerEntry]) -> str:
    """One line a step, with every rule that rejected rows."""
    rows = []
    for entry in ledger.by_step(entries):
        rules = entry.top_rules(len(entry.rejected))
        rows.append([code(entry.step), *_numbers(entry), _rules(rules)])
    return table(["step", "rows in", "rows out", "rejected", "failed", "kept", "rejected by"], rows, "lrrrrrl")


def by_language(entries: Sequence[LedgerEntry]) -> str:
    """One line a step and language (or language pair), with the rules that rejected most."""
    rows = [[code(e.step), code(e.lang), *_numbers(e), _rules(e.top_rules())] for e in entries]
    titles = ["step", "language", "rows in", "rows out", "rejected", "failed", "kept", "rejected by"]
    return long_table(titles, rows, "llrrrrrl", MOST_ROWS, "lines")


def flags(entries: Sequence[LedgerEntry]) -> list[str]:
    """A sentence for each language that a step treats far worse than the others."""
    return [
        f"{code(step)} kept {percent(rate)} of {language_name(lang)}, but {percent(rest)} "
        f"(median) of the other languages. {ledger.advice(entries, step, lang)}"
        for step, lang, rate, rest in ledger.unfair(entries)
    ]


def costly_rules(entries: Sequence[LedgerEntry]) -> str:
    """One line a rule that costs one language far more than the others; empty if there is none."""
    rows = [
        [code(c.step), code(c.rule), language_name(c.lang), number(c.rows), percent(c.share), percent(c.rest)]
        for c in ledger.costly_rules(entries)
    ]
    titles = ["step", "rule", "language", "rows lost", "of its rows", "of the others' (median)"]
    return long_table(titles, rows, "lllrrr", MOST_ROWS, "lines") if rows else ""


def language_name(tag: str) -> str:
    """English name of a language or pair ("German–English"); the tag itself where it is none."""
    try:
        return "–".join(languages.name(t) for t in tag.split("-"))
    except UserError:
        return code(tag)


def _numbers(entry: LedgerEntry) -> list[str]:
    rate = entry.keep_rate
    counts = (entry.rows_in, entry.rows_out, sum(entry.rejected.values()), entry.failed)
    return [*(number(c) for c in counts), "" if rate is None else percent(rate)]


def _rules(rules: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{code(rule)} {number(rows)}" for rule, rows in rules)
