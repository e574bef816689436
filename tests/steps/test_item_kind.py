"""Steps that take items: questions with choices, answers, contexts and rationales."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus import records
from xlcorpus.steps import Deduplicate, Identify, Normalise
from xlcorpus.steps.clean.answer_places import moved_starts

DEU, ENG = "deu_Latn", "eng_Latn"
OWN = {name: dtype for name, dtype in records.polars_schema("item").items() if name in records.kind("item").own.names}


def items(*rows: dict[str, Any]) -> pl.DataFrame:
    tags = {"lang": DEU, "question_lang": DEU}
    langs = [{"context_lang": row.get("context_lang", DEU if row.get("context") else None)} for row in rows]
    filled = [dict.fromkeys(OWN) | tags | row | lang for row, lang in zip(rows, langs, strict=True)]
    return records.finish(pl.DataFrame(filled, schema=OWN), "item")


BONN = {
    "question": "Wo liegt das Münster?",
    "context": "Das Münster liegt in Bonn.",
    "answer": "Bonn",
    "answer_start": 21,
}


def test_every_text_of_an_item_is_repaired() -> None:
    prompt = [{"role": "user", "content": "Wo?\x00", "tool_calls": None, "reasoning": None}]
    row = {"question": "Wo\x00?", "choices": ["in\x00 Bonn", "Köln"], "answer": "A\x00", "rationale": "Es\x00 ist so."}
    made = Normalise()(items(row | {"prompt": prompt}), kind="item").row(0, named=True)
    assert made["prompt"][0]["content"] == made["question"] == "Wo?"
    assert (made["choices"], made["answer"], made["rationale"]) == (["in Bonn", "Köln"], "A", "Es ist so.")
    assert made["normalise_repairs"] == "invisible"


def test_what_an_item_does_not_have_is_not_empty() -> None:
    outcome = Normalise().outcome(items({"question": "Wo?"}, BONN | {"choices": []}, {"question": "\x00"}), kind="item")
    assert outcome.kept["question"].to_list() == ["Wo?", BONN["question"]]
    assert outcome.kept.select("choices", "answer", "context", "answer_start").row(0) == (None, None, None, None)
    assert outcome.rejected.select("rule", "value").rows() == [("empty", "0")]


def test_the_place_of_an_answer_moves_with_the_text() -> None:
    spoilt = BONN | {"context": "Das Mu\u0308nster\x00 liegt in Bonn.", "answer_start": 23}
    twice = BONN | {"context": "Bonn, sagt man,\x00\x00 ist Bonn.", "answer_start": 22}
    gone = BONN | {"context": "Das\x00 Münster liegt in Köln.", "answer_start": 22}
    made = Normalise()(items(BONN, spoilt, twice, gone), kind="item")
    assert made["answer_start"].to_list() == [21, 21, 20, None]
    found = made.select(pl.col("context").str.slice(pl.col("answer_start"), 4)).to_series()
    assert found[:3].to_list() == ["Bonn"] * 3


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.text("ab\x00", max_size=12), st.text("ab", min_size=1, max_size=3)), min_size=1, max_size=4)
)
def test_answers_are_found_at_their_place_again(rows: list[tuple[str, str]]) -> None:
    def repaired(texts: pl.Series) -> pl.Series:
        return texts.str.replace_all("\x00", "")

    contexts = [before + answer + before[::-1] for before, answer in rows]
    starts = [len(before) for before, _ in rows]
    before = pl.DataFrame({"context": contexts, "answer_start": starts})
    after = pl.DataFrame({"context": repaired(before["context"]), "answer": [answer for _, answer in rows]})
    expected = [len(text.replace("\x00", "")) for text, _ in rows]
    assert moved_starts(before, after, repaired).to_list() == expected


@pytest.mark.parametrize("match", ["exact", "folded", "fuzzy"])
def test_all_that_an_item_holds_tells_it_from_others(match: str) -> None:
    others = [
        BONN,
        BONN | {"answer": "in Bonn"},
        BONN | {"rationale": "Das steht im ersten Satz des Textes."},
        BONN | {"choices": ["Köln", "Bonn"]},
        BONN | {"choices": ["Aachen", "Bonn"]},
        BONN | {"context": "Das Münster liegt in Bonn, die Oper auch."},
        {"question": BONN["question"]},
        {"question": BONN["question"], "prompt": [{"role": "user", "content": "Wo steht es?"}]},
    ]
    rows = items(*others, *others)
    rows = rows.with_columns(pl.Series("id", [str(n) for n in range(rows.height)]))
    outcome = Deduplicate(match=match).outcome(rows, kind="item")
    assert outcome.kept["id"].to_list() == [str(n) for n in range(len(others))]
    assert set(outcome.rejected["rule"]) == {"duplicate"}


def test_each_text_is_identified_in_its_own_language() -> None:
    english = "The minster of the city is to be found near the old market square."
    german = "Das Münster der Stadt befindet sich in der Nähe des alten Marktplatzes."
    right = {"question": english, "question_lang": ENG, "context": german, "answer": "42", "choices": ["42", "43"]}
    wrong = {"question": german, "context": german, "context_lang": ENG, "answer": "42"}
    outcome = Identify().outcome(items(right, wrong), kind="item")
    kept = outcome.kept.row(0, named=True)
    assert (kept["identify_question_lang"], kept["identify_context_lang"]) == (ENG, DEU)
    assert kept["identify_rationale_lang"] is None
    assert outcome.rejected.select("rule", "id").height == 1
    assert outcome.rejected["rule"].item() == "wrong_language"
