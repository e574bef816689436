"""Final answers of responses in many languages, compared with gold answers."""

import csv
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.steps.measure.check_answer import CheckAnswer

CASES = Path(__file__).parents[2] / "text" / "answer_cases.tsv"
"""Written for this test: a response, its gold answer, the value that is read from it, and whether it is right. A line
break is ⏎; "-" is no value."""


def cases() -> list[dict[str, Any]]:
    with CASES.open(encoding="utf8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def conversations(*rows: dict[str, Any]) -> pl.DataFrame:
    """Instructions with these responses (`said`), languages (`lang`) and further columns."""
    turn = {"tool_calls": None, "reasoning": None}
    made = [
        {
            "messages": [
                {"role": "user", "content": "?", **turn},
                {"role": "assistant", "content": row["said"], **turn, "reasoning": row.get("reasoning")},
            ],
            **dict.fromkeys(("lang", "prompt_lang", "response_lang"), row["lang"]),
            "task": "math",
            **{k: v for k, v in row.items() if k not in ("said", "lang", "reasoning")},
        }
        for row in rows
    ]
    schema = {"messages": records.turns_dtype()}
    return pl.DataFrame(made, schema_overrides=schema)


@pytest.fixture(scope="module")
def read() -> list[tuple[str | None, float | None]]:
    """Value and verdict of each case, by a step with its form."""
    found: dict[int, tuple[str | None, float | None]] = {}
    for form in ("auto", "number", "option", "expression", "text", "code"):
        own = [(n, case) for n, case in enumerate(cases()) if case["form"] == form]
        rows = conversations(
            *(
                {
                    "said": case["response"].replace("⏎", "\n"),
                    "lang": case["lang"],
                    "gold": case["gold"].replace("⏎", "\n"),
                    "options": case["choices"].split("|") if case["choices"] else [],
                }
                for _, case in own
            )
        )
        made = CheckAnswer(form=form, gold="gold", choices="options")(rows, kind="instruction")
        found |= {
            n: row
            for (n, _), row in zip(own, made.select("check_answer_value", "check_answer_correct").rows(), strict=True)
        }
    return [found[n] for n in range(len(found))]


@pytest.mark.parametrize("number", range(len(cases())))
def test_answers_of_many_languages(number: int, read: list[tuple[str | None, float | None]]) -> None:
    case = cases()[number]
    value = None if case["value"] == "-" else case["value"]
    assert read[number] == (value, 1.0 if case["right"] == "yes" else 0.0), case
