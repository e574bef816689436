"""Requests in large languages for native texts: reverse instructions, of which unlike ones are left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xlcorpus.engine import run
from xlcorpus.engine.result import RunResult
from xlcorpus.recipe import Recipe

from ..models.chat.server import serving

REQUESTS = {
    "English": "Write a short text in Spanish about the village, its harbour and the people who live on the lake.",
    "French": "Écris en espagnol un court texte sur le village, son port et les gens qui vivent au bord du lac.",
    "German": "Schreibe auf Spanisch einen kurzen Text über das Dorf, seinen Hafen und die Menschen am See.",
}
UNLIKE = "0x7f3a9c 0x11 0xdeadbeef = { 1, 2, 3 } ; return NULL"


def writes(body: dict[str, Any], number: int) -> str:
    """Calls texts about bread uninformative, asks for code where a museum is spoken of, else for a text."""
    said = body["messages"][-1]["content"]
    if "can it be understood alone" in said:
        return "no" if "harina" in said else "yes"
    if "Museo" in said:
        return UNLIKE
    return next(text for lang, text in REQUESTS.items() if f"Write the request in {lang}" in said)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder: Path = tmp_path_factory.mktemp("luxinstruct")
    with serving(writes) as server:
        recipe = Recipe.load("luxinstruct").with_models(writer=server.player(), encoder="e5-small")
        return run(recipe.pipeline(), folder)


def test_answers_are_native_texts_and_requests_in_other_languages(result: RunResult) -> None:
    native = set(result.tables["passages"].frame()["text"])
    rows = result.tables["instructions"].frame().to_dicts()
    assert rows
    for row in rows:
        request, answer = (turn["content"] for turn in row["messages"])
        assert answer in native
        assert row["response_lang"] == "spa_Latn"
        name = {"eng_Latn": "English", "fra_Latn": "French", "deu_Latn": "German"}[row["prompt_lang"]]
        assert request == REQUESTS[name]


def test_texts_that_tell_nothing_and_requests_unlike_their_text_are_left_out(result: RunResult) -> None:
    answers = [row[-1]["content"] for row in result.tables["instructions"].frame()["messages"]]
    assert not any("harina" in text or "Museo" in text for text in answers)


def test_the_release_holds_what_the_paper_says(result: RunResult) -> None:
    assert result.release is not None
    assert [held.what for held in result.release.held if not held.ok] == []
