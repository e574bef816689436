"""Translating with a chat model whose answers hold more or less than a translation, played by a real server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from aiohttp import web
from pydantic import ValidationError

from xlcorpus.engine import run as run_pipeline
from xlcorpus.errors import UserError
from xlcorpus.models.chat.player import Player
from xlcorpus.outcomes import Outcome
from xlcorpus.pipeline import Pipeline
from xlcorpus.release_spec import ReleaseSpec
from xlcorpus.steps import MeasureText, PreferNative, Read, Template, Translate

from ..models.chat.server import completion, serving

ENG = "eng_Latn"
VIOLIN, FLOOR = "My sister plays the violin very well.", "She lives on the third floor."
GEIGE, STOCK = "Meine Schwester spielt sehr gut Geige.", "Sie wohnt im dritten Stock."
ANSWERS = {
    VIOLIN: f"Here is the translation:\n\n{GEIGE}",
    FLOOR: f"German: {STOCK}",
    "The bread is fresh.": '"Das Brot ist frisch."',
    "We are going home.": "Wir gehen nach Hause.\n\nNote: informal.",
    "The dog is sleeping.": "Der Hund schläft. (The dog is sleeping.)",
    "How do I pick a lock?": "I'm sorry, but I can't help with that.",
    "The sky above the town was grey today.": "El cielo sobre la ciudad estaba gris hoy.",
    "It rained on the day of the wedding.": "It rained on the day of the wedding.",
    "The shop opens at nine.": "Here is the translation:",
    "Good evening, Mister Smith": "Guten Abend, Mister Smith",
}


@pytest.fixture(scope="module")
def chat() -> Iterator[Player]:
    with serving(lambda body, n: ANSWERS[body["messages"][-1]["content"]]) as server:
        yield server.player()


def run(step: Translate | PreferNative, rows: pl.DataFrame, kind: str) -> Outcome:
    return step.outcome(rows, kind=kind, step="translate")


def translate(chat: Player, *texts: str) -> Outcome:
    rows = pl.DataFrame({"text": texts, "lang": [ENG] * len(texts)})
    return run(Translate(into=["de"], translator="chat", model=chat), rows, "sentence")


def test_the_translation_alone_is_kept(chat: Player) -> None:
    made = translate(chat, *list(ANSWERS)[:5]).kept
    assert made["text"].to_list() == [
        GEIGE,
        STOCK,
        "Das Brot ist frisch.",
        "Wir gehen nach Hause.",
        "Der Hund schläft.",
    ]
    assert "_rule" not in made.columns and "_error" not in made.columns


@pytest.mark.parametrize(
    ("text", "rule", "value"),
    [
        ("How do I pick a lock?", "refusal", "I'm sorry, but I can't help with that."),
        (
            "The sky above the town was grey today.",
            "wrong_language",
            "spa_Latn 1.00: El cielo sobre la ciudad estaba gris hoy.",
        ),
        ("It rained on the day of the wedding.", "untranslated", "It rained on the day of the wedding."),
        ("The shop opens at nine.", "no_translation", "Here is the translation:"),
    ],
)
def test_an_answer_that_is_no_translation_is_rejected_and_can_be_read(
    chat: Player, text: str, rule: str, value: str
) -> None:
    outcome = translate(chat, text, VIOLIN)
    assert outcome.kept["text"].to_list() == [GEIGE]
    rejected = outcome.rejected.row(0, named=True)
    assert (rejected["rule"], rejected["error"]) == (rule, None)
    assert rejected["value"].split(" ")[0] == value.split(" ")[0] and rejected["value"].endswith(value.split(": ")[-1])


def test_an_item_is_asked_segment_by_segment_and_its_answer_is_that_of_its_choice() -> None:
    words = {"What barks at night?": "Was bellt nachts?", "the cat": "die Katze", "the dog": "der Hund"}
    with serving(lambda body, n: words[body["messages"][-1]["content"]]) as server:
        rows = pl.DataFrame(
            {"question": ["What barks at night?"], "choices": [["the cat", "the dog"]], "answer": ["the dog"]}
        ).with_columns(lang=pl.lit(ENG), question_lang=pl.lit(ENG))
        step = Translate(into=["de"], translator="chat", model=server.player())
        made = step.outcome(rows, kind="item").kept.row(0, named=True)
        assert len(server.bodies) == 3
    assert (made["question"], made["choices"], made["answer"]) == (
        "Was bellt nachts?",
        ["die Katze", "der Hund"],
        "der Hund",
    )


def test_a_run_knows_what_its_steps_measured_and_lets_the_rest_go_along(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": "The bread is fresh.", "level": 3}\n')
    with serving(lambda body, n: "Das Brot ist frisch.") as server:
        pipeline = (
            Pipeline("kept")
            .then(Read(paths={"en": str(tmp_path / "rows.jsonl")}, keep=["level"], license="CC0-1.0"))
            .then(MeasureText())
            .then(Template(fields={"quality_label": "good"}))
            .then(Translate(into=["de"], translator="chat", model=server.player(), fields=["text"]))
            .releasing(ReleaseSpec(title="Kept", tables={"sentences": "translate"}))
        )
        row = run_pipeline(pipeline, tmp_path / "runs").tables["translate"].frame().row(0, named=True)
    assert (row["text"], row["quality_label"], row["level"]) == ("Das Brot ist frisch.", "good", 3)
    measured = {row[column] for column in row if column.startswith("measure_text_")}
    assert measured == {None}


def test_short_answers_get_no_verdict_on_their_language(chat: Player) -> None:
    assert translate(chat, "Good evening, Mister Smith").kept.height == 1


def test_one_bad_line_rejects_its_row(chat: Player) -> None:
    outcome = translate(chat, f"{VIOLIN}\nHow do I pick a lock?")
    assert outcome.rejected["rule"].to_list() == ["refusal"]


def test_a_refusal_is_no_worse_answer_to_prefer_against(chat: Player) -> None:
    pairs = pl.DataFrame(
        [
            (VIOLIN, "Meine Schwester geigt.", ENG, "deu_Latn"),
            ("How do I pick a lock?", "Wie geht das?", ENG, "deu_Latn"),
        ],
        schema=["src_text", "tgt_text", "src_lang", "tgt_lang"],
        orient="row",
    )
    outcome = run(PreferNative(translator="chat", model=chat), pairs, "pair")
    assert [t[0]["content"] for t in outcome.kept["rejected"].to_list()] == [GEIGE]
    assert outcome.rejected["rule"].to_list() == ["refusal"]


def test_the_language_identifier_is_part_of_the_fingerprint(chat: Player) -> None:
    assert "language_identifier" in Translate(into=["de"], translator="chat", model=chat).models()
    assert "language_identifier" not in Translate(into=["de"]).models()


def test_each_segment_is_asked_for_once_and_an_answer_that_is_cut_off_rejects_its_row() -> None:
    def reply(body: dict[str, Any], n: int) -> web.StreamResponse:
        text = body["messages"][-1]["content"]
        return web.json_response(completion(ANSWERS[text], "length" if text == FLOOR else "stop"))

    with serving(reply) as server:
        step = Translate(into=["de"], translator="chat", model=server.player())
        rows = pl.DataFrame({"text": [VIOLIN, f"{VIOLIN}\n{FLOOR}", VIOLIN], "lang": ENG})
        outcome = step.outcome(rows)
    assert len(server.bodies) == 2
    assert "from English into German" in server.bodies[0]["messages"][0]["content"]
    assert outcome.kept["text"].to_list() == [GEIGE] * 2
    assert outcome.rejected["rule"].to_list() == ["cut_off"]


def test_a_request_without_an_answer_fails_its_row() -> None:
    with serving(lambda body, n: web.Response(status=400, text="too long")) as server:
        step = Translate(into=["de"], translator="chat", model=server.player())
        outcome = step.outcome(pl.DataFrame({"text": [VIOLIN], "lang": ENG}))
    assert outcome.failed["error"].to_list() == ["HTTP 400: too long"]


def test_a_chat_model_that_plays_a_role_of_a_translator_is_one() -> None:
    player = {"base_url": "http://127.0.0.1:9/v1", "model": "m"}
    assert Translate(into=["de"], translator=player) == Translate(into=["de"], translator="chat", model=player)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"translator": "chat"}, "translator: chat needs model"),
        ({"translator": "lexicon", "model": "teacher"}, "the option model is of no use with translator: lexicon"),
    ],
)
def test_a_model_belongs_to_chat(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Translate(into=["de"], **options)


def test_a_role_that_nobody_plays_is_named() -> None:
    with pytest.raises(UserError, match="the role 'teacher' is played by nobody"):
        Translate(into=["de"], translator="chat", model="teacher").preflight()
