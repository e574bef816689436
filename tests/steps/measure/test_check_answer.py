"""Final answers of responses in many languages, compared with gold answers."""

import csv
import os
from pathlib import Path
from time import perf_counter
from typing import Any

import polars as pl
import pytest
from babel.numbers import format_decimal
from pydantic import ValidationError

from xlcorpus import languages, records
from xlcorpus.steps.measure.check_answer import CheckAnswer

BESIDE = Path(__file__).parents[4] / "shared" / "data"
MGSM = Path(os.environ.get("XLCORPUS_TEST_DATA", BESIDE)) / "mgsm"
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


def test_without_gold_answers_values_are_read_and_nothing_is_compared() -> None:
    rows = conversations(
        {"said": "Die Antwort ist 1.234,50 €.", "lang": "deu_Latn"}, {"said": "Hm.", "lang": "deu_Latn"}
    )
    made = CheckAnswer(form="number")(rows, kind="instruction")
    columns = ["check_answer_value", "check_answer_text", "check_answer_form", "check_answer_place"]
    assert made.select(columns).rows() == [("1234.5", "1.234,50", "number", "words"), (None, None, None, None)]
    assert "check_answer_correct" not in made.columns


@pytest.mark.parametrize(
    ("said", "place"),
    [
        (r"\boxed{7}", "boxed"),
        ("<answer>7</answer>", "tag"),
        ("...\n#### 7", "hashes"),
        ("The answer is 7.", "words"),
        ("7 km", "whole"),
        ("They walk 3 and then 4, so 7 in all.", "last"),
    ],
)
def test_where_an_answer_was_found(said: str, place: str) -> None:
    made = CheckAnswer(form="number")(conversations({"said": said, "lang": "eng_Latn"}), kind="instruction")
    assert made.select("check_answer_value", "check_answer_place").row(0) == ("7", place)


def test_an_answer_that_is_not_found_is_wrong_and_a_gold_answer_that_is_not_there_judges_nothing() -> None:
    rows = conversations(
        {"said": "No idea.", "lang": "eng_Latn", "gold": "7"},
        {"said": "The answer is 7.", "lang": "eng_Latn", "gold": None},
        {"said": "The answer is 7.", "lang": "eng_Latn", "gold": "many"},
        {"said": None, "lang": "eng_Latn", "gold": "7"},
    )
    made = CheckAnswer(form="number", gold="gold")(rows, kind="instruction")
    assert made["check_answer_correct"].to_list() == [0.0, None, None, 0.0]


def test_gold_answers_may_be_written_as_in_the_language_of_the_row() -> None:
    rows = conversations({"said": "Antwort: 1250", "lang": "deu_Latn", "gold": "1.250"})
    assert CheckAnswer(gold="gold")(rows, kind="instruction")["check_answer_correct"].item() == 0.0
    made = CheckAnswer(gold="gold", gold_numbers="language")(rows, kind="instruction")
    assert made["check_answer_correct"].item() == 1.0


def test_gold_answers_may_be_numbers() -> None:
    rows = conversations({"said": "उत्तर: १८", "lang": "hin_Deva"}).with_columns(gold=pl.lit(18.0))
    assert CheckAnswer(gold="gold")(rows, kind="instruction")["check_answer_correct"].item() == 1.0


def test_a_tolerance_lets_close_numbers_pass() -> None:
    rows = conversations({"said": "The answer is 0.333.", "lang": "eng_Latn", "gold": "1/3"})
    assert CheckAnswer(gold="gold")(rows, kind="instruction")["check_answer_correct"].item() == 0.0
    assert CheckAnswer(gold="gold", tolerance=0.001)(rows, kind="instruction")["check_answer_correct"].item() == 1.0


def test_responses_may_stand_in_a_column() -> None:
    rows = pl.DataFrame({"text": "Was ist 3 + 4?", "lang": "deu_Latn", "answer": "Antwort: 7", "gold": "7"})
    made = CheckAnswer(response="answer", gold="gold")(rows, kind="document")
    assert made["check_answer_correct"].item() == 1.0


def test_the_response_of_feedback_is_its_completion() -> None:
    turn = {"tool_calls": None, "reasoning": None}
    rows = pl.DataFrame(
        {
            "prompt": [[{"role": "user", "content": "?", **turn}]],
            "completion": [[{"role": "assistant", "content": "答えは8万です。", **turn}]],
            "label": True,
            "lang": "jpn_Jpan",
        },
        schema_overrides=dict.fromkeys(("prompt", "completion"), records.turns_dtype()),
    )
    assert CheckAnswer()(rows, kind="feedback")["check_answer_value"].item() == "80000"


def test_a_conversation_that_ends_with_the_user_has_no_response() -> None:
    rows = conversations({"said": "The answer is 7.", "lang": "eng_Latn", "gold": "7"})
    rows = rows.with_columns(pl.col("messages").list.head(1))
    made = CheckAnswer(gold="gold")(rows, kind="instruction")
    assert made.select("check_answer_value", "check_answer_correct").row(0) == (None, 0.0)


def test_a_response_or_its_reasoning_in_another_language_is_seen() -> None:
    german = "Sie verkauft neun Eier am Tag, also verdient sie achtzehn Dollar."
    english = "She sells nine eggs every day, so she makes eighteen dollars in all."
    rows = conversations(
        {"said": german, "lang": "deu_Latn", "reasoning": english},
        {"said": english, "lang": "deu_Latn", "reasoning": german},
        {"said": r"18 $\text{this is the price of all the eggs}$", "lang": "deu_Latn"},
    )
    made = CheckAnswer(identifier="lid.176")(rows, kind="instruction")
    assert made["check_answer_language"].to_list() == [1.0, 0.0, 1.0]
    assert made["check_answer_reasoning_language"].to_list() == [0.0, 1.0, None]


def test_options_that_compare_need_gold_answers() -> None:
    with pytest.raises(ValidationError, match="tolerance has no effect here: there is no gold column"):
        CheckAnswer(tolerance=0.1)


def test_a_long_response_is_read_in_time() -> None:
    said = "We count on: " + "1, 2 and the answer is (A) or {" * 30_000 + "\n\\boxed{12}"
    rows = conversations({"said": said, "lang": "eng_Latn"})
    started = perf_counter()
    assert CheckAnswer(form="number")(rows, kind="instruction")["check_answer_value"].item() == "12"
    assert perf_counter() - started < 5


ANSWERS = {
    "bn": "উত্তর হল {}।", "de": "Die Antwort lautet {}.", "en": "The answer is {}.", "es": "La respuesta es {}.",
    "fr": "La réponse est {}.", "ja": "答えは{}です。", "ru": "Ответ — {}.", "sw": "Jibu ni {}.", "te": "సమాధానం {}.",
    "th": "คำตอบคือ {}", "zh": "答案是{}。",
}  # fmt: skip


@pytest.mark.skipif(not MGSM.is_dir(), reason=f"no {MGSM}: set XLCORPUS_TEST_DATA to a folder with mgsm/")
@pytest.mark.parametrize("name", ANSWERS)
def test_answers_behind_real_problems(name: str) -> None:
    lang = languages.parse(name)
    rows = []
    for line in (MGSM / f"mgsm_{name}.tsv").read_text("utf8").splitlines():
        problem, _, gold = line.rpartition("\t")
        value = gold.replace(",", "")
        said = ANSWERS[name].format(format_decimal(float(value), locale=name))
        rows.append({"said": f"{problem}\n{said}", "lang": lang, "gold": gold})
        rows.append({"said": f"{problem}\n{ANSWERS[name].format(int(float(value)) + 1)}", "lang": lang, "gold": gold})
    made = CheckAnswer(gold="gold")(conversations(*rows), kind="instruction")
    assert made["check_answer_correct"].to_list() == [1.0, 0.0] * (len(rows) // 2)


def test_answers_to_items_are_compared_with_their_own_gold_answer_and_choices() -> None:
    rows = pl.DataFrame(
        {
            "question": ["भारत की राजधानी?"] * 3,
            "choices": [["मुंबई", "दिल्ली"]] * 3,
            "answer": "दिल्ली",
            **dict.fromkeys(("lang", "question_lang"), "hin_Deva"),
            "said": ["उत्तर: (ख)", "सही उत्तर दिल्ली है।", "उत्तर: मुंबई"],
        }
    )
    made = CheckAnswer(response="said", gold="answer", choices="choices")(rows, kind="item")
    assert made["check_answer_value"].to_list() == ["B", "B", "A"]
    assert made["check_answer_correct"].to_list() == [1.0, 1.0, 0.0]
