"""Measures of texts: lengths, repetition, languages, novelty."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.steps import MeasureText


def sentences(*texts: str | None, lang: str = "deu_Latn") -> pl.DataFrame:
    return pl.DataFrame({"text": texts, "lang": [lang] * len(texts)}, schema={"text": pl.String, "lang": pl.String})


def measured(rows: pl.DataFrame, kind: str = "document", **options: Any) -> dict[str, Any]:
    pool = {"pool": options.pop("pool")} if "pool" in options else {}
    made = MeasureText(**options)(rows, kind=kind, **pool)
    return {name: made[name].to_list() for name in made.columns if name.startswith("measure_text")}


def instruction(question: str, answer: str, reasoning: str, lang: str) -> pl.DataFrame:
    turn = pl.struct(
        role=pl.lit("assistant"),
        content=pl.lit(answer),
        tool_calls=pl.lit(None, pl.String),
        reasoning=pl.lit(reasoning),
    )
    turns = records.messages([records.message("user", pl.lit(question)), turn])
    return pl.select(messages=turns, lang=pl.lit(lang), prompt_lang=pl.lit(lang), response_lang=pl.lit(lang),
                     task=pl.lit("math"))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "lang", "words"),
    [
        ("Der Hund bellt.", "deu_Latn", 3),
        ("我喜欢喝茶。", "zho_Hans", 3),
        ("ฉันชอบดื่มชา", "tha_Thai", 4),
        ("मुझे चाय पसंद है।", "hin_Deva", 4),
        ("አዲስ አበባ", "amh_Ethi", 2),
    ],
)
def test_words_are_counted_in_any_script(text: str, lang: str, words: int) -> None:
    found = measured(sentences(text, lang=lang))
    assert found["measure_text_words"] == [words]
    assert found["measure_text_characters"] == [len(text)]
    assert found["measure_text_script"] == [1.0]
    assert found["measure_text_letters"][0] > 0.7


def test_lines_digits_and_the_script_are_told() -> None:
    found = measured(sentences("Haus 12\n\nдом кот\n"))
    assert (found["measure_text_lines"], found["measure_text_digits"]) == ([2.0], [2 / 12])
    assert found["measure_text_script"] == [pytest.approx(1 / 3)]


def test_repetition_is_told() -> None:
    loop = "Ja. " + "Und dann ging er nach Hause. " * 8
    found = measured(sentences("a\nb\na\nc", loop, "Der Hund bellt."))
    assert found["measure_text_repeated_lines"] == [0.25, 0.0, 0.0]
    assert found["measure_text_loop"][0] == 0 and found["measure_text_loop"][1] > 200
    assert found["measure_text_repeated_5_grams"][1] > 0.5
    assert found["measure_text_repetition"][1] > 0.7 and found["measure_text_repetition"][2] < 0.1


def test_a_missing_text_and_one_without_words_measure_nothing() -> None:
    found = measured(sentences(None, "", "...", "Hund"), novelty=True, pool=sentences("Hund"))
    assert found["measure_text_characters"] == [None, 0.0, 3.0, 4.0]
    assert found["measure_text_words"] == [None, 0.0, 0.0, 1.0]
    assert found["measure_text_letters"] == [None, None, 0.0, 1.0]
    assert found["measure_text_rouge_l"] == [None, None, None, 1.0]
    assert found["measure_text_near_duplicate"] == [None, None, 0.0, 1.0]


def test_reasoning_and_response_are_measured_apart_without_formulas() -> None:
    rows = instruction(
        "Quanto fa?", "Fa `print(4)` e basta: https://example.org/x", "Poiché $2 + 2 = 4$, fa 4.", "ita_Latn"
    )
    found = measured(rows, "instruction", of=["reasoning", "response"], mask=["math", "code", "url"])
    assert found["measure_text_reasoning_words"] == [3.0]
    assert found["measure_text_response_words"] == [3.0]
    plain = measured(rows, "instruction", of=["reasoning"])
    assert plain["measure_text_words"] == [6.0]


def test_prices_are_no_formulas() -> None:
    found = measured(sentences("It costs $5 or $6 today."), mask=["math"])
    assert found["measure_text_digits"][0] > 0


def test_the_share_of_sentences_in_the_language_is_told() -> None:
    text = (
        "Der Hund läuft heute sehr schnell durch den Park. "
        "The dog is running very fast through the park today. "
        "Dann legt er sich müde unter einen großen Baum. Ja."
    )
    found = measured(sentences(text, "Ja.", "Katze"), identifier="lid.176")
    assert found["measure_text_language"] == [pytest.approx(2 / 3), None, None]


def test_novelty_is_measured_against_the_pool_without_the_row_itself() -> None:
    rows = records.finish(sentences("Schreibe ein Gedicht über Katzen", "Wie hoch ist der Berg"), "sentence")
    pool = pl.concat([rows, records.finish(sentences("Schreibe ein Lied über Katzen"), "sentence")], how="diagonal")
    found = measured(rows, "sentence", novelty=True, pool=pool)
    assert found["measure_text_rouge_l"] == [pytest.approx(0.8), 0.0]
    assert found["measure_text_near_duplicate"][1] == 0.0


def test_an_empty_pool_makes_everything_new() -> None:
    found = measured(sentences("Hund"), novelty=True, pool=sentences("Hund").head(0))
    assert (found["measure_text_rouge_l"], found["measure_text_near_duplicate"]) == ([0.0], [0.0])


def test_any_column_can_be_measured() -> None:
    rows = sentences("Hund").with_columns(question=pl.lit("Who barks here?"), in_=pl.lit("eng_Latn"))
    found = measured(rows, "sentence", of=["question", "text"], lang="in_")
    assert (found["measure_text_question_words"], found["measure_text_text_words"]) == ([3.0], [1.0])


def test_the_measures_do_not_depend_on_the_batch() -> None:
    texts = [f"Satz {i} über {'Katzen' if i % 2 else 'Hunde'} und Nummer {i * i}." for i in range(40)]
    step, pool = MeasureText(novelty=True), sentences(*texts[::3])
    rows = records.finish(sentences(*texts), "sentence")
    whole = step(rows, kind="sentence", pool=pool)
    parts = pl.concat([step(part, kind="sentence", pool=pool) for part in rows.iter_slices(7)])
    assert whole.equals(parts)


def test_texts_that_no_rows_have_together_are_refused() -> None:
    assert MeasureText(of=["reasoning"]).ports()["rows"].kinds == ("feedback", "instruction")
    with pytest.raises(UserError, match="no rows have all of the texts chosen, response"):
        MeasureText(of=["chosen", "response"]).ports()


def test_empty_tables_are_measured() -> None:
    assert MeasureText(identifier="lid.176")(sentences("a").head(0), kind="sentence").height == 0


def test_items_have_texts_too() -> None:
    columns = {"question": ["Wie viele Ecken?"], "choices": [["drei", "vier"]], "lang": ["deu_Latn"]}
    rows = pl.DataFrame(columns).with_columns(question_lang="lang")
    found = measured(rows, "item", of=["question", "choices", "rationale"])
    assert (found["measure_text_question_words"], found["measure_text_choices_words"]) == ([3.0], [2.0])
    assert found["measure_text_rationale_words"] == [None]
