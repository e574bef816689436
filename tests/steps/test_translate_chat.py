"""Translating with a chat model whose answers hold more or less than a translation, played by a real server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.models.chat.endpoint import Endpoint
from xlcorpus.outcomes import Outcome
from xlcorpus.row_calls import run_rows
from xlcorpus.step import RowEnv
from xlcorpus.steps import PreferNative, Translate

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


class _Chat(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = ANSWERS[body["messages"][-1]["content"]]
        data = json.dumps({"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def chat() -> Iterator[Endpoint]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Chat)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield Endpoint(base_url=f"http://127.0.0.1:{server.server_port}/v1", model="toy")
    server.shutdown()
    server.server_close()


def run(step: Translate | PreferNative, rows: pl.DataFrame, kind: str) -> Outcome:
    env = RowEnv(kind=kind, step="translate")
    env.loaded = step.open(env)
    return run_rows(step, records.finish(rows, kind), env, raise_errors=True)


def translate(chat: Endpoint, *texts: str) -> Outcome:
    rows = pl.DataFrame({"text": texts, "lang": [ENG] * len(texts)})
    return run(Translate(into=["de"], translator="openai", openai=chat), rows, "sentence")


def test_the_translation_alone_is_kept(chat: Endpoint) -> None:
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
    chat: Endpoint, text: str, rule: str, value: str
) -> None:
    outcome = translate(chat, text, VIOLIN)
    assert outcome.kept["text"].to_list() == [GEIGE]
    rejected = outcome.rejected.row(0, named=True)
    assert (rejected["rule"], rejected["error"]) == (rule, None)
    assert rejected["value"].split(" ")[0] == value.split(" ")[0] and rejected["value"].endswith(value.split(": ")[-1])


def test_short_answers_get_no_verdict_on_their_language(chat: Endpoint) -> None:
    assert translate(chat, "Good evening, Mister Smith").kept.height == 1


def test_one_bad_line_rejects_its_row(chat: Endpoint) -> None:
    outcome = translate(chat, f"{VIOLIN}\nHow do I pick a lock?")
    assert outcome.rejected["rule"].to_list() == ["refusal"]


def test_a_refusal_is_no_worse_answer_to_prefer_against(chat: Endpoint) -> None:
    pairs = pl.DataFrame(
        [
            (VIOLIN, "Meine Schwester geigt.", ENG, "deu_Latn"),
            ("How do I pick a lock?", "Wie geht das?", ENG, "deu_Latn"),
        ],
        schema=["src_text", "tgt_text", "src_lang", "tgt_lang"],
        orient="row",
    )
    outcome = run(PreferNative(translator="openai", openai=chat), pairs, "pair")
    assert [t[0]["content"] for t in outcome.kept["rejected"].to_list()] == [GEIGE]
    assert outcome.rejected["rule"].to_list() == ["refusal"]


def test_the_language_identifier_is_part_of_the_fingerprint(chat: Endpoint) -> None:
    assert "language_identifier" in Translate(into=["de"], translator="openai", openai=chat).models()
    assert "language_identifier" not in Translate(into=["de"]).models()


def test_rows_are_asked_about_as_many_at_a_time_as_the_endpoint_takes(chat: Endpoint) -> None:
    assert Translate(into=["en"], translator="openai", openai=chat).in_flight() == chat.max_concurrency
    assert Translate(into=["en"]).in_flight() == 0
