"""What a run says at its end about languages that fare worse."""

from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from xlcorpus.engine.report import as_data, show
from xlcorpus.engine.result import RunResult
from xlcorpus.ledger import LedgerEntry


def shown(entries: list[LedgerEntry]) -> str:
    out = io.StringIO()
    show(RunResult(Path("runs/demo"), {}, entries, []), Console(file=out, width=400))
    return out.getvalue()


def entries(lost: int, languages: int = 1) -> list[LedgerEntry]:
    fine = [LedgerEntry("quality", f"f{i}", 100, 99, 0, {"letters": 1}) for i in range(languages + 2)]
    return [*fine, *(LedgerEntry("quality", f"l{i}", 100, 100 - lost, 0, {"letters": lost}) for i in range(languages))]


def test_a_rule_that_costs_one_language_more_is_shown_with_where_to_look():
    assert (
        "look: letters of quality takes 15% of l0, but 1% of the other languages: read some in rejects/quality "
        "(where lang is l0 and rule is letters)"
    ) in shown(entries(15))
    assert "look:" not in shown(entries(11))


def test_of_many_such_rules_ten_are_shown_and_the_others_counted():
    text = shown(entries(15, languages=13))
    assert text.count("letters of quality takes") == 10
    assert "3 more such rules are in the card" in text


def test_machines_get_all_of_them():
    result = RunResult(Path("runs/demo"), {}, entries(15, languages=13), [])
    found = json.loads(json.dumps(as_data(result)))["costly_rules"]
    assert len(found) == 13
    assert found[0] == {"step": "quality", "rule": "letters", "lang": "l0", "rows": 15, "share": 0.15, "rest": 0.01}
