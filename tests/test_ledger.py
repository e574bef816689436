"""The ledger adds up, survives JSON and names who is treated unfairly."""

from __future__ import annotations

import io
import json
from statistics import median

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from xlcorpus.ledger import LedgerEntry, advice, by_step, costly_rules, count, merge, table, unfair
from xlcorpus.outcomes import REJECT_SCHEMA


def rejects(*rows: tuple[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame([{"rule": r, "lang": lang} for r, lang in rows], schema=REJECT_SCHEMA)


def test_counts_rows_by_language_and_rule():
    langs_in = pl.Series(["deu_Latn", "deu_Latn", "deu_Latn", "hin_Deva", None])
    langs_out = pl.Series(["deu_Latn", "eng_Latn"])
    lost = rejects(("too_short", "deu_Latn"), ("error", "hin_Deva"), ("letters", None))
    assert count("quality", langs_in, langs_out, lost) == [
        LedgerEntry("quality", "deu_Latn", rows_in=3, rows_out=1, rejected={"too_short": 1}),
        LedgerEntry("quality", "eng_Latn", rows_out=1),
        LedgerEntry("quality", "hin_Deva", rows_in=1, failed=1),
        LedgerEntry("quality", "und", rows_in=1, rejected={"letters": 1}),
    ]


def test_counts_nothing_of_nothing():
    assert count("quality", pl.Series([], dtype=pl.String), pl.Series([], dtype=pl.Null), rejects()) == []


def test_an_entry_survives_json():
    entry = LedgerEntry("quality", "deu_Latn", 9, 5, 1, {"too_short": 3})
    assert LedgerEntry.from_dict(json.loads(json.dumps(entry.to_dict()))) == entry


def test_merge_keeps_the_order_of_steps_and_sorts_languages_and_rules():
    merged = merge(
        [
            LedgerEntry("z", "hin_Deva", 1, 1),
            LedgerEntry("a", "deu_Latn", 1, 1),
            LedgerEntry("z", "deu_Latn", 4, 2, 0, {"b": 2}),
            LedgerEntry("z", "deu_Latn", 4, 2, 1, {"a": 1}),
        ]
    )
    assert merged == [
        LedgerEntry("z", "deu_Latn", 8, 4, 1, {"a": 1, "b": 2}),
        LedgerEntry("z", "hin_Deva", 1, 1),
        LedgerEntry("a", "deu_Latn", 1, 1),
    ]
    assert list(merged[0].rejected) == ["a", "b"]


entries = st.lists(
    st.builds(
        LedgerEntry,
        step=st.sampled_from(["a", "b"]),
        lang=st.sampled_from(["deu_Latn", "hin_Deva", "tha_Thai"]),
        rows_in=st.integers(0, 50),
        rows_out=st.integers(0, 50),
        failed=st.integers(0, 5),
        rejected=st.dictionaries(st.sampled_from(["x", "y"]), st.integers(1, 20)),
    )
)


@given(entries, st.integers(0, 10))
def test_merging_parts_is_merging_the_whole(parts: list[LedgerEntry], cut: int):
    assert merge([*merge(parts[:cut]), *merge(parts[cut:])]) == merge(parts)


@given(entries)
def test_steps_sum_up_their_languages(parts: list[LedgerEntry]):
    for whole in by_step(parts):
        mine = [e for e in parts if e.step == whole.step]
        assert (whole.lang, whole.rows_in) == ("all", sum(e.rows_in for e in mine))
        assert whole.lost == sum(e.lost for e in mine)


@pytest.mark.parametrize(
    ("entry", "rate"),
    [
        (LedgerEntry("filter", "deu_Latn", 10, 7, 1, {"x": 2}), 0.7),
        (LedgerEntry("vary", "deu_Latn", 10, 30, 0, {"x": 10}), 0.75),  # four of one, a quarter rejected
        (LedgerEntry("mine", "deu_Latn", 10, 0, 0, {"unmatched": 4}), 0.6),  # rows out are in other languages
        (LedgerEntry("mine", "deu_Latn-eng_Latn", 0, 5), 1.0),
        (LedgerEntry("filter", "deu_Latn"), None),
    ],
)
def test_keep_rate_is_the_part_that_was_not_lost(entry: LedgerEntry, rate: float | None):
    assert entry.keep_rate == (rate if rate is None else pytest.approx(rate))


def test_flags_a_language_that_fares_far_worse():
    ledger = [
        LedgerEntry("quality", "deu_Latn", 100, 90, 0, {"x": 10}),
        LedgerEntry("quality", "eng_Latn", 100, 96, 0, {"x": 4}),
        LedgerEntry("quality", "tha_Thai", 100, 30, 0, {"x": 70}),
        LedgerEntry("quality", "hin_Deva", 100, 80, 0, {"x": 20}),
    ]
    assert unfair(ledger) == [("quality", "tha_Thai", pytest.approx(0.3), pytest.approx(0.9))]


def test_names_a_rule_that_costs_one_language_more_than_the_others():
    ledger = [
        LedgerEntry("quality", "deu_Latn", 100, 96, 0, {"x": 4}),
        LedgerEntry("quality", "eng_Latn", 100, 98, 0, {"x": 2}),
        LedgerEntry("quality", "tha_Thai", 200, 166, 0, {"letters": 30, "x": 4}),
        LedgerEntry("quality", "hin_Deva", 50, 43, 5, {"x": 2}),
    ]
    (cost,) = costly_rules(ledger)
    assert (cost.step, cost.rule, cost.lang, cost.rows) == ("quality", "letters", "tha_Thai", 30)
    assert (cost.share, cost.rest) == (0.15, 0.0)
    assert cost.where == "rejects/quality (where lang is tha_Thai and rule is letters)"
    assert unfair(ledger) == []  # it keeps more than four fifths of every language


@pytest.mark.parametrize(("lost", "named"), [(40, []), (41, ["tha_Thai"])])
def test_ten_points_above_the_others_is_not_yet_over_ten_points(lost: int, named: list[str]):
    ledger = [LedgerEntry("q", lang, 100, 70, 0, {"x": 30}) for lang in ("deu_Latn", "eng_Latn", "hin_Deva")]
    ledger.append(LedgerEntry("q", "tha_Thai", 100, 100 - lost, 0, {"x": lost}))
    assert [cost.lang for cost in costly_rules(ledger)] == named


def test_rows_that_fail_in_one_language_are_named_and_rows_nobody_asked_for_are_not():
    ledger = [
        LedgerEntry("q", "deu_Latn", 100, 100),
        LedgerEntry("q", "hin_Deva", 100, 80, 20),
        LedgerEntry("q", "eng_Latn", 100, 40, 0, {"not_asked": 60}),
    ]
    assert [(cost.rule, cost.lang) for cost in costly_rules(ledger)] == [("error", "hin_Deva")]


def test_languages_that_a_sample_draws_less_of_are_not_treated_worse():
    ledger = [
        LedgerEntry("sample", "eng_Latn", 1000, 100, 0, {"not_drawn": 900}),
        LedgerEntry("sample", "deu_Latn", 1000, 0, 0, {"no_budget": 1000}),
        LedgerEntry("sample", "hin_Deva", 100, 100, 0, {}),
    ]
    assert costly_rules(ledger) == []
    assert [entry.keep_rate for entry in ledger] == [1.0, None, 1.0]


def test_a_language_alone_or_with_few_rows_is_compared_with_nothing():
    few = LedgerEntry("q", "tha_Thai", 19, 0, 0, {"x": 19})
    assert costly_rules([few]) == []
    assert costly_rules([few, LedgerEntry("q", "deu_Latn", 100, 100)]) == []
    assert [c.lang for c in costly_rules([few, LedgerEntry("q", "deu_Latn", 100, 100)], min_rows=19)] == ["tha_Thai"]


@given(st.lists(st.tuples(st.integers(20, 60), st.integers(0, 20)), min_size=2, max_size=9))
def test_a_rule_is_compared_with_the_median_of_the_other_languages(counts: list[tuple[int, int]]):
    ledger = [LedgerEntry("q", f"l{i}", rows, rows - x, 0, {"x": x}) for i, (rows, x) in enumerate(counts)]
    shares = [x / rows for rows, x in counts]
    rests = [median(shares[:i] + shares[i + 1 :]) for i in range(len(shares))]
    far = {f"l{i}": rests[i] for i in range(len(shares)) if shares[i] - rests[i] > 0.1 + 1e-9}
    assert {cost.lang: cost.rest for cost in costly_rules(ledger)} == pytest.approx(far)


def test_few_rows_are_no_evidence():
    ledger = [LedgerEntry("q", "deu_Latn", 100, 100), LedgerEntry("q", "tha_Thai", 19, 0, 0, {"x": 19})]
    assert unfair(ledger) == []
    assert unfair(ledger, min_rows=19) == [("q", "tha_Thai", 0.0, 1.0)]


def test_the_table_names_the_most_frequent_rules():
    rules = {"a": 1, "b": 5, "c": 3, "d": 2}
    out = Console(file=io.StringIO(), width=120)
    out.print(table([LedgerEntry("quality", "deu_Latn", 20_000, 19_988, 1, rules)]))
    shown = out.file.getvalue()
    assert "20,000" in shown
    assert "b 5, c 3, d 2" in shown


def test_what_to_do_about_a_language_names_the_rule_that_took_most() -> None:
    entries = [
        LedgerEntry("quality", "deu_Latn", 100, 90, 0, {"too_short": 10}),
        LedgerEntry("quality", "hin_Deva", 100, 20, 5, {"letters": 60, "too_short": 15}),
    ]
    assert advice(entries, "quality", "hin_Deva") == (
        "`letters` took 60 of 100 rows: read some in rejects/quality (where lang is hin_Deva and rule is letters). "
        "If they are good text, the step does not fit this language: change its options, or keep the language apart in "
        "a step of its own."
    )
